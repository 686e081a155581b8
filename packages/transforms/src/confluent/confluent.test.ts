// Confluent's transformations by what their documentation says, each through the shared suite.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { type ConnectRecord, Headers, SchemaBuilder, Schemas, type Transformation } from '@millrace/api'
import { type TransformationCase, transformationContract } from '@millrace/testkit'
import { JsonPath } from './json-path.ts'
import { confluentPlugins } from './plugins.ts'

const one = (
  configs: TransformationCase['configs'],
  record: TransformationCase['record'],
  check: TransformationCase['check'],
): TransformationCase => ({ name: JSON.stringify(configs), configs, record, check })
const topicIs = (topic: string) => (record: ConnectRecord) => assert.equal(record.topic, topic)
const same = topicIs('t')
const condition = (text: string, type: string, missing = 'fail') => ({
  'filter.condition': text,
  'filter.type': type,
  'missing.or.null.behavior': missing,
})
const nested = { key: { nestedKey: 'value1' } }
const NESTED = '$.key[?(@.nestedKey == "value1" || @.nestedKey == "value2")]'
const NESTED_MAP = () => ({
  abc: 42,
  etc: 'etc',
  foo: { a1: 'k1', a2: { b2: { c1: 'f4' } }, a3: { b2: { c1: 'f4' }, b1: { c1: 'f4' } } },
  dont: 'whatever',
})
const FOO = SchemaBuilder.struct()
  .optional()
  .field('a', Schemas.INT32)
  .field('b', SchemaBuilder.struct().field('c', Schemas.STRING).field('d', Schemas.OPTIONAL_STRING).build())
  .build()
const STRUCT = SchemaBuilder.struct()
  .name('s')
  .field('id', Schemas.INT32)
  .field('foo', FOO)
  .field('x.y', Schemas.STRING)
  .build()
