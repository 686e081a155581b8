// Schemas that contain themselves.
import type { Schema } from '@millrace/api'

/**
 * True for a schema in which a struct holds itself. References to one struct share its list of fields.
 */
export function isRecursive(schema: Schema): boolean {
  return contains(schema, new Set())
}

function contains(schema: Schema | null, around: Set<readonly unknown[]>): boolean {
  if (schema === null) return false
  if (schema.type !== 'STRUCT') return contains(schema.keySchema, around) || contains(schema.valueSchema, around)
  const { fields } = schema
  if (fields.length === 0) return false
  if (around.has(fields)) return true
  around.add(fields)
  const found = fields.some((field) => contains(field.schema, around))
  around.delete(fields)
  return found
}
