// Types of new columns, as Debezium's sink chooses them, from the schema and from what the source's connector says of its column
// (`column.propagate.source.type`).
import { ConnectException, decimalScale, LogicalName, type Schema } from '@millrace/api'
import type { Family } from './types.ts'

const SOURCE_TYPE = '__debezium.source.column.type'
const SOURCE_LENGTH = '__debezium.source.column.length'
const SOURCE_SCALE = '__debezium.source.column.scale'
const SOURCE_CHARSET = '__debezium.source.column.character_set'

/** The type of a column for a field. @throws ConnectException for one that has none */
export function debeziumColumnType(schema: Schema, family: Family, key: boolean, postgis: string): string {
  const found =
    family === 'sqlite'
      ? sqliteType(schema)
      : family === 'postgres'
        ? postgresType(schema, key, postgis)
        : mysqlType(schema, key)
  if (found !== undefined) return found
  throw new ConnectException(`Failed to resolve column type for schema: ${schema.type} (${schema.name})`)
}

function parameter(schema: Schema, name: string): string | undefined {
  return schema.parameters?.get(name)
}

function sourceLength(schema: Schema): number {
  return Number(parameter(schema, SOURCE_LENGTH) ?? 0)
}

/** Fraction digits of a time or timestamp: the source's, where it says so. */
function timePlaces(schema: Schema): number {
  const places = Number(parameter(schema, SOURCE_SCALE) ?? sourceLength(schema))
  return places > 0 && places <= 6 ? places : 6
}

const DATES = new Set<string>([LogicalName.DATE, 'io.debezium.time.Date'])
const TIMES = new Set<string>([
  LogicalName.TIME,
  'io.debezium.time.Time',
  'io.debezium.time.MicroTime',
  'io.debezium.time.NanoTime',
])
const TIMESTAMPS = new Set<string>([
  LogicalName.TIMESTAMP,
  'io.debezium.time.Timestamp',
  'io.debezium.time.MicroTimestamp',
  'io.debezium.time.NanoTimestamp',
])

/** CHAR and VARCHAR of the source, with their length. */
function characterType(schema: Schema): { fixed: boolean; national: boolean } | undefined {
  const source = parameter(schema, SOURCE_TYPE)?.toUpperCase() ?? ''
  const utf8 = (parameter(schema, SOURCE_CHARSET) ?? '').toLowerCase().startsWith('utf8')
  if (/^(CHAR|CHARACTER|BPCHAR|NCHAR)$/.test(source)) return { fixed: true, national: utf8 || source === 'NCHAR' }
  if (/^(VARCHAR2?|CHARACTER VARYING|NVARCHAR2?)$/.test(source))
    return { fixed: false, national: utf8 || source.startsWith('N') }
  return undefined
}

function decimalType(schema: Schema, name: string, maxPrecision: number, usual: number, plain: string): string {
  const scale = Math.max(0, decimalScale(schema))
  const precision = Number(parameter(schema, 'connect.decimal.precision') ?? 0)
  if (precision > 0) return `${name}(${Math.min(precision, maxPrecision)},${scale})`
  return scale !== 0 ? `${name}(${usual},${scale})` : plain
}

/** A type of pgvector, with its dimensions where the source's connector knows them. */
function vectorType(name: string, schema: Schema): string {
  const size = sourceLength(schema)
  return size > 0 && size < 2_147_483_647 ? `${name}(${size})` : name
}

const POSTGRES_PLAIN: Readonly<Record<string, string>> = {
  INT8: 'smallint',
  INT16: 'smallint',
  INT32: 'integer',
  INT64: 'bigint',
  FLOAT32: 'real',
  FLOAT64: 'double precision',
  BOOLEAN: 'boolean',
  STRING: 'text',
  BYTES: 'bytea',
  MAP: 'hstore',
}
const POSTGRES_BY_SOURCE =
  /^(SMALLSERIAL|SERIAL|BIGSERIAL|MONEY|INET|CIDR|MACADDR8?|CITEXT|OID|LTREE|TSVECTOR|(INT4|INT8|NUM|TS|TSTZ|DATE)RANGE)$/

