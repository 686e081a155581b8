// What a column is in a change event: its schema, and its values out of the binlog and out of a result set.
import { Decimal, SchemaBuilder, type Value } from '@millrace/api'
import { type Column, JdbcType } from '@millrace/kit-cdc'
import { type ColumnForms, decimalText, PLAIN_FORMS } from '../binlog/column-forms.ts'
import { geometryForm } from './geometry.ts'
import type { ValueModes } from './modes.ts'
import { enumOptions } from './options.ts'
import { dateForm, dateTimeForm, shiftOfShortYear, timeForm, zonedForm } from './temporal-values.ts'

/** A column's schema and values. */
export interface ColumnValues {
  /** A builder of the column's type, neither optional nor with a default. */
  builder(): SchemaBuilder
  /** Makes values of what the binlog holds. */
  readonly forms: ColumnForms
  /** What stands for null in a column that takes none. */
  readonly fallback: Value
}

const NO_DIGITS = 0
const DAY = 86_400

/** How a column is shown, or null when it has a type that cannot be shown. */
export function columnValues(column: Column, modes: ValueModes): ColumnValues | null {
  const base = column.typeName.replace(/ ZEROFILL$/, '')
  const unsigned = base.endsWith(' UNSIGNED')
  switch (base.replace(/ (UN)?SIGNED$/, '')) {
    case 'JSON':
      return text('io.debezium.data.Json', {}, { fallback: '{}' })
    case 'ENUM':
      return enumeration(enumOptions(column.enumValues))
    case 'SET':
      return set(enumOptions(column.enumValues))
    case 'YEAR':
      return { builder: named('int32', 'io.debezium.time.Year'), forms: PLAIN_FORMS, fallback: 0 }
    case 'UUID':
      return text('io.debezium.data.Uuid', {}, { bytes: uuidText, text: (value) => value })
    case 'POINT':
    case 'GEOMETRY':
    case 'LINESTRING':
    case 'POLYGON':
    case 'MULTIPOINT':
    case 'MULTILINESTRING':
    case 'MULTIPOLYGON':
    case 'GEOMETRYCOLLECTION':
    case 'GEOMCOLLECTION':
      return geometryForm(base)
    case 'VECTOR':
      return vector()
    default:
      return byJdbcType(column, unsigned, modes)
  }
}

function byJdbcType(column: Column, unsigned: boolean, modes: ValueModes): ColumnValues | null {
  const shift = modes.adjustsYears ? shiftOfShortYear : () => 0
  switch (column.jdbcType) {
    case JdbcType.BIT:
      return (column.length ?? 1) > 1 ? bits(column.length ?? 1) : boolean()
    case JdbcType.BOOLEAN:
      return boolean()
    case JdbcType.SMALLINT:
      return integer(unsigned && /^(SMALLINT|INT2)/.test(column.typeName) ? 'int32' : 'int16')
    case JdbcType.INTEGER:
      return integer(unsigned && /^(INT|INTEGER|INT4) /.test(column.typeName) ? 'int64' : 'int32')
    case JdbcType.BIGINT:
      return unsigned ? unsignedBigint(modes) : integer('int64')
    case JdbcType.REAL:
      return float('float32')
    case JdbcType.FLOAT:
      return float(column.scale === null && (column.length ?? 0) <= 24 ? 'float32' : 'float64')
    case JdbcType.DOUBLE:
      return float('float64')
    case JdbcType.NUMERIC:
    case JdbcType.DECIMAL:
      return decimal(column.length ?? 10, column.scale ?? 0, modes)
    case JdbcType.DATE: {
      const form = dateForm(modes.time)
      const date = (days: number | null) => (days === null ? null : form.make(days + shift(days)))
      return { builder: form.builder, forms: { ...PLAIN_FORMS, date }, fallback: form.make(0) }
    }
    case JdbcType.TIME: {
      const form = timeForm(modes.time)
      return { builder: form.builder, forms: { ...PLAIN_FORMS, time: form.make }, fallback: form.make(0) }
    }
    case JdbcType.TIMESTAMP: {
      const form = dateTimeForm(modes.time, column.length ?? NO_DIGITS)
      const dateTime = (at: number | null, micros: number) =>
        at === null ? null : form.make(at + shift(Math.floor(at / DAY)) * DAY, micros)
      return { builder: form.builder, forms: { ...PLAIN_FORMS, dateTime }, fallback: form.make(0, 0) }
    }
    case JdbcType.TIMESTAMP_WITH_TIMEZONE: {
      const form = zonedForm(column.length ?? NO_DIGITS)
      const timestamp = (at: number | null, micros: number) => (at === null ? null : form.make(at, micros))
      return { builder: form.builder, forms: { ...PLAIN_FORMS, timestamp }, fallback: '1970-01-01T00:00:00Z' }
    }
    case JdbcType.BLOB:
    case JdbcType.BINARY:
    case JdbcType.VARBINARY:
      return binary(modes)
    case JdbcType.CHAR:
    case JdbcType.VARCHAR:
    case JdbcType.NCHAR:
    case JdbcType.NVARCHAR:
      return { builder: () => SchemaBuilder.string(), forms: TEXT_FORMS, fallback: '' }
    default:
      return null
  }
}

/** Text of columns whose set is not known comes as bytes: it is read as UTF-8. */
const TEXT_FORMS: ColumnForms = { ...PLAIN_FORMS, bytes: (value) => value.utf8Slice() }

type Base = 'int16' | 'int32' | 'int64' | 'float32' | 'float64' | 'string'

