// Checks that a value is what its schema says. Off the hot path: sources and sinks call it where they want proof.
import { DataException } from '../errors.ts'
import { Decimal } from './decimal.ts'
import { javaClassOf } from './java-text.ts'
import { LogicalName } from './logical-names.ts'
import type { Schema, SchemaType, Value } from './schema.ts'

const INT64_MIN = -(2n ** 63n)
const INT64_MAX = 2n ** 63n - 1n

/**
 * Checks `value` against `schema`, deeply. Elements whose schema is not known, as header parsing makes them, are not looked at.
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
    throw new DataException(`Invalid value: null used for required ${where}, schema type: ${schema.type}`)
  }
  if (!fitsType(schema, value)) throw unfit(schema, value, where)
  if (schema.type === 'STRUCT') validateStruct(schema, value as Record<string, unknown>)
  else if (schema.type === 'ARRAY' && schema.valueSchema !== null) {
    for (const item of value as unknown[]) validateValue(schema.valueSchema, item, `element of array ${where}`)
  } else if (schema.type === 'MAP') {
    for (const [key, item] of value as Map<unknown, unknown>) {
      if (schema.keySchema !== null) validateValue(schema.keySchema, key, `key of map ${where}`)
      if (schema.valueSchema !== null) validateValue(schema.valueSchema, item, `value of map ${where}`)
    }
  }
}

function unfit(schema: Schema, value: unknown, where: string): DataException {
  const named = schema.name === null ? '' : ` "${schema.name}"`
  const seen = typeof value === 'number' || typeof value === 'bigint' ? ` (${value})` : ''
  return new DataException(
    `Invalid Java object for schema${named} with type ${schema.type}: class ${javaClassOf(value)}${seen} for ${where}`,
  )
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
  STRUCT: (value) => typeof value === 'object' && value !== null && !isOtherType(value),
}

function isOtherType(value: object): boolean {
  return (
    Array.isArray(value) ||
    value instanceof Map ||
    value instanceof Uint8Array ||
    value instanceof Date ||
    value instanceof Decimal
  )
}

/** True when a value that is not null has the type of the schema. Its members are not looked at. */
export function fitsType(schema: Schema, value: unknown): boolean {
  const logical = schema.name === null ? undefined : LOGICAL[schema.name]
  return (logical ?? PHYSICAL[schema.type])(value)
}
