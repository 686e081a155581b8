// Which keywords of a JSON schema object belong to which type, and the part of a model that they make.
import { compileJavaRegex } from '@millrace/api'
import { isArray, isObject, type JsonNode, JsonNumber, type JsonObject } from '../json-text.ts'
import { SchemaParseException } from '../language.ts'
import type { ArrayModel, Model, NumberModel, ObjectModel, StringModel } from './model.ts'

/** Makes the model of a schema inside the one being read. */
export type Inner = (node: JsonNode) => Model

export const STRING_KEYWORDS = ['minLength', 'maxLength', 'pattern', 'format']
export const NUMBER_KEYWORDS = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf']
export const OBJECT_KEYWORDS = [
  'properties',
  'required',
  'minProperties',
  'maxProperties',
  'dependencies',
  'patternProperties',
  'additionalProperties',
  'propertyNames',
]
export const MODERN_OBJECT_KEYWORDS = [
  ...OBJECT_KEYWORDS.filter((one) => one !== 'dependencies'),
  'dependentRequired',
  'dependentSchemas',
  'unevaluatedProperties',
]
export const ARRAY_KEYWORDS = ['items', 'additionalItems', 'minItems', 'maxItems', 'uniqueItems', 'contains']
export const MODERN_ARRAY_KEYWORDS = [
  ...ARRAY_KEYWORDS.filter((one) => one !== 'additionalItems'),
  'prefixItems',
  'unevaluatedItems',
]

const number = (node: JsonNode | undefined): JsonNumber | undefined => (node instanceof JsonNumber ? node : undefined)
const numbers = <Name extends string>(from: JsonObject, names: readonly Name[]): { [N in Name]?: JsonNumber } => {
  const found: { [N in Name]?: JsonNumber } = {}
  for (const name of names) {
    const value = number(from.get(name))
    if (value !== undefined) found[name] = value
  }
  return found
}

export function stringPart(from: JsonObject): StringModel {
  const pattern = from.get('pattern')
  return {
    kind: 'string',
    ...numbers(from, ['minLength', 'maxLength']),
    ...(typeof pattern === 'string' && { pattern }),
  }
}

/** Draft 4 has booleans for exclusive limits, which the reference does not compare. */
export function numberPart(from: JsonObject): NumberModel {
  return {
    kind: 'number',
    ...numbers(from, ['maximum', 'minimum', 'exclusiveMaximum', 'exclusiveMinimum', 'multipleOf']),
  }
}

export function objectPart(from: JsonObject, modern: boolean, inner: Inner): ObjectModel {
  const models = (name: string) => {
    const found = from.get(name)
    return isObject(found) ? new Map([...found].map(([key, node]) => [key, inner(node)])) : undefined
  }
  const properties = models('properties')
  const required = names(from.get('required'))
  const patterns = models('patternProperties')
  const rest = restOf(from.get('additionalProperties'), inner)
  const unevaluated = modern ? from.get('unevaluatedProperties') : undefined
  const dependencies = modern
    ? { lists: from.get('dependentRequired'), schemas: from.get('dependentSchemas') }
    : { lists: from.get('dependencies'), schemas: from.get('dependencies') }
  return {
    kind: 'object',
    ...numbers(from, ['maxProperties', 'minProperties']),
    ...(properties !== undefined && { properties }),
    ...(required !== undefined && { required: new Set(required) }),
    ...(patterns !== undefined && {
      patterns: [...patterns].map(([pattern, schema]) => [regex(pattern), schema] as const),
    }),
    ...(rest !== undefined && { rest }),
    ...(unevaluated !== undefined && { unevaluated: inner(unevaluated) }),
    ...(isObject(dependencies.lists) && {
      propertyDependencies: new Map(
        [...dependencies.lists].flatMap(([name, node]) => (isArray(node) ? [[name, new Set(names(node))]] : [])),
      ),
    }),
    ...(isObject(dependencies.schemas) && {
      schemaDependencies: new Map(
        [...dependencies.schemas].flatMap(([name, node]) => (isArray(node) ? [] : [[name, inner(node)]])),
      ),
    }),
  }
}

export function arrayPart(from: JsonObject, modern: boolean, inner: Inner): ArrayModel {
  const items = from.get('items')
  const first = modern ? from.get('prefixItems') : items
  const each = isArray(items) || (modern && (typeof items === 'boolean' || isArray(first))) ? undefined : items
  const rest = restOf(
    modern ? (isArray(first) || typeof items === 'boolean' ? items : undefined) : from.get('additionalItems'),
    inner,
  )
  const unevaluated = modern ? from.get('unevaluatedItems') : undefined
  // `contains` of a newer draft asks for one item at least, and says so.
  const least = modern && from.has('contains') ? JsonNumber.integer(1) : undefined
  const { minContains = least, maxContains } = numbers(from, ['minContains', 'maxContains'])
  return {
    kind: 'array',
    ...numbers(from, ['maxItems', 'minItems']),
    ...(minContains !== undefined && (!modern || from.has('contains')) && { minContains }),
    ...(maxContains !== undefined && (!modern || from.has('contains')) && { maxContains }),
    ...(each !== undefined && { each: inner(each) }),
    ...(isArray(first) && { first: first.map(inner) }),
    ...(rest !== undefined && { rest }),
    ...(unevaluated !== undefined && { unevaluated: inner(unevaluated) }),
    ...(from.get('uniqueItems') === true && { unique: true as const }),
  }
}

/** What may stand beside what is listed: `true` is as good as nothing. */
function restOf(node: JsonNode | undefined, inner: Inner): Model | false | undefined {
  if (node === undefined || node === true) return undefined
  return node === false ? false : inner(node)
}

/** @throws {SchemaParseException} when it is none that Java has */
function regex(pattern: string): RegExp {
  const compiled = compileJavaRegex(pattern, 'part')
  if (typeof compiled === 'string') throw new SchemaParseException(`The JSON schema is not valid: ${compiled}`)
  return compiled
}

function names(node: JsonNode | undefined): readonly string[] | undefined {
  return isArray(node) ? node.filter((one) => typeof one === 'string') : undefined
}
