// One captured table as it is written: schemas of key, row and event, and the readers of its rows.
import { type Schema, SchemaBuilder } from '@millrace/api'
import type { Filters } from './filters.ts'
import type { Relation } from './protocol/pgoutput.ts'
import { type LineReader, lineReader, type Row, type RowColumn, type TupleReader, tupleReader } from './rows.ts'
import { envelopeSchema } from './source-info.ts'
import type { Column, Table } from './tables.ts'
import type { TypeCatalog } from './types/catalog.ts'
import type { ColumnTypes } from './types/column-type.ts'
import { defaultValue } from './types/default-value.ts'
import { absentValue } from './types/fallback.ts'

/** What events of a table are made with. */
export interface TableEvents {
  readonly schema: string
  readonly table: string
  /** `schema.table`. */
  readonly name: string
  readonly topic: string
  readonly replicaIdentity: string
  readonly keySchema: Schema | null
  readonly rowSchema: Schema
  readonly envelope: Schema
  /** The key of a row, null without one. */
  readonly keyOf: (row: Row) => Row | null
  readonly readTuple: TupleReader
  readonly readLine: LineReader
  /** All columns of a tuple, in its order. */
  readonly tuple: readonly string[]
  /** Columns that {@link readLine} expects, in its order. */
  readonly columns: readonly string[]
  /** Whether two keys are the same. */
  readonly sameKey: (a: Row, b: Row) => boolean
}

/** What tables have in common. */
export interface TableContext {
  readonly prefix: string
  readonly delimiter: string
  readonly filters: Filters
  readonly catalog: TypeCatalog
  readonly types: ColumnTypes
}

/** Events of a table as its catalogue has it: for a snapshot. */
export function eventsOfTable(table: Table, context: TableContext): TableEvents {
  return build(table, table.columns, context)
}

/**
 * Events of a table as a relation message announces it. Types, names and order are the message's; whether columns are optional,
 * defaults and the key are the catalogue's, which may already be further: what it does not know is optional and has no default.
 */
export function eventsOfRelation(relation: Relation, table: Table | undefined, context: TableContext): TableEvents {
  const known = new Map((table?.columns ?? []).map((one) => [one.name, one]))
  const columns = relation.columns.map(({ name, typeOid, modifier }) => {
    const column = known.get(name)
    const same = column !== undefined && column.typeOid === typeOid
    return {
      name,
      typeOid,
      modifier,
      optional: column?.optional ?? true,
      defaultExpression: same ? column.defaultExpression : null,
    }
  })
  const names = new Set(columns.map((one) => one.name))
  const key =
    table === undefined
      ? relation.columns.filter((one) => one.isKey && relation.replicaIdentity !== 'f').map((one) => one.name)
      : table.key
  return build(
    {
      schema: relation.schema,
      name: relation.table,
      key: key.filter((one) => names.has(one)),
      replicaIdentity: relation.replicaIdentity,
    },
    columns,
    context,
  )
}

function build(
  table: Pick<Table, 'schema' | 'name' | 'key' | 'replicaIdentity'>,
  columns: readonly Column[],
  { prefix, delimiter, filters, catalog, types }: TableContext,
): TableEvents {
  const { schema, name } = table
  const base = [prefix, sanitized(schema), sanitized(name)].join('.')
  const row = SchemaBuilder.struct().name(`${base}.Value`).optional()
  const fields = new Map<string, Schema>()
  const rowColumns = columns.map((column): RowColumn => {
    const skipped = { name: column.name, decode: null, absent: null, unchanged: null }
    if (!filters.column(schema, name, column.name)) return skipped
    const type = types.of(column)
    if (type === null) return skipped
    const builder = type.schema()
    if (column.optional) builder.optional()
    if (column.defaultExpression !== null) {
      const { type: base } = catalog.resolve(column.typeOid, column.modifier)
      const value =
        base === undefined ? undefined : defaultValue(column.defaultExpression, base.name, base.labels, type)
      if (value !== undefined && value !== null) builder.default(value)
    }
    const built = builder.build()
    row.field(column.name, built)
    fields.set(column.name, built)
    // A large value that was not touched is one the row has: it cannot be null.
    const unchanged = type.unchanged ?? absentValue(built)
    return { name: column.name, decode: type.decode, absent: absentValue(built), unchanged }
  })
  const rowSchema = row.build()
  const keyNames = (filters.key(schema, name, [...fields.keys()]) ?? table.key).filter((one) => fields.has(one))
  const captured = rowColumns.filter((one) => one.decode !== null)
  return {
    schema,
    table: name,
    name: `${schema}.${name}`,
    topic: sanitizedTopic([prefix, schema, name].join(delimiter)),
    replicaIdentity: table.replicaIdentity,
    keySchema: keyNames.length === 0 ? null : keySchema(`${base}.Key`, keyNames, fields),
    rowSchema,
    envelope: envelopeSchema(`${base}.Envelope`, rowSchema),
    keyOf: keyReader(keyNames),
    readTuple: tupleReader(rowColumns),
    readLine: lineReader(captured),
    tuple: columns.map((one) => one.name),
    columns: captured.map((one) => one.name),
    sameKey: (a, b) => keyNames.every((one) => same(a[one], b[one])),
  }
}

function keySchema(name: string, columns: readonly string[], fields: ReadonlyMap<string, Schema>): Schema {
  const key = SchemaBuilder.struct().name(name)
  for (const column of columns) key.field(column, fields.get(column) as Schema)
  return key.build()
}

function keyReader(names: readonly string[]): (row: Row) => Row | null {
  if (names.length === 0) return () => null
  const parts = names.map((name) => {
    const quoted = JSON.stringify(name)
    return `${name === '__proto__' ? `[${quoted}]` : quoted}:row[${quoted}]`
  })
  return new Function('row', `return {${parts.join()}}`) as (row: Row) => Row
}

function same(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Buffer.isBuffer(a) && Buffer.isBuffer(b)) return a.equals(b)
  return text(a) === text(b)
}
function text(value: object): string {
  return JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? `${one}n` : one))
}

/** Names of schemas keep what topic names may not have, but for what a name cannot hold. */
function sanitized(name: string): string {
  return sanitizedTopic(name)
}
/** What Kafka does not allow in a topic's name becomes an underscore. */
function sanitizedTopic(name: string): string {
  return name.replace(/[^a-zA-Z0-9._-]/g, '_')
}
