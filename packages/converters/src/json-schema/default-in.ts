// The default value that a JSON schema gives, as a value of Connect.
import type { Schema } from '@millrace/api'
import { isArray, isObject, type JsonNode, JsonNumber } from '@millrace/schemas/json'
import { define, NumberText } from '../json/parser.ts'
import type { JsonSchemaOptions } from './config.ts'
import { compileSchemaReader } from './readers.ts'

/** The value. @throws DataException when it is none of the schema */
export function defaultValue(schema: Schema, node: JsonNode, { keepOthers }: JsonSchemaOptions): unknown {
  return compileSchemaReader(schema, { withText: true, keepOthers })(parsed(node))
}

/** What the parser of values would have made of it. */
function parsed(node: JsonNode): unknown {
  if (node instanceof JsonNumber) return node.floating ? new NumberText(node.text) : node.value
  if (isArray(node)) return node.map(parsed)
  if (!isObject(node)) return node
  const members: Record<string, unknown> = {}
  for (const [name, one] of node) define(members, name, parsed(one))
  return members
}
