// When JSON.stringify writes a value under a schema just as the compiled writer would, it is several times faster. A check
// compiled from the schema says so: field names in order, nothing missing, no number or null that prints otherwise.
import type { Schema } from '@millrace/api'
import type { JsonOptions } from './config.ts'
import { prints } from './text.ts'

/** True when JSON.stringify may write this value. */
export type NativeCheck = (value: unknown) => boolean

const STRING = 0
const BOOLEAN = 1
const INTEGER = 2
const LONG = 3
const DOUBLE = 4
const NESTED = 5
const NULLABLE = 8

interface Kind {
  readonly code: number
  /** Range of an integer. */
  readonly low: number
  readonly high: number
  readonly nested: NativeCheck | null
}

/** The check of an ARRAY or STRUCT, or null when its values can never be written natively. */
export function compileNative(schema: Schema, options: JsonOptions): NativeCheck | null {
  if (schema.name?.startsWith('org.apache.kafka.connect.data.')) return null
  if (schema.type === 'ARRAY') return arrayCheck(schema, options)
  return schema.type === 'STRUCT' ? structCheck(schema, options) : null
}

function arrayCheck(schema: Schema, options: JsonOptions): NativeCheck | null {
  const kind = schema.valueSchema === null ? null : kindOf(schema.valueSchema, options)
  if (kind === null) return null
  return (value) => {
    if (!Array.isArray(value)) return false
    for (let at = 0; at < value.length; at++) if (!fits(kind, value[at])) return false
    return true
  }
}

function structCheck(schema: Schema, options: JsonOptions): NativeCheck | null {
  const kinds: Kind[] = []
  for (const field of schema.fields) {
    const kind = kindOf(field.schema, options)
    if (kind === null) return null
    kinds.push(kind)
  }
  // JavaScript orders members that look like indexes before all others; such schemas, and the empty one, take the slow way.
  const names = schema.fields.map((field) => field.name)
  if (names.length === 0 || names.some((name) => /^\d+$/.test(name) || name === '__proto__' || name === 'toJSON'))
    return null
  return (value) => {
    if (typeof value !== 'object' || value === null) return false
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype !== Object.prototype && prototype !== null) return false
    const record = value as Readonly<Record<string, unknown>>
    let at = 0
    for (const name in record) {
      if (name !== names[at] || !fits(kinds[at] as Kind, record[name])) return false
      at++
    }
    return at === names.length
  }
}

function fits(kind: Kind, value: unknown): boolean {
  if (value === null) return (kind.code & NULLABLE) !== 0
  switch (kind.code & ~NULLABLE) {
    case STRING:
      return typeof value === 'string'
    case BOOLEAN:
      return typeof value === 'boolean'
    case INTEGER:
      return typeof value === 'number' && value >= kind.low && value <= kind.high && Number.isInteger(value)
    case LONG:
      return Number.isSafeInteger(value)
    case DOUBLE:
      return typeof value === 'number' && prints(value) && !Number.isInteger(value)
    default:
      return (kind.nested as NativeCheck)(value)
  }
}

function kindOf(schema: Schema, options: JsonOptions): Kind | null {
  if (schema.name?.startsWith('org.apache.kafka.connect.data.')) return null
  const replaces = schema.defaultValue !== undefined && schema.defaultValue !== null && options.replaceNullWithDefault
  const nullable = schema.optional && !replaces ? NULLABLE : 0
  const simple = (code: number, low = 0, high = 0): Kind => ({ code: code | nullable, low, high, nested: null })
  switch (schema.type) {
    case 'STRING':
      return simple(STRING)
    case 'BOOLEAN':
      return simple(BOOLEAN)
    case 'INT8':
      return simple(INTEGER, -128, 127)
    case 'INT16':
      return simple(INTEGER, -32_768, 32_767)
    case 'INT32':
      return simple(INTEGER, -2_147_483_648, 2_147_483_647)
    case 'INT64':
      return simple(LONG)
    case 'FLOAT64':
      return simple(DOUBLE)
    case 'ARRAY':
    case 'STRUCT': {
      const nested = compileNative(schema, options)
      return nested === null ? null : { code: NESTED | nullable, low: 0, high: 0, nested }
    }
    default:
      return null
  }
}
