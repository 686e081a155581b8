// CloudEventsConverter: changes of Debezium as CloudEvents, structured, in JSON or Avro.
import {
  type ByteSink,
  type ByteSource,
  ConnectException,
  type Converter,
  DataException,
  type Headers,
  type RawConfig,
  type Schema,
  type SchemaAndValue,
  type Value,
  type ValueSlot,
} from '@millrace/api'
import { withConverterType } from '../base.ts'
import type { JsonSlice } from '../json/envelope-read.ts'
import { type Maybe, whenKnown } from '../registry/maybe.ts'
import { AvroSide, DATA_TOPIC, EVENT_NAME } from './avro-side.ts'
import { CLOUD_EVENTS_CONFIG, type CloudEventsOptions, cloudEventsOptions, subset } from './config.ts'
import { CONNECTORS, type ConnectorKind } from './connectors.ts'
import { EventPlan, type PlanKey, type StructValue } from './event-plan.ts'
import { readJsonEvent } from './json-event-reader.ts'
import { JsonSide } from './json-side.ts'
import { type Change, Metadata } from './metadata.ts'
import { type NameAdjuster, nameAdjuster } from './names.ts'

/** Plans beyond these are made anew: a connector that makes its schemas for each record must not fill the memory. */
const MOST_PLANS = 256

const NULL: SchemaAndValue = Object.freeze({ schema: null, value: null })

/** An event but for its data, and what its data is made of. */
interface Draft {
  readonly plan: EventPlan
  readonly event: Record<string, unknown>
  readonly data: StructValue
}

/**
 * `io.debezium.converters.CloudEventsConverter`. As in the reference, what is no change (no envelope, or headers that do not
 * say) becomes null bytes. Beyond the reference: null bytes are read as null, and data in Avro within JSON is read, too.
 */
export class CloudEventsConverter implements Converter {
  readonly config = CLOUD_EVENTS_CONFIG
  #options: CloudEventsOptions = cloudEventsOptions(CLOUD_EVENTS_CONFIG.parse({ 'converter.type': 'value' }))
  #json: JsonSide = new JsonSide({}, false)
  #avro: AvroSide | null = null
  #metadata = new Metadata(this.#options.from)
  #adjust: NameAdjuster = nameAdjuster(this.#options.adjustment)
  #plans: EventPlan[] = []
  #usesHeaders = false

  /** @throws ConfigException for a key that cannot be used, and for Avro without a registry */
  configure(configs: RawConfig, isKey: boolean): void {
    const options = cloudEventsOptions(CLOUD_EVENTS_CONFIG.parse(withConverterType(configs, isKey)))
    const { from } = options
    this.#options = options
    this.#json = new JsonSide(subset(configs, 'json.'), isKey)
    this.#avro = options.dataFormat === 'avro' ? new AvroSide(subset(configs, 'avro.')) : null
    this.#metadata = new Metadata(from)
    this.#adjust = nameAdjuster(options.adjustment)
    this.#plans = []
    this.#usesHeaders =
      from.change || from.traceparent || from.dataSchemaName || from.id === 'header' || from.type === 'header'
  }

  /** Set once configured: true when metadata comes from headers. */
  get writesHeaders(): boolean {
    return this.#usesHeaders
  }

