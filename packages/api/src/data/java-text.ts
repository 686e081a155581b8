// How Java prints values. Converters, headers and file sinks promise the reference's text, so it is made in one place.
import { Decimal } from './decimal.ts'
import type { Schema, Value } from './schema.ts'

/**
 * `Double.toString` of Java 19 and later: the fewest digits that read back as the same double, at least one after the
 * point, scientific below 10^-3 and from 10^7. (Older JVMs sometimes print more digits; they read back the same.)
 */
export function doubleToString(value: number): string {
  if (Number.isInteger(value) && value < 10_000_000 && value > -10_000_000) {
    return Object.is(value, -0) ? '-0.0' : `${value}.0`
  }
  const size = Math.abs(value)
  // Between these bounds JavaScript's shortest text is plain, and the same.
  if (size >= 0.001 && size < 10_000_000) return String(value)
  if (!Number.isFinite(value)) return String(value)
  return scientific(value < 0 ? '-' : '', twoDigits(size, size.toExponential(), Number))
}

/** `Float.toString` of Java 19 and later: as {@link doubleToString}, with the digits a single needs. */
export function floatToString(value: number): string {
  const single = Math.fround(value)
  if (!Number.isFinite(single)) return String(single)
  const size = Math.abs(single)
  const sign = single < 0 || Object.is(single, -0) ? '-' : ''
  if (size === 0) return `${sign}0.0`
  const text = twoDigits(size, shortestSingle(size), readSingle)
  if (size < 0.001 || size >= 10_000_000) return scientific(sign, text)
  const plain = String(Number(text))
  return sign + (plain.includes('.') ? plain : `${plain}.0`)
}

/** Java prints at least two digits, and chooses the nearest two-digit number also where one digit would do. */
function twoDigits(size: number, text: string, read: (text: string) => number): string {
  if (text[1] !== 'e') return text
  const two = size.toExponential(1)
  return read(two) === size ? two : text
}

/** `d[.ddd]e±n` to Java's `d.dddE[-]n`. */
function scientific(sign: string, text: string): string {
  const at = text.indexOf('e')
  const mantissa = text.slice(0, at)
  return `${sign}${mantissa.includes('.') ? mantissa : `${mantissa}.0`}E${Number(text.slice(at + 1))}`
}

/** The fewest digits, in exponential form, that read back as the same single; of two as near, the one that ends even. */
function shortestSingle(size: number): string {
  for (let digits = 0; digits < 9; digits++) {
    const text = size.toExponential(digits)
    if (readSingle(text) === size) {
      const below = step(text, -1)
      return isTie(size, digits) && endsOdd(text) && readSingle(below) === size ? below : text
    }
    // Below a power of two singles lie twice as close: the next number above may read back where the nearest does not.
    const above = isPowerOfTwo(size) ? step(text, 1) : text
    if (readSingle(above) === size) return above
  }
  return size.toExponential(8)
}

const bits = new DataView(new ArrayBuffer(8))
const EXACT = 60

/**
 * The single nearest to a decimal text of at most nine digits. Reading a double first misleads only where the double lies
 * halfway between two singles and the text does not: NaN then, so that the text is not taken.
 */
function readSingle(text: string): number {
  const double = Number(text)
  bits.setFloat64(0, double)
  const halfway = (bits.getUint32(4) & 0x1fff_ffff) === 0x1000_0000
  return halfway && !/^\d\.\d{8}0*e/.test(double.toExponential(EXACT)) ? Number.NaN : Math.fround(double)
}

/** True when `size` lies exactly between two numbers of `digits` digits after the first. */
function isTie(size: number, digits: number): boolean {
  const exact = size.toExponential(EXACT)
  return /^50*e/.test(exact.slice(2 + digits))
}

function endsOdd(text: string): boolean {
  return /[13579]e/.test(text)
}

/** The next number of as many digits, above or below. */
function step(text: string, by: 1 | -1): string {
  const at = text.indexOf('e')
  const before = text.slice(0, at).replace('.', '')
  const digits = String(Number(before) + by)
  const power = Number(text.slice(at + 1)) + digits.length - before.length
  return `${digits[0]}${digits.length > 1 ? `.${digits.slice(1)}` : ''}e${power}`
}

function isPowerOfTwo(size: number): boolean {
  bits.setFloat32(0, size)
  return (bits.getUint32(0) & 0x7f_ffff) === 0
}

/** Text of a number without a schema: integral ones as a long, others as a double, as the data model reads them. */
export function numberToString(value: number): string {
  return Number.isSafeInteger(value) ? (value === 0 ? '0' : String(value)) : doubleToString(value)
}

/**
 * What Java's `toString` prints for a value: strings as they are, numbers by their schema, `Struct{a=1,b=x}` without
 * null fields, maps `{a=1, b=2}`, lists `[a, b]`, dates in `java.util.Date`'s form in the process's time zone.
 * Bytes print as an identity in Java; here the part after `[B@` is a hash of the content.
 */