function postgresType(schema: Schema, key: boolean, postgis: string): string | undefined {
  const name = schema.name ?? ''
  const source = parameter(schema, SOURCE_TYPE)?.toUpperCase() ?? ''
  if (DATES.has(name)) return 'date'
  if (TIMES.has(name)) return `time(${timePlaces(schema)})`
  if (TIMESTAMPS.has(name)) return `timestamp(${timePlaces(schema)})`
  switch (name) {
    case LogicalName.DECIMAL:
      return decimalType(schema, 'numeric', 1000, 38, 'numeric(38,0)')
    case 'io.debezium.time.ZonedTimestamp':
      return `timestamp(${timePlaces(schema)}) with time zone`
    case 'io.debezium.time.ZonedTime':
      return `time(${timePlaces(schema)}) with time zone`
    case 'io.debezium.time.MicroDuration':
      return 'interval'
    case 'io.debezium.data.VariableScaleDecimal':
      return 'double precision'
    case 'io.debezium.data.Json':
      return source === 'HSTORE' ? 'hstore' : source === 'JSONB' ? 'jsonb' : 'json'
    case 'io.debezium.data.Uuid':
      return 'uuid'
    case 'io.debezium.data.Xml':
      return 'xml'
    case 'io.debezium.data.Ltree':
      return 'ltree'
    case 'io.debezium.data.DoubleVector':
      return vectorType('vector', schema)
    case 'io.debezium.data.FloatVector':
      return vectorType('halfvec', schema)
    case 'io.debezium.data.SparseDoubleVector':
      return vectorType('sparsevec', schema)
    case 'io.debezium.data.Tsvector':
      return 'tsvector'
    case 'io.debezium.data.Bits': {
      const length = Number(parameter(schema, 'length') ?? 0)
      if (length === 2_147_483_647) return 'bit varying'
      return source === 'VARBIT' ? `bit varying(${length})` : `bit(${length})`
    }
    case 'io.debezium.data.geometry.Point':
      return 'point'
    case 'io.debezium.data.geometry.Geometry':
      return `${postgis}.geometry`
    case 'io.debezium.data.geometry.Geography':
      return `${postgis}.geography`
  }
  if (schema.type === 'ARRAY' && schema.valueSchema !== null) {
    const element =
      schema.valueSchema.name === 'io.debezium.data.VariableScaleDecimal'
        ? 'numeric'
        : postgresType(schema.valueSchema, key, postgis)
    return element === undefined ? undefined : `${element}[]`
  }
  if (POSTGRES_BY_SOURCE.test(source)) return source.toLowerCase()
  if (schema.type === 'BOOLEAN' && source === 'BIT') return 'bit'
  if (schema.type === 'STRING') {
    const character = characterType(schema)
    const length = sourceLength(schema)
    if (character?.fixed) return `char(${length || 1})`
    if (character !== undefined && length > 0) return `varchar(${length})`
  }
  return POSTGRES_PLAIN[schema.type]
}

const MYSQL_PLAIN: Readonly<Record<string, string>> = {
  INT8: 'tinyint',
  INT16: 'smallint',
  INT32: 'integer',
  INT64: 'bigint',
  FLOAT32: 'float',
  FLOAT64: 'double',
  BOOLEAN: 'boolean',
  STRING: 'longtext',
  BYTES: 'longblob',
  MAP: 'json',
  ARRAY: 'json',
}

function mysqlType(schema: Schema, key: boolean): string | undefined {
  const name = schema.name ?? ''
  const source = parameter(schema, SOURCE_TYPE)?.toUpperCase() ?? ''
  if (DATES.has(name)) return 'date'
  if (TIMES.has(name)) return `time(${timePlaces(schema)})`
  if (TIMESTAMPS.has(name)) return `datetime(${timePlaces(schema)})`
  switch (name) {
    case LogicalName.DECIMAL:
      return decimalType(schema, 'decimal', 65, 38, 'decimal(65,0)')
    case 'io.debezium.time.ZonedTimestamp':
      return `datetime(${timePlaces(schema)})`
    case 'io.debezium.time.ZonedTime':
      return `time(${timePlaces(schema)})`
    case 'io.debezium.time.Year':
      return 'year'
    case 'io.debezium.data.VariableScaleDecimal':
      return 'double'
    case 'io.debezium.data.Json':
      return 'json'
    case 'io.debezium.data.Bits':
      return `bit(${Math.min(64, Number(parameter(schema, 'length') ?? 1))})`
    case 'io.debezium.data.Enum':
    case 'io.debezium.data.EnumSet': {
      const allowed = (parameter(schema, 'allowed') ?? '').split(',').map((one) => `'${one.replaceAll("'", "''")}'`)
      return `${name.endsWith('Set') ? 'set' : 'enum'}(${allowed.join(',')})`
    }
    case 'io.debezium.data.geometry.Point':
      return 'point'
    case 'io.debezium.data.geometry.Geometry':
    case 'io.debezium.data.geometry.Geography':
      return 'geometry'
  }
  if (source.startsWith('BIGINT UNSIGNED')) return 'bigint unsigned'
  if (/^(TINYBLOB|MEDIUMBLOB|LONGBLOB|BLOB)$/.test(source) && schema.type === 'BYTES') return source.toLowerCase()
  const length = sourceLength(schema)
  if (source === 'MEDIUMINT') return length > 0 ? `mediumint(${length})` : 'mediumint'
  if (source === 'TINYINT' && length === 1) return 'tinyint(1)'
  if (schema.type === 'BYTES' && (length > 0 || key)) return `varbinary(${length || 255})`
  if (schema.type === 'STRING') {
    const character = characterType(schema)
    if (character?.fixed) return `char(${length || 1})`
    if (character !== undefined && length > 0) return `varchar(${key ? Math.min(length, 255) : length})`
    if (key) return 'varchar(255)'
  }
  return MYSQL_PLAIN[schema.type]
}

/** SQLite is none of the reference's databases. Decimals are text: a NUMERIC column would make doubles of them. */
function sqliteType(schema: Schema): string | undefined {
  const name = schema.name ?? ''
  if (DATES.has(name)) return 'DATE'
  if (TIMES.has(name)) return 'TIME'
  if (TIMESTAMPS.has(name)) return 'TIMESTAMP'
  if (name === LogicalName.DECIMAL || name === 'io.debezium.data.VariableScaleDecimal') return 'TEXT'
  switch (schema.type) {
    case 'BOOLEAN':
    case 'INT8':
    case 'INT16':
    case 'INT32':
    case 'INT64':
      return 'INTEGER'
    case 'FLOAT32':
    case 'FLOAT64':
      return 'REAL'
    case 'STRING':
    case 'MAP':
    case 'ARRAY':
      return 'TEXT'
    case 'BYTES':
      return name === 'io.debezium.data.Bits' ? 'TEXT' : 'BLOB'
    case 'STRUCT':
      return name.startsWith('io.debezium.data.geometry.') ? 'BLOB' : undefined
  }
}
