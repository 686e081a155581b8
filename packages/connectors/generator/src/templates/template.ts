// What a template is: a schema, the field that is the key, and a function from a record's number to its value.
import { type Schema, SchemaBuilder, type Value } from '@millrace/api'
import type { Random } from '../random.ts'

/** The value of a struct. */
export type Row = Readonly<Record<string, Value>>

/** Makes records of one kind. */
export interface Template {
  readonly schema: Schema
  /** The field whose value is the record's key. */
  readonly keyField: string
  /** The value of record `index`, from 0; `random` is set to that record. */
  make(random: Random, index: number): Row
}

/** A struct schema with these fields, in this order. */
export function struct(name: string, fields: Readonly<Record<string, Schema>>): Schema {
  const builder = SchemaBuilder.struct().name(name)
  for (const [field, schema] of Object.entries(fields)) builder.field(field, schema)
  return builder.build()
}

/** A number for an INT32 field: begins again at 0 after 2^31 records. */
export function int32(index: number): number {
  return index % 2 ** 31
}
