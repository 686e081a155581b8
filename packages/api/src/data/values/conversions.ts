// Conversions of one value to a wanted type, as transformations and header parsing need them: numbers are cut like Java's
// casts, text is parsed.
import { DataException } from '../../errors.ts'
import { Decimal } from '../decimal.ts'
import { javaClassOf, numberToString, valueToString } from '../java-text.ts'
import {
  dateFromDays,
  dateToDays,
  decimalBuilder,
  decimalFromBytes,
  decimalToBytes,
  timeFromMillis,
  timestampFromMillis,
  timeToMillis,
} from '../logical.ts'
import { LogicalName } from '../logical-names.ts'
import { type Schema, schemaToString, type Value } from '../schema.ts'
import { parseDecimal } from './number.ts'
import { parseString } from './parser.ts'
import { convertToString } from './text.ts'

const DAY_MS = 86_400_000
const NULL_VALUE = 'Unable to convert a null value to a schema that requires a value'

/** A value as one of `toSchema`. `fromSchema` is what it has now, null when that is not known. @throws DataException */
export function convertTo(toSchema: Schema, fromSchema: Schema | null, value: Value): Value {
  if (isNull(value)) {
    if (toSchema.optional) return null
    throw new DataException(NULL_VALUE)
  }
  switch (toSchema.type) {
    case 'BYTES':
      return toSchema.name === LogicalName.DECIMAL ? toDecimal(toSchema, value) : toBytes(toSchema, value)
    case 'STRING':
      return convertToString(fromSchema, value)
    case 'BOOLEAN':
      return convertToBoolean(fromSchema, value)
    case 'INT8':
      return convertToByte(fromSchema, value)
    case 'INT16':
      return convertToShort(fromSchema, value)
    case 'INT32':
      if (toSchema.name === LogicalName.DATE) return toDate(fromSchema, value)
      return toSchema.name === LogicalName.TIME ? toTime(fromSchema, value) : convertToInteger(fromSchema, value)
    case 'INT64':
      return toSchema.name === LogicalName.TIMESTAMP ? toTimestamp(fromSchema, value) : convertToLong(fromSchema, value)
    case 'FLOAT32':
      return convertToFloat(fromSchema, value)
    case 'FLOAT64':
      return convertToDouble(fromSchema, value)
    case 'ARRAY':
      return convertToList(fromSchema, value)
    case 'MAP':
      return convertToMap(fromSchema, value)
    case 'STRUCT':
      return convertToStruct(fromSchema, value)
  }
}

/** Text by parsing it, then anything else by its number: zero is false. Null stays null. @throws DataException */
export function convertToBoolean(schema: Schema | null, value: Value): boolean | null {
  if (isNull(value)) return null
  if (typeof value === 'boolean') return value
  if (typeof value === 'string') {
    const parsed = parseString(value).value
    if (typeof parsed === 'boolean') return parsed
  }
  return asLong(schema, value) !== 0n
}

/** The low 8 bits of the value's number. Null stays null. @throws DataException */
export function convertToByte(schema: Schema | null, value: Value): number | null {
  return isNull(value) ? null : Number(BigInt.asIntN(8, asLong(schema, value)))
}

/** The low 16 bits of the value's number. Null stays null. @throws DataException */
export function convertToShort(schema: Schema | null, value: Value): number | null {
  return isNull(value) ? null : Number(BigInt.asIntN(16, asLong(schema, value)))
}

/** The low 32 bits of the value's number. Null stays null. @throws DataException */
export function convertToInteger(schema: Schema | null, value: Value): number | null {
  return isNull(value) ? null : Number(BigInt.asIntN(32, asLong(schema, value)))
}

/** The value's number without its fraction: a number when safe, else a bigint. Null stays null. @throws DataException */
export function convertToLong(schema: Schema | null, value: Value): number | bigint | null {
  if (isNull(value)) return null
  if (Number.isSafeInteger(value)) return value as number
  const long = asLong(schema, value)
  const number = Number(long)
  return Number.isSafeInteger(number) ? number : long
}

