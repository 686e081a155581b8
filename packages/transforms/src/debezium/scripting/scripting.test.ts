// Debezium's Filter and ContentBasedRouter with JavaScript: the forms of its documentation and of its own tests.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  ConfigException,
  type ConnectRecord,
  Headers,
  type RecordChanges,
  SchemaBuilder,
  Schemas,
  SourceRecord,
} from '@millrace/api'
import { transformationContract } from '@millrace/testkit'
import { DebeziumException } from '../errors.ts'
import { ContentBasedRouter } from './content-based-router.ts'
import { Filter } from './filter.ts'

const ROW = SchemaBuilder.struct()
  .name('s.t.Value')
  .optional()
  .field('id', Schemas.INT64)
  .field('name', SchemaBuilder.string().default('nobody').build())
  .field('tags', SchemaBuilder.array(Schemas.STRING).optional().build())
  .field('extra', SchemaBuilder.map(Schemas.STRING, Schemas.STRING).optional().build())
  .build()
const ENVELOPE = SchemaBuilder.struct()
  .name('s.t.Envelope')
  .field('before', ROW)
  .field('after', ROW)
  .field('op', Schemas.STRING)
  .build()
const KEY = SchemaBuilder.struct().name('s.t.Key').field('id', Schemas.INT64).build()
const row = (id: number) => ({ id, name: null, tags: ['a', 'b'], extra: new Map([['k', 'v']]) })
const UPDATE: RecordChanges = {
  topic: 'dummy1',
  keySchema: KEY,
  key: { id: 2 },
  valueSchema: ENVELOPE,
  value: { before: row(2), after: row(3), op: 'u' },
  headers: new Headers().add('idh', 1, Schemas.INT32),
}
const PLAIN: RecordChanges = { topic: 'plain', key: 'k', value: { op: 'u', after: { id: 3 } } }
const language = 'jsr223.graal.js'
const recordOf = (changes: RecordChanges): ConnectRecord =>
  new SourceRecord({ sourcePartition: null, sourceOffset: null, topic: 't' }).with(changes)

function filter(condition: string, more: Readonly<Record<string, string>> = {}): Filter {
  const made = new Filter()
  made.configure({ language, condition, ...more })
  return made
}
function route(expression: string, given: RecordChanges, more: Readonly<Record<string, string>> = {}): string {
  const made = new ContentBasedRouter()
  made.configure({ language, 'topic.expression': expression, ...more })
  return (made.apply(recordOf(given)) as ConnectRecord).topic
}
const keeps = (condition: string, given: RecordChanges, more: Readonly<Record<string, string>> = {}) =>
  filter(condition, more).apply(recordOf(given)) !== null

transformationContract('Filter of Debezium', {
  transformation: Filter,
  cases: [
    {
      name: 'keeps what is true',
      configs: { language, condition: "value.op == 'u'" },
      record: UPDATE,
      check: (record) => assert.equal(record.topic, 'dummy1'),
    },
    {
      name: 'drops what is false',
      configs: { language, condition: 'value.before.id != 2' },
      record: UPDATE,
      check: null,
    },
  ],
})
transformationContract('ContentBasedRouter of Debezium', {
  transformation: ContentBasedRouter,
  cases: [
    {
      name: 'routes',
      configs: { language, 'topic.expression': "value.op == 'u' ? 'updates' : null" },
      record: UPDATE,
      check: (record) => assert.equal(record.topic, 'updates'),
    },
  ],
})

test('a condition sees key, value, schemas, topic and headers, in the forms of each engine', () => {
  for (const condition of [
    "value.op == 'u' && value.before.id == 2",
    "value.get('op') == 'u' && value.get('before').get('id') == 2",
    "value.getString('op') == 'u' && value.getStruct('after').getInt64('id') == 3",
    'key.id === 2',
    "header.idh.value == 1 && topic.startsWith('dummy')",
    "headers.get('idh').value == 1 && header.containsKey('idh') && !header.containsKey('x') && header.x === undefined",
    "value.after.name == 'nobody'",
    "value.after.tags.includes('b') && value.after.tags.length == 2 && value.after.tags.get(0) == 'a' && value.after.tags.size() == 2",
    "value.after.extra.k == 'v' && value.after.extra.get('k') == 'v'",
    "valueSchema.name() == 's.t.Envelope' && valueSchema.field('op').schema().type() == 'STRING' && valueSchema.field('x') == null",
    "value.schema().name() == valueSchema.name() && keySchema.fields()[0].name() == 'id' && keySchema.fields().get(0).name() == 'id'",
    "'op' in value && !('x' in value) && value.x === undefined",
    "var after = value.after; after.id == 3 && after.name != 'x'",
    'let found = false\nif (value.op == "u") { found = true }\nfound',
  ]) {
    assert.equal(keeps(condition, UPDATE), true, condition)
  }
  assert.equal(keeps("value.op == 'u' && value.after.id == 3 && key == 'k'", PLAIN), true)
  assert.equal(keeps("value.get('op') == 'd'", PLAIN), false)
})

