// How the records of one table and one pair of schemas are written: columns, statements, and a binder compiled for them.
import type { Schema, SinkRecord } from '@millrace/api'
import type { Cell, Dialect, EncodeOptions, Semantic, TableDefinition, TableWriter } from '@millrace/kit-sql'

/** Takes the value of one column out of a record. Undefined and null are both null. */
export type Getter = (record: SinkRecord) => unknown

/** One column that is written. */
export interface BoundColumn {
  /** The column's name in the table. */
  readonly column: string
  readonly semantic: Semantic
  readonly get: Getter
  /** Used where the value is null; undefined for none. */
  readonly fallback: unknown
}

/** A record's cells, keys first. */
export type Binder = (record: SinkRecord) => Cell[]

/** Everything that records of one table and one pair of schemas need. */
export interface TablePlan {
  readonly table: string
  readonly keySchema: Schema | null
  readonly valueSchema: Schema | null
  readonly keys: number
  readonly write: Operation
  /** Null where deletes are not written. */
  readonly remove: Operation | null
  /** The statement that empties the table. */
  readonly truncate: string | null
  /** True where only the last operation on a key counts: upserts of all columns, and deletes. */
  readonly reducible: boolean
}

/** A statement with what binds records to it. */
export interface Operation {
  readonly writer: TableWriter
  readonly bind: Binder
}

/** Compiles a binder: encoders are chosen once, and a record costs one call a column. */
export function compileBinder(
  dialect: Dialect,
  columns: readonly BoundColumn[],
  definition: TableDefinition,
  options: EncodeOptions,
): Binder {
  const cells = columns.map((one) => cellOf(dialect, one, definition, options))
  const width = cells.length
  return (record) => {
    const row = new Array<Cell>(width)
    for (let i = 0; i < width; i++) row[i] = (cells[i] as (record: SinkRecord) => Cell)(record)
    return row
  }
}

function cellOf(dialect: Dialect, one: BoundColumn, definition: TableDefinition, options: EncodeOptions) {
  const { get } = one
  const { read } = one.semantic
  const encode = dialect.encoder(one.semantic, definition.columns.get(one.column), options)
  const cell = (value: unknown): Cell => {
    if (value === null || value === undefined) return null
    const meant = read === null ? value : read(value)
    return meant === null || meant === undefined ? null : encode(meant)
  }
  const fallback = cell(one.fallback)
  return (record: SinkRecord): Cell => {
    const value = get(record)
    if (value === null || value === undefined) return fallback
    const meant = read === null ? value : read(value)
    return meant === null || meant === undefined ? null : encode(meant)
  }
}
