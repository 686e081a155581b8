// Results of looking at a schema, made once for each: what comes per record is one comparison.
import { type Schema, SchemaBuilder, type SchemaType, schemaEquals } from '@millrace/api'

/** Equal schemas of different identity share a result; this many are compared before one is made anew. */
const COMPARED = 16

/** What `build` made of a schema. A build that throws is not remembered. */
export class BySchema<T> {
  readonly #build: (schema: Schema) => T
  readonly #known = new WeakMap<Schema, T>()
  #recent: { readonly schema: Schema; readonly result: T }[] = []
  #lastSchema: Schema | null = null
  #last: T | null = null

  constructor(build: (schema: Schema) => T) {
    this.#build = build
  }

  get(schema: Schema): T {
    return schema === this.#lastSchema ? (this.#last as T) : this.#find(schema)
  }

  #find(schema: Schema): T {
    let result = this.#known.get(schema)
    if (result === undefined) {
      // Some converters make a schema for each message: equal ones must not be compiled again and again.
      result = this.#recent.find((one) => schemaEquals(one.schema, schema))?.result
      if (result === undefined) {
        result = this.#build(schema)
        this.#recent = [{ schema, result }, ...this.#recent.slice(0, COMPARED - 1)]
      }
      this.#known.set(schema, result)
    }
    this.#lastSchema = schema
    this.#last = result
    return result
  }
}

/** A builder with name, version, doc and parameters of `source`; not its optionality and default. */
export function copyBasics(source: Schema, type: SchemaType = source.type): SchemaBuilder {
  const builder =
    type === 'ARRAY'
      ? SchemaBuilder.array(source.valueSchema)
      : type === 'MAP'
        ? SchemaBuilder.map(source.keySchema, source.valueSchema)
        : SchemaBuilder.type(type)
  if (source.name !== null) builder.name(source.name)
  if (source.version !== null) builder.version(source.version)
  if (source.doc !== null) builder.doc(source.doc)
  if (source.parameters !== null) builder.parameters(source.parameters)
  return builder
}
