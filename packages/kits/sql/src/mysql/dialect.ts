// MySQL and MariaDB: rows go as literals of one INSERT with many VALUES, which is what their parsers are quickest with.
import { ConnectException, DataException, decimalScale, LogicalName, type Schema } from '@millrace/api'
import type { ResultColumn, SqlConnection } from '../connection.ts'
import { addColumnsSql, createTableSql } from '../ddl.ts'
import type {
  ColumnDefinition,
  Dialect,
  EncodeOptions,
  Encoder,
  ReadOptions,
  TableDefinition,
  TableFilter,
} from '../dialect.ts'
import { parseTableId, quoteTable, type TableId } from '../identifiers.ts'
import { type JdbcType, readerOf } from '../reader.ts'
import { decimalText, type Semantic } from '../semantics.ts'
import { formatDays, formatInstant, formatTime, parseMoment, type Zone } from '../temporal.ts'
import { connectMysql } from './driver.ts'
import { mysqlWriter } from './write.ts'

const QUOTE = '`'
const DAY_MS = 86_400_000

const BY_TYPE: Readonly<Record<string, string>> = {
  INT8: 'TINYINT',
  INT16: 'SMALLINT',
  INT32: 'INT',
  INT64: 'BIGINT',
  FLOAT32: 'FLOAT',
  FLOAT64: 'DOUBLE',
  BOOLEAN: 'TINYINT',
  STRING: 'TEXT',
  BYTES: 'VARBINARY(1024)',
}

/** The dialect of MySQL and MariaDB. */
export const mysqlDialect: Dialect = {
  name: 'MySqlDatabaseDialect',
  quote: QUOTE,
  connect: connectMysql,
  parseTable: (text) => parseTableId(text, QUOTE),
  describeTable,
  listTables,
  columnType,
  literal,
  createTable: (id, columns, quote) => createTableSql({ quote: QUOTE, always: quote }, id, columns),
  addColumns: (id, columns, quote) => [addColumnsSql({ quote: QUOTE, always: quote }, id, columns)],
  truncate: (id, quote) => `TRUNCATE TABLE ${quoteTable({ quote: QUOTE, always: quote }, id)}`,
  encoder,
  writer: mysqlWriter,
  reader,
  timestampCell: (ms, nanos, zone) =>
    formatInstant(BigInt(ms) * 1000n + BigInt(Math.floor(nanos / 1000)), 'us', zone, 'hybrid'),
  timestampExpression: (column) => column,
  watch: {
    mark: async (connection) => String((await connection.query('SELECT NOW()')).rows[0]?.[0]),
    settled: async (connection, mark) =>
      Number(
        (await connection.query('SELECT COUNT(*) FROM information_schema.innodb_trx WHERE trx_started <= ?', [mark]))
          .rows[0]?.[0],
      ) === 0,
  },
  now,
  isolation: (mode) => `SET SESSION TRANSACTION ISOLATION LEVEL ${mode.replaceAll('_', ' ')}`,
  marker: () => '?',
}

function columnType(schema: Schema, options: { timestamp: boolean; primaryKey: boolean }): string {
  switch (schema.name) {
    case LogicalName.DECIMAL:
      return `DECIMAL(65,${decimalScale(schema)})`
    case LogicalName.DATE:
      return 'DATE'
    case LogicalName.TIME:
      return 'TIME(3)'
    case LogicalName.TIMESTAMP:
      return 'DATETIME(3)'
  }
  if (options.timestamp && (schema.type === 'INT64' || schema.type === 'STRING')) return 'DATETIME(6)'
  // A TEXT cannot be a key without a length: the reference's statement fails here.
  if (options.primaryKey && schema.type === 'STRING') return 'VARCHAR(255)'
  const type = BY_TYPE[schema.type]
  if (type !== undefined) return type
  throw new ConnectException(
    `${schema.name ?? 'A field'} (${schema.type}) type doesn't have a mapping to the SQL database column type`,
  )
}