  fromConnectData(
    topic: string,
    headers: Headers | null,
    schema: Schema | null,
    value: Value,
  ): Maybe<Uint8Array | null> {
    const draft = this.#draft(schema, value, headers)
    if (draft === null) return null
    const { plan, event, data } = draft
    const avro = this.#avro
    if (avro === null) return Buffer.from(this.#json.text(plan, event, this.#json.data(plan.dataSchema, data)))
    const inJson = this.#options.format === 'json'
    return whenKnown(avro.data(inJson ? topic : topic + DATA_TOPIC, plan.dataSchema, data), (bytes) => {
      event.dataschema = avro.uri(bytes)
      if (inJson) return Buffer.from(this.#json.text(plan, event, JSON.stringify(bytes.toString('base64'))))
      event.data = bytes
      return avro.converter.fromConnectData(topic, null, plan.schema, event)
    })
  }

  write(topic: string, headers: Headers | null, schema: Schema | null, value: Value, out: ByteSink): Maybe<boolean> {
    if (this.#avro === null) {
      const draft = this.#draft(schema, value, headers)
      if (draft === null) return false
      const { plan, event, data } = draft
      out.utf8(this.#json.text(plan, event, this.#json.data(plan.dataSchema, data)))
      return true
    }
    const bytes = this.fromConnectData(topic, headers, schema, value)
    if (bytes instanceof Promise) return bytes.then((found) => found !== null)
    if (bytes === null) return false
    out.bytes(bytes)
    return true
  }

  toConnectData(topic: string, _headers: Headers | null, bytes: Buffer | null): Maybe<SchemaAndValue> {
    if (bytes === null) return NULL
    if (this.#options.format === 'json') {
      return this.#readJson(topic, { text: bytes.toString('utf8'), buffer: bytes, start: 0, end: bytes.length })
    }
    return this.#withAvro().read(topic, bytes, this.#options.schemaName)
  }

  read(topic: string, _headers: Headers | null, source: ByteSource, into: ValueSlot): Maybe<void> {
    const fill = ({ schema, value }: SchemaAndValue) => {
      into.schema = schema
      into.value = value
    }
    if (this.#options.format === 'avro') return whenKnown(this.toConnectData(topic, null, source.bytes()), fill)
    const { buffer, start, end } = source
    return whenKnown(this.#readJson(topic, { text: source.text(), buffer, start, end }), fill)
  }

  close(): void {
    this.#avro?.converter.close()
  }

  #readJson(topic: string, slice: JsonSlice): Maybe<SchemaAndValue> {
    const { attributes, data } = readJsonEvent(slice)
    if (data === null) return { schema: null, value: attributes }
    const finish = (value: unknown) => {
      attributes.data = value
      return { schema: null, value: attributes }
    }
    return this.#avro === null
      ? finish(this.#json.readData(data))
      : whenKnown(this.#avro.readBase64(topic, data.text), finish)
  }

  #withAvro(): AvroSide {
    if (this.#avro === null) throw new ConnectException('The converter was not configured for Avro')
    return this.#avro
  }

  #draft(schema: Schema | null, value: Value, headers: Headers | null): Draft | null {
    if (schema === null || value === null || value === undefined) return null
    const change = this.#metadata.change(schema, value, headers)
    if (change === null) return null
    if (schema.type !== 'STRUCT' || typeof value !== 'object') {
      throw new DataException(`Mismatching schema: an event is made of a struct, not of ${schema.type}`)
    }
    const record = value as StructValue
    const plan = this.#plan(schema, change, headers)
    return { plan, event: this.#event(plan, change, headers), data: plan.data(record) }
  }

  #event(plan: EventPlan, { source, operation, transaction }: Change, headers: Headers | null) {
    const { from, dataFormat, tracing, extensions } = this.#options
    const connector = plan.key.kind.name
    const event: Record<string, unknown> = {
      id: from.id === 'generate' ? plan.id(source) : this.#ofHeader(from.id, 'id', headers),
      source: `/debezium/${connector}/${String(source.name ?? null)}`,
      specversion: '1.0',
      type:
        from.type === 'generate'
          ? `io.debezium.connector.${connector}.DataChangeEvent`
          : this.#ofHeader(from.type, 'type', headers),
      time: plan.time(source),
      datacontenttype: `application/${dataFormat}`,
    }
    if (dataFormat === 'avro') event.dataschema = null
    if (tracing) event.traceparent = this.#ofHeader(from.traceparent ? 'header' : 'value', 'traceparent', headers)
    if (extensions) plan.addExtensions(event, operation, source, transaction)
    return event
  }
  #ofHeader(from: 'header' | 'value', name: string, headers: Headers | null): string {
    if (from === 'header') return this.#metadata.text(headers, name)
    throw new DataException(
      `The event's ${name} cannot be in a record's value: set metadata.source to have ${name}:header` +
        (name === 'traceparent' ? '' : ` or ${name}:generate`),
    )
  }

  #plan(record: Schema, { sourceSchema, source }: Change, headers: Headers | null): EventPlan {
    const kind = kindOf(source)
    const { from, format, schemaName } = this.#options
    const key: PlanKey = {
      kind,
      record,
      source: sourceSchema,
      dataName: from.dataSchemaName
        ? this.#metadata.text(headers, 'dataSchemaName')
        : `io.debezium.connector.${kind.name}.Data`,
      eventName: format === 'json' ? null : (schemaName ?? `${source.name}.${source.db ?? null}.${EVENT_NAME}`),
    }
    const plans = this.#plans
    for (let at = 0; at < plans.length; at++) {
      const plan = plans[at] as EventPlan
      if (!isSame(plan.key, key)) continue
      if (at > 0) {
        plans[at] = plans[0] as EventPlan
        plans[0] = plan
      }
      return plan
    }
    const plan = new EventPlan(key, this.#options, this.#adjust)
    if (plans.length === MOST_PLANS) plans.length = 0
    plans.unshift(plan)
    return plan
  }
}

function isSame(a: PlanKey, b: PlanKey): boolean {
  return (
    a.record === b.record &&
    a.source === b.source &&
    a.kind === b.kind &&
    a.dataName === b.dataName &&
    a.eventName === b.eventName
  )
}

function kindOf({ connector }: StructValue): ConnectorKind {
  const kind = CONNECTORS.get(connector as string)
  if (kind !== undefined) return kind
  throw new DataException(
    `No usable CloudEvents converters for connector type "${String(connector)}": source.connector must be one of ` +
      [...CONNECTORS.keys()].join(', '),
  )
}
