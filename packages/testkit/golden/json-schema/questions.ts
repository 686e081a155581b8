// Prints questions to the reference's JSON Schema classes about random pairs of schemas: node questions.ts > golden.jsonl
import { Random } from '@millrace/testkit'

const SEED = 20_261_124
const PAIRS = 1200

const random = new Random(SEED)
type Json = null | boolean | number | string | Json[] | { [name: string]: Json }
type Schema = boolean | { [name: string]: Json }

const NAMES = ['a', 'b', 'c', 'd', 'I_1', 'S_x']
const maybe = (probability: number, entries: () => Record<string, Json>) =>
  random.chance(probability) ? entries() : {}
const small = () => random.below(6)
const value = (): Json => random.pick<Json>(['x', 'y', 1, 2, 2.5, true, null, [1], { p: 1, q: 'z' }])
const values = (): Json[] => {
  const all: Json[] = ['x', 'y', 1, 2, 2.5, true, [1], { p: 1, q: 'z' }]
  return all.filter(() => random.chance(0.4)).concat('always')
}

/** Which keywords are known: those of draft 7 and before, or those since 2019-09. */
interface Draft {
  readonly modern: boolean
  readonly definitions: string
}

function object(draft: Draft, depth: number): Record<string, Json> {
  const names = NAMES.filter(() => random.chance(0.4))
  return {
    ...maybe(0.9, () => ({ properties: Object.fromEntries(names.map((name) => [name, schema(draft, depth - 1)])) })),
    ...maybe(0.4, () => ({ required: names.filter(() => random.chance(0.5)) })),
    ...maybe(0.5, () => ({ additionalProperties: random.chance(0.6) ? random.chance(0.4) : schema(draft, depth - 1) })),
    ...maybe(0.1, () => ({ patternProperties: { [random.pick(['^I_', 'S', '[a-b]'])]: schema(draft, depth - 1) } })),
    ...maybe(0.1, () => ({ maxProperties: small() })),
    ...maybe(0.1, () => ({ minProperties: small() })),
    ...maybe(0.1, () => ({ propertyNames: { type: 'string', maxLength: small() } })),
    ...maybe(0.1, () => {
      const lists: Record<string, Json> = { a: NAMES.filter(() => random.chance(0.3)).concat('b') }
      const schemas: Record<string, Json> = { c: schema(draft, depth - 1) }
      return draft.modern
        ? { dependentRequired: lists, dependentSchemas: schemas }
        : { dependencies: { ...lists, ...schemas } }
    }),
  }
}

function array(draft: Draft, depth: number): Record<string, Json> {
  const list = () => random.list(1 + random.below(3), () => schema(draft, depth - 1))
  const listed = random.chance(0.3)
  const rest = () => (random.chance(0.6) ? random.chance(0.4) : schema(draft, depth - 1))
  return {
    ...(!listed && maybe(0.8, () => ({ items: schema(draft, depth - 1) }))),
    ...(listed && (draft.modern ? { prefixItems: list() } : { items: list() })),
    ...(listed && maybe(0.6, () => (draft.modern ? { items: rest() } : { additionalItems: rest() }))),
    ...maybe(0.1, () => ({ maxItems: small() })),
    ...maybe(0.1, () => ({ minItems: small() })),
    ...maybe(0.2, () => ({ uniqueItems: random.chance(0.7) })),
    ...maybe(0.1, () => ({
      contains: schema(draft, 0),
      ...maybe(0.5, () => ({ minContains: small(), maxContains: small() + 5 })),
    })),
  }
}

const string = (): Record<string, Json> => ({
  ...maybe(0.2, () => ({ maxLength: small() })),
  ...maybe(0.2, () => ({ minLength: small() })),
  ...maybe(0.2, () => ({ pattern: random.pick(['^a', 'b$', '[0-9]+']) })),
})
const number = (): Record<string, Json> => ({
  ...maybe(0.2, () => ({ maximum: small() + 0.5 })),
  ...maybe(0.2, () => ({ minimum: small() })),
  ...maybe(0.1, () => ({ exclusiveMinimum: small() })),
  ...maybe(0.2, () => ({ multipleOf: random.pick([1, 2, 3, 4, 0.5, 1.5, 0.25]) })),
})

