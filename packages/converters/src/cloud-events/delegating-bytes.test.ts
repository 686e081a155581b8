// Debezium's converters for bytes: the shared suite, and what goes to the delegate.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigException, Schemas } from '@millrace/api'
import { converterContract } from '@millrace/testkit'
import { BinaryDataConverter, ByteArrayConverter } from './delegating-bytes.ts'

const bytes = (text: string | null) => ({
  schema: Schemas.OPTIONAL_BYTES,
  value: text === null ? null : Buffer.from(text),
})
const SAMPLES = [
  bytes('any'),
  bytes(''),
  bytes(null),
  { schema: null, value: Buffer.of(0, 255), back: { ...bytes(''), value: Buffer.of(0, 255) } },
]
const JSON_DELEGATE = {
  'delegate.converter.type': 'org.apache.kafka.connect.json.JsonConverter',
  'delegate.converter.type.schemas.enable': 'false',
}

for (const converter of [BinaryDataConverter, ByteArrayConverter]) {
  converterContract(`Debezium's ${converter.name}`, {
    converter,
    samples: SAMPLES,
    unwritable: [
      { schema: Schemas.STRING, value: 'text' },
      { schema: Schemas.OPTIONAL_STRING, value: null },
      { schema: null, value: { a: 1 } },
    ],
    nullBack: bytes(null),
  })
  converterContract(`Debezium's ${converter.name} with a delegate`, {
    converter,
    configs: JSON_DELEGATE,
    samples: [
      ...SAMPLES,
      { schema: Schemas.STRING, value: 'text', back: bytes('"text"') },
      { schema: Schemas.OPTIONAL_INT32, value: null, back: bytes('null') },
      { schema: null, value: { a: [1] }, back: bytes('{"a":[1]}') },
    ],
    nullBack: bytes(null),
  })
}

test('the delegate is one that is known, and its keys are checked', () => {
  const configure = (configs: Readonly<Record<string, string>>) => () =>
    new BinaryDataConverter().configure({ ...JSON_DELEGATE, ...configs }, false)
  assert.throws(configure({ 'delegate.converter.type': 'a.B' }), ConfigException)
  assert.throws(configure({ 'delegate.converter.type.schemas.enable': 'perhaps' }), ConfigException)
})