/** The nearest single to the value's number. Null stays null. @throws DataException */
export function convertToFloat(schema: Schema | null, value: Value): number | null {
  return isNull(value) ? null : Math.fround(asDouble(schema, value))
}

/** The nearest double to the value's number. Null stays null. @throws DataException */
export function convertToDouble(schema: Schema | null, value: Value): number | null {
  return isNull(value) ? null : asDouble(schema, value)
}

/** A list, or one parsed from text. @throws DataException */
export function convertToList(_schema: Schema | null, value: Value): unknown[] {
  const list = typeof value === 'string' ? parseString(value).value : value
  if (Array.isArray(list)) return list
  throw isNull(value) ? new DataException(NULL_VALUE) : unable(list, 'Schema{ARRAY}')
}

/** A map, or one parsed from text; a plain object becomes a Map. @throws DataException */
export function convertToMap(_schema: Schema | null, value: Value): Map<unknown, unknown> {
  const map = typeof value === 'string' ? parseString(value).value : value
  if (map instanceof Map) return map
  if (isRecord(map)) return new Map(Object.entries(map))
  throw isNull(value) ? new DataException(NULL_VALUE) : unable(map, 'Schema{MAP}')
}

/** A struct as it is. @throws DataException for anything else */
export function convertToStruct(_schema: Schema | null, value: Value): Record<string, unknown> {
  if (isRecord(value)) return value
  throw isNull(value) ? new DataException(NULL_VALUE) : unable(value, 'Schema{STRUCT}')
}

/** A Date at midnight UTC: from a Timestamp its day, from a number its days, from text by parsing. @throws DataException */
export function convertToDate(schema: Schema | null, value: Value): Date {
  return isNull(value) ? nullFor() : toDate(schema, value)
}

/** A time of day: from a Timestamp its time in UTC, from a number its ms, from text by parsing. @throws DataException */
export function convertToTime(schema: Schema | null, value: Value): Date {
  return isNull(value) ? nullFor() : toTime(schema, value)
}

/** A timestamp: from a Date or Time, from a number its ms, from text by parsing. @throws DataException */
export function convertToTimestamp(schema: Schema | null, value: Value): Date {
  return isNull(value) ? nullFor() : toTimestamp(schema, value)
}

/** A decimal: bytes by `scale`, a decimal as it is, a number by its double, text as it reads. @throws DataException */
export function convertToDecimal(_schema: Schema | null, value: Value, scale: number): Decimal {
  return isNull(value) ? nullFor() : toDecimal(decimalBuilder(scale).build(), value)
}

function nullFor(): never {
  throw new DataException(NULL_VALUE)
}

function toDate(schema: Schema | null, value: Value): Date {
  const parsed = parsedText(value)
  if (parsed instanceof Date) {
    if (schema === null || schema.name === LogicalName.DATE) return parsed
    if (schema.name === LogicalName.TIMESTAMP) return dateFromDays(Math.trunc(parsed.getTime() / DAY_MS))
  }
  return dateFromDays(asInt(schema, parsed))
}

function toTime(schema: Schema | null, value: Value): Date {
  const parsed = parsedText(value)
  if (parsed instanceof Date) {
    if (schema === null || schema.name === LogicalName.TIME) return parsed
    if (schema.name === LogicalName.TIMESTAMP) {
      return timeFromMillis(((parsed.getTime() % DAY_MS) + DAY_MS) % DAY_MS)
    }
  }
  return timeFromMillis(asInt(schema, parsed))
}

function toTimestamp(schema: Schema | null, value: Value): Date {
  const parsed = parsedText(value)
  if (parsed instanceof Date) {
    if (schema === null || schema.name === LogicalName.TIMESTAMP) return parsed
    if (schema.name === LogicalName.DATE) return timestampFromMillis(dateToDays(parsed) * DAY_MS)
    if (schema.name === LogicalName.TIME) return timestampFromMillis(timeToMillis(parsed))
  }
  return timestampFromMillis(asLong(schema, parsed))
}

