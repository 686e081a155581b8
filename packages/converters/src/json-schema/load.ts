// From the text of a JSON schema to its model. Keywords that stand side by side are taken apart into one schema for each
// kind of value and put together as `allOf`, as the reference's loaders of drafts 4 to 7 and of 2019-09 and later do it.
import { DataException } from '@millrace/api'
import { isArray, isObject, type JsonNode, type JsonObject } from '@millrace/schemas/json'
import { hashed } from './java-hash.ts'
import type { Annotations, Criterion, JsonModel, ObjectShape, Shape } from './model.ts'

/** A schema, and the text in which its own `$ref`s are to be looked up. */
export interface Located {
  readonly node: JsonNode
  readonly root: JsonNode
}

/** Follows a `$ref`. @throws an error when it leads nowhere */
export type Resolve = (from: Located) => Located

const CRITERIA: readonly Criterion[] = ['allOf', 'anyOf', 'oneOf']
const NUMBER_KEYWORDS = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf']
const STRING_KEYWORDS = ['minLength', 'maxLength', 'pattern']
const ARRAY_KEYWORDS = ['items', 'additionalItems', 'minItems', 'maxItems', 'uniqueItems']
const OBJECT_KEYWORDS = [
  'properties',
  'required',
  'minProperties',
  'maxProperties',
  'dependencies',
  'patternProperties',
  'additionalProperties',
]
const CONDITIONS = ['if', 'then', 'else']

/** What the draft named by `$schema` makes of the keywords. */
interface Draft {
  /** 2019-09 and later: keywords beside `$ref` count, and `format` is none that tells a type. */
  readonly modern: boolean
  readonly hasConst: boolean
  readonly hasConditions: boolean
  readonly arrayKeywords: readonly string[]
  readonly objectKeywords: readonly string[]
  readonly stringKeywords: readonly string[]
}

const DRAFT_6: Draft = {
  modern: false,
  hasConst: true,
  hasConditions: false,
  arrayKeywords: [...ARRAY_KEYWORDS, 'contains'],
  objectKeywords: [...OBJECT_KEYWORDS, 'propertyNames'],
  stringKeywords: [...STRING_KEYWORDS, 'format'],
}
const DRAFT_7: Draft = { ...DRAFT_6, hasConditions: true }
const DRAFT_4: Draft = { ...DRAFT_6, hasConst: false, arrayKeywords: ARRAY_KEYWORDS, objectKeywords: OBJECT_KEYWORDS }
const MODERN: Draft = {
  modern: true,
  hasConst: true,
  hasConditions: true,
  arrayKeywords: [
    'items',
    'prefixItems',
    'contains',
    'minItems',
    'maxItems',
    'uniqueItems',
    'unevaluatedItems',
    'minContains',
    'maxContains',
  ],
  objectKeywords: [
    ...OBJECT_KEYWORDS.filter((name) => name !== 'dependencies'),
    'propertyNames',
    'dependentRequired',
    'dependentSchemas',
    'unevaluatedProperties',
  ],
  stringKeywords: STRING_KEYWORDS,
}

const NO_MEMBERS: JsonObject = new Map()
const SILENT: Annotations = { title: null, doc: null, defaultNode: undefined, members: NO_MEMBERS }

/**
 * The model of a schema.
 * @param ignoreModern read drafts after 7 as draft 7
 * @throws DataException for a type that there is none of
 */
export function loadModel(root: JsonNode, resolve: Resolve, ignoreModern: boolean): JsonModel {
  return new Loader(draftOf(root, ignoreModern), resolve).load({ node: root, root })
}

function draftOf(root: JsonNode, ignoreModern: boolean): Draft {
  const name = isObject(root) ? root.get('$schema') : undefined
  if (typeof name !== 'string') return DRAFT_7
  const draft = /^https?:\/\/json-schema\.org\/(?:draft[-/]([^/]+)\/)?schema#?$/.exec(name)
  if (draft === null) return DRAFT_7
  switch (draft[1]) {
    case undefined:
    case '04':
      return DRAFT_4
    case '06':
      return DRAFT_6
    case '2019-09':
    case '2020-12':
      return ignoreModern ? DRAFT_7 : MODERN
    default:
      return DRAFT_7
  }
}

class Loader {
  readonly #draft: Draft
  readonly #resolve: Resolve
  /** What was referred to, by its place: a schema that refers to itself finds itself here. */
  readonly #referred = new Map<JsonNode, JsonModel>()

  constructor(draft: Draft, resolve: Resolve) {
    this.#draft = draft
    this.#resolve = resolve
  }

  load(at: Located): JsonModel {
    const { node } = at
    if (typeof node === 'boolean') {
      return { ...(node ? { kind: 'anything' } : { kind: 'unsupported', keyword: 'false' }), about: SILENT }
    }
    if (!isObject(node)) throw new DataException('A JSON schema must be an object or a boolean')
    const parts = this.#parts(node, at)
    return { ...onePart(parts), about: annotations(node) }
  }

  #parts(node: JsonObject, at: Located): Shape[] {
    const isReference = typeof node.get('$ref') === 'string'
    const reference: Shape[] = isReference ? [this.#reference(at)] : []
    return isReference && !this.#draft.modern ? reference : [...reference, ...this.#others(node, at)]
  }

