// Events whose data is in Avro, or that are in Avro as a whole: schemas are in the registry.
import {
  ConfigException,
  DataException,
  type RawConfig,
  type Schema,
  type SchemaAndValue,
  SchemaBuilder,
} from '@millrace/api'
import { AvroConverter } from '../avro/avro-converter.ts'
import { parseExact } from '../json/parser.ts'
import { type Maybe, whenKnown } from '../registry/maybe.ts'
import type { StructValue } from './event-plan.ts'

/** How the names of the schemas of events end. */
export const EVENT_NAME = 'CloudEvents.Envelope'
/** Ends the topic under which the registry has the data of events that are in Avro. */
export const DATA_TOPIC = '-data'

const REGISTRY_URL = 'schema.registry.url'
const APICURIO_URL = 'apicurio.registry.url'
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** The Avro of events and of their data. */
export class AvroSide {
  readonly converter = new AvroConverter()
  readonly #urls: string
  /** The schema that was read last, with the data's in place of its bytes. */
  #outer: Schema | null = null
  #inner: Schema | null = null
  #joined: Schema | null = null

  constructor(configs: RawConfig) {
    if (configs[APICURIO_URL] !== undefined) {
      throw new ConfigException(
        `avro.${APICURIO_URL} is not supported: give the address of Apicurio's Confluent-compatible API as avro.${REGISTRY_URL}`,
        { configKey: `avro.${APICURIO_URL}` },
      )
    }
    const urls = String(configs[REGISTRY_URL] ?? '').trim()
    if (urls === '') {
      throw new ConfigException(`Events with Avro need the URLs of a schema registry: set avro.${REGISTRY_URL}`, {
        configKey: `avro.${REGISTRY_URL}`,
      })
    }
    this.#urls = urls
      .split(',')
      .map((url) => url.trim())
      .join(',')
    this.converter.configure(configs, false)
  }

  data(topic: string, schema: Schema, value: StructValue): Maybe<Buffer> {
    return whenKnown(this.converter.fromConnectData(topic, null, schema, value), (bytes) => bytes as Buffer)
  }
  /** Where the schema of data stands in the registry. */
  uri(data: Buffer): string {
    return `${this.#urls}/schemas/ids/${data.readInt32BE(1)}`
  }

  readBase64(topic: string, text: string): Maybe<unknown> {
    const data = parseExact(text, 'double')
    if (data === null) return null
    if (typeof data !== 'string' || !BASE64.test(data)) throw new DataException('Data in Avro must be base64 in JSON')
    return whenKnown(this.converter.toConnectData(topic, null, Buffer.from(data, 'base64')), ({ value }) => value)
  }

  read(topic: string, bytes: Buffer, schemaName: string | null): Maybe<SchemaAndValue> {
    return whenKnown(this.converter.toConnectData(topic, null, bytes), (outer) => {
      const { schema, event } = eventOf(outer, schemaName)
      const { data } = event
      if (!(data instanceof Uint8Array)) throw new DataException('An event in Avro must have its data as bytes')
      const inner = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
      return whenKnown(this.converter.toConnectData(topic + DATA_TOPIC, null, inner), (found) => {
        if (found.schema === null) throw new DataException('The data of an event in Avro must have a schema')
        return { schema: this.#join(schema, found.schema), value: { ...event, data: found.value } }
      })
    })
  }

  #join(outer: Schema, inner: Schema): Schema {
    if (this.#joined !== null && outer === this.#outer && inner === this.#inner) return this.#joined
    const builder = SchemaBuilder.struct().parameters(outer.parameters ?? [])
    if (outer.name !== null) builder.name(outer.name)
    if (outer.version !== null) builder.version(outer.version)
    if (outer.doc !== null) builder.doc(outer.doc)
    for (const { name, schema } of outer.fields) builder.field(name, name === 'data' ? inner : schema)
    this.#outer = outer
    this.#inner = inner
    this.#joined = builder.build()
    return this.#joined
  }
}

function eventOf({ schema, value }: SchemaAndValue, schemaName: string | null): { schema: Schema; event: StructValue } {
  const name = schema?.name ?? ''
  const isNamed = schemaName === null ? name.endsWith(EVENT_NAME) : name === schemaName
  if (schema?.type !== 'STRUCT' || !isNamed || value === null) {
    throw new DataException(
      `A deserialized record's value is not a CloudEvent: its schema is ${name === '' ? 'without a name' : name}`,
    )
  }
  const missing = ['id', 'source', 'specversion', 'type'].filter((one) => !schema.fields.some((f) => f.name === one))
  if (missing.length > 0) {
    throw new DataException(`A deserialized record's value is not a CloudEvent: it has no ${missing.join(', ')}`)
  }
  return { schema, event: value as StructValue }
}
