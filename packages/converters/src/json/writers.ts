// Compiles a schema into a function from value to JSON text. Made once per schema, run per record.
import {
  DataException,
  Decimal,
  dateToDays,
  decimalToBytes,
  javaClassOf,
  LogicalName,
  type Schema,
  timeToMillis,
} from '@millrace/api'
import type { JsonOptions } from './config.ts'
import { replacesNull } from './kinds.ts'
import { compileNative } from './native.ts'
import { schemalessText } from './schemaless-write.ts'
import { structWriter } from './struct-writer.ts'
import { bytesText, doubleText, type Escapes, escapesOf, floatText, quote, shortIntegerText } from './text.ts'

/** JSON text of a value. @throws DataException for a value that does not fit the schema */
export type JsonWriter = (value: unknown) => string

const INT64_MIN = -(2n ** 63n)
const INT64_MAX = 2n ** 63n - 1n

/** The writer of a schema, nulls and defaults included. */
export function compileWriter(schema: Schema | null, options: JsonOptions): JsonWriter {
  const escapes = escapesOf(options)
  if (schema === null) return (value) => schemalessText(value, escapes)
  const write = valueWriter(schema, options, escapes)
  const onNull = nullWriter(schema, write, options)
  return (value) => (value === null || value === undefined ? onNull() : write(value))
}

function valueWriter(schema: Schema, options: JsonOptions, escapes: Escapes): JsonWriter {
  return scalarWriter(schema, options, escapes) ?? compositeWriter(schema, options, escapes)
}

function nullWriter(schema: Schema, write: JsonWriter, options: JsonOptions): () => string {
  const { defaultValue } = schema
  if (replacesNull(schema, options.replaceNullWithDefault)) {
    let text: string | undefined
    return () => (text ??= write(defaultValue))
  }
  if (schema.optional) return () => 'null'
  return () => {
    throw new DataException('Conversion error: null value for field that is required and has no default value')
  }
}

/** The writer of a value that holds no others and is not null; undefined for the types that do. */
export function scalarWriter(schema: Schema, options: JsonOptions, escapes: Escapes): JsonWriter | undefined {
  return logicalWriter(schema, options) ?? primitiveWriter(schema, escapes)
}

function logicalWriter(schema: Schema, options: JsonOptions): JsonWriter | undefined {
  switch (schema.name) {
    case LogicalName.DECIMAL:
      return decimalWriter(schema, options)
    case LogicalName.DATE:
      return (value) => String(dateToDays(asDate('Date', value)))
    case LogicalName.TIME:
      return (value) => String(timeToMillis(asDate('Time', value)))
    case LogicalName.TIMESTAMP:
      return (value) => String(asDate('Timestamp', value).getTime())
    default:
      return undefined
  }
}

function decimalWriter(schema: Schema, options: JsonOptions): JsonWriter {
  const scale = Number(schema.parameters?.get('scale'))
  return (value) => {
    if (!(value instanceof Decimal)) throw notLogical('Decimal', 'BigDecimal', value)
    if (options.decimalFormat === 'NUMERIC') return value.toString()
    const short = value.scale === scale ? shortIntegerText(Number(value.unscaled)) : undefined
    return short ?? bytesText(decimalToBytes(schema, value))
  }
}

function asDate(type: string, value: unknown): Date {
  if (!(value instanceof Date)) throw notLogical(type, 'Date', value)
  if (Number.isNaN(value.getTime())) throw new DataException(`Invalid value for ${type}: an invalid Date`)
  return value
}

function notLogical(type: string, wanted: string, value: unknown): DataException {
  return new DataException(`Invalid type for ${type}, expected ${wanted} but was class ${javaClassOf(value)}`)
}