  #reference(at: Located): Shape {
    return {
      kind: 'reference',
      target: () => {
        const there = this.#resolve(at)
        let model = this.#referred.get(there.node)
        if (model === undefined) {
          model = this.load(there)
          this.#referred.set(there.node, model)
        }
        return model
      },
    }
  }

  #others(node: JsonObject, at: Located): Shape[] {
    const parts: Shape[] = []
    const values = node.get('enum')
    if (isArray(values)) parts.push({ kind: 'enum', symbols: values, constant: false })
    for (const criterion of CRITERIA) {
      const members = node.get(criterion)
      if (isArray(members)) parts.push({ kind: 'combined', criterion, members: members.map(this.#beside(at)) })
    }
    if (node.has('not')) parts.push({ kind: 'unsupported', keyword: 'not' })
    const constant = this.#draft.hasConst ? node.get('const') : undefined
    if (constant !== undefined) parts.push({ kind: 'enum', symbols: [constant], constant: true })
    const left = new Set(node.keys())
    // Newer drafts ask each property what it says: none says nothing.
    if (this.#draft.modern)
      for (const name of ['properties', 'patternProperties']) if (isEmpty(node.get(name))) left.delete(name)
    const type = node.get('type')
    if (isArray(type)) {
      const members = type.map((one): JsonModel => ({ ...this.#typed(one, node, at, left), about: SILENT }))
      parts.push({ kind: 'combined', criterion: 'anyOf', members })
    } else if (type !== undefined) parts.push(this.#typed(type, node, at, left))
    const { arrayKeywords, objectKeywords, stringKeywords, hasConditions } = this.#draft
    const says = (keywords: readonly string[]) => keywords.some((keyword) => left.has(keyword))
    if (says(arrayKeywords)) parts.push(this.#array(node, at))
    if (says(objectKeywords)) parts.push(this.#object(node, at))
    if (says(NUMBER_KEYWORDS)) parts.push({ kind: 'number', integer: false })
    if (says(stringKeywords)) parts.push({ kind: 'string' })
    if (hasConditions && says(CONDITIONS)) parts.push({ kind: 'unsupported', keyword: 'if' })
    return parts
  }

  /** The schema of a named type; the keywords that belong to it are taken from those that are left. */
  #typed(type: JsonNode, node: JsonObject, at: Located, left: Set<string>): Shape {
    const { arrayKeywords, objectKeywords, stringKeywords } = this.#draft
    const take = (keywords: readonly string[]) => {
      for (const keyword of keywords) left.delete(keyword)
    }
    switch (type) {
      case 'string':
        take(stringKeywords)
        return { kind: 'string' }
      case 'integer':
      case 'number':
        take(NUMBER_KEYWORDS)
        return { kind: 'number', integer: type === 'integer' }
      case 'boolean':
        return { kind: 'boolean' }
      case 'null':
        return { kind: 'null' }
      case 'array':
        take(arrayKeywords)
        return this.#array(node, at)
      case 'object':
        take(objectKeywords)
        return this.#object(node, at)
      default:
        throw new DataException(`The JSON schema has a type that there is none of: ${JSON.stringify(type)}`)
    }
  }

  #array(node: JsonObject, at: Located): Shape {
    const items = node.get('items')
    // A list says something of each place and nothing of all; so does `items` after `prefixItems`.
    const ofSome = items === undefined || isArray(items) || (this.#draft.modern && node.has('prefixItems'))
    const none = ofSome || (this.#draft.modern && items === true)
    return { kind: 'array', items: none ? null : this.#beside(at)(items) }
  }

  #object(node: JsonObject, at: Located): ObjectShape {
    const properties = node.get('properties')
    const required = node.get('required')
    const others = node.get('additionalProperties')
    const named = isObject(properties) ? hashed(properties, ([name]) => name) : []
    return {
      kind: 'object',
      properties: named.map(([name, one]) => [name, this.#beside(at)(one)]),
      required: new Set(isArray(required) ? required.filter((name) => typeof name === 'string') : []),
      others: isObject(others) ? this.#beside(at)(others) : null,
      permitsOthers: others !== false,
    }
  }

  /** Loads a schema that stands in the same text. */
  #beside(at: Located): (node: JsonNode) => JsonModel {
    return (node) => this.load({ node, root: at.root })
  }
}

function isEmpty(node: JsonNode | undefined): boolean {
  return isObject(node) && node.size === 0
}

function onePart(parts: readonly Shape[]): Shape {
  const [first, ...more] = parts
  if (first === undefined) return { kind: 'anything' }
  if (more.length === 0) return first
  return { kind: 'combined', criterion: 'allOf', members: parts.map((part): JsonModel => ({ ...part, about: SILENT })) }
}

function annotations(node: JsonObject): Annotations {
  const text = (name: string) => {
    const value = node.get(name)
    return typeof value === 'string' ? value : null
  }
  return {
    title: text('title'),
    doc: text('description'),
    defaultNode: node.get('default'),
    members: node,
  }
}
