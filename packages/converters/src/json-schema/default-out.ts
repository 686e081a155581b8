// The text of a default value in a JSON schema, as the reference's JSON library prints it there.
import { DataException, Decimal, type Schema } from '@millrace/api'
import { isArray, isObject, type JsonNode, JsonNumber, parseJson, printJson } from '@millrace/schemas/json'
import type { JsonSchemaOptions } from './config.ts'
import { hashed } from './java-hash.ts'
import { compileSchemaWriter } from './writers.ts'

/** A string, or null, as JSON. */
export function json(value: string | null): string {
  return printJson(value)
}

/** The text of a schema's default value. @throws DataException when JSON has no such value */
export function defaultText(schema: Schema, value: unknown, options: JsonSchemaOptions): string {
  const text = compileSchemaWriter({ ...schema, defaultValue: undefined }, { ...options, exactEscapes: false })(value)
  if (/^"(?:NaN|-?Infinity)"$/.test(text) && schema.type.startsWith('FLOAT')) {
    throw new DataException(`The default value ${value} cannot stand in a JSON schema: JSON has no such number`)
  }
  return /^[-\d]/.test(text) ? plainNumber(text) : printed(parseJson(text, 'decimal'))
}

/** Members in the order of a hash map, and numbers without the zeros at their end. */
function printed(node: JsonNode): string {
  if (node instanceof JsonNumber) return plainNumber(node.text)
  if (isArray(node)) return `[${node.map(printed).join(',')}]`
  if (!isObject(node)) return printJson(node)
  const members = hashed(node, ([name]) => name)
  return `{${members.map(([name, one]) => `${json(name)}:${printed(one)}`).join(',')}}`
}

function plainNumber(text: string): string {
  if (!/[.eE]/.test(text)) return text
  const short = /[eE]/.test(text) ? text : text.replace(/0+$/, '').replace(/\.$/, '')
  return /[.eE]/.test(short) ? Decimal.parse(short).toString() : short
}
