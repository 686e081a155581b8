// PostgreSQL, and what speaks its protocol.
import { ConnectException, LogicalName, type Schema } from '@millrace/api'
import type { ResultColumn, SqlConnection } from '../connection.ts'
import { addColumnsSql, createTableSql, quoteText } from '../ddl.ts'
import type { Dialect, EncodeOptions, ReadOptions } from '../dialect.ts'
import { parseTableId, quoteTable, type TableId } from '../identifiers.ts'
import { type JdbcType, readerOf } from '../reader.ts'
import type { Semantic } from '../semantics.ts'
import { formatInstant, type Zone } from '../temporal.ts'
import { connectPostgres } from './driver.ts'
import { postgresEncoder, textEncoder } from './encode.ts'
import { describePostgresTable, listPostgresTables } from './metadata.ts'
import { postgresWriter } from './write.ts'

/** Bytes of a name that the server keeps; the rest is cut, also by us, so that the table is found again. */
const MAX_NAME_BYTES = 63

const BY_NAME: Readonly<Record<string, string>> = {
  [LogicalName.DECIMAL]: 'DECIMAL',
  [LogicalName.DATE]: 'DATE',
  [LogicalName.TIME]: 'TIME',
  [LogicalName.TIMESTAMP]: 'TIMESTAMP',
}

const BY_TYPE: Readonly<Record<string, string>> = {
  INT8: 'SMALLINT',
  INT16: 'SMALLINT',
  INT32: 'INT',
  INT64: 'BIGINT',
  FLOAT32: 'REAL',
  FLOAT64: 'DOUBLE PRECISION',
  BOOLEAN: 'BOOLEAN',
  STRING: 'TEXT',
  BYTES: 'BYTEA',
}

const READERS: Readonly<Record<string, JdbcType>> = {
  bool: 'BOOLEAN',
  int2: 'INT16',
  int4: 'INT32',
  int8: 'INT64',
  oid: 'INT64',
  float4: 'FLOAT32',
  float8: 'FLOAT64',
  money: 'STRING',
  numeric: 'NUMERIC',
  text: 'STRING',
  varchar: 'STRING',
  bpchar: 'STRING',
  name: 'STRING',
  char: 'STRING',
  citext: 'STRING',
  xml: 'STRING',
  json: 'STRING',
  jsonb: 'STRING',
  uuid: 'STRING',
  bytea: 'BYTES',
  date: 'DATE',
  time: 'TIME',
  timetz: 'TIME',
  timestamp: 'TIMESTAMP',
  timestamptz: 'TIMESTAMP',
}

/** Transaction ids of the current snapshot, 64 bits wide; known since PostgreSQL 10, and under this name until now. */
const SNAPSHOT = (end: string) => `txid_snapshot_${end}(txid_current_snapshot())`

/** The dialect of PostgreSQL. */
export const postgresDialect: Dialect = {
  name: 'PostgreSqlDatabaseDialect',
  quote: '"',
  connect: connectPostgres,
  parseTable: (text) => shortened(parseTableId(text, '"')),
  describeTable: describePostgresTable,
  listTables: listPostgresTables,
  columnType,
  literal,
  createTable: (id, columns, quote) => createTableSql({ quote: '"', always: quote }, id, columns),
  addColumns: (id, columns, quote) => [addColumnsSql({ quote: '"', always: quote }, id, columns)],
  truncate: (id, quote) => `TRUNCATE TABLE ${quoteTable({ quote: '"', always: quote }, id)}`,
  encoder: postgresEncoder,
  writer: postgresWriter,
  reader,
  timestampCell,
  timestampExpression: (column) => column,
  watch: {
    mark: async (connection) => String((await connection.query(`SELECT ${SNAPSHOT('xmax')}::text`)).rows[0]?.[0]),
    settled: async (connection, mark) =>
      (await connection.query(`SELECT ${SNAPSHOT('xmin')}::text::numeric >= $1::numeric`, [mark])).rows[0]?.[0] === 't',
  },
  now,
  isolation: (mode) => `SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL ${mode.replaceAll('_', ' ')}`,
  marker: (index) => `$${index}`,
}

function columnType(schema: Schema, options: { timestamp: boolean; primaryKey: boolean }): string {
  const named = schema.name === null ? undefined : BY_NAME[schema.name]
  if (named !== undefined) return named
  if (options.timestamp && (schema.type === 'INT64' || schema.type === 'STRING')) return 'TIMESTAMP'
  if (schema.type === 'ARRAY' && schema.valueSchema !== null) return `${columnType(schema.valueSchema, options)}[]`
  const plain = BY_TYPE[schema.type]
  if (plain !== undefined) return plain
  throw new ConnectException(
    `${schema.name ?? 'A field'} (${schema.type}) type doesn't have a mapping to the SQL database column type`,
  )
}

function literal(semantic: Semantic, value: unknown, options: EncodeOptions): string {
  const of = semantic.read === null ? value : semantic.read(value)
  const text = textEncoder(semantic, options)(of)
  switch (semantic.kind) {
    case 'integer':
    case 'decimal':
      return text
    case 'float':
      return Number.isFinite(of) ? text : quoteText(text)
    case 'boolean':
      return of === true ? 'TRUE' : 'FALSE'
    default:
      return quoteText(text)
  }
}

function reader(column: ResultColumn, optional: boolean, options: ReadOptions) {
  if (column.type === 'bit') return bitReader(column, optional, options)
  const type = READERS[column.type]
  return type === undefined ? undefined : readerOf(type, optional, column, options)
}

/** A bit is a boolean, up to eight are a small number, more are bytes: what the reference does with JDBC's BIT. */
function bitReader(column: ResultColumn, optional: boolean, options: ReadOptions) {
  const bits = column.precision ?? 1
  if (bits <= 1) return readerOf('BOOLEAN', optional, column, options)
  const plain = readerOf(bits <= 8 ? 'INT8' : 'BYTES', optional, column, options)
  if (bits <= 8) return { ...plain, read: (cell: unknown) => (Number.parseInt(String(cell), 2) << 24) >> 24 }
  return { ...plain, read: (cell: unknown) => Buffer.from(String(cell)) }
}

function timestampCell(ms: number, nanos: number, zone: Zone): string {
  const text = formatInstant(BigInt(ms) * 1_000_000n + BigInt(nanos), 'ns', zone, 'hybrid')
  return `${text.slice(0, -3)}${zone.name === 'UTC' ? '+00' : offsetOf(zone, ms)}`
}

function offsetOf(zone: Zone, ms: number): string {
  const minutes = Math.round(zone.offset(ms) / 60_000)
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0')
  return `${minutes < 0 ? '-' : '+'}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`
}

async function now(connection: SqlConnection): Promise<number> {
  const { rows } = await connection.query('SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::int8')
  return Number(rows[0]?.[0])
}

function shortened(id: TableId): TableId {
  const bytes = Buffer.from(id.table)
  if (bytes.length <= MAX_NAME_BYTES) return id
  // Not inside a character: the server does not cut there either.
  const cut = new TextDecoder('utf-8').decode(bytes.subarray(0, MAX_NAME_BYTES), { stream: true })
  return { ...id, table: cut }
}
