// JSON Schema as a registry sees it: what is refused, the texts, and which changes are compatible.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SchemaParseException } from '../language.ts'
import { JSON_SCHEMA, parseJsonSchema } from './language.ts'

function types(reader: unknown, writer: unknown): string[] {
  const parsed = [reader, writer].map((one) => parseJsonSchema(JSON.stringify(one)))
  return JSON_SCHEMA.incompatibilities(parsed[0] as never, parsed[1] as never).map(({ type }) => type)
}
const object = (properties: object, more: object = {}) => ({ type: 'object', properties, ...more })
const S = { type: 'string' }
const I = { type: 'integer' }

test('the text keeps its order and loses its spaces; normalised, members are sorted', () => {
  const parsed = parseJsonSchema('{ "type" : "object", "title": "Row", "maximum": 9223372036854775807 }')
  assert.equal(parsed.name, 'Row')
  assert.equal(parsed.canonicalText, '{"type":"object","title":"Row","maximum":9223372036854775807}')
  const normal = JSON_SCHEMA.normalize(parsed)
  assert.equal(normal.canonicalText, '{"maximum":9223372036854775807,"title":"Row","type":"object"}')
})

test('what is no schema is refused', () => {
  for (const text of [
    '',
    '[]',
    '{"type":"strin"}',
    '{"properties":[]}',
    '{"$ref":"other.json"}',
    '{"$ref":"#/a"}',
    '{"minimum":"1"}',
    '{"items":{"required":[1]}}',
    '{"oneOf":{}}',
    '{"pattern":"a("}',
    '{"required":true}',
    '{"multipleOf":0}',
    '{"exclusiveMaximum":true}',
    '{"dependencies":{"a":3}}',
    '{"$ref":"#/definitions/x","definitions":{"x":{"enum":1}}}',
  ]) {
    assert.throws(() => parseJsonSchema(text), SchemaParseException, text)
  }
})

test('references are known by their names and looked into', () => {
  const text = '{"properties":{"a":{"$ref":"a.json#/definitions/x"}},"additionalProperties":false}'
  const of = (type: string) => parseJsonSchema(text, new Map([['a.json', `{"definitions":{"x":{"type":"${type}"}}}`]]))
  assert.deepEqual(JSON_SCHEMA.incompatibilities(of('number'), of('integer')), [])
  const [found] = JSON_SCHEMA.incompatibilities(of('integer'), of('number'))
  assert.equal(found?.path, '#/properties/a')
  assert.equal(found?.type, 'TYPE_NARROWED')
})

test('schemas that contain themselves come to an end', () => {
  const tree = (more: object) => object({ next: { $ref: '#' } }, { additionalProperties: false, ...more })
  assert.deepEqual(types(tree({}), tree({})), [])
  assert.deepEqual(new Set(types(tree({ minProperties: 1 }), tree({}))), new Set(['MIN_PROPERTIES_ADDED']))
  assert.deepEqual(types({ $ref: '#' }, S), ['TYPE_CHANGED'])
  assert.deepEqual(types({ $ref: '#' }, { $ref: '#' }), [])
})

test('schemas too entangled to be compared are not called compatible', () => {
  const many = (more: object) => ({ anyOf: Array.from({ length: 500 }, (_, at) => object({ [`p${at}`]: S }, more)) })
  assert.notEqual(types(many({ minProperties: 1 }), many({})).length, 0)
})

