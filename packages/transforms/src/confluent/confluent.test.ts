// Confluent's transformations by what their documentation says, each through the shared suite.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ConnectRecord, Headers, Schemas, type Transformation } from '@millrace/api'
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
  TopicRegexRouter: [one({ regex: '(.*)', replacement: 'to-$1' }, { value: 1 }, topicIs('to-t'))],
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
  assert.equal(count('$.book[*].a'), 2)
  assert.equal(count('$.book[-1].t'), 1)
  assert.equal(count('$[?(@.open == true)]'), 1)
  assert.equal(count('$.book[?(@.none != 1)]'), 0)
  assert.equal(new JsonPath('$.none.x').find(store).missing, true)
  assert.equal(new JsonPath('$.book[?(@.none == 1)]').find(store).missing, false)
  for (const bad of ['book', '$.', '$[?(@.a ==)]', "$['a", '$..a', '$.a b'])
    assert.throws(() => new JsonPath(bad), SyntaxError)
})
