// SQLite: types are advice there, dates are numbers, and one prepared statement a row inside a transaction is the fast way.
import { ConnectException, LogicalName, type Schema } from '@millrace/api'
import type { Cell, ResultColumn, SqlConnection } from '../connection.ts'
import { addColumnsSql, createTableSql, quoteText } from '../ddl.ts'
import type {
  ColumnDefinition,
  Dialect,
  EncodeOptions,
  Encoder,
  ReadOptions,
  TableDefinition,
  TableFilter,
  TableWriter,
  WriteSpec,
} from '../dialect.ts'
import { type IdentifierRules, parseTableId, quoteName, quoteTable, type TableId } from '../identifiers.ts'
import { type JdbcType, readerOf } from '../reader.ts'
import { decimalText, type Semantic } from '../semantics.ts'
import { formatInstant, formatTime } from '../temporal.ts'
import { connectSqlite, runAllSqlite } from './driver.ts'

const QUOTE = '`'
const DAY_MS = 86_400_000
const LOGICAL = new Set<string>(Object.values(LogicalName))
const BY_TYPE: Readonly<Record<string, string>> = {
  BOOLEAN: 'INTEGER',
  INT8: 'INTEGER',
  INT16: 'INTEGER',
  INT32: 'INTEGER',
  INT64: 'INTEGER',
  FLOAT32: 'REAL',
  FLOAT64: 'REAL',
  STRING: 'TEXT',
  BYTES: 'BLOB',
}

/** The dialect of SQLite. */
export const sqliteDialect: Dialect = {
  name: 'SqliteDatabaseDialect',
  quote: QUOTE,
  connect: connectSqlite,
  parseTable: (text) => parseTableId(text, QUOTE),
  describeTable,
  listTables,
  columnType,
  literal,
  createTable: (id, columns, quote) => createTableSql({ quote: QUOTE, always: quote }, id, columns),
  // SQLite adds one column a statement.
  addColumns: (id, columns, quote) =>
    columns.map((column) => addColumnsSql({ quote: QUOTE, always: quote }, id, [column])),
  truncate: (id, quote) => `DELETE FROM ${quoteTable({ quote: QUOTE, always: quote }, id)}`,
  encoder,
  writer,
  reader,
  timestampCell: (ms) => BigInt(ms),
  // Texts, which CURRENT_TIMESTAMP makes, as the milliseconds that the JVM's driver writes.
  timestampExpression: (column) =>
    `CASE typeof(${column}) WHEN 'text' THEN CAST(round((julianday(${column}) - 2440587.5) * 86400000) AS INTEGER) ELSE ${column} END`,
  // One writer at a time: what is committed is in order.
  watch: { mark: async () => '', settled: async () => true },
  now: async () => Date.now(),
  isolation: () => null,
  marker: () => '?',
}

function columnType(schema: Schema, options: { timestamp: boolean }): string {
  if (schema.name !== null && LOGICAL.has(schema.name)) return 'NUMERIC'
  if (options.timestamp && (schema.type === 'INT64' || schema.type === 'STRING')) return 'NUMERIC'
  const type = BY_TYPE[schema.type]
  if (type !== undefined) return type
  throw new ConnectException(
    `${schema.name ?? 'A field'} (${schema.type}) type doesn't have a mapping to the SQL database column type`,
  )
}

/** Dates, times and timestamps are milliseconds, as the JVM's driver stores them by default. */
function encoder(semantic: Semantic, _column: ColumnDefinition | undefined, options: EncodeOptions): Encoder {
  const { unit } = semantic
  switch (semantic.kind) {
    case 'boolean':
      return (value) => (value === true ? 1n : 0n)
    case 'integer':
      // The driver binds numbers as doubles: integers must go as bigints.
      return (value) => (typeof value === 'bigint' ? value : BigInt(value as number))
    case 'float':
      return (value) => value as number
    case 'decimal':
      return decimalText
    case 'date':
      return (value) => BigInt((value as number) * DAY_MS)
    case 'time':
      if (unit !== 'ms') return (value) => formatTime(value as number | bigint, unit)
      return (value) => BigInt(value as number)
    case 'timestamp':
    case 'instant':
      // Milliseconds would lose what is below them: such a value is text, which SQLite's own functions read as well.
      if (unit !== 'ms') return (value) => formatInstant(value as number | bigint, unit, options.zone, options.calendar)
      return (value) => BigInt(value as number)
    case 'array':
      throw new ConnectException('SQLite has no column type for an array. Turn it into text with a transformation.')
    default:
      return (value) => value as Cell
  }
}

function literal(semantic: Semantic, value: unknown, options: EncodeOptions): string {
  const of = semantic.read === null ? value : semantic.read(value)
  const cell = sqliteDialect.encoder(semantic, undefined, options)(of)
  if (cell instanceof Uint8Array) return `x'${Buffer.from(cell).toString('hex')}'`
  return typeof cell === 'string' && semantic.kind !== 'decimal' ? quoteText(cell) : String(cell)
}

