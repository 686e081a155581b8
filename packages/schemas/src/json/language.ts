// JSON Schema as a schema language of the registry.
import { isArray, isObject, type JsonNode, parseJson, printJson } from '../avro/json.ts'
import { type ParsedSchema, type ReferencedTexts, type SchemaLanguage, SchemaParseException } from '../language.ts'
import { checkJsonSchema } from './check.ts'
import { incompatibilities } from './compatibility.ts'
import { References } from './references.ts'

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
    const schema = parseJson(text)
    const known = new References(schema, new Map([...references].map(([name, one]) => [name, parseJson(one)])))
    checkJsonSchema(schema, known)
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

/** The same with the members of all objects in the order of their names. */
function sorted(node: JsonNode): JsonNode {
  if (isArray(node)) return node.map(sorted)
  if (!isObject(node)) return node
  const members = [...node].map(([name, value]): [string, JsonNode] => [name, sorted(value)])
  return new Map(members.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
}

/** JSON Schema. Source: https://json-schema.org/specification */
export const JSON_SCHEMA: SchemaLanguage<ParsedJsonSchema> = Object.freeze({
  type: 'JSON' as const,
  parse: parseJsonSchema,
  normalize: (parsed: ParsedJsonSchema) => {
    const schema = sorted(parsed.schema)
    return jsonSchema(schema, parsed.references.withRoot(schema))
  },
  incompatibilities,
})
