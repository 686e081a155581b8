// JSON of values without a schema. Almost all values are what JSON.stringify prints right; a walk finds out first.
import { DataException, Decimal, doubleToString, javaClassOf } from '@millrace/api'
import { bytesText, prints, quote, referenceEscapes } from './text.ts'

const INT64_MIN = -(2n ** 63n)
const UINT64_MAX = 2n ** 64n - 1n

/**
 * JSON text of a value without a schema.
 * @throws DataException for what has no type in Connect: a Date, a Decimal, a function, a bigint of more than 64 bits
 */
export function schemalessText(value: unknown): string {
  if (typeof value === 'object' && value !== null && isPlainJson(value)) return referenceEscapes(JSON.stringify(value))
  return slowText(value)
}

/** True when JSON.stringify writes this object as the reference would: only plain objects, arrays, and values that print the same. */
function isPlainJson(value: object): boolean {
  if (Array.isArray(value)) return isPlainArray(value)
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return false
  const record = value as Record<string, unknown>
  for (const key in record) {
    const item = record[key]
    switch (typeof item) {
      case 'string':
      case 'boolean':
        break
      case 'number':
        if ((item | 0) !== item && !Number.isSafeInteger(item) && !prints(item)) return false
        break
      case 'object':
        if (item !== null && !isPlainJson(item)) return false
        break
      case 'undefined':
        break
      default:
        return false
    }
  }
  return true
}

function isPlainArray(values: readonly unknown[]): boolean {
  for (let at = 0; at < values.length; at++) {
    const item = values[at]
    switch (typeof item) {
      case 'string':
      case 'boolean':
        break
      case 'number':
        if ((item | 0) !== item && !Number.isSafeInteger(item) && !prints(item)) return false
        break
      case 'object':
        if (item !== null && !isPlainJson(item)) return false
        break
      default:
        if (item !== undefined) return false
    }
  }
  return true
}

function slowText(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return quote(value)
    case 'number':
      return schemalessNumber(value)
    case 'bigint':
      if (value >= INT64_MIN && value <= UINT64_MAX) return String(value)
      throw new DataException(`Java class class java.math.BigInteger does not have corresponding schema type.`)
    case 'boolean':
      return String(value)
    case 'undefined':
      return 'null'
    case 'object':
      return value === null ? 'null' : slowObject(value)
    default:
      throw noType(value)
  }
}

function schemalessNumber(value: number): string {
  if (Number.isSafeInteger(value)) return value === 0 ? '0' : String(value)
  return value - value === 0 ? doubleToString(value) : `"${value}"`
}

function slowObject(value: object): string {
  if (Array.isArray(value)) return `[${value.map(slowText).join(',')}]`
  if (value instanceof Uint8Array) return bytesText(value)
  if (value instanceof Map) return mapText(value)
  // A Set, an Error, a Promise would print as nothing; a class instance prints its own properties.
  if (Object.prototype.toString.call(value) !== '[object Object]' || value instanceof Decimal) throw noType(value)
  const parts: string[] = []
  for (const [key, item] of Object.entries(value)) {
    if (item !== undefined) parts.push(`${quote(key)}:${slowText(item)}`)
  }
  return `{${parts.join(',')}}`
}

/** An object when all keys are strings, else a list of pairs. */
function mapText(map: ReadonlyMap<unknown, unknown>): string {
  const entries = [...map]
  if (entries.every(([key]) => typeof key === 'string')) {
    return `{${entries.map(([key, item]) => `${quote(key as string)}:${slowText(item)}`).join(',')}}`
  }
  return `[${entries.map(([key, item]) => `[${slowText(key)},${slowText(item)}]`).join(',')}]`
}

function noType(value: unknown): DataException {
  return new DataException(`Java class class ${javaClassOf(value)} does not have corresponding schema type.`)
}
