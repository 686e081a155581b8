// What is known of a table: its columns in order, and which of them name a row.
import type { TableId } from './table-id.ts'

/** A column as the database describes it. Absent attributes are null, so that all columns have one shape. */
export interface Column {
  readonly name: string
  /** From 1, without gaps: the value of the column stands at `position - 1` of a row. */
  readonly position: number
  /** Code of `java.sql.Types` that the reference's driver reports: schema history, masks and propagated types depend on it. */
  readonly jdbcType: number
  /** The database's own number for the type (an OID in PostgreSQL), or null. */
  readonly nativeType: number | null
  /** The type's name in the database's spelling, without length: `VARCHAR`, `int4`, `INT UNSIGNED`. */
  readonly typeName: string
  /** The type's name as it stands in the schema history; mostly `typeName`. */
  readonly typeExpression: string | null
  readonly charsetName: string | null
  /** Characters, bytes or digits of precision; null where the type has none. */
  readonly length: number | null
  readonly scale: number | null
  /** True when the column may hold null. */
  readonly optional: boolean
  readonly autoIncremented: boolean
  readonly generated: boolean
  /** True when the column has a default, also the default null. */
  readonly hasDefault: boolean
  /** The default as the database writes it, or null. */
  readonly defaultExpression: string | null
  /** Values of an enumeration or set, in order. */
  readonly enumValues: readonly string[]
  readonly comment: string | null
}

/** A table. Frozen: a change of its columns is another table of the same id. */
export interface Table {
  readonly id: TableId
  readonly columns: readonly Column[]
  /** Columns of the primary key, in the key's order; empty without one. */
  readonly primaryKey: readonly string[]
  readonly defaultCharset: string | null
  readonly comment: string | null
}

/** What a column is made of; everything but name and type has a default. */
export type ColumnInit = Pick<Column, 'name' | 'jdbcType' | 'typeName'> & Partial<Omit<Column, 'position'>>

/** Makes a table; positions are counted from the order of `columns`. */
export function makeTable(
  id: TableId,
  columns: readonly ColumnInit[],
  primaryKey: readonly string[] = [],
  more: { readonly defaultCharset?: string | null; readonly comment?: string | null } = {},
): Table {
  return Object.freeze({
    id,
    columns: Object.freeze(columns.map((one, at) => makeColumn(one, at + 1))),
    primaryKey: Object.freeze([...primaryKey]),
    defaultCharset: more.defaultCharset ?? null,
    comment: more.comment ?? null,
  })
}

function makeColumn(init: ColumnInit, position: number): Column {
  return Object.freeze({
    name: init.name,
    position,
    jdbcType: init.jdbcType,
    nativeType: init.nativeType ?? null,
    typeName: init.typeName,
    typeExpression: init.typeExpression ?? null,
    charsetName: init.charsetName ?? null,
    length: init.length ?? null,
    scale: init.scale ?? null,
    optional: init.optional ?? true,
    autoIncremented: init.autoIncremented ?? false,
    generated: init.generated ?? false,
    hasDefault: init.hasDefault ?? false,
    defaultExpression: init.defaultExpression ?? null,
    enumValues: Object.freeze([...(init.enumValues ?? [])]),
    comment: init.comment ?? null,
  })
}

/** The column called `name`, or undefined. */
export function columnOf(table: Table, name: string): Column | undefined {
  return table.columns.find((column) => column.name === name)
}

/** Columns of the primary key, in the key's order. */
export function primaryKeyColumns(table: Table): Column[] {
  return table.primaryKey.map((name) => columnOf(table, name)).filter((column) => column !== undefined)
}

/** Codes of `java.sql.Types`. */
export const JdbcType = {
  BIT: -7,
  TINYINT: -6,
  SMALLINT: 5,
  INTEGER: 4,
  BIGINT: -5,
  FLOAT: 6,
  REAL: 7,
  DOUBLE: 8,
  NUMERIC: 2,
  DECIMAL: 3,
  CHAR: 1,
  VARCHAR: 12,
  LONGVARCHAR: -1,
  DATE: 91,
  TIME: 92,
  TIMESTAMP: 93,
  BINARY: -2,
  VARBINARY: -3,
  LONGVARBINARY: -4,
  NULL: 0,
  OTHER: 1111,
  DISTINCT: 2001,
  STRUCT: 2002,
  ARRAY: 2003,
  BLOB: 2004,
  CLOB: 2005,
  DATALINK: 70,
  BOOLEAN: 16,
  NCHAR: -15,
  NVARCHAR: -9,
  LONGNVARCHAR: -16,
  NCLOB: 2011,
  SQLXML: 2009,
  TIME_WITH_TIMEZONE: 2013,
  TIMESTAMP_WITH_TIMEZONE: 2014,
} as const
