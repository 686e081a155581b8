// What a record says: a change event in Debezium's envelope, a CloudEvent around one, a flat row, a tombstone.
import { DataException, fieldOf, type Schema, type SinkRecord } from '@millrace/api'

type Row = Readonly<Record<string, unknown>>

/** How records of one value schema are read. Made once a schema. */
export interface Shape {
  /** True for schema change events, which are not rows. */
  readonly ignored: boolean
  readonly envelope: boolean
  /** Schema of the row; null for a tombstone. */
  readonly rowSchema: Schema | null
  readonly action: (record: SinkRecord) => 'write' | 'delete' | 'truncate'
  /** The row after the change, or before it for a delete. */
  readonly row: (record: SinkRecord) => Row | null
  /** The `source` of the event, where there is one. */
  readonly source: (record: SinkRecord) => Row | null
}

const NOTHING = () => null

const TOMBSTONE: Shape = {
  ignored: false,
  envelope: false,
  rowSchema: null,
  action: () => 'delete',
  row: NOTHING,
  source: NOTHING,
}

/**
 * The shape of records with this value schema.
 * @throws DataException for values that are no structs
 */
export function shapeOf(schema: Schema | null, cloudEvents: RegExp): Shape {
  if (schema === null) return TOMBSTONE
  const name = schema.name ?? ''
  if (name.includes('SchemaChangeValue')) return { ...TOMBSTONE, ignored: true }
  if (cloudEvents.test(name)) {
    const data = fieldOf(schema, 'data')
    if (data === undefined) throw new DataException(`The CloudEvent ${name} has no field data`)
    const inner = shapeOf(data.schema, /$^/)
    const unwrapped = (record: SinkRecord) => record.withValue(data.schema, (record.value as Row | null)?.data ?? null)
    return {
      ...inner,
      action: (record) => inner.action(unwrapped(record)),
      row: (record) => inner.row(unwrapped(record)),
      source: (record) => inner.source(unwrapped(record)),
    }
  }
  if (schema.type !== 'STRUCT') {
    throw new DataException(
      `A value of type ${schema.type} is no row: values must be structs, or change events with structs`,
    )
  }
  const envelope = /(^|\.)Envelope$/.test(name) || (schema.name === null && fieldOf(schema, 'op') !== undefined)
  return envelope ? envelopeShape(schema) : flatShape(schema)
}

function flatShape(schema: Schema): Shape {
  return {
    ignored: false,
    envelope: false,
    rowSchema: schema,
    action: (record) => (isNull(record.value) ? 'delete' : 'write'),
    row: (record) => (record.value ?? null) as Row | null,
    source: NOTHING,
  }
}

function envelopeShape(schema: Schema): Shape {
  const rowSchema = (fieldOf(schema, 'after') ?? fieldOf(schema, 'before'))?.schema ?? null
  const part = (record: SinkRecord, name: string) => ((record.value as Row | null)?.[name] ?? null) as Row | null
  const action = (record: SinkRecord) => {
    if (isNull(record.value)) return 'delete'
    const op = (record.value as Row).op
    return op === 'd' ? 'delete' : op === 't' ? 'truncate' : 'write'
  }
  return {
    ignored: false,
    envelope: true,
    rowSchema,
    action,
    row: (record) => part(record, action(record) === 'delete' ? 'before' : 'after'),
    source: (record) => part(record, 'source'),
  }
}

function isNull(value: unknown): boolean {
  return value === null || value === undefined
}
