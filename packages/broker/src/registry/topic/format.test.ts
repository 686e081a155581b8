// Keys and values of `_schemas`, byte for byte as Confluent Schema Registry 8 writes them, and older ones read.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeRecord, encodeKey, encodeValue, type RegistryRecord } from './format.ts'

const schema = {
  subject: 'orders-value',
  version: 2,
  id: 7,
  schemaType: 'AVRO' as const,
  references: [],
  metadata: null,
  ruleSet: null,
  schema: '"int"',
  deleted: false,
}

const CASES: { readonly record: RegistryRecord; readonly key: string; readonly value: string | null }[] = [
  {
    record: { key: { keytype: 'SCHEMA', subject: 'orders-value', version: 2 }, value: schema },
    key: '{"keytype":"SCHEMA","subject":"orders-value","version":2,"magic":1}',
    value: '{"subject":"orders-value","version":2,"id":7,"schemaType":"AVRO","schema":"\\"int\\"","deleted":false}',
  },
  {
    record: {
      key: { keytype: 'SCHEMA', subject: ':.a:p', version: 1 },
      value: {
        subject: ':.a:p',
        version: 1,
        id: 1,
        schemaType: 'PROTOBUF',
        references: [{ name: 'x.proto', subject: 'x', version: 3 }],
        metadata: { tags: { '**.a': ['PII'] }, properties: { owner: 'o' }, sensitive: ['owner'] },
        ruleSet: {
          domainRules: [
            { name: 'r', kind: 'TRANSFORM', mode: 'WRITEREAD', type: 'ENCRYPT', tags: ['PII'], disabled: false },
          ],
        },
        schema: 'syntax = "proto3";',
        deleted: true,
      },
    },
    key: '{"keytype":"SCHEMA","subject":":.a:p","version":1,"magic":1}',
    value:
      '{"subject":":.a:p","version":1,"id":1,"schemaType":"PROTOBUF",' +
      '"references":[{"name":"x.proto","subject":"x","version":3}],' +
      '"metadata":{"tags":{"**.a":["PII"]},"properties":{"owner":"o"},"sensitive":["owner"]},' +
      '"ruleSet":{"domainRules":[{"name":"r","kind":"TRANSFORM","mode":"WRITEREAD","type":"ENCRYPT","tags":["PII"],"disabled":false}]},' +
      '"schema":"syntax = \\"proto3\\";","deleted":true}',
  },
  {
    record: { key: { keytype: 'SCHEMA', subject: 'x', version: 1 }, value: null },
    key: '{"keytype":"SCHEMA","subject":"x","version":1,"magic":1}',
    value: null,
  },
  {
    record: { key: { keytype: 'CONFIG', subject: null }, value: { compatibilityLevel: 'FULL' } },
    key: '{"keytype":"CONFIG","magic":0}',
    value: '{"compatibilityLevel":"FULL"}',
  },
  {
    record: {
      key: { keytype: 'CONFIG', subject: 'x' },
      value: { alias: 'y', normalize: true, compatibilityLevel: 'NONE', compatibilityGroup: 'major' },
    },
    key: '{"keytype":"CONFIG","subject":"x","magic":0}',
    value: '{"subject":"x","alias":"y","normalize":true,"compatibilityLevel":"NONE","compatibilityGroup":"major"}',
  },
  {
    record: { key: { keytype: 'MODE', subject: 'x' }, value: 'IMPORT' },
    key: '{"keytype":"MODE","subject":"x","magic":0}',
    value: '{"subject":"x","mode":"IMPORT"}',
  },
  {
    record: { key: { keytype: 'DELETE_SUBJECT', subject: 'x' }, value: 4 },
    key: '{"keytype":"DELETE_SUBJECT","subject":"x","magic":0}',
    value: '{"subject":"x","version":4}',
  },
  {
    record: { key: { keytype: 'CLEAR_SUBJECT', subject: null }, value: true },
    key: '{"keytype":"CLEAR_SUBJECT","magic":0}',
    value: '{}',
  },
  {
    record: { key: { keytype: 'CONTEXT', context: '.a' }, value: true },
    key: '{"keytype":"CONTEXT","tenant":"default","context":".a","magic":0}',
    value: '{"tenant":"default","context":".a"}',
  },
  { record: { key: { keytype: 'NOOP' }, value: null }, key: '{"keytype":"NOOP","magic":0}', value: null },
]

for (const { record, key, value } of CASES) {
  test(`writes and reads ${key}`, () => {
    assert.equal(encodeKey(record.key).toString(), key)
    const bytes = encodeValue(record)
    assert.equal(bytes?.toString() ?? null, value)
    assert.deepEqual(decodeRecord(encodeKey(record.key), bytes), record)
  })
}

test('reads what older versions wrote: no schema type, a null subject, old magic', () => {
  const read = (key: string, value: string) => decodeRecord(Buffer.from(key), Buffer.from(value))
  assert.deepEqual(
    read(
      '{"keytype":"SCHEMA","subject":"orders-value","version":2,"magic":0}',
      '{"subject":"orders-value","version":2,"id":7,"schema":"\\"int\\"","deleted":false}',
    ),
    { key: { keytype: 'SCHEMA', subject: 'orders-value', version: 2 }, value: schema },
  )
  assert.deepEqual(read('{"keytype":"CONFIG","subject":null,"magic":0}', '{"compatibilityLevel":"FULL"}'), {
    key: { keytype: 'CONFIG', subject: null },
    value: { compatibilityLevel: 'FULL' },
  })
  assert.equal(read('{"keytype":"ASSOC","magic":0}', '{}'), undefined)
  assert.throws(() => read('{"keytype":"SCHEMA","subject":"x","version":1,"magic":9}', '{}'), /magic 9/)
  assert.throws(() => read('no', '{}'))
})