function schema(draft: Draft, depth: number): Schema {
  if (random.chance(0.06)) return random.chance(0.7)
  if (random.chance(0.04)) return {}
  if (random.chance(0.1)) return { $ref: `#/${draft.definitions}/${random.pick(['one', 'two'])}` }
  const common = {
    ...maybe(0.1, () => ({ title: random.pick(['T', 'U']) })),
    ...maybe(0.1, () => ({ default: value() })),
    ...maybe(0.06, () => ({ 'connect.type': random.pick(['bytes', 'int8']) })),
  }
  const kind = random.pick([
    'object',
    'object',
    'array',
    'string',
    'string',
    'number',
    'integer',
    'boolean',
    'null',
    'types',
    'enum',
    'const',
    'any',
    'not',
    'untyped',
    'if',
  ])
  const inner = () => schema(draft, depth - 1)
  switch (depth > 0 || !['object', 'array', 'any', 'not', 'if'].includes(kind) ? kind : 'string') {
    case 'object':
      return { ...common, type: 'object', ...object(draft, depth) }
    case 'array':
      return { ...common, type: 'array', ...array(draft, depth) }
    case 'string':
      return { ...common, type: 'string', ...string(), ...maybe(0.1, () => ({ enum: ['always', 'x'] })) }
    case 'number':
    case 'integer':
      return { ...common, type: kind, ...number() }
    case 'boolean':
    case 'null':
      return { ...common, type: kind }
    case 'types':
      return {
        ...common,
        type: ['string', 'null', 'integer', 'object', 'boolean'].filter(() => random.chance(0.4)).concat('array'),
        ...string(),
        ...number(),
      }
    case 'enum':
      return { ...common, enum: values() }
    case 'const':
      return { ...common, const: random.pick<Json>(['x', 1, { p: 1, q: 'z' }]) }
    case 'any':
      return {
        ...common,
        [random.pick(['anyOf', 'oneOf', 'allOf'])]: random.list(1 + random.below(3), inner),
        ...maybe(0.2, () => ({ type: 'object' })),
      }
    case 'not':
      return { ...common, not: inner() }
    case 'if':
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema; nobody awaits it
      return { ...common, if: inner(), then: inner(), ...maybe(0.5, () => ({ else: inner() })) }
    default:
      return { ...common, ...maybe(0.5, () => object(draft, 0)), ...maybe(0.5, string), ...maybe(0.3, number) }
  }
}

/** The same schema with something changed, so that most of a pair is alike. */
function changed(draft: Draft, node: Json, depth: number): Json {
  if (random.chance(0.06)) return schema(draft, depth)
  if (Array.isArray(node)) {
    const items = node
      .filter(() => !random.chance(0.08))
      .map((one) => (one !== null && typeof one === 'object' ? changed(draft, one, depth - 1) : one))
    return items.length === 0 ? node : items
  }
  if (node === null || typeof node !== 'object') return node
  const entries = Object.entries(node).flatMap(([name, one]): [string, Json][] => {
    if (name === '$ref' || name === 'type' || name === 'const' || name === '$schema') return [[name, one]]
    if (random.chance(0.07)) return []
    if (typeof one === 'number' && random.chance(0.3)) return [[name, one + random.pick([-1, 1, 0.5])]]
    if (name === 'enum') return [[name, random.chance(0.3) ? values() : one]]
    if (name === 'required') return [[name, random.chance(0.3) ? NAMES.filter(() => random.chance(0.3)) : one]]
    const named = name === 'properties' || name === 'patternProperties' || name === draft.definitions
    if (named && one !== null && typeof one === 'object' && !Array.isArray(one)) {
      const members = Object.entries(one).flatMap(([key, inner]): [string, Json][] =>
        name === 'properties' && random.chance(0.1) ? [] : [[key, changed(draft, inner, depth - 1)]],
      )
      const added = name === 'properties' && random.chance(0.2) ? [[random.pick(NAMES), schema(draft, 1)]] : []
      return [[name, Object.fromEntries([...members, ...added])]]
    }
    const inner = [
      'items',
      'additionalProperties',
      'not',
      'anyOf',
      'oneOf',
      'allOf',
      'prefixItems',
      'additionalItems',
    ].includes(name)
    return [[name, inner ? changed(draft, one, depth - 1) : one]]
  })
  // Numbers that fit nowhere are refused before they are compared.
  return Object.fromEntries(
    entries
      .filter(([name, one]) => typeof one !== 'number' || one > 0 || name.startsWith('e'))
      .map(([name, one]) => [
        name,
        /Length|Items|Properties|Contains/.test(name) && typeof one === 'number' ? Math.floor(one) : one,
      ]),
  )
}

for (let at = 0; at < PAIRS; at++) {
  const modern = random.chance(0.35)
  const draft: Draft = { modern, definitions: modern ? '$defs' : 'definitions' }
  const head = modern
    ? { $schema: 'https://json-schema.org/draft/2020-12/schema' }
    : random.chance(0.3)
      ? { $schema: 'http://json-schema.org/draft-07/schema#' }
      : {}
  const root = (): { [name: string]: Json } => {
    const made = schema(draft, 3)
    return typeof made === 'boolean' || '$ref' in made ? root() : made
  }
  const writer: Json = { ...head, ...root(), [draft.definitions]: { one: schema(draft, 2), two: schema(draft, 1) } }
  const twin = changed(draft, writer, 3)
  const reader =
    twin === null || typeof twin !== 'object' || Array.isArray(twin)
      ? writer
      : {
          ...head,
          ...twin,
          [draft.definitions]: { one: true, two: true, ...((twin[draft.definitions] ?? {}) as object) },
        }
  process.stdout.write(`${JSON.stringify({ writer: JSON.stringify(writer), reader: JSON.stringify(reader) })}\n`)
}
