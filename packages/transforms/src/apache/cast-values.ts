// One value as another primitive type, by the rules of Java's conversions.
import {
  DataException,
  Decimal,
  dateToDays,
  doubleToString,
  floatToString,
  javaClassOf,
  LogicalName,
  numberToString,
  type Schema,
  SchemaBuilder,
  type SchemaType,
  timestampToMillis,
  timeToMillis,
  type Value,
  Values,
} from '@millrace/api'
import { parseDouble, parseInteger } from './common/java-numbers.ts'
import { isMap } from './common/requirements.ts'

/** Types that a value can be cast to. */
export type CastType = 'INT8' | 'INT16' | 'INT32' | 'INT64' | 'FLOAT32' | 'FLOAT64' | 'BOOLEAN' | 'STRING'

interface Rule {
  readonly builder: () => SchemaBuilder
  readonly ofNumber: (value: number) => Value
  /** Of a 64-bit integer that is no safe number. */
  readonly ofLong: (value: bigint) => Value
  readonly ofText: (text: string) => Value
  readonly ofTrue: Value
  readonly ofFalse: Value
}

const INT32_MAX = 2_147_483_647
const INT64_MAX = 2n ** 63n - 1n

/** The cast to each type. */
export const CASTS: Readonly<Record<CastType, Rule>> = {
  INT8: integer(
    () => SchemaBuilder.int8(),
    (value) => (value << 24) >> 24,
    8,
  ),
  INT16: integer(
    () => SchemaBuilder.int16(),
    (value) => (value << 16) >> 16,
    16,
  ),
  INT32: integer(
    () => SchemaBuilder.int32(),
    (value) => value | 0,
    32,
  ),
  INT64: {
    builder: () => SchemaBuilder.int64(),
    ofNumber: toLong,
    ofLong: (value) => value,
    ofText: (text) => parseInteger(text, 64),
    ofTrue: 1,
    ofFalse: 0,
  },
  FLOAT32: {
    builder: () => SchemaBuilder.float32(),
    ofNumber: Math.fround,
    ofLong: (value) => Math.fround(Number(value)),
    ofText: (text) => Math.fround(parseDouble(text)),
    ofTrue: 1,
    ofFalse: 0,
  },
  FLOAT64: {
    builder: () => SchemaBuilder.float64(),
    ofNumber: (value) => value,
    ofLong: Number,
    ofText: parseDouble,
    ofTrue: 1,
    ofFalse: 0,
  },
  BOOLEAN: {
    builder: () => SchemaBuilder.bool(),
    // Through a long, which loses the fraction; NaN is zero.
    ofNumber: (value) => Math.abs(value) >= 1,
    ofLong: () => true,
    ofText: (text) => text.toLowerCase() === 'true',
    ofTrue: true,
    ofFalse: false,
  },
  STRING: {
    builder: () => SchemaBuilder.string(),
    ofNumber: numberToString,
    ofLong: String,
    ofText: (text) => text,
    ofTrue: 'true',
    ofFalse: 'false',
  },
}

function integer(builder: () => SchemaBuilder, narrow: (value: number) => number, bits: 8 | 16 | 32): Rule {
  return {
    builder,
    ofNumber: (value) => narrow(Number.isSafeInteger(value) ? value : saturated(value)),
    ofLong: (value) => Number(BigInt.asIntN(bits, value)),
    ofText: (text) => parseInteger(text, bits),
    ofTrue: 1,
    ofFalse: 0,
  }
}

/** Java's `(int) double`. */
function saturated(value: number): number {
  if (Number.isNaN(value)) return 0
  return Math.trunc(Math.min(Math.max(value, -INT32_MAX - 1), INT32_MAX))
}

/** Java's `(long) double`. */
function toLong(value: number): number | bigint {
  if (Number.isSafeInteger(value)) return value === 0 ? 0 : value
  if (Number.isNaN(value)) return 0
  const whole = Math.trunc(value)
  if (Number.isSafeInteger(whole)) return whole === 0 ? 0 : whole
  if (whole >= 2 ** 63) return INT64_MAX
  return whole <= -(2 ** 63) ? -INT64_MAX - 1n : BigInt(whole)
}

const SUPPORTED = '[INT8, INT16, INT32, INT64, FLOAT32, FLOAT64, BOOLEAN, STRING, BYTES]'

