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
    '{"$ref":"#"}',
    '{"minimum":"1"}',
    '{"items":{"required":[1]}}',
    '{"oneOf":{}}',
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
  assert.deepEqual(types(tree({ minProperties: 1 }), tree({})), ['MIN_PROPERTIES_ADDED'])
})

const CASES: readonly [string, unknown, unknown, string[]][] = [
  ['a wider type', { type: 'number' }, I, []],
  ['another type', I, S, ['TYPE_CHANGED']],
  ['one type less', S, { type: ['string', 'null'] }, ['TYPE_NARROWED']],
  ['nothing asked', {}, S, []],
  ['nothing allowed', false, S, ['TYPE_CHANGED']],
  ['added to open', object({ a: S }), object({}), ['PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL']],
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
    ['PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL'],
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
  ['a pattern', { pattern: 'a' }, {}, ['PATTERN_ADDED']],
  ['a keyword without a rule', { not: S }, {}, ['NOT_TYPE_NARROWED']],
]
for (const [name, reader, writer, expected] of CASES) {
  test(`compatibility: ${name}`, () => assert.deepEqual(types(reader, writer), expected))
}