function primitiveWriter(schema: Schema, escapes: Escapes): JsonWriter | undefined {
  switch (schema.type) {
    case 'INT8':
      return integerWriter(schema, -128, 127)
    case 'INT16':
      return integerWriter(schema, -32_768, 32_767)
    case 'INT32':
      return integerWriter(schema, -2_147_483_648, 2_147_483_647)
    case 'INT64':
      return longWriter(schema)
    case 'FLOAT32':
      return (value) => (typeof value === 'number' ? floatText(value) : unfit(schema, value))
    case 'FLOAT64':
      return (value) => (typeof value === 'number' ? doubleText(value) : unfit(schema, value))
    case 'BOOLEAN':
      return (value) => (typeof value === 'boolean' ? (value ? 'true' : 'false') : unfit(schema, value))
    case 'STRING':
      return (value) => (typeof value === 'string' ? quote(value, escapes) : unfit(schema, value))
    case 'BYTES':
      return (value) => (value instanceof Uint8Array ? bytesText(value) : unfit(schema, value))
    default:
      return undefined
  }
}

function compositeWriter(schema: Schema, options: JsonOptions, escapes: Escapes): JsonWriter {
  if (schema.type === 'ARRAY') return arrayWriter(schema, options, escapes)
  if (schema.type === 'MAP') return mapWriter(schema, options, escapes)
  return structWriter(schema, options, escapes, {
    writerOf: (inner) => valueWriter(inner, options, escapes),
    nullOf: (inner, write) => nullWriter(inner, write, options),
    isOther: isOtherType,
    unfit,
  })
}

function integerWriter(schema: Schema, low: number, high: number): JsonWriter {
  return (value) => {
    if (typeof value === 'number' && value >= low && value <= high && Number.isInteger(value)) return `${value}`
    return unfit(schema, value)
  }
}

function longWriter(schema: Schema): JsonWriter {
  return (value) => {
    if (Number.isSafeInteger(value)) return `${value}`
    if (typeof value === 'bigint' && value >= INT64_MIN && value <= INT64_MAX) return `${value}`
    return unfit(schema, value)
  }
}

function arrayWriter(schema: Schema, options: JsonOptions, escapes: Escapes): JsonWriter {
  const native = compileNative(schema, options)
  const item = compileWriter(schema.valueSchema, options)
  return (value) => {
    if (!Array.isArray(value)) return unfit(schema, value)
    if (native?.(value)) return escapes(JSON.stringify(value))
    return `[${value.map((one) => item(one)).join(',')}]`
  }
}

function mapWriter(schema: Schema, options: JsonOptions, escapes: Escapes): JsonWriter {
  const key = compileWriter(schema.keySchema, options)
  const item = compileWriter(schema.valueSchema, options)
  if (schema.keySchema?.type === 'STRING') {
    const name = (one: unknown) => (typeof one === 'string' ? quote(one, escapes) : one === null ? '"null"' : key(one))
    return (value) => `{${entries(schema, value, (k, v) => `${name(k)}:${item(v)}`)}}`
  }
  return (value) => `[${entries(schema, value, (k, v) => `[${key(k)},${item(v)}]`)}]`
}

/** The entries of a map, with commas between them. A plain object stands for a map with string keys. */
export function entries(schema: Schema, value: unknown, text: (key: unknown, value: unknown) => string): string {
  if (value instanceof Map) return Array.from(value, ([k, v]) => text(k, v)).join(',')
  if (typeof value !== 'object' || Array.isArray(value) || value instanceof Uint8Array || value instanceof Date) {
    return unfit(schema, value)
  }
  return Object.entries(value as object)
    .map(([k, v]) => text(k, v))
    .join(',')
}

/** True for objects that are values of other types than STRUCT. */
export function isOtherType(value: object): boolean {
  return Array.isArray(value) || value instanceof Map || value instanceof Uint8Array || value instanceof Date
}

/** @throws DataException always: the value is not of the schema's type */
export function unfit(schema: Schema, value: unknown): never {
  const seen = typeof value === 'number' || typeof value === 'bigint' ? ` (value ${value})` : ''
  throw new DataException(`Invalid type for ${schema.type}: class ${javaClassOf(value)}${seen}`)
}
