// Equality of schemas and of values: by meaning, over all attributes, as the reference compares them.
import { Decimal } from './decimal.ts'
import type { Schema, Value } from './schema.ts'

/** True when both schemas agree in every attribute: type, optional, default, name, version, doc, parameters, fields, key and value schema. */
export function schemaEquals(a: Schema | null, b: Schema | null): boolean {
  if (a === b) return true
  if (a === null || b === null) return false
  return (
    a.type === b.type &&
    a.optional === b.optional &&
    a.name === b.name &&
    a.version === b.version &&
    a.doc === b.doc &&
    valueEquals(a.defaultValue ?? null, b.defaultValue ?? null) &&
    parametersEqual(a.parameters, b.parameters) &&
    a.fields.length === b.fields.length &&
    a.fields.every(
      (field, at) => field.name === b.fields[at]?.name && schemaEquals(field.schema, b.fields[at].schema),
    ) &&
    schemaEquals(a.keySchema, b.keySchema) &&
    schemaEquals(a.valueSchema, b.valueSchema)
  )
}

function parametersEqual(a: ReadonlyMap<string, string> | null, b: ReadonlyMap<string, string> | null): boolean {
  if (a === null || b === null) return a === b
  if (a.size !== b.size) return false
  for (const [name, value] of a) if (b.get(name) !== value) return false
  return true
}

/** Deep equality of two values of the data model. NaN equals NaN; an int64 equals itself as number and as bigint. */
export function valueEquals(a: Value, b: Value): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object') {
    // An int64 is a number or a bigint by its size: compare by value across the two.
    return isInteger(a) && isInteger(b) && BigInt(a) === BigInt(b)
  }
  if (a === null || b === null) return false
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0
  if (a instanceof Date) return b instanceof Date && a.getTime() === b.getTime()
  if (a instanceof Decimal) return a.equals(b)
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, at) => valueEquals(item, b[at]))
  }
  if (a instanceof Map) return b instanceof Map && mapEquals(a, b)
  return !Array.isArray(b) && !(b instanceof Map) && objectEquals(a, b)
}

function isInteger(value: unknown): value is number | bigint {
  return typeof value === 'bigint' || Number.isInteger(value)
}

function mapEquals(a: ReadonlyMap<unknown, unknown>, b: ReadonlyMap<unknown, unknown>): boolean {
  if (a.size !== b.size) return false
  for (const [key, value] of a) {
    if (b.has(key)) {
      if (!valueEquals(value, b.get(key))) return false
    } else if (![...b].some(([k, v]) => valueEquals(key, k) && valueEquals(value, v))) {
      return false
    }
  }
  return true
}

function objectEquals(a: object, b: object): boolean {
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  const x = a as Record<string, unknown>
  const y = b as Record<string, unknown>
  return keys.every((key) => Object.hasOwn(y, key) && valueEquals(x[key], y[key]))
}