/** The cast of one field, for a plan. */
export function castInto(schema: Schema | null, type: CastType): (value: Value) => Value {
  const rule = CASTS[type]
  const ofNumber = numberRule(schema, type)
  return (value) => {
    if (typeof value === 'number') return ofNumber(value)
    return typeof value === 'string' ? castText(value, rule) : castValue(schema, value, type)
  }
}

/** A float becomes a small integer by way of an int: 3e9 is the largest int. An integer keeps its low bits. */
function numberRule(schema: Schema | null, type: CastType): (value: number) => Value {
  const rule = CASTS[type]
  if (type === 'FLOAT32' && schema === null) return plainSingle
  if (type === 'STRING' && schema?.type === 'FLOAT64') return doubleToString
  if (type === 'STRING' && schema?.type === 'FLOAT32') return floatToString
  const narrows = type === 'INT8' || type === 'INT16' || type === 'INT32'
  const isFloat = schema?.type === 'FLOAT32' || schema?.type === 'FLOAT64'
  return narrows && isFloat ? (value) => rule.ofNumber(saturated(value)) : rule.ofNumber
}

/** Without a schema nothing says that a number is a single: it gets the digits that a single has, 0.1 and not 0.10000000149. */
function plainSingle(value: number): number {
  const single = Math.fround(value)
  return single === value || Number.isInteger(single) ? single : Number(floatToString(single))
}

function castText(text: string, rule: Rule): Value {
  try {
    return rule.ofText(text)
  } catch (cause) {
    throw new DataException(`Value (${text}) was out of range for requested data type`, { cause })
  }
}

/**
 * A value as another type; null stays null.
 * @throws DataException for a value that cannot be cast, or a text that is no number of the type
 */
export function castValue(schema: Schema | null, value: Value, type: CastType | 'STRUCT'): Value {
  if (value === null || value === undefined) return null
  const from = schema?.type ?? inferredType(value)
  if (!SUPPORTED.includes(from)) {
    throw new DataException(
      `Cast transformation does not support casting from ${from}; supported types are ${SUPPORTED}`,
    )
  }
  if (type === 'STRUCT') throw new DataException('STRUCT is not supported in the Cast transformation.')
  const rule = CASTS[type]
  const plain = type === 'STRING' ? value : encoded(schema, value)
  switch (typeof plain) {
    case 'number':
      return numberRule(schema, type)(plain)
    case 'bigint':
      return rule.ofLong(plain)
    case 'boolean':
      return plain ? rule.ofTrue : rule.ofFalse
    case 'string':
      return castText(plain, rule)
    default:
      return castObject(plain as object, rule, type)
  }
}

/** Dates as the integers that stand for them. */
function encoded(schema: Schema | null, value: Value): Value {
  if (!(value instanceof Date)) return value
  switch (schema?.name) {
    case LogicalName.DATE:
      return dateToDays(value)
    case LogicalName.TIME:
      return timeToMillis(value)
    case LogicalName.TIMESTAMP:
      return timestampToMillis(value)
    default:
      return value
  }
}

function castObject(value: object, rule: Rule, type: CastType): Value {
  if (type === 'STRING') return Values.convertToString(null, value)
  if (value instanceof Decimal) return castDecimal(value, rule, type)
  throw new DataException(`Unexpected type in Cast transformation: class ${javaClassOf(value)}`)
}

/** A decimal loses its fraction and what is beyond 64 bits. */
function castDecimal(value: Decimal, rule: Rule, type: CastType): Value {
  if (type === 'FLOAT32' || type === 'FLOAT64') return rule.ofNumber(value.toNumber())
  const { unscaled, scale } = value
  const whole = scale >= 0 ? unscaled / 10n ** BigInt(scale) : unscaled * 10n ** BigInt(-scale)
  const long = BigInt.asIntN(64, whole)
  const number = Number(long)
  return Number.isSafeInteger(number) ? rule.ofNumber(number) : rule.ofLong(long)
}

function inferredType(value: Value): SchemaType {
  switch (typeof value) {
    case 'string':
      return 'STRING'
    case 'boolean':
      return 'BOOLEAN'
    case 'bigint':
      return 'INT64'
    case 'number':
      return Number.isInteger(value) ? 'INT64' : 'FLOAT64'
    default:
      if (value instanceof Uint8Array) return 'BYTES'
      if (Array.isArray(value)) return 'ARRAY'
      if (isMap(value)) return 'MAP'
      throw new DataException(
        `Cast transformation was passed a value of type class ${javaClassOf(value)} which is not supported by Connect's data API`,
      )
  }
}
