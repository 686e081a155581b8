// The types whose values are the same in JavaScript and in parsed JSON, by a number that a loop can switch on.
import { LogicalName, type Schema, type SchemaType } from '@millrace/api'

export const Kind = {
  OTHER: 0,
  STRING: 1,
  BOOLEAN: 2,
  INT8: 3,
  INT16: 4,
  INT32: 5,
  INT64: 6,
  FLOAT32: 7,
  FLOAT64: 8,
} as const
export type Kind = (typeof Kind)[keyof typeof Kind]

const LOGICAL: ReadonlySet<string | null> = new Set(Object.values(LogicalName))
const KINDS: Readonly<Partial<Record<SchemaType, Kind>>> = Kind

/** The kind of a schema; OTHER for bytes, the logical types, and all that holds other values. */
export function nativeKind(schema: Schema): Kind {
  return LOGICAL.has(schema.name) ? Kind.OTHER : (KINDS[schema.type] ?? Kind.OTHER)
}

/** True when null stands for the default value. */
export function replacesNull(schema: Schema, replaceNullWithDefault: boolean): boolean {
  return replaceNullWithDefault && schema.defaultValue !== undefined && schema.defaultValue !== null
}