const SPECIAL = /['\\\0]/g
const HAS_SPECIAL = /['\\\0]/

/** A string literal, for a session whose backslashes escape. */
export function quoteMysqlText(text: string): string {
  if (!HAS_SPECIAL.test(text)) return `'${text}'`
  return `'${text.replace(SPECIAL, (c) => (c === '\0' ? '\\0' : `\\${c}`))}'`
}

/** Literals of SQL. */
function encoder(semantic: Semantic, _column: ColumnDefinition | undefined, options: EncodeOptions): Encoder {
  const { zone, dateZone, calendar } = options
  const { unit } = semantic
  switch (semantic.kind) {
    case 'boolean':
      return (value) => (value === true ? '1' : '0')
    case 'integer':
      return (value) => String(value)
    case 'float':
      return (value) => {
        if (!Number.isFinite(value))
          throw new DataException(`MySQL has no ${value}: a FLOAT or DOUBLE holds finite numbers only`)
        return String(value)
      }
    case 'decimal':
      return decimalText
    case 'bytes':
      return (value) => {
        const bytes = value as Uint8Array
        return bytes.length === 0
          ? "''"
          : `x'${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')}'`
      }
    case 'date':
      return (value) => {
        const ms = (value as number) * DAY_MS
        return `'${formatDays(Math.floor((ms + dateZone.offset(ms)) / DAY_MS), calendar)}'`
      }
    case 'time':
      return (value) => `'${fraction(formatTime(value as number | bigint, unit))}'`
    case 'timestamp':
    case 'instant':
      return (value) => `'${fraction(formatInstant(value as number | bigint, unit, zone, calendar))}'`
    case 'moment':
      return (value) => quoteMysqlText(localMoment(value as string, options.momentZone ?? zone))
    case 'array':
      throw new ConnectException('MySQL has no column type for an array. Turn it into text with a transformation.')
    default:
      return (value) => quoteMysqlText(value as string)
  }
}

const DAY_ONE = '1970-01-01 '

/** A text with an offset as local time in a zone: MySQL's columns have none. Infinity is as far as a TIMESTAMP reaches, as in the reference. */
function localMoment(text: string, zone: Zone): string {
  if (text === 'infinity') return '2038-01-19 03:14:07'
  if (text === '-infinity') return '1970-01-01 00:00:01'
  const isTime = !/^-?\d{4,}-/.test(text)
  const found = parseMoment(isTime ? DAY_ONE + text : text, 'proleptic')
  if (found === undefined) return text
  const ms = found.offset === null ? zone.instant(found.ms) : found.ms - found.offset
  const local = fraction(formatInstant(BigInt(ms) * 1_000_000n + BigInt(found.nanos), 'ns', zone, 'proleptic'))
  return isTime ? local.slice(DAY_ONE.length) : local
}

/** No more than the six places that MySQL reads: it would round the others, and say nothing. */
function fraction(text: string): string {
  const at = text.indexOf('.')
  return at >= 0 && text.length - at > 7 ? text.slice(0, at + 7) : text
}

function literal(semantic: Semantic, value: unknown, options: EncodeOptions): string {
  return String(encoder(semantic, undefined, options)(semantic.read === null ? value : semantic.read(value)))
}

const READERS: Readonly<Record<string, JdbcType>> = {
  tinyint: 'INT8',
  'tinyint unsigned': 'INT16',
  smallint: 'INT16',
  'smallint unsigned': 'INT32',
  mediumint: 'INT32',
  'mediumint unsigned': 'INT64',
  int: 'INT32',
  'int unsigned': 'INT64',
  bigint: 'INT64',
  'bigint unsigned': 'INT64',
  float: 'FLOAT32',
  double: 'FLOAT64',
  decimal: 'DECIMAL',
  'decimal unsigned': 'DECIMAL',
  'float unsigned': 'FLOAT32',
  'double unsigned': 'FLOAT64',
  date: 'DATE',
  year: 'DATE',
  'year unsigned': 'DATE',
  time: 'TIME',
  datetime: 'TIMESTAMP',
  timestamp: 'TIMESTAMP',
  text: 'STRING',
  json: 'STRING',
  enum: 'STRING',
  set: 'STRING',
  'binary:blob': 'BYTES',
  'binary:geometry': 'BYTES',
}

function reader(column: ResultColumn, optional: boolean, options: ReadOptions) {
  if (column.type === 'binary:bit') {
    const small = (column.precision ?? 1) <= 8
    const plain = readerOf(small ? 'INT8' : 'BYTES', optional, column, options)
    return small ? { ...plain, read: (cell: unknown) => ((cell as Buffer)[0]! << 24) >> 24 } : plain
  }
  const type = READERS[column.type]
  if (type === undefined) return undefined
  const plain = readerOf(type, optional, column, options)
  return column.type.startsWith('year')
    ? { ...plain, read: (cell: unknown) => plain.read(`${String(cell)}-01-01`) }
    : plain
}

const COLUMNS = `SELECT c.column_name, c.data_type, c.column_type, c.numeric_precision, c.character_maximum_length, c.numeric_scale,
  c.is_nullable, c.extra, c.column_key, c.column_default IS NOT NULL, t.table_type, c.datetime_precision
FROM information_schema.columns c JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
WHERE c.table_schema = COALESCE(?, DATABASE()) AND c.table_name = ? ORDER BY c.ordinal_position`

async function describeTable(connection: SqlConnection, id: TableId): Promise<TableDefinition | null> {
  const { rows } = await connection.query(COLUMNS, [id.schema ?? id.catalog, id.table])
  const first = rows[0] as (string | null)[] | undefined
  if (first === undefined) return null
  const columns = new Map<string, ColumnDefinition>()
  for (const row of rows as (string | null)[][]) {
    const [name, type, full, precision, length, scale, nullable, extra, key, hasDefault, , fractional] = row
    columns.set(name as string, {
      name: name as string,
      type: /unsigned/.test(full as string) ? `${type} unsigned` : (type as string),
      castType: full as string,
      precision: numberOf(precision) ?? numberOf(length) ?? numberOf(fractional),
      scale: numberOf(scale),
      nullable: nullable === 'YES',
      autoIncrement: (extra as string).includes('auto_increment'),
      primaryKey: key === 'PRI',
      hasDefault: hasDefault === '1',
    })
  }
  return { id, type: String(first[10]).includes('VIEW') ? 'VIEW' : 'TABLE', columns }
}

function numberOf(text: string | null | undefined): number | null {
  return text === null || text === undefined ? null : Number(text)
}

const LIST = `SELECT table_schema, table_name, table_type FROM information_schema.tables
WHERE (table_schema = COALESCE(?, DATABASE()) OR (? IS NULL AND DATABASE() IS NULL))
  AND table_schema NOT IN ('mysql','information_schema','performance_schema','sys') ORDER BY 1, 2`

/** MySQL's databases are catalogs to JDBC. */
async function listTables(connection: SqlConnection, filter: TableFilter): Promise<TableId[]> {
  const catalog = filter.catalog === '' ? null : filter.catalog
  const types = new Set(filter.types.map((type) => type.toUpperCase()))
  const { rows } = await connection.query(LIST, [catalog, catalog])
  return (rows as [string, string, string][])
    .filter(([, , type]) => types.has(type === 'BASE TABLE' ? 'TABLE' : type))
    .map(([schema, table]) => ({ catalog: schema, schema: null, table }))
}

async function now(connection: SqlConnection): Promise<number> {
  const { rows } = await connection.query('SELECT CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS UNSIGNED)')
  return Number(rows[0]?.[0])
}
