// Schemas: what a value looks like. Frozen data; functions that build and compare them stand beside it.

/** The twelve types of Connect's data model. */
export const SchemaType = {
  INT8: 'INT8',
  INT16: 'INT16',
  INT32: 'INT32',
  INT64: 'INT64',
  FLOAT32: 'FLOAT32',
  FLOAT64: 'FLOAT64',
  BOOLEAN: 'BOOLEAN',
  STRING: 'STRING',
  BYTES: 'BYTES',
  ARRAY: 'ARRAY',
  MAP: 'MAP',
  STRUCT: 'STRUCT',
} as const
export type SchemaType = (typeof SchemaType)[keyof typeof SchemaType]

/**
 * A value of the data model, by its schema:
 * INT8, INT16, INT32, FLOAT32, FLOAT64 → `number`; INT64 → `number` when it is a safe integer, else `bigint`, without loss;
 * BOOLEAN → `boolean`; STRING → `string`; BYTES → `Buffer` (any `Uint8Array` is accepted); ARRAY → `Array`; MAP → `Map`;
 * STRUCT → an object with one property per field, in schema order; Decimal → `Decimal`; Date, Time, Timestamp → `Date`.
 * Without a schema: an integral `number` or a `bigint` is an INT64, another `number` a FLOAT64, a plain object or `Map` a map.
 */
export type Value = unknown

/** One field of a struct. */
export interface Field {
  readonly name: string
  /** Position in the struct, from 0. */
  readonly index: number
  readonly schema: Schema
}

/**
 * A schema. Frozen once built: it may be compared by identity for speed and by {@link schemaEquals} for meaning.
 * Absent attributes are `null`, never `undefined`, so that all schemas have one shape.
 */
export interface Schema {
  readonly type: SchemaType
  readonly optional: boolean
  /** Value used where none is given; `undefined` when there is none. */
  readonly defaultValue: Value | undefined
  readonly name: string | null
  readonly version: number | null
  readonly doc: string | null
  readonly parameters: ReadonlyMap<string, string> | null
  /** Fields of a STRUCT, in order; empty for other types. */
  readonly fields: readonly Field[]
  /** Schema of a MAP's keys. */
  readonly keySchema: Schema | null
  /** Schema of a MAP's values or an ARRAY's elements. */
  readonly valueSchema: Schema | null
}

/** The field called `name`, or undefined. Looks through an index that is made once per schema. */
export function fieldOf(schema: Schema, name: string): Field | undefined {
  let index = indexes.get(schema)
  if (index === undefined) {
    index = new Map(schema.fields.map((field) => [field.name, field]))
    indexes.set(schema, index)
  }
  return index.get(name)
}

const indexes = new WeakMap<Schema, Map<string, Field>>()

/** True for the nine types that hold no other values. */
export function isPrimitive(type: SchemaType): boolean {
  return type !== 'ARRAY' && type !== 'MAP' && type !== 'STRUCT'
}

/** The reference's text form: `Schema{STRING}`, or with a name `Schema{my.Name:STRUCT}`. */
export function schemaToString(schema: Schema): string {
  return schema.name === null ? `Schema{${schema.type}}` : `Schema{${schema.name}:${schema.type}}`
}
