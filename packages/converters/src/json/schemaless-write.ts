// JSON of values without a schema. Almost all values are what JSON.stringify prints right; a walk finds out first.
import { DataException, Decimal, doubleToString, javaClassOf } from '@millrace/api'
import { bytesText, type Escapes, prints, quote } from './text.ts'

const INT64_MIN = -(2n ** 63n)
const UINT64_MAX = 2n ** 64n - 1n

/**
 * JSON text of a value without a schema.
 * @throws DataException for what has no type in Connect: a Date, a Decimal, a function, a bigint of more than 64 bits
 */
export function schemalessText(value: unknown, escapes: Escapes): string {
  if (typeof value === 'object' && value !== null && isPlainJson(value)) return escapes(JSON.stringify(value))
  return slowText(value, escapes)
}

/** True when JSON.stringify writes this object as the reference would: only plain objects, arrays, and values that print the same. */
function isPlainJson(value: object): boolean {
  if (value.constructor !== Object) return Array.isArray(value) && isPlainArray(value)
  const record = value as Record<string, unknown>
  for (const key in record) {
    const item = record[key]
    // Ordered by how often they are met; the numbers are not in a function of their own because that costs a third more.
    if (typeof item === 'string') continue
    if (typeof item === 'number') {
      if ((item | 0) === item || prints(item) || Number.isSafeInteger(item)) continue
      return false
    }
    if (typeof item === 'boolean' || item === null || item === undefined) continue
    if (typeof item !== 'object' || !isPlainJson(item)) return false
  }
  return true
}

function isPlainArray(values: readonly unknown[]): boolean {
  for (let at = 0; at < values.length; at++) {
    const item = values[at]
    if (typeof item === 'string') continue
    if (typeof item === 'number') {
      if ((item | 0) === item || prints(item) || Number.isSafeInteger(item)) continue
      return false
    }
    if (typeof item === 'boolean' || item === null || item === undefined) continue
    if (typeof item !== 'object' || !isPlainJson(item)) return false
  }
  return true
}

function slowText(value: unknown, escapes: Escapes): string {
  switch (typeof value) {
    case 'string':
      return quote(value, escapes)
    case 'number':
      return schemalessNumber(value)
    case 'bigint':
      if (value >= INT64_MIN && value <= UINT64_MAX) return `${value}`
      throw new DataException('Java class class java.math.BigInteger does not have corresponding schema type.')
    case 'boolean':
      return value ? 'true' : 'false'
    case 'undefined':
      return 'null'
    case 'object':
      return value === null ? 'null' : slowObject(value, escapes)
    default:
      throw noType(value)
  }
}

function schemalessNumber(value: number): string {
  if (Number.isSafeInteger(value)) return `${value}`
  return value - value === 0 ? doubleToString(value) : `"${value}"`
}

function slowObject(value: object, escapes: Escapes): string {
  if (Array.isArray(value)) return `[${value.map((item) => slowText(item, escapes)).join(',')}]`
  if (value instanceof Uint8Array) return bytesText(value)
  if (value instanceof Map) return mapText(value, escapes)
  // A Set, an Error, a Promise would print as nothing; an instance of some class prints its own properties.
  const isRecord = value.constructor === Object || Object.prototype.toString.call(value) === '[object Object]'
  if (!isRecord || value instanceof Decimal) throw noType(value)
  let text = ''
  for (const key of Object.keys(value)) {
    const item = (value as Readonly<Record<string, unknown>>)[key]
    if (item !== undefined) text += `${text === '' ? '' : ','}${quote(key, escapes)}:${slowText(item, escapes)}`
  }
  return `{${text}}`
}

/** An object when all keys are strings, else a list of pairs. */
function mapText(map: ReadonlyMap<unknown, unknown>, escapes: Escapes): string {
  const entries = [...map]
  if (entries.every(([key]) => typeof key === 'string')) {
    const members = entries.map(([key, item]) => `${quote(key as string, escapes)}:${slowText(item, escapes)}`)
    return `{${members.join(',')}}`
  }
  return `[${entries.map(([key, item]) => `[${slowText(key, escapes)},${slowText(item, escapes)}]`).join(',')}]`
}

function noType(value: unknown): DataException {
  return new DataException(`Java class class ${javaClassOf(value)} does not have corresponding schema type.`)
}
