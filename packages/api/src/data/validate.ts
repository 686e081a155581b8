// Checks that a value is what its schema says. Off the hot path: sources and sinks call it where they want proof.
import { DataException } from '../errors.ts'
import { Decimal } from './decimal.ts'
import { LogicalName } from './logical-names.ts'
import type { Schema, SchemaType, Value } from './schema.ts'

const INT64_MIN = -(2n ** 63n)
const INT64_MAX = 2n ** 63n - 1n

/**
 * Checks `value` against `schema`, deeply.
 * @param where how to name the value in an error: `value`, `field: "f"`
 * @throws DataException saying what was found and what was wanted, in the reference's words
 */
export function validateValue(schema: Schema | null, value: Value, where = 'value'): void {
  if (schema === null) {
    if (value === null || value === undefined) return
    throw new DataException(`No schema defined for ${where}`)
  }
  if (value === null || value === undefined) {
    if (schema.optional) return
    const place = where === 'value' ? 'value' : where
    throw new DataException(`Invalid value: null used for required ${place}, schema type: ${schema.type}`)
  }
  if (!fits(schema, value)) {
    throw new DataException(
      `Invalid value for schema "${schema.name ?? ''}" with type ${schema.type}: ${describe(value)} for ${where}`,
    )
  }
  if (schema.type === 'STRUCT') validateStruct(schema, value as Record<string, unknown>)
  else if (schema.type === 'ARRAY' && schema.valueSchema !== null) {
    for (const item of value as unknown[]) validateValue(schema.valueSchema, item, 'element of array')
  } else if (schema.type === 'MAP') {
    for (const [key, item] of value as Map<unknown, unknown>) {
      if (schema.keySchema !== null) validateValue(schema.keySchema, key, 'key of map')
      if (schema.valueSchema !== null) validateValue(schema.valueSchema, item, 'value of map')
    }
  }
}

/** Null is valid for an optional field and for one with a default, as the reference's `Struct.validate`. */
function validateStruct(schema: Schema, value: Record<string, unknown>): void {
  for (const field of schema.fields) {
    const item = value[field.name]
    if ((item === null || item === undefined) && field.schema.defaultValue !== undefined) continue
    validateValue(field.schema, item, `field: "${field.name}"`)
  }
}

const LOGICAL: Readonly<Record<string, (value: unknown) => boolean>> = {
  [LogicalName.DECIMAL]: (value) => value instanceof Decimal,
  [LogicalName.DATE]: (value) => value instanceof Date,
  [LogicalName.TIME]: (value) => value instanceof Date,
  [LogicalName.TIMESTAMP]: (value) => value instanceof Date,
}

const intBetween = (low: number, high: number) => (value: unknown) =>
  typeof value === 'number' && Number.isInteger(value) && value >= low && value <= high

const PHYSICAL: Readonly<Record<SchemaType, (value: unknown) => boolean>> = {
  INT8: intBetween(-128, 127),
  INT16: intBetween(-32_768, 32_767),
  INT32: intBetween(-2_147_483_648, 2_147_483_647),
  INT64: (value) =>
    Number.isSafeInteger(value) || (typeof value === 'bigint' && value >= INT64_MIN && value <= INT64_MAX),
  FLOAT32: (value) => typeof value === 'number',
  FLOAT64: (value) => typeof value === 'number',
  BOOLEAN: (value) => typeof value === 'boolean',
  STRING: (value) => typeof value === 'string',
  BYTES: (value) => value instanceof Uint8Array,
  ARRAY: Array.isArray,
  MAP: (value) => value instanceof Map,
  STRUCT: (value) =>
    typeof value === 'object' && !Array.isArray(value) && !(value instanceof Map) && !(value instanceof Uint8Array),
}

function fits(schema: Schema, value: unknown): boolean {
  const logical = schema.name === null ? undefined : LOGICAL[schema.name]
  return (logical ?? PHYSICAL[schema.type])(value)
}

/** A value's type and, where short and harmless, the value, for errors. */
export function describe(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value === 'number' || typeof value === 'bigint') return `number ${value}`
  if (typeof value !== 'object') return typeof value
  if (value instanceof Uint8Array) return 'bytes'
  return Array.isArray(value) ? 'array' : (value.constructor?.name ?? 'object')
}