function named(base: Base, name: string): () => SchemaBuilder {
  return () => SchemaBuilder[base]().name(name).version(1)
}

function integer(base: 'int16' | 'int32' | 'int64'): ColumnValues {
  return { builder: () => SchemaBuilder[base](), forms: PLAIN_FORMS, fallback: 0 }
}

function float(base: 'float32' | 'float64'): ColumnValues {
  return { builder: () => SchemaBuilder[base](), forms: PLAIN_FORMS, fallback: 0 }
}

function boolean(): ColumnValues {
  const forms: ColumnForms = {
    ...PLAIN_FORMS,
    integer: (value) => Number(value) !== 0,
    bits: (value) => value.some((byte) => byte !== 0),
  }
  return { builder: () => SchemaBuilder.bool(), forms, fallback: false }
}

/** Bits, the lowest byte first. */
function bits(length: number): ColumnValues {
  const builder = () =>
    SchemaBuilder.bytes().name('io.debezium.data.Bits').parameter('length', String(length)).version(1)
  return { builder, forms: { ...PLAIN_FORMS, bits: reversed }, fallback: Buffer.alloc(0) }
}

function reversed(value: Buffer): Buffer {
  return Buffer.from(value).reverse()
}

/** In mode `long` the bits of the number as a signed one, as the reference shows them. */
function unsignedBigint(modes: ValueModes): ColumnValues {
  if (modes.unsignedBigint === 'precise') {
    const forms = { ...PLAIN_FORMS, integer: (value: number | bigint) => new Decimal(BigInt(value), 0) }
    return { builder: () => preciseDecimal(20, 0), forms, fallback: new Decimal(0n, 0) }
  }
  const wrapped = (value: number | bigint) => (typeof value === 'bigint' ? asSafe(BigInt.asIntN(64, value)) : value)
  return { builder: () => SchemaBuilder.int64(), forms: { ...PLAIN_FORMS, integer: wrapped }, fallback: 0 }
}

function asSafe(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

function preciseDecimal(precision: number, scale: number): SchemaBuilder {
  const builder = SchemaBuilder.bytes().name('org.apache.kafka.connect.data.Decimal')
  return builder.parameter('scale', String(scale)).parameter('connect.decimal.precision', String(precision)).version(1)
}

function decimal(precision: number, scale: number, modes: ValueModes): ColumnValues {
  if (modes.decimal === 'double') {
    const forms = { ...PLAIN_FORMS, decimal: (value: bigint | number, at: number) => Number(decimalText(value, at)) }
    return { builder: () => SchemaBuilder.float64(), forms, fallback: 0 }
  }
  if (modes.decimal === 'string') return { builder: () => SchemaBuilder.string(), forms: PLAIN_FORMS, fallback: '0' }
  const forms = { ...PLAIN_FORMS, decimal: (value: bigint | number, at: number) => new Decimal(BigInt(value), at) }
  return { builder: () => preciseDecimal(precision, scale), forms, fallback: new Decimal(0n, scale) }
}

const ENCODINGS = { base64: 'base64', 'base64-url-safe': 'base64url', hex: 'hex' } as const

function binary(modes: ValueModes): ColumnValues {
  if (modes.binary === 'bytes') {
    // A copy: the value outlives the packet it came in, and must not keep 16 MB of it.
    return {
      builder: () => SchemaBuilder.bytes(),
      forms: { ...PLAIN_FORMS, bytes: Buffer.from },
      fallback: Buffer.alloc(0),
    }
  }
  const encoding = ENCODINGS[modes.binary]
  const padded = modes.binary === 'base64-url-safe'
  const encode = (value: Buffer) => {
    const encoded = value.toString(encoding)
    return padded ? encoded.padEnd(Math.ceil(encoded.length / 4) * 4, '=') : encoded
  }
  return { builder: () => SchemaBuilder.string(), forms: { ...PLAIN_FORMS, bytes: encode }, fallback: '' }
}

function text(
  name: string,
  parameters: Readonly<Record<string, string>>,
  overrides: Partial<ColumnForms> & { fallback?: string },
): ColumnValues {
  const { fallback = '', ...forms } = overrides
  const builder = () => named('string', name)().parameters(Object.entries(parameters))
  return { builder, forms: { ...TEXT_FORMS, ...forms }, fallback }
}

function enumeration(options: readonly string[]): ColumnValues {
  const pick = (index: number) => (index === 0 ? '' : (options[index - 1] ?? null))
  return text('io.debezium.data.Enum', { allowed: allowed(options) }, { enumeration: pick })
}

function set(options: readonly string[]): ColumnValues {
  const pick = (value: bigint) => options.filter((_, i) => (value & (1n << BigInt(i))) !== 0n).join(',')
  return text('io.debezium.data.EnumSet', { allowed: allowed(options) }, { set: pick })
}

/** Options between commas; a comma of an option stands behind a backslash. */
function allowed(options: readonly string[]): string {
  return options.map((option) => option.replaceAll(',', '\\,')).join(',')
}

function uuidText(bytes: Buffer): string {
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

function vector(): ColumnValues {
  const floats = (value: Buffer) => Array.from({ length: value.length >> 2 }, (_, i) => value.readFloatLE(i * 4))
  const builder = () =>
    SchemaBuilder.array(SchemaBuilder.float32().build()).name('io.debezium.data.FloatVector').version(1)
  return { builder, forms: { ...PLAIN_FORMS, vector: floats, bytes: floats }, fallback: [] }
}
