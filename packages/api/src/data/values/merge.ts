// One schema for the elements of a parsed list, or the keys or values of a parsed map.
import type { Schema, SchemaType } from '../schema.ts'
import { schemaEquals } from '../schema-equals.ts'

const WIDTHS: readonly SchemaType[] = ['INT8', 'INT16', 'INT32', 'INT64', 'FLOAT32', 'FLOAT64']

/** Merges schemas one by one, to the widest number or to one that is common; null where there is none. */
export class SchemaMerger {
  #common: Schema | null = null
  #compatible = true

  /** The common schema so far; null before the first, and after two that cannot be merged. */
  get schema(): Schema | null {
    return this.#common
  }

  add(schema: Schema | null): void {
    if (schema === null || !this.#compatible) return
    this.#common = this.#common === null ? schema : merge(this.#common, schema)
    this.#compatible = this.#common !== null
  }
}

/** Of two of a type the later is taken, or the one that is optional. */
function merge(before: Schema, schema: Schema): Schema | null {
  if (before.type !== schema.type) {
    const a = WIDTHS.indexOf(before.type)
    const b = WIDTHS.indexOf(schema.type)
    if (a < 0 || b < 0) return null
    return a > b ? before : schema
  }
  if (before.optional === schema.optional) return before.optional ? before : schema
  return schemaEquals(before, schema) ? before : null
}
