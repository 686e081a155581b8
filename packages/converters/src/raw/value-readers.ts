// Compiles a schema into a function from plain values, as the binary readers give them, to values of the schema.
import {
  DataException,
  Decimal,
  dateFromDays,
  javaClassOf,
  LogicalName,
  type Schema,
  timeFromMillis,
} from '@millrace/api'
import { plainMap, setMember } from './reading.ts'

/** The schema's value of a plain one. @throws DataException for one that does not fit */
export type ValueReader = (plain: unknown) => unknown

const INT64_MIN = -(2n ** 63n)
const INT64_MAX = 2n ** 63n - 1n
const DAY_MS = 86_400_000

/** The reader of a schema, nulls and defaults included. */
export function compileValueReader(schema: Schema | null, nullToDefault: boolean): ValueReader {
  if (schema === null) return (plain) => plain
  const read = logicalReader(schema) ?? typedReader(schema, nullToDefault)
  const { defaultValue, optional, type } = schema
  const instead = nullToDefault && defaultValue !== undefined && defaultValue !== null ? defaultValue : null
  return (plain) => {
    if (plain !== null && plain !== undefined) return read(plain)
    if (instead !== null) return instead
    if (optional) return null
    throw new DataException(`Invalid null value for required ${type} field`)
  }
}

function logicalReader(schema: Schema): ValueReader | undefined {
  switch (schema.name) {
    case LogicalName.DECIMAL: {
      return (plain) => {
        if (plain instanceof Decimal) return plain
        return typeof plain === 'string' ? decimalOf(plain) : unfit(schema, plain)
      }
    }
    case LogicalName.DATE:
      return (plain) => {
        if (plain instanceof Date) return plain.getTime() % DAY_MS === 0 ? plain : unfit(schema, plain)
        return isInt32(plain) ? dateFromDays(plain) : unfit(schema, plain)
      }
    case LogicalName.TIME:
      return (plain) => (isInt32(plain) ? timeFromMillis(plain) : unfit(schema, plain))
    case LogicalName.TIMESTAMP:
      return (plain) => {
        if (plain instanceof Date) return plain
        if (typeof plain !== 'number') return unfit(schema, plain)
        const date = new Date(plain)
        return Number.isNaN(date.getTime()) ? unfit(schema, plain) : date
      }
    default:
      return undefined
  }
}

function decimalOf(text: string): Decimal {
  try {
    return Decimal.parse(text)
  } catch (cause) {
    throw new DataException(`Not a decimal number: ${text}`, { cause })
  }
}

function isInt32(plain: unknown): plain is number {
  return typeof plain === 'number' && (plain | 0) === plain
}

function typedReader(schema: Schema, nullToDefault: boolean): ValueReader {
  switch (schema.type) {
    case 'INT8':
      return (plain) => (isInt32(plain) && (plain << 24) >> 24 === plain ? plain : unfit(schema, plain))
    case 'INT16':
      return (plain) => (isInt32(plain) && (plain << 16) >> 16 === plain ? plain : unfit(schema, plain))
    case 'INT32':
      return (plain) => (isInt32(plain) ? plain : unfit(schema, plain))
    case 'INT64':
      return (plain) => {
        if (Number.isSafeInteger(plain)) return plain
        return typeof plain === 'bigint' && plain >= INT64_MIN && plain <= INT64_MAX ? plain : unfit(schema, plain)
      }
    case 'FLOAT32':
    case 'FLOAT64':
      return (plain) =>
        typeof plain === 'number' ? plain : typeof plain === 'bigint' ? Number(plain) : unfit(schema, plain)
    case 'BOOLEAN':
      return (plain) => (typeof plain === 'boolean' ? plain : unfit(schema, plain))
    case 'STRING':
      return (plain) => (typeof plain === 'string' ? plain : unfit(schema, plain))
    case 'BYTES':
      return (plain) => (plain instanceof Uint8Array ? plain : unfit(schema, plain))
    case 'ARRAY': {
      const item = compileValueReader(schema.valueSchema, nullToDefault)
      return (plain) => (Array.isArray(plain) ? plain.map((one) => item(one)) : unfit(schema, plain))
    }
    case 'MAP':
      return mapReader(schema, nullToDefault)
    case 'STRUCT':
      return structReader(schema, nullToDefault)
  }
}

function mapReader(schema: Schema, nullToDefault: boolean): ValueReader {
  const key = compileValueReader(schema.keySchema, nullToDefault)
  const item = compileValueReader(schema.valueSchema, nullToDefault)
  return (plain) => {
    const entries = plain instanceof Map ? plain : isObject(plain) ? plainMap(plain) : unfit(schema, plain)
    const map = new Map<unknown, unknown>()
    for (const [name, one] of entries) map.set(key(name), item(one))
    return map
  }
}

function structReader(schema: Schema, nullToDefault: boolean): ValueReader {
  const names = schema.fields.map((field) => field.name)
  const readers = schema.fields.map((field) => compileValueReader(field.schema, nullToDefault))
  return (plain) => {
    if (!isObject(plain)) return unfit(schema, plain)
    const value: Record<string, unknown> = {}
    for (let at = 0; at < names.length; at++) {
      const name = names[at] as string
      setMember(value, name, (readers[at] as ValueReader)(Object.hasOwn(plain, name) ? plain[name] : undefined))
    }
    return value
  }
}

function isObject(plain: unknown): plain is Record<string, unknown> {
  return typeof plain === 'object' && plain !== null && Object.getPrototypeOf(plain) === Object.prototype
}

function unfit(schema: Schema, plain: unknown): never {
  throw new DataException(`Invalid type for ${schema.name ?? schema.type}: class ${javaClassOf(plain)}`)
}
