// Whether a JSON text is a JSON schema: the shape of its keywords, and that every `$ref` leads somewhere.
import { isArray, isObject, type JsonNode, JsonNumber } from '../avro/json.ts'
import { SchemaParseException } from '../language.ts'
import type { References } from './references.ts'

const TYPES: readonly unknown[] = ['null', 'boolean', 'object', 'array', 'number', 'integer', 'string']
/** Keywords whose value is a schema, an object of schemas, a list of schemas. */
const ONE = ['not', 'additionalProperties', 'additionalItems', 'contains', 'propertyNames', 'if', 'then', 'else']
const NAMED = ['properties', 'patternProperties', 'definitions', '$defs', 'dependentSchemas']
const LISTS = ['allOf', 'anyOf', 'oneOf', 'prefixItems']
const NUMBERS = [
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'minimum',
  'maximum',
]

/** @throws {SchemaParseException} saying which keyword is wrong, and where */
export function checkJsonSchema(node: JsonNode, references: References, path = '#'): void {
  if (typeof node === 'boolean') return
  if (!isObject(node)) throw wrong(path, 'a schema must be an object or a boolean')
  if (typeof node.get('$ref') === 'string') references.resolve({ node, root: references.root })
  const type = node.get('type')
  if (type !== undefined) {
    const types = isArray(type) ? type : [type]
    if (types.length === 0 || !types.every((one) => TYPES.includes(one))) throw wrong(`${path}/type`, 'no such type')
  }
  const required = node.get('required')
  // Draft 3 had a boolean here, which the reference's parser passes over.
  if (required !== undefined && typeof required !== 'boolean' && !isStrings(required)) {
    throw wrong(`${path}/required`, 'a list of names is needed')
  }
  for (const name of NUMBERS) {
    const value = node.get(name)
    if (value !== undefined && !(value instanceof JsonNumber)) throw wrong(`${path}/${name}`, 'a number is needed')
  }
  if (node.has('enum') && !isArray(node.get('enum'))) throw wrong(`${path}/enum`, 'a list is needed')
  for (const name of ONE) {
    const value = node.get(name)
    if (value !== undefined) checkJsonSchema(value, references, `${path}/${name}`)
  }
  for (const name of NAMED) {
    const value = node.get(name)
    if (value === undefined) continue
    if (!isObject(value)) throw wrong(`${path}/${name}`, 'an object of schemas is needed')
    for (const [key, one] of value) checkJsonSchema(one, references, `${path}/${name}/${key}`)
  }
  for (const name of LISTS) {
    const value = node.get(name)
    if (value !== undefined) checkList(value, references, `${path}/${name}`)
  }
  const items = node.get('items')
  if (isArray(items)) checkList(items, references, `${path}/items`)
  else if (items !== undefined) checkJsonSchema(items, references, `${path}/items`)
}

function checkList(value: JsonNode, references: References, path: string): void {
  if (!isArray(value)) throw wrong(path, 'a list of schemas is needed')
  for (const [at, one] of value.entries()) checkJsonSchema(one, references, `${path}/${at}`)
}

function isStrings(node: JsonNode): boolean {
  return isArray(node) && node.every((one) => typeof one === 'string')
}

function wrong(path: string, why: string): SchemaParseException {
  return new SchemaParseException(`The JSON schema is not valid: at ${path} ${why}`)
}
