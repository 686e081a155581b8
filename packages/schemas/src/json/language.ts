// JSON Schema as a schema language of the registry.
import { isObject, type JsonNode, parseJson, printJson } from '../json-text.ts'
import { type ParsedSchema, type ReferencedTexts, type SchemaLanguage, SchemaParseException } from '../language.ts'
import { checkJsonSchema } from './check.ts'
import { compareModels } from './comparison.ts'
import type { Model } from './model.ts'
import { Modelling } from './modelling.ts'
import { References } from './references.ts'
import { sorted } from './sorted.ts'

/** A JSON schema that has been parsed. */
export interface ParsedJsonSchema extends ParsedSchema {
  readonly type: 'JSON'
  readonly schema: JsonNode
  readonly references: References
}

/**
 * Parses a schema of any draft from 4 to 2020-12.
 * @throws {SchemaParseException} when the text is no schema, or a `$ref` leads nowhere
 */
export function parseJsonSchema(text: string, references: ReferencedTexts = new Map()): ParsedJsonSchema {
  try {
    const schema = parseJson(text, 'decimal')
    const known = new References(
      schema,
      new Map([...references].map(([name, one]) => [name, parseJson(one, 'decimal')])),
    )
    checkJsonSchema(known)
    return jsonSchema(schema, known)
  } catch (error) {
    if (error instanceof RangeError) throw new SchemaParseException('The schema is nested too deeply', { cause: error })
    throw error
  }
}

function jsonSchema(schema: JsonNode, references: References): ParsedJsonSchema {
  const title = isObject(schema) ? schema.get('title') : undefined
  return Object.freeze({
    type: 'JSON' as const,
    schema,
    references,
    name: typeof title === 'string' ? title : null,
    canonicalText: printJson(schema),
  })
}

/** Models of a schema are made when it is compared first. */
const models = new WeakMap<ParsedJsonSchema, Model>()
function modelOf(parsed: ParsedJsonSchema): Model {
  const known = models.get(parsed)
  if (known !== undefined) return known
  const root = parsed.references.root
  const model = new Modelling(parsed.references).of({ node: root, root })
  models.set(parsed, model)
  return model
}

/** JSON Schema. Source: https://json-schema.org/specification */
export const JSON_SCHEMA: SchemaLanguage<ParsedJsonSchema> = Object.freeze({
  type: 'JSON' as const,
  parse: parseJsonSchema,
  normalize: (parsed: ParsedJsonSchema) => {
    const schema = sorted(parsed.schema)
    return jsonSchema(schema, parsed.references.withRoot(schema))
  },
  incompatibilities: (reader: ParsedJsonSchema, writer: ParsedJsonSchema) =>
    compareModels(modelOf(reader), modelOf(writer)),
})
