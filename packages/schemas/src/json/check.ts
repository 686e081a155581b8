// Whether a JSON text is a JSON schema: the shape of its keywords, and that every `$ref` leads somewhere.
import { compileJavaRegex } from '@millrace/api'
import { isArray, isObject, type JsonNode, JsonNumber, type JsonObject } from '../json-text.ts'
import { SchemaParseException } from '../language.ts'
import { isModern } from './dialect.ts'
import type { Located, References } from './references.ts'

const TYPES: readonly unknown[] = ['null', 'boolean', 'object', 'array', 'number', 'integer', 'string']
/** Keywords whose value is a schema, an object of schemas, a list of schemas. */
const ONE = ['not', 'additionalProperties', 'additionalItems', 'contains', 'propertyNames', 'if', 'then', 'else']
const NAMED = ['properties', 'patternProperties', 'dependentSchemas']
const LISTS = ['allOf', 'anyOf', 'oneOf', 'prefixItems']
const COUNTS = ['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties']
const NUMBERS = ['minimum', 'maximum', 'multipleOf']
const LIMITS = ['exclusiveMinimum', 'exclusiveMaximum']

/** @throws {SchemaParseException} saying which keyword is wrong, and where */
export function checkJsonSchema(references: References): void {
  new Check(references).schema({ node: references.root, root: references.root }, '#')
}

/** Definitions that nothing refers to are looked at in newer drafts only, as the reference does. */
class Check {
  readonly #references: References
  readonly #seen = new Set<JsonNode>()

  constructor(references: References) {
    this.#references = references
  }

  schema(at: Located, path: string): void {
    const { node, root } = at
    if (typeof node === 'boolean') return
    if (!isObject(node)) throw wrong(path, 'a schema must be an object or a boolean')
    if (this.#seen.has(node)) return
    this.#seen.add(node)
    const modern = isModern(root)
    const ref = node.get('$ref')
    if (typeof ref === 'string') {
      this.schema(this.#references.resolve(at), ref)
      if (!modern) return
    }
    keywords(node, path, root)
    const inner = (one: JsonNode, name: string) => this.schema({ node: one, root }, `${path}/${name}`)
    for (const name of ONE) {
      const value = node.get(name)
      if (value !== undefined) inner(value, name)
    }
    for (const name of modern ? [...NAMED, 'definitions', '$defs'] : NAMED) {
      const value = node.get(name)
      if (value === undefined) continue
      if (!isObject(value)) throw wrong(`${path}/${name}`, 'an object of schemas is needed')
      for (const [key, one] of value) inner(one, `${name}/${key}`)
    }
    for (const name of LISTS) this.#list(node.get(name), name, path, root)
    const items = node.get('items')
    if (isArray(items)) this.#list(items, 'items', path, root)
    else if (items !== undefined) inner(items, 'items')
    const dependencies = node.get('dependencies')
    if (dependencies === undefined) return
    if (!isObject(dependencies)) throw wrong(`${path}/dependencies`, 'an object is needed')
    for (const [key, one] of dependencies) if (!isStrings(one)) inner(one, `dependencies/${key}`)
  }

  #list(value: JsonNode | undefined, name: string, path: string, root: JsonNode): void {
    if (value === undefined) return
    if (!isArray(value)) throw wrong(`${path}/${name}`, 'a list of schemas is needed')
    for (const [at, one] of value.entries()) this.schema({ node: one, root }, `${path}/${name}/${at}`)
  }
}

/** The values of those keywords that hold no schemas. */
function keywords(node: JsonObject, path: string, root: JsonNode): void {
  const check = (name: string, fits: (value: JsonNode) => boolean, needed: string) => {
    const value = node.get(name)
    if (value !== undefined && !fits(value)) throw wrong(`${path}/${name}`, needed)
  }
  const isNumber = (value: JsonNode) => value instanceof JsonNumber
  check('type', (value) => (isArray(value) ? value.length > 0 && value.every(isType) : isType(value)), 'no such type')
  check('required', isStrings, 'a list of names is needed')
  check('enum', isArray, 'a list is needed')
  check('uniqueItems', (value) => typeof value === 'boolean', 'true or false is needed')
  check('pattern', isRegex, 'a regular expression is needed')
  for (const name of COUNTS) check(name, isInteger, 'a whole number is needed')
  for (const name of NUMBERS) check(name, isNumber, 'a number is needed')
  check('multipleOf', (value) => value instanceof JsonNumber && Number(value.value) !== 0, 'it must not be zero')
  const fourth = isObject(root) && String(root.get('$schema')).includes('draft-04')
  for (const name of LIMITS)
    check(
      name,
      fourth ? (value) => typeof value === 'boolean' : isNumber,
      `a ${fourth ? 'boolean' : 'number'} is needed`,
    )
}

function isType(node: JsonNode): boolean {
  return TYPES.includes(node)
}
function isInteger(node: JsonNode): boolean {
  return node instanceof JsonNumber && Number.isInteger(Number(node.value))
}
function isStrings(node: JsonNode): boolean {
  return isArray(node) && node.every((one) => typeof one === 'string')
}

/** What only Java has is taken on trust. */
function isRegex(node: JsonNode): boolean {
  if (typeof node !== 'string') return false
  const compiled = compileJavaRegex(node, 'part')
  return typeof compiled !== 'string' || compiled.includes('not supported')
}

function wrong(path: string, why: string): SchemaParseException {
  return new SchemaParseException(`The JSON schema is not valid: at ${path} ${why}`)
}
