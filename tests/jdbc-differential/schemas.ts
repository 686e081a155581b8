// Short words for JSON with schemas, as records of the cases are written.

/** A schema as JsonConverter writes it. */
export interface JsonSchema {
  readonly type: string
  readonly optional?: boolean
  readonly name?: string
  readonly version?: number
  readonly default?: unknown
  readonly parameters?: Readonly<Record<string, string>>
  readonly fields?: readonly (JsonSchema & { readonly field: string })[]
  readonly items?: JsonSchema
  readonly keys?: JsonSchema
  readonly values?: JsonSchema
}

/** An optional schema. */
export function type(name: string, more: Partial<JsonSchema> = {}): JsonSchema {
  return { type: name, optional: true, ...more }
}

/** A schema with a name of its own. */
export function named(plain: string, name: string, parameters?: Readonly<Record<string, string>>): JsonSchema {
  return type(plain, { name, version: 1, ...(parameters && { parameters }) })
}

export const required = (schema: JsonSchema): JsonSchema => ({ ...schema, optional: false })

export function struct(fields: Readonly<Record<string, JsonSchema>>, more: Partial<JsonSchema> = {}): JsonSchema {
  return { type: 'struct', fields: Object.entries(fields).map(([field, one]) => ({ ...one, field })), ...more }
}

/** A field as a connector with `column.propagate.source.type` writes it. */
export function from(schema: JsonSchema, source: string, length?: number, scale?: number): JsonSchema {
  return {
    ...schema,
    parameters: {
      ...schema.parameters,
      '__debezium.source.column.type': source,
      ...(length !== undefined && { '__debezium.source.column.length': String(length) }),
      ...(scale !== undefined && { '__debezium.source.column.scale': String(scale) }),
    },
  }
}

/** The text of a message: null stays null. */
export function message(schema: JsonSchema, payload: unknown): string {
  return JSON.stringify({ schema, payload })
}