export function valueToString(value: Value, schema: Schema | null = null): string {
  switch (typeof value) {
    case 'string':
      return value
    case 'number':
      return schema === null ? numberToString(value) : typedNumber(value, schema)
    case 'object':
      return value === null ? 'null' : objectToString(value, schema)
    case 'undefined':
      return 'null'
    default:
      return String(value)
  }
}

function typedNumber(value: number, schema: Schema): string {
  if (schema.type === 'FLOAT64') return doubleToString(value)
  return schema.type === 'FLOAT32' ? floatToString(value) : numberToString(value)
}

function objectToString(value: object, schema: Schema | null): string {
  // By far the most common first: what JSON gives. The other kinds are told apart at a cost.
  if (schema === null && Object.getPrototypeOf(value) === Object.prototype) return plainToString(value)
  if (value instanceof Date) return dateToString(value)
  if (value instanceof Decimal) return value.toString()
  if (value instanceof Uint8Array) return `[B@${contentHash(value)}`
  const inner = schema?.valueSchema ?? null
  if (Array.isArray(value)) return `[${value.map((item) => valueToString(item, inner)).join(', ')}]`
  if (value instanceof Map) {
    const keys = schema?.keySchema ?? null
    return `{${[...value].map(([k, v]) => `${valueToString(k, keys)}=${valueToString(v, inner)}`).join(', ')}}`
  }
  if (schema?.type === 'STRUCT') return structToString(value as Record<string, unknown>, schema)
  return plainToString(value)
}

/** One string that grows: three times as fast as parts that are joined. */
function plainToString(value: object): string {
  let text = '{'
  let separator = ''
  for (const key in value) {
    const item = (value as Readonly<Record<string, unknown>>)[key]
    text += `${separator}${key}=${typeof item === 'string' ? item : valueToString(item)}`
    separator = ', '
  }
  return `${text}}`
}

function structToString(value: Readonly<Record<string, unknown>>, schema: Schema): string {
  let text = 'Struct{'
  let separator = ''
  for (const field of schema.fields) {
    const item = value[field.name]
    if (item === null || item === undefined) continue
    text += `${separator}${field.name}=${valueToString(item, field.schema)}`
    separator = ','
  }
  return `${text}}`
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const two = (value: number) => String(value).padStart(2, '0')

/** `java.util.Date.toString`: `Thu Jan 01 00:00:00 UTC 1970`, in the process's time zone. */
export function dateToString(date: Date): string {
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
  return `${DAYS[date.getDay()]} ${MONTHS[date.getMonth()]} ${two(date.getDate())} ${time} ${zoneOf(date)} ${date.getFullYear()}`
}

function zoneOf(date: Date): string {
  const parts = new Intl.DateTimeFormat('en-US', { timeZoneName: 'short' }).formatToParts(date)
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? 'UTC'
}

function contentHash(bytes: Uint8Array): string {
  let hash = 1
  for (const byte of bytes) hash = (Math.imul(31, hash) + ((byte << 24) >> 24)) | 0
  return (hash >>> 0).toString(16)
}

/** The Java class a value would have in the reference, for error texts: `java.lang.String`. */
export function javaClassOf(value: Value, schema: Schema | null = null): string {
  switch (typeof value) {
    case 'string':
      return 'java.lang.String'
    case 'boolean':
      return 'java.lang.Boolean'
    case 'bigint':
      return 'java.lang.Long'
    case 'number':
      return NUMBER_CLASSES[schema?.type ?? ''] ?? (Number.isInteger(value) ? 'java.lang.Long' : 'java.lang.Double')
    case 'object':
      return value === null ? 'null' : objectClass(value, schema)
    default:
      return `JavaScript ${typeof value}`
  }
}

const NUMBER_CLASSES: Readonly<Record<string, string>> = {
  INT8: 'java.lang.Byte',
  INT16: 'java.lang.Short',
  INT32: 'java.lang.Integer',
  INT64: 'java.lang.Long',
  FLOAT32: 'java.lang.Float',
  FLOAT64: 'java.lang.Double',
}

function objectClass(value: object, schema: Schema | null): string {
  if (value instanceof Date) return 'java.util.Date'
  if (value instanceof Decimal) return 'java.math.BigDecimal'
  if (value instanceof Uint8Array) return '[B'
  if (Array.isArray(value)) return 'java.util.ArrayList'
  if (value instanceof Map) return 'java.util.HashMap'
  if (schema?.type === 'STRUCT') return 'org.apache.kafka.connect.data.Struct'
  const name = value.constructor?.name
  return name === undefined || name === 'Object' ? 'java.util.HashMap' : name
}
