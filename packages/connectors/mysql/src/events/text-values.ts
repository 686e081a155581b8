// Values of result sets in the text protocol, as a snapshot reads them: the same forms as those of the binlog.
import type { Value } from '@millrace/api'
import { type Column, JdbcType } from '@millrace/kit-cdc'
import type { ColumnForms } from '../binlog/column-forms.ts'
import { epochDays, validEpochDays } from '../binlog/temporal.ts'

/** Reads the bytes of one value that is not null. */
export type ReadText = (bytes: Buffer) => Value

/** @throws RangeError when the bytes are no value of the column */
export function valueOfText(column: Column, forms: ColumnForms, bytes: Buffer): Value {
  return textReader(column, forms)(bytes)
}

/** The reader of a column's values; text must come in UTF-8. */
export function textReader(column: Column, forms: ColumnForms): ReadText {
  const [base = ''] = column.typeName.split(' ', 1)
  if (base === 'ENUM' || base === 'SET') return (bytes) => bytes.utf8Slice()
  if (base === 'JSON') return (bytes) => forms.json(bytes.utf8Slice())
  if (base === 'YEAR') return (bytes) => forms.year(Number(bytes.latin1Slice()))
  if (base === 'UUID') return (bytes) => forms.text(bytes.utf8Slice())
  if (base === 'VECTOR') return (bytes) => forms.vector(bytes)
  switch (column.jdbcType) {
    case JdbcType.BIT:
      return (bytes) => forms.bits(bytes)
    case JdbcType.BOOLEAN:
    case JdbcType.SMALLINT:
    case JdbcType.INTEGER:
    case JdbcType.BIGINT:
      return (bytes) => forms.integer(integerOf(bytes))
    case JdbcType.FLOAT:
      // Single precision, also where it is shown in a double: what the binlog holds.
      return (bytes) => forms.float(Math.fround(numberOf(bytes)))
    case JdbcType.REAL:
    case JdbcType.DOUBLE:
      return (bytes) => forms.float(numberOf(bytes))
    case JdbcType.NUMERIC:
    case JdbcType.DECIMAL:
      return decimalReader(column.scale ?? 0, forms)
    case JdbcType.DATE:
      return (bytes) => forms.date(dateOf(bytes.latin1Slice()))
    case JdbcType.TIME:
      return (bytes) => forms.time(timeOf(bytes.latin1Slice()))
    case JdbcType.TIMESTAMP:
      return (bytes) => withDateTime(bytes.latin1Slice(), (seconds, micros) => forms.dateTime(seconds, micros))
    case JdbcType.TIMESTAMP_WITH_TIMEZONE:
      return (bytes) => withDateTime(bytes.latin1Slice(), (seconds, micros) => forms.timestamp(seconds, micros))
    case JdbcType.OTHER:
      return (bytes) => forms.geometry(bytes)
    case JdbcType.BLOB:
    case JdbcType.BINARY:
    case JdbcType.VARBINARY:
      return (bytes) => forms.bytes(bytes)
    default:
      return (bytes) => forms.text(bytes.utf8Slice())
  }
}

/** Digits of a number that are surely a safe integer. */
const SAFE_LENGTH = 15

function integerOf(bytes: Buffer): number | bigint {
  if (bytes.length <= SAFE_LENGTH) return Math.round(numberOf(bytes))
  const text = bytes.latin1Slice()
  const number = Number(text)
  return Number.isSafeInteger(number) ? number : BigInt(text)
}

function numberOf(bytes: Buffer): number {
  const number = Number(bytes.latin1Slice())
  if (Number.isNaN(number)) throw new RangeError(`Not a number: ${bytes.latin1Slice()}`)
  return number
}

/** Decimals come with as many digits after the point as the column has; those of a default may have fewer, or more. */
function decimalReader(scale: number, forms: ColumnForms): ReadText {
  return (bytes) => {
    const [, sign, whole = '', fraction = ''] = /^([-+]?)(\d*)\.?(\d*)$/.exec(bytes.latin1Slice()) ?? []
    if (sign === undefined) throw new RangeError(`Not a decimal: ${bytes.latin1Slice()}`)
    const kept = BigInt(whole + fraction.slice(0, scale).padEnd(scale, '0'))
    const rounded = (fraction[scale] ?? '0') >= '5' ? kept + 1n : kept
    return forms.decimal(sign === '-' ? -rounded : rounded, scale)
  }
}

function dateOf(text: string): number | null {
  const [year, month, day] = text.slice(0, 10).split('-').map(Number)
  return validEpochDays(year!, month!, day!)
}

const MILLION = 1_000_000

/** `[-]HHH:MM:SS[.ffffff]`, or a whole date and time, of which the time counts. */
function timeOf(text: string): number {
  const [, sign, hours, minutes = '0', seconds = '0', fraction = ''] =
    /(-?)(\d+):(\d+)(?::(\d+))?(?:\.(\d+))?$/.exec(text) ?? []
  if (hours === undefined) {
    const packed = Math.abs(Number(text))
    if (Number.isNaN(packed)) throw new RangeError(`Not a time: ${text}`)
    const whole = Math.trunc(packed / 10_000) * 3_600 + (Math.trunc(packed / 100) % 100) * 60 + (packed % 100)
    return Math.sign(Number(text)) * whole * MILLION
  }
  const all = (Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)) * MILLION + microsOf(fraction)
  return sign === '-' ? -all : all
}

function microsOf(fraction: string): number {
  return fraction === '' ? 0 : Number(fraction.slice(0, 6).padEnd(6, '0'))
}

function withDateTime(text: string, make: (seconds: number | null, micros: number) => Value): Value {
  const parts = /^(\d+)-(\d+)-(\d+)(?:[ T](\d+):(\d+)(?::(\d+))?(?:\.(\d+))?)?/.exec(text)
  if (parts === null) throw new RangeError(`Not a date and time: ${text}`)
  const [year, month, day, hours, minutes, seconds] = parts.slice(1, 7).map((part) => Number(part ?? 0))
  if (validEpochDays(year!, month!, day!) === null) return make(null, 0)
  const days = epochDays(year!, month!, day!)
  return make(days * 86_400 + hours! * 3_600 + minutes! * 60 + seconds!, microsOf(parts[7] ?? ''))
}