test('topics that do not match, and records without a value', () => {
  assert.equal(keeps('false', UPDATE, { 'topic.regex': 'dum' }), true)
  assert.equal(keeps('false', UPDATE, { 'topic.regex': 'dum.*' }), false)
  const tombstone = { topic: 't', value: null }
  assert.equal(keeps('false', tombstone), true)
  assert.equal(keeps('true', tombstone, { 'null.handling.mode': 'drop' }), false)
  assert.equal(keeps('value === null', tombstone, { 'null.handling.mode': 'EVALUATE' }), true)
})

test('a router routes by its text, and leaves a record where it is for null', () => {
  const expression = "value == null ? 'nulls' : (value.before.id == 1 ? 'ones' : null)"
  assert.equal(route(expression, UPDATE), 'dummy1')
  assert.equal(route(expression, { ...UPDATE, value: { before: row(1), after: row(1), op: 'u' } }), 'ones')
  assert.equal(route(expression, { topic: 't', value: null }, { 'null.handling.mode': 'evaluate' }), 'nulls')
  assert.equal(route('topic + "-x"', UPDATE), 'dummy1-x')
  assert.throws(() => route('1', UPDATE), /Value '1' returned by the expression of topic\.expression is not a String/)
})

test('an expression cannot change the record, and its errors are located', () => {
  const fails = (condition: string, message: RegExp) =>
    assert.throws(
      () => keeps(condition, UPDATE),
      (error) => {
        assert.ok(error instanceof DebeziumException)
        assert.match(error.message, message)
        return true
      },
    )
  fails("(value.op = 'x') == 'x'", /condition:1:11: Record attributes must not be modified/)
  fails("value.after.tags.push('x') > 0", /must not be modified/)
  fails(
    "operation != 'd'",
    /^Error while evaluating expression: condition:1:1: operation is not defined|condition: operation/,
  )
  fails(
    "value.op == 'u' &&\n value.nothing.id == 1",
    /condition:2:16: Cannot read properties of undefined \(reading 'id'\)/,
  )
  fails("value.get('nothing')", /nothing is not a valid field name/)
  assert.throws(() => keeps('null', UPDATE), /Value 'null' returned by the expression of condition is not a Boolean/)
  fails('value.op', /Value 'u' returned by the expression of condition is not a Boolean/)
})

test('names of JavaScript are accepted, other languages are told what to write instead', () => {
  for (const name of ['graal.js', 'js', 'jsr223.js', 'jsr223.JavaScript', 'jsr223.nashorn']) {
    assert.equal(keeps('true', UPDATE, { language: name }), true, name)
  }
  const refused = (name: string, message: RegExp) =>
    assert.throws(
      () => keeps('true', UPDATE, { language: name }),
      (error) => {
        assert.ok(error instanceof ConfigException)
        assert.equal(error.context.configKey, 'language')
        assert.match(error.message, message)
        return true
      },
    )
  refused('jsr223.groovy', /Groovy needs a JVM.*Write the expression in JavaScript and set language=jsr223\.graal\.js/)
  refused('wasm.chicory', /WebAssembly is not supported/)
  refused('jsr223.jython', /Only JavaScript is supported/)
})

test('what does not compile is told by validation, at its key', () => {
  const problems = new Filter().validate({ language, condition: "operation != 'd" })
  assert.equal(problems.length, 1)
  assert.equal(problems[0]?.key, 'condition')
  assert.match(problems[0]?.message ?? '', /^condition:1:\d+: /)
  assert.deepEqual(new Filter().validate({ language: 'jsr223.groovy', condition: 'a ?: b' }), [])
  assert.throws(() => filter('value.'), ConfigException)
  assert.throws(() => filter(''), ConfigException)
})