test('ids name schemas, as seen from the id of the text', () => {
  const schema = (more: object) => JSON.stringify({ definitions: { a: { $id: 'a.json', type: 'string' } }, ...more })
  const targets = (text: string, references?: ReadonlyMap<string, string>) => {
    const { references: known, schema: node } = parseJsonSchema(text, references)
    return (known.resolve({ node, root: node }).node as ReadonlyMap<string, unknown>).get('type')
  }
  for (const $ref of ['a.json', 'http://x/a.json', 'b.json#/definitions/a', '#/definitions/a']) {
    assert.equal(targets(schema({ $id: 'http://x/b.json', $ref })), 'string', $ref)
  }
  assert.equal(targets(schema({ $ref: 'a.json' })), 'string')
  const other = new Map([['c.json', '{"type":"integer"}']])
  assert.equal(targets(schema({ $id: 'http://x/b.json', $ref: 'http://x/c.json' }), other), 'integer')
  assert.throws(() => parseJsonSchema(schema({ $ref: 'd.json' }), other), /not among the schema's references/)
})

test('definitions are found under either name, and those that nobody refers to may hold anything', () => {
  const parsed = parseJsonSchema('{"$ref":"#/$defs/x","definitions":{"x":{"type":"string"},"y":{"enum":1}}}')
  assert.deepEqual(JSON_SCHEMA.incompatibilities(parsed, parseJsonSchema('{"type":"string"}')), [])
})

test('what is not evaluated counts as what is additional', () => {
  const draft = { $schema: 'https://json-schema.org/draft/2020-12/schema' }
  const model = (properties: object, rest: unknown) => ({ ...draft, properties, unevaluatedProperties: rest })
  assert.deepEqual(types(model({ a: S, b: I }, false), model({ a: S }, false)), [])
  assert.deepEqual(types(model({ a: S }, false), model({ a: S, b: I }, false)), [
    'PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL',
  ])
  assert.deepEqual(types(model({ a: S }, false), { ...draft, properties: { a: S } }), [
    'UNEVALUATED_PROPERTIES_REMOVED',
  ])
  assert.deepEqual(types(model({ a: S }, I), model({ a: S }, true)), ['UNEVALUATED_PROPERTIES_NARROWED'])
})

const CASES: readonly [string, unknown, unknown, string[]][] = [
  ['a wider type', { type: 'number' }, I, []],
  ['another type', I, S, ['TYPE_CHANGED']],
  ['one type less', S, { type: ['string', 'null'] }, ['TYPE_CHANGED']],
  ['nothing asked', {}, S, []],
  ['nothing allowed', false, S, ['TYPE_CHANGED']],
  ['added to open', object({ a: S }), object({}), ['OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL']],
  ['added empty to open', object({ a: {} }), object({}), []],
  [
    'added to closed',
    object({ a: S }, { additionalProperties: false }),
    object({}, { additionalProperties: false }),
    [],
  ],
  [
    'added required to closed',
    object({ a: S }, { additionalProperties: false, required: ['a'] }),
    object({}, { additionalProperties: false }),
    ['REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL'],
  ],
  [
    'added to partially open',
    object({ a: S }),
    object({}, { additionalProperties: I }),
    ['TYPE_CHANGED', 'PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL'],
  ],
  ['removed from open', object({}), object({ a: S }), []],
  [
    'removed from closed',
    object({}, { additionalProperties: false }),
    object({ a: S }, { additionalProperties: false }),
    ['PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL'],
  ],
  ['closed', object({}, { additionalProperties: false }), object({}), ['ADDITIONAL_PROPERTIES_REMOVED']],
  ['required', object({ a: S }, { required: ['a'] }), object({ a: S }), ['REQUIRED_ATTRIBUTE_ADDED']],
  ['required with default', object({ a: { ...S, default: '' } }, { required: ['a'] }), object({ a: S }), []],
  ['fewer enum values', { enum: ['a'] }, { enum: ['a', 'b'] }, ['ENUM_ARRAY_NARROWED']],
  ['more enum values', { enum: ['a', 'b'] }, { enum: ['a'] }, []],
  ['lower maximum', { maximum: 1 }, { maximum: 2 }, ['MAXIMUM_DECREASED']],
  ['lower minimum', { minimum: 1 }, { minimum: 2 }, []],
  ['items', { type: 'array', items: I }, { type: 'array', items: S }, ['TYPE_CHANGED']],
  ['another alternative', { oneOf: [S, I] }, { oneOf: [I] }, []],
  ['one alternative of two', { oneOf: [S] }, { oneOf: [I, S] }, ['SUM_TYPE_NARROWED']],
  ['alternatives for one', { oneOf: [{ type: 'null' }, S] }, S, []],
  ['one more condition', { allOf: [S, { maxLength: 3 }] }, { allOf: [S] }, ['PRODUCT_TYPE_EXTENDED']],
  ['a pattern', { type: 'string', pattern: 'a' }, { type: 'string' }, ['PATTERN_ADDED']],
  ['more refused', { not: {} }, { not: S }, ['NOT_TYPE_EXTENDED']],
]
for (const [name, reader, writer, expected] of CASES) {
  test(`compatibility: ${name}`, () => assert.deepEqual(types(reader, writer), expected))
}