const RENAMES = 'foo.a2:xyz,foo:bar,foo.a3.b1:luck,foo.a3.b2.c1:happy'
const cases = (side: 'key' | 'value') => ({
  Filter: [
    one(condition(NESTED, 'include'), { [side]: nested }, same),
    one(condition(NESTED, 'exclude'), { [side]: nested }, null),
    one(condition(NESTED, 'include', 'exclude'), { [side]: {} }, null),
    one(condition(NESTED, 'exclude', 'include'), { [side]: { key: null } }, same),
  ],
  Drop: [
    one({}, { [side]: 'x', [`${side}Schema`]: Schemas.STRING }, (record) => {
      assert.deepEqual([record[side], record[`${side}Schema`]], [null, null])
    }),
    one({ 'schema.behavior': 'force_optional' }, { [side]: 'x', [`${side}Schema`]: Schemas.STRING }, (record) => {
      assert.deepEqual([record[side], record[`${side}Schema`]], [null, Schemas.OPTIONAL_STRING])
    }),
    one({ 'schema.behavior': 'retain' }, { [side]: 'x', [`${side}Schema`]: Schemas.STRING }, (record) => {
      assert.deepEqual([record[side], record[`${side}Schema`]], [null, Schemas.STRING])
    }),
  ],
  GzipDecompress: [
    one({}, { [side]: gzipSync('Hello'), [`${side}Schema`]: Schemas.BYTES }, (record) => {
      assert.deepEqual([String(record[side]), record[`${side}Schema`]], ['Hello', Schemas.BYTES])
    }),
    one({}, { [side]: null }, (record) => assert.equal(record[side], null)),
  ],
  ReplaceField: [
    one({ exclude: 'dont', renames: RENAMES }, { [side]: NESTED_MAP() }, (record) => {
      const bar = { a1: 'k1', xyz: { b2: { c1: 'f4' } }, a3: { b2: { happy: 'f4' }, luck: { c1: 'f4' } } }
      assert.deepEqual(record[side], { abc: 42, etc: 'etc', bar })
    }),
    one({ exclude: 'foo.a3.b2', include: 'foo.a3,abc.no', renames: RENAMES }, { [side]: NESTED_MAP() }, (record) => {
      assert.deepEqual(record[side], { bar: { a3: { luck: { c1: 'f4' } } } })
    }),
    one(
      { exclude: 'foo.b.c', renames: 'foo.b.d:e,x.y:z' },
      { [side]: { id: 1, foo: { a: 2, b: { c: 'c', d: 'd' } }, 'x.y': 'y' }, [`${side}Schema`]: STRUCT },
      (record) => {
        assert.deepEqual(record[side], { id: 1, foo: { a: 2, b: { e: 'd' } }, z: 'y' })
        const foo = record[`${side}Schema`]?.fields[1]?.schema
        assert.deepEqual([foo?.optional, foo?.fields[1]?.schema.fields.map((field) => field.name)], [true, ['e']])
      },
    ),
    one(
      { include: 'foo.b.d,id.none' },
      { [side]: { id: 1, foo: null, 'x.y': 'y' }, [`${side}Schema`]: STRUCT },
      (record) => {
        assert.deepEqual(record[side], { foo: null })
      },
    ),
  ],
  ExtractTopic: [
    one({}, { [side]: 'new' }, topicIs('new')),
    one({ field: 'f2' }, { [side]: { f2: 'new' } }, topicIs('new')),
    one({ field: 'f3', 'skip.missing.or.null': 'true' }, { [side]: { f2: 'new' } }, same),
    one({ field: '["f1"]["f3"]', 'field.format': 'JSON_PATH' }, { [side]: { f1: { f3: 'new' } } }, topicIs('new')),
  ],
})
const CASES: Readonly<Record<string, readonly TransformationCase[]>> = {
  ...Object.fromEntries(Object.entries(cases('key')).map(([name, list]) => [`${name}$Key`, list])),
  ...Object.fromEntries(Object.entries(cases('value')).map(([name, list]) => [`${name}$Value`, list])),
  ExtractTopic$Header: [
    one({ field: 'h' }, { headers: new Headers([{ key: 'h', schema: null, value: 'new' }]) }, topicIs('new')),
  ],
  MessageTimestampRouter: [
    one(
      {
        'topic.format': `foo-\${topic}-\${timestamp}`,
        'message.timestamp.format': 'yyyy-MM-dd',
        'topic.timestamp.format': 'yyyy.MM.dd',
        'message.timestamp.keys': 'timestamp,time,ts',
      },
      { value: { time: '2019-08-06' } },
      topicIs('foo-t-2019.08.06'),
    ),
  ],
  TombstoneHandler: [one({}, { key: 'k' }, null), one({ behavior: 'fail' }, { value: 1 }, same)],
  TopicRegexRouter: [
    one({ regex: '(.*)', replacement: 'to-$1' }, { value: 1 }, topicIs('to-t')),
    one({ regex: '(?P<all>[(?P<t]*)', replacement: `to-\${all}` }, { value: 1 }, topicIs('to-t')),
  ],
}

for (const plugin of confluentPlugins) {
  const name = plugin.className.slice(plugin.className.lastIndexOf('.') + 1)
  const transformation = (await plugin.load()) as new () => Transformation
  transformationContract(name, { transformation, cases: CASES[name] as readonly TransformationCase[] })
}

test('conditions find what they say', () => {
  const store = {
    book: [
      { a: 1, t: 'x' },
      { a: 5n, t: 'Yes' },
    ],
    open: true,
  }
  const count = (path: string) => new JsonPath(path).find(store).values.length
  assert.equal(count('$.book[?(@.a > 2)]'), 1)
  assert.equal(count('$.book[?(@.t =~ /y.*/i)]'), 1)
  assert.equal(count("$.book[?(@.t in ['x', 'y'] && !(@.a == 2))]"), 1)
  assert.equal(count('$.book[?(@.a)]'), 2)
  assert.equal(count('$.[?(@.open)]'), 1)
  assert.equal(count('$.book[*].a'), 2)
  assert.equal(count('$.book[-1].t'), 1)
  assert.equal(count('$[?(@.open == true)]'), 1)
  assert.equal(count('$.book[?(@.none != 1)]'), 0)
  assert.equal(count('$..t'), 2)
  assert.equal(count('$..none'), 0)
  assert.ok(count("$..[?(@.t == 'Yes')]") > 0)
  assert.equal(new JsonPath('$..none').find(store).missing, false)
  assert.equal(new JsonPath('$.none.x').find(store).missing, true)
  assert.equal(new JsonPath('$.book[?(@.none == 1)]').find(store).missing, false)
  for (const bad of ['book', '$.', '$[?(@.a ==)]', "$['a", '$..', '$...a', '$.a b'])
    assert.throws(() => new JsonPath(bad), SyntaxError)
})
