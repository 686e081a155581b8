// Cells of results as fields of records: JDBC's types and the reference's choices for them, over what our drivers give.
import {
  SchemaBuilder as Builder,
  Decimal,
  dateBuilder,
  decimalBuilder,
  LogicalSchemas,
  type Schema,
  type SchemaBuilder,
  timeBuilder,
  timestampBuilder,
  type Value,
} from '@millrace/api'
import type { ColumnReader, ReadOptions } from './dialect.ts'
import { type Calendar, formatInstant, parseMoment } from './temporal.ts'

/** JDBC's words for the types that have a mapping. */
export type JdbcType =
  | 'BOOLEAN'
  | 'INT8'
  | 'INT16'
  | 'INT32'
  | 'INT64'
  | 'FLOAT32'
  | 'FLOAT64'
  | 'NUMERIC'
  | 'DECIMAL'
  | 'STRING'
  | 'BYTES'
  | 'DATE'
  | 'TIME'
  | 'TIMESTAMP'

const PRECISION = 'connect.decimal.precision'
/** Digits that surely fit an int64. */
const MAX_INTEGER_PRECISION = 18
const LOWEST_SCALE = -84
/** Scale of a number without one: wide enough for any, as the reference has it. */
export const UNKNOWN_SCALE = 127
const DAY_MS = 86_400_000

/** How a column of a type is read. Cells are text, bytes, or native numbers. */
export function readerOf(
  type: JdbcType,
  optional: boolean,
  column: { readonly precision: number | null; readonly scale: number | null },
  options: ReadOptions,
): ColumnReader {
  const built = (builder: SchemaBuilder) => (optional ? builder.optional() : builder).build()
  switch (type) {
    case 'BOOLEAN':
      return { schema: built(Builder.bool()), read: toBoolean }
    case 'INT8':
    case 'INT16':
    case 'INT32':
    case 'INT64':
      return { schema: built(Builder.type(type)), read: toInteger }
    case 'FLOAT32':
      return { schema: built(Builder.float32()), read: (cell) => Math.fround(toDouble(cell)) }
    case 'FLOAT64':
      return { schema: built(Builder.float64()), read: toDouble }
    case 'NUMERIC':
      return numeric(optional, column.precision ?? 0, column.scale, options) ?? decimal(optional, column)
    case 'DECIMAL':
      return decimal(optional, column)
    case 'STRING':
      return { schema: built(Builder.string()), read: toText }
    case 'BYTES':
      return { schema: built(Builder.bytes()), read: toBytes }
    case 'DATE':
      return { schema: built(dateBuilder()), read: (cell) => toDate(cell, options.calendar) }
    case 'TIME':
      return { schema: built(timeBuilder()), read: toTime }
    case 'TIMESTAMP':
      return timestamp(optional, options)
  }
}

/** Numbers as integers or doubles, where the mapping asks for it and they fit. */
function numeric(
  optional: boolean,
  precision: number,
  scale: number | null,
  options: ReadOptions,
): ColumnReader | undefined {
  const s = scale ?? (precision === 0 ? 0 : UNKNOWN_SCALE)
  const whole = s < 1 && s >= LOWEST_SCALE
  const fits = precision <= MAX_INTEGER_PRECISION
  const double = { schema: optionally(optional, Builder.float64()), read: toDouble }
  const integer = () => ({ schema: optionally(optional, integerOf(precision)), read: toInteger })
  switch (options.numericMapping) {
    case 'precision_only':
      return s === 0 && fits ? integer() : undefined
    case 'best_fit':
      return fits ? (whole ? integer() : s > 0 ? double : undefined) : undefined
    case 'best_fit_eager_double':
      return whole ? (fits ? integer() : undefined) : s > 0 ? double : undefined
    default:
      return undefined
  }
}

function integerOf(precision: number): SchemaBuilder {
  return precision > 9
    ? Builder.int64()
    : precision > 4
      ? Builder.int32()
      : precision > 2
        ? Builder.int16()
        : Builder.int8()
}

function optionally(optional: boolean, builder: SchemaBuilder): Schema {
  return (optional ? builder.optional() : builder).build()
}

function decimal(
  optional: boolean,
  column: { readonly precision: number | null; readonly scale: number | null },
): ColumnReader {
  const precision = column.precision ?? 0
  const scale = column.scale === null || (precision === 0 && column.scale === 0) ? UNKNOWN_SCALE : column.scale
  const schema = optionally(optional, decimalBuilder(scale).parameter(PRECISION, String(precision)))
  return { schema, read: (cell) => atScale(Decimal.parse(String(cell)), scale) }
}

/** The same number with `scale` digits behind the point. Digits beyond, which a column cannot have, are cut. */
export function atScale(value: Decimal, scale: number): Decimal {
  if (value.scale === scale) return value
  if (scale > value.scale) return new Decimal(value.unscaled * 10n ** BigInt(scale - value.scale), scale)
  return new Decimal(value.unscaled / 10n ** BigInt(value.scale - scale), scale)
}

