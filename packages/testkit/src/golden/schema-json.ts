// Schemas in Connect's JSON form, for golden files. Defaults of primitive types only.
import { type Schema, SchemaBuilder, type SchemaType } from '@millrace/api'

/** A schema as `JsonConverter` writes it into an envelope. */
export interface SchemaJson {
  readonly type: string
  readonly optional?: boolean
  readonly name?: string
  readonly version?: number
  readonly doc?: string
  readonly parameters?: Readonly<Record<string, string>>
  readonly default?: string | number | boolean
  readonly fields?: readonly (SchemaJson & { readonly field: string })[]
  readonly items?: SchemaJson
  readonly keys?: SchemaJson
  readonly values?: SchemaJson
}

const NAMES: Readonly<Record<string, SchemaType>> = { float: 'FLOAT32', double: 'FLOAT64' }
const WORDS: Readonly<Partial<Record<SchemaType, string>>> = { FLOAT32: 'float', FLOAT64: 'double' }

/** The schema of its JSON form. */
export function schemaOf(json: SchemaJson): Schema {
  const builder = builderOf(json)
  if (json.optional === true) builder.optional()
  if (json.name !== undefined) builder.name(json.name)
  if (json.version !== undefined) builder.version(json.version)
  if (json.doc !== undefined) builder.doc(json.doc)
  if (json.parameters !== undefined) builder.parameters(Object.entries(json.parameters))
  if (json.default !== undefined) builder.default(json.default)
  for (const field of json.fields ?? []) builder.field(field.field, schemaOf(field))
  return builder.build()
}

function builderOf(json: SchemaJson): SchemaBuilder {
  if (json.items !== undefined) return SchemaBuilder.array(schemaOf(json.items))
  if (json.keys !== undefined && json.values !== undefined) {
    return SchemaBuilder.map(schemaOf(json.keys), schemaOf(json.values))
  }
  return SchemaBuilder.type(NAMES[json.type] ?? (json.type.toUpperCase() as SchemaType))
}

/** The JSON form of a schema. */
export function schemaJson(schema: Schema): SchemaJson {
  return {
    type: WORDS[schema.type] ?? schema.type.toLowerCase(),
    ...(schema.optional && { optional: true }),
    ...(schema.name !== null && { name: schema.name }),
    ...(schema.version !== null && { version: schema.version }),
    ...(schema.doc !== null && { doc: schema.doc }),
    ...(schema.parameters !== null && { parameters: Object.fromEntries(schema.parameters) }),
    ...(schema.defaultValue !== undefined && { default: schema.defaultValue as string }),
    ...(schema.type === 'STRUCT' && {
      fields: schema.fields.map((field) => ({ field: field.name, ...schemaJson(field.schema) })),
    }),
    ...(schema.type === 'ARRAY' && { items: schemaJson(schema.valueSchema as Schema) }),
    ...(schema.type === 'MAP' && {
      keys: schemaJson(schema.keySchema as Schema),
      values: schemaJson(schema.valueSchema as Schema),
    }),
  }
}