function writer(spec: WriteSpec): TableWriter {
  const rules: IdentifierRules = { quote: QUOTE, always: spec.quote }
  const sql = statement(spec, rules)
  // An update names its values first.
  const reorder = spec.kind === 'update' && spec.keys.length > 0
  const keys = spec.keys.length
  return {
    sql,
    write: (connection, rows) =>
      runAllSqlite(connection, sql, reorder ? rows.map((row) => [...row.slice(keys), ...row.slice(0, keys)]) : rows),
  }
}

function statement(spec: WriteSpec, rules: IdentifierRules): string {
  const name = (column: string) => quoteName(rules, column)
  const table = quoteTable(rules, spec.table)
  const equal = (columns: readonly string[], by: string) => columns.map((column) => `${name(column)} = ?`).join(by)
  const all = [...spec.keys, ...spec.values]
  const into = `INTO ${table}(${all.map(name).join(',')}) VALUES(${all.map(() => '?').join(',')})`
  switch (spec.kind) {
    case 'delete':
      return `DELETE FROM ${table} WHERE ${equal(spec.keys, ' AND ')}`
    case 'update':
      return `UPDATE ${table} SET ${equal(spec.values, ', ')}${spec.keys.length === 0 ? '' : ` WHERE ${equal(spec.keys, ' AND ')}`}`
    case 'insert':
      return `INSERT ${into}`
    case 'upsert': {
      if (spec.replace) return `INSERT OR REPLACE ${into}`
      const target = `INSERT ${into} ON CONFLICT(${spec.keys.map(name).join(',')})`
      const sets = spec.values.map((column) => `${name(column)}=excluded.${name(column)}`).join(',')
      return sets === '' ? `${target} DO NOTHING` : `${target} DO UPDATE SET ${sets}`
    }
  }
}

async function describeTable(connection: SqlConnection, id: TableId): Promise<TableDefinition | null> {
  const schema = id.schema ?? id.catalog
  const from = schema === null ? 'sqlite_master' : `${quoteName({ quote: QUOTE, always: true }, schema)}.sqlite_master`
  const found = (
    await connection.query(`SELECT name, type FROM ${from} WHERE type IN ('table','view') AND lower(name) = lower(?)`, [
      id.table,
    ])
  ).rows[0] as [string, string] | undefined
  if (found === undefined) return null
  const { rows } = await connection.query('SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_info(?, ?)', [
    id.table,
    schema ?? 'main',
  ])
  const columns = new Map<string, ColumnDefinition>()
  for (const [name, declared, notNull, byDefault, pk] of rows as [string, string, bigint, unknown, bigint][]) {
    const parts = /^([^(]*)(?:\((\d+)(?:\s*,\s*(-?\d+))?\))?/.exec(declared)
    const type = (parts?.[1] ?? '').trim().toLowerCase()
    columns.set(name, {
      name,
      type,
      castType: type,
      precision: parts?.[2] === undefined ? null : Number(parts[2]),
      scale: parts?.[3] === undefined ? null : Number(parts[3]),
      nullable: notNull === 0n && pk === 0n,
      // An integer primary key is another name of the rowid, which counts on its own.
      autoIncrement: pk !== 0n && type === 'integer',
      primaryKey: pk !== 0n,
      hasDefault: byDefault !== null,
    })
  }
  return { id: { catalog: null, schema, table: found[0] }, type: found[1] === 'view' ? 'VIEW' : 'TABLE', columns }
}

async function listTables(connection: SqlConnection, filter: TableFilter): Promise<TableId[]> {
  const types = new Set(filter.types.map((type) => type.toUpperCase()))
  const { rows } = await connection.query(
    "SELECT name, type FROM sqlite_master WHERE type IN ('table','view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
  )
  return (rows as [string, string][])
    .filter(([, type]) => types.has(type.toUpperCase()))
    .map(([table]) => ({ catalog: null, schema: null, table }))
}

/** By the declared type, read as JDBC's driver reads it. */
function typeOf(declared: string): JdbcType {
  if (/^(bool|boolean)$/.test(declared)) return 'BOOLEAN'
  if (declared === 'tinyint') return 'INT8'
  if (/^(smallint|int2)$/.test(declared)) return 'INT16'
  if (/^(bigint|int8|unsigned big int)$/.test(declared)) return 'INT64'
  if (/^(int|integer|mediumint)$/.test(declared)) return 'INT32'
  if (/^(double|double precision|real|float)$/.test(declared)) return declared === 'real' ? 'FLOAT32' : 'FLOAT64'
  if (/^(numeric|decimal)$/.test(declared)) return 'NUMERIC'
  if (/^date$/.test(declared)) return 'DATE'
  if (/^time$/.test(declared)) return 'TIME'
  if (/^(timestamp|datetime)$/.test(declared)) return 'TIMESTAMP'
  if (declared.includes('blob') || declared.includes('binary')) return 'BYTES'
  return 'STRING'
}

function reader(column: ResultColumn, optional: boolean, options: ReadOptions) {
  return readerOf(typeOf(column.type), optional, column, options)
}
