// What is known of events before the record: made once for the schemas of a record and its source, used for each record.
import { DataException, type Field, fieldOf, type Schema, SchemaBuilder, Schemas } from '@millrace/api'
import type { CloudEventsOptions } from './config.ts'
import type { ConnectorKind } from './connectors.ts'
import { extensionName, type NameAdjuster } from './names.ts'

/** A struct's value. */
export type StructValue = Readonly<Record<string, unknown>>

/** An attribute that comes from a field of a struct. */
interface Extension {
  readonly name: string
  readonly field: string
  readonly defaultValue: unknown
  /** CloudEvents has no 64-bit numbers: they are text. */
  readonly isLong: boolean
}

/** What a plan depends on. */
export interface PlanKey {
  readonly kind: ConnectorKind
  readonly record: Schema
  readonly source: Schema
  readonly dataName: string
  /** Of the events' schema; null where it is of no use. */
  readonly eventName: string | null
}

/** A transaction's attributes, which stand in every event. */
const TRANSACTION: readonly Extension[] = [
  { field: 'id', isLong: false },
  { field: 'total_order', isLong: true },
  { field: 'data_collection_order', isLong: true },
].map((one) => ({ ...one, name: extensionName(`tx${one.field}`), defaultValue: undefined }))

const OPERATION = extensionName('op')

/** Makes the parts of events. */
export class EventPlan {
  readonly key: PlanKey
  /** Schema of the event without its data, or with it as bytes for events in Avro. */
  readonly schema: Schema
  readonly dataSchema: Schema
  readonly #dataFields: readonly Field[]
  readonly #fromSource: readonly Extension[]

  /** @throws DataException for a source that lacks what an event needs, or has what no event can hold */
  constructor(key: PlanKey, options: CloudEventsOptions, adjust: NameAdjuster) {
    const { kind, record, source } = key
    for (const [, field] of [...kind.id, ['', 'ts_ms'] as const]) required(source, field, 'source')
    this.key = key
    const wanted = options.from.change ? null : kind.data
    this.#dataFields = wanted === null ? record.fields : wanted.map((name) => required(record, name, 'record'))
    const data = SchemaBuilder.struct().name(key.dataName)
    for (const { name, schema } of this.#dataFields) data.field(name, schema)
    this.dataSchema = data.build()
    this.#fromSource = options.extensions ? source.fields.map(extension) : []
    this.schema = eventSchema(key, options, adjust)
  }

  /** The event's data. */
  data(record: StructValue): StructValue {
    const data: Record<string, unknown> = {}
    for (const { name, schema } of this.#dataFields) data[name] = record[name] ?? schema.defaultValue ?? null
    return data
  }
  /** The id made of a source. */
  id(source: StructValue): string {
    const { id } = this.key.kind
    let text = ''
    for (const [label, field] of id) {
      if (text !== '') text += ';'
      text += `${label}:${textOf(this.#value(source, field))}`
    }
    return text
  }
  /** When the change was, as RFC 3339 has it. */
  time(source: StructValue): string {
    const ms = this.#value(source, 'ts_ms')
    const date = new Date(typeof ms === 'bigint' ? Number(ms) : typeof ms === 'number' ? ms : Number.NaN)
    if (Number.isNaN(date.getTime())) {
      throw new DataException(`The time of an event must be source.ts_ms in milliseconds, but it is ${textOf(ms)}`)
    }
    return date.toISOString().replace(/^\+0*/, '')
  }
  /** Adds the attributes of the change. */
  addExtensions(event: Record<string, unknown>, operation: unknown, source: StructValue, transaction: unknown): void {
    event[OPERATION] = operation
    addAll(event, this.#fromSource, source)
    if (transaction !== null && transaction !== undefined) addAll(event, TRANSACTION, transaction as StructValue)
  }

  #value(source: StructValue, field: string): unknown {
    return source[field] ?? fieldOf(this.key.source, field)?.schema.defaultValue ?? null
  }
}

function eventSchema({ source, eventName }: PlanKey, options: CloudEventsOptions, adjust: NameAdjuster): Schema {
  const builder = SchemaBuilder.struct()
  if (eventName !== null) builder.name(adjust(eventName))
  for (const name of ['id', 'source', 'specversion', 'type', 'time', 'datacontenttype']) {
    builder.field(name, Schemas.STRING)
  }
  if (options.dataFormat === 'avro') builder.field('dataschema', Schemas.STRING)
  if (options.tracing) builder.field('traceparent', Schemas.STRING)
  if (options.extensions) {
    builder.field(OPERATION, Schemas.STRING)
    for (const field of source.fields) builder.field(extensionName(field.name), extensionSchema(field))
    for (const { name } of TRANSACTION) builder.field(name, Schemas.OPTIONAL_STRING)
  }
  if (options.format === 'avro') builder.field('data', Schemas.BYTES)
  return builder.build()
}

function extension({ name, schema }: Field): Extension {
  return {
    name: extensionName(name),
    field: name,
    defaultValue: schema.defaultValue,
    isLong: schema.type === 'INT64',
  }
}

function extensionSchema({ name, schema }: Field): Schema {
  const { optional } = schema
  switch (schema.type) {
    case 'BOOLEAN':
      return optional ? Schemas.OPTIONAL_BOOLEAN : Schemas.BOOLEAN
    case 'INT8':
    case 'INT16':
    case 'INT32':
      return optional ? Schemas.OPTIONAL_INT32 : Schemas.INT32
    case 'INT64':
    case 'STRING':
      return optional ? Schemas.OPTIONAL_STRING : Schemas.STRING
    default:
      throw new DataException(
        `Source field ${name} of type ${schema.type} cannot be converted into a CloudEvents extension attribute; ` +
          'set extension.attributes.enable=false to leave these out',
      )
  }
}

function addAll(event: Record<string, unknown>, extensions: readonly Extension[], from: StructValue): void {
  for (const { name, field, defaultValue, isLong } of extensions) {
    const value = from[field] ?? defaultValue ?? null
    event[name] = isLong && (typeof value === 'number' || typeof value === 'bigint') ? String(value) : value
  }
}

function required(schema: Schema, name: string, of: string): Field {
  const field = schema.type === 'STRUCT' ? fieldOf(schema, name) : undefined
  if (field === undefined) throw new DataException(`An event cannot be made: the ${of} has no field ${name}`)
  return field
}

function textOf(value: unknown): string {
  return String(value)
}
