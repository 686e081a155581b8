// Schemas of values that came without one.
import { Decimal } from '../decimal.ts'
import { isPrimitive, type Schema, type SchemaType, type Value } from '../schema.ts'
import { SchemaBuilder, Schemas } from '../schema-builder.ts'

/**
 * The schema a value has by its own type, or null when that does not say: null, dates and decimals, empty lists and maps,
 * and those whose members differ. A plain object is a map with string keys.
 */
export function inferSchema(value: Value): Schema | null {
  switch (typeof value) {
    case 'string':
      return Schemas.STRING
    case 'boolean':
      return Schemas.BOOLEAN
    case 'bigint':
      return Schemas.INT64
    case 'number':
      return Number.isSafeInteger(value) ? Schemas.INT64 : Schemas.FLOAT64
    case 'object':
      return value === null ? null : inferObject(value)
    default:
      return null
  }
}

function inferObject(value: object): Schema | null {
  if (value instanceof Uint8Array) return Schemas.BYTES
  if (value instanceof Date || value instanceof Decimal) return null
  if (Array.isArray(value)) {
    const items = commonSchema(value)
    return items && SchemaBuilder.array(items).build()
  }
  const map = value instanceof Map ? value : new Map(Object.entries(value))
  const keys = commonSchema(map.keys())
  const items = keys && commonSchema(map.values())
  return keys && items && SchemaBuilder.map(keys, items).build()
}

/** One schema for all values, optional when there is a null among them; null when they differ or there is none. */
function commonSchema(values: Iterable<unknown>): Schema | null {
  let common: Schema | null = null
  let optional = false
  for (const value of values) {
    if (value === null || value === undefined) {
      optional = true
      continue
    }
    const schema = inferSchema(value)
    if (schema === null || (common !== null && common.type !== schema.type)) return null
    common ??= schema
  }
  return common !== null && optional ? asOptional(common) : common
}

function asOptional(schema: Schema): Schema {
  return isPrimitive(schema.type) ? OPTIONAL(schema.type) : { ...schema, optional: true }
}

const OPTIONAL = (type: SchemaType) => SchemaBuilder.type(type).optional().build()