function parsedText(value: Value): Value {
  return typeof value === 'string' ? parseString(value).value : value
}

function toDecimal(schema: Schema, value: Value): Decimal {
  if (value instanceof Uint8Array) return decimalFromBytes(schema, value)
  if (value instanceof Decimal) return value
  // Java goes by the double's text here: 5 becomes 5.0.
  if (typeof value === 'number' || typeof value === 'bigint') return decimalOfDouble(Number(value), schema)
  if (typeof value === 'string') {
    const decimal = parseDecimal(value)
    if (decimal !== null) return decimal
  }
  throw unable(value, schemaToString(schema))
}

function decimalOfDouble(value: number, schema: Schema): Decimal {
  if (!Number.isFinite(value)) throw unable(value, schemaToString(schema))
  const plain = Decimal.parse(String(value))
  return plain.scale > 0 || !Number.isSafeInteger(value) ? plain : new Decimal(plain.unscaled * 10n, 1)
}

function toBytes(schema: Schema, value: Value): Uint8Array {
  if (value instanceof Uint8Array) return value
  if (value instanceof Decimal) return decimalToBytes(schema, value)
  throw unable(value, schemaToString(schema))
}

function asInt(schema: Schema | null, value: Value): number {
  return Number(BigInt.asIntN(32, asLong(schema, value)))
}

/** The 64-bit integer of a value: doubles are cut and held to the range, decimals lose their higher bits, as in Java. */
function asLong(schema: Schema | null, value: Value): bigint {
  if (typeof value === 'number') return longOfDouble(value)
  if (typeof value === 'bigint') return BigInt.asIntN(64, value)
  const decimal = value instanceof Decimal ? value : typeof value === 'string' ? parseDecimal(value) : null
  if (decimal !== null) return longOfDecimal(decimal)
  if (value instanceof Date && schema !== null) {
    if (schema.name === LogicalName.DATE) return BigInt(dateToDays(value))
    if (schema.name === LogicalName.TIME) return BigInt(timeToMillis(value))
    if (schema.name === LogicalName.TIMESTAMP) return BigInt(value.getTime())
  }
  throw unable(value, schema === null ? 'a number' : schemaToString(schema))
}

function asDouble(schema: Schema | null, value: Value): number {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint') return Number(value)
  const decimal = value instanceof Decimal ? value : typeof value === 'string' ? parseDecimal(value) : null
  return decimal === null ? Number(asLong(schema, value)) : decimal.toNumber()
}

const INT64_MIN = -(2n ** 63n)
const INT64_MAX = 2n ** 63n - 1n

function longOfDouble(value: number): bigint {
  if (Number.isNaN(value)) return 0n
  if (value >= 2 ** 63) return INT64_MAX
  return value <= -(2 ** 63) ? INT64_MIN : BigInt(Math.trunc(value))
}

function longOfDecimal(decimal: Decimal): bigint {
  const { unscaled, scale } = decimal
  if (scale <= 0) return scale < -64 ? 0n : BigInt.asIntN(64, unscaled * 10n ** BigInt(-scale))
  return scale > String(unscaled).length ? 0n : BigInt.asIntN(64, unscaled / 10n ** BigInt(scale))
}

function isNull(value: unknown): value is null | undefined {
  return value === null || value === undefined
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.prototype.toString.call(value) === '[object Object]'
}

/** Numbers and short text are shown; longer or other values only by their type. */
function unable(value: unknown, wanted: string): DataException {
  const shown = typeof value === 'number' ? numberToString(value) : valueToString(value).slice(0, 100)
  return new DataException(`Unable to convert ${shown} (class ${javaClassOf(value)}) to ${wanted}`)
}