function toBoolean(cell: unknown): Value {
  if (cell instanceof Uint8Array) return cell.some((byte) => byte !== 0)
  return cell === true || cell === 't' || cell === '1' || cell === 1 || cell === 1n || cell === 'true'
}

function toInteger(cell: unknown): Value {
  if (typeof cell === 'number') return Math.trunc(cell)
  if (typeof cell === 'bigint') return narrow(cell)
  const text = String(cell)
  const number = Number(text)
  if (Number.isSafeInteger(number)) return number
  return /^-?\d+$/.test(text) ? narrow(BigInt(text)) : Math.trunc(number)
}

function narrow(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

function toDouble(cell: unknown): number {
  return typeof cell === 'string' && /^-?inf/i.test(cell) ? (cell.startsWith('-') ? -Infinity : Infinity) : Number(cell)
}

function toText(cell: unknown): Value {
  if (typeof cell === 'string') return cell
  return cell instanceof Uint8Array
    ? Buffer.from(cell.buffer, cell.byteOffset, cell.length).toString('utf8')
    : String(cell)
}

function toBytes(cell: unknown): Value {
  if (cell instanceof Uint8Array) return Buffer.from(cell.buffer, cell.byteOffset, cell.length)
  const text = String(cell)
  return text.startsWith('\\x') ? Buffer.from(text.slice(2), 'hex') : Buffer.from(text)
}

/** Native numbers are milliseconds since the epoch: what the JVM's driver for SQLite writes. */
function toDate(cell: unknown, calendar: Calendar): Value {
  if (typeof cell === 'number' || typeof cell === 'bigint') return new Date(Math.floor(Number(cell) / DAY_MS) * DAY_MS)
  const moment = parseMoment(String(cell), calendar)
  return moment === undefined ? null : new Date(Math.floor(moment.ms / DAY_MS) * DAY_MS)
}

function toTime(cell: unknown): Value {
  if (typeof cell === 'number' || typeof cell === 'bigint') return new Date(Number(cell))
  const part = /^(-?)(\d+):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?/.exec(String(cell))
  if (part === null) return null
  const ms = Number((part[5] ?? '').padEnd(3, '0').slice(0, 3))
  const seconds = Number(part[2]) * 3600 + Number(part[3]) * 60 + Number(part[4] ?? 0)
  return new Date((part[1] === '-' ? -1 : 1) * (seconds * 1000 + ms))
}

/** An instant out of a cell: milliseconds since the epoch and nanoseconds below; undefined where there is none. */
export function instantOf(
  cell: unknown,
  options: Pick<ReadOptions, 'zone' | 'calendar'>,
): { ms: number; nanos: number } | undefined {
  if (typeof cell === 'number' || typeof cell === 'bigint') return { ms: Number(cell), nanos: 0 }
  const moment = parseMoment(String(cell), options.calendar)
  if (moment === undefined) return undefined
  const ms = moment.offset === null ? options.zone.instant(moment.ms) : moment.ms - moment.offset
  return { ms, nanos: moment.nanos }
}

/** A timestamp's schema and value, by `timestamp.granularity`. */
function timestamp(optional: boolean, options: ReadOptions): ColumnReader {
  const plain = (builder: SchemaBuilder, of: (ms: number, nanos: number) => Value): ColumnReader => ({
    schema: optionally(optional, builder),
    read: (cell) => {
      const found = instantOf(cell, options)
      return found === undefined ? null : of(found.ms, found.nanos)
    },
  })
  const micros = (ms: number, nanos: number) => BigInt(ms) * 1000n + BigInt(Math.floor(nanos / 1000))
  const allNanos = (ms: number, nanos: number) => BigInt(ms) * 1_000_000n + BigInt(nanos)
  switch (options.timestampGranularity) {
    case 'micros_long':
      return plain(Builder.int64(), (ms, nanos) => narrow(micros(ms, nanos)))
    case 'nanos_long':
      return plain(Builder.int64(), (ms, nanos) => narrow(allNanos(ms, nanos)))
    case 'micros_string':
      return plain(Builder.string(), (ms, nanos) => String(micros(ms, nanos)))
    case 'nanos_string':
      return plain(Builder.string(), (ms, nanos) => String(allNanos(ms, nanos)))
    case 'micros_iso_datetime_string':
      return plain(Builder.string(), (ms, nanos) =>
        formatInstant(micros(ms, nanos), 'us', options.zone, options.calendar).replace(' ', 'T'),
      )
    case 'nanos_iso_datetime_string':
      return plain(Builder.string(), (ms, nanos) =>
        formatInstant(allNanos(ms, nanos), 'ns', options.zone, options.calendar).replace(' ', 'T'),
      )
    default:
      return {
        schema: optional ? LogicalSchemas.OPTIONAL_TIMESTAMP : timestampBuilder().build(),
        read: (cell) => {
          const found = instantOf(cell, options)
          return found === undefined ? null : new Date(found.ms)
        },
      }
  }
}
