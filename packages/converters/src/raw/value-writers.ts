// Compiles a schema into a function that writes a value as tokens. Made once per schema, run per record.
import { DataException, Decimal, javaClassOf, LogicalName, type Schema, timeToMillis } from '@millrace/api'
import type { TokenWriter } from './tokens.ts'

/** Writes one value. @throws DataException for a value that does not fit the schema */
export type ValueWriter = (value: unknown) => void

const INT64_MIN = -(2n ** 63n)
const INT64_MAX = 2n ** 63n - 1n
const MAX_DEPTH = 500

/** The writer of a schema, nulls and defaults included. */
export function compileValueWriter(schema: Schema | null, to: TokenWriter, nullToDefault: boolean): ValueWriter {
  if (schema === null) return (value) => writePlain(value, to, 0)
  const write = logicalWriter(schema, to) ?? typedWriter(schema, to, nullToDefault)
  const { defaultValue, optional, type } = schema
  if (nullToDefault && defaultValue !== undefined && defaultValue !== null) {
    return (value) => write(value ?? defaultValue)
  }
  return (value) => {
    if (value !== null && value !== undefined) write(value)
    else if (optional) to.none()
    else throw new DataException(`Conversion error: null value for a required field of type ${type}`)
  }
}

function logicalWriter(schema: Schema, to: TokenWriter): ValueWriter | undefined {
  switch (schema.name) {
    case LogicalName.DECIMAL:
      return (value) => (value instanceof Decimal ? to.decimal(value) : unfit(schema, value))
    case LogicalName.DATE:
      return (value) => to.date(asDate(schema, value))
    case LogicalName.TIME:
      return (value) => to.integer(timeToMillis(asDate(schema, value)))
    case LogicalName.TIMESTAMP:
      return (value) => to.timestamp(asDate(schema, value))
    default:
      return undefined
  }
}

function asDate(schema: Schema, value: unknown): Date {
  return value instanceof Date && !Number.isNaN(value.getTime()) ? value : unfit(schema, value)
}

function typedWriter(schema: Schema, to: TokenWriter, nullToDefault: boolean): ValueWriter {
  switch (schema.type) {
    case 'INT8':
      return integerWriter(schema, to, -128, 127)
    case 'INT16':
      return integerWriter(schema, to, -32_768, 32_767)
    case 'INT32':
      return integerWriter(schema, to, -2_147_483_648, 2_147_483_647)
    case 'INT64':
      return (value) => {
        if (Number.isSafeInteger(value)) to.integer(value as number)
        else if (typeof value === 'bigint' && value >= INT64_MIN && value <= INT64_MAX) to.integer(value)
        else unfit(schema, value)
      }
    case 'FLOAT32':
      return (value) => (typeof value === 'number' ? to.float32(value) : unfit(schema, value))
    case 'FLOAT64':
      return (value) => (typeof value === 'number' ? to.float64(value) : unfit(schema, value))
    case 'BOOLEAN':
      return (value) => (typeof value === 'boolean' ? to.boolean(value) : unfit(schema, value))
    case 'STRING':
      return (value) => (typeof value === 'string' ? to.text(value) : unfit(schema, value))
    case 'BYTES':
      return (value) => (value instanceof Uint8Array ? to.bytes(value) : unfit(schema, value))
    case 'ARRAY':
      return arrayWriter(schema, to, nullToDefault)
    case 'MAP':
      return mapWriter(schema, to, nullToDefault)
    case 'STRUCT':
      return structWriter(schema, to, nullToDefault)
  }
}

function integerWriter(schema: Schema, to: TokenWriter, low: number, high: number): ValueWriter {
  return (value) => {
    if (typeof value === 'number' && value >= low && value <= high && Number.isInteger(value)) to.integer(value)
    else unfit(schema, value)
  }
}

function arrayWriter(schema: Schema, to: TokenWriter, nullToDefault: boolean): ValueWriter {
  const item = compileValueWriter(schema.valueSchema, to, nullToDefault)
  return (value) => {
    if (!Array.isArray(value)) return unfit(schema, value)
    to.list(value.length)
    for (let at = 0; at < value.length; at++) item(value[at])
  }
}

function mapWriter(schema: Schema, to: TokenWriter, nullToDefault: boolean): ValueWriter {
  const key = compileValueWriter(schema.keySchema, to, nullToDefault)
  const item = compileValueWriter(schema.valueSchema, to, nullToDefault)
  return (value) => {
    if (!(value instanceof Map)) {
      if (!isPlainObject(value)) return unfit(schema, value)
      return writeEntries(Object.entries(value), to, key, item)
    }
    to.map(value.size)
    for (const [name, one] of value) {
      key(name)
      item(one)
    }
  }
}

function writeEntries(entries: [string, unknown][], to: TokenWriter, key: ValueWriter, item: ValueWriter): void {
  to.map(entries.length)
  for (const [name, one] of entries) {
    key(name)
    item(one)
  }
}

function structWriter(schema: Schema, to: TokenWriter, nullToDefault: boolean): ValueWriter {
  const names = schema.fields.map((field) => field.name)
  const writers = schema.fields.map((field) => compileValueWriter(field.schema, to, nullToDefault))
  return (value) => {
    if (!isPlainObject(value)) return unfit(schema, value)
    to.map(names.length)
    for (let at = 0; at < names.length; at++) {
      const name = names[at] as string
      to.text(name)
      ;(writers[at] as ValueWriter)(name === '__proto__' && !Object.hasOwn(value, name) ? null : value[name])
    }
  }
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Map) &&
    !(value instanceof Uint8Array) &&
    !(value instanceof Date) &&
    !(value instanceof Decimal)
  )
}

function unfit(schema: Schema, value: unknown): never {
  throw new DataException(`Invalid type for ${schema.name ?? schema.type}: class ${javaClassOf(value)}`)
}

/** Writes a value without a schema. @throws DataException for what has no form: a function, a symbol, a Promise */
function writePlain(value: unknown, to: TokenWriter, depth: number): void {
  switch (typeof value) {
    case 'string':
      to.text(value)
      break
    case 'number':
      if (Number.isSafeInteger(value) && !Object.is(value, -0)) to.integer(value)
      else to.float64(value)
      break
    case 'bigint':
      to.integer(value)
      break
    case 'boolean':
      to.boolean(value)
      break
    case 'undefined':
      to.none()
      break
    case 'object':
      if (value === null) to.none()
      else writeObject(value, to, depth + 1)
      break
    default:
      throw new DataException(`A ${typeof value} cannot be written`)
  }
}

function writeObject(value: object, to: TokenWriter, depth: number): void {
  if (depth > MAX_DEPTH) throw new DataException(`A value nested deeper than ${MAX_DEPTH} cannot be written`)
  if (Array.isArray(value)) {
    to.list(value.length)
    for (const item of value) writePlain(item, to, depth)
  } else if (value instanceof Map) {
    to.map(value.size)
    for (const [key, item] of value) {
      writePlain(key, to, depth)
      writePlain(item, to, depth)
    }
  } else if (value instanceof Uint8Array) to.bytes(value)
  else if (value instanceof Date) to.timestamp(value)
  else if (value instanceof Decimal) to.decimal(value)
  else if (Object.prototype.toString.call(value) === '[object Object]') {
    const keys = Object.keys(value)
    to.map(keys.length)
    for (const key of keys) {
      to.text(key)
      writePlain((value as Record<string, unknown>)[key], to, depth)
    }
  } else throw new DataException(`Class ${javaClassOf(value)} cannot be written`)
}
