// Keys and headers on their way into a batch: what stands in the batch is what a writer that keeps nothing would have put there.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ByteSink, defineConfig, Headers, Schemas, SourceRecord } from '@millrace/api'
import { BatchBuilder, RecordReader } from '@millrace/kafka/records'
import { MemorySink } from '@millrace/testkit'
import { HeaderWriter } from './header-bytes.ts'
import { KeyBytes } from './key-bytes.ts'

function writeAll(out: ByteSink): void {
  out.utf8('aé😀\ud800')
  out.ascii('ascii')
  out.bytes(Buffer.from('bytes'), 1, 4)
  out.int8(-2)
  out.int16(-300)
  out.int32(-70_000)
  out.int64(2 ** 40)
  out.int64(-(2n ** 60n))
  out.float32(1.5)
  out.float64(-0.1)
  out.utf8('x'.repeat(5000))
}

test('keys are written as into a sink, and from the beginning again', () => {
  const [key, wanted] = [new KeyBytes(), new MemorySink()]
  key.utf8('forgotten')
  key.clear()
  writeAll(key)
  writeAll(wanted)
  assert.deepEqual(key.buffer.subarray(0, key.length), wanted.written)
})

test('headers that come again are copied, and others written', () => {
  let asked = 0
  const writer = new HeaderWriter({
    config: defineConfig({}),
    configure: () => {},
    fromConnectHeader: (topic, _key, _schema, value) => {
      asked++
      return value === null ? null : Buffer.from(`${topic} ${value}`)
    },
    toConnectHeader: () => assert.fail(),
  })
  const [a, b, bytes] = [header('a', 'é'), header('b', null), header('c', Buffer.from('mutable'))]
  const runs = [[a, b], [a, b], [a, b], [a], [b, a], [b, a], [bytes], [bytes], [a, b]]
  const builder = new BatchBuilder()
  const records = runs.map((list, at) => recordOf(at === 8 ? 'other' : 't', list))
  for (const record of records) {
    builder.begin(0)
    builder.nullKey()
    builder.nullValue()
    writer.write(record, builder)
    builder.end()
  }
  const reader = new RecordReader()
  reader.reset({ topic: 't', partition: 0, buffer: builder.close() })
  for (const record of records) {
    assert.ok(reader.next())
    const expected = [...record.headers].map(({ key, value }) => ({
      key,
      value: value === null ? null : Buffer.from(`${record.topic} ${value}`),
    }))
    assert.deepEqual(reader.headers(), expected)
  }
  // Once as they are written and once when they are kept, of each run that is not the one before; bytes are never kept.
  assert.equal(asked, 2 + 2 + 0 + 1 + 2 + 2 + 1 + 1 + 2)
})

function header(key: string, value: string | Buffer | null) {
  return { key, schema: Schemas.OPTIONAL_STRING, value }
}

function recordOf(topic: string, headers: ReturnType<typeof header>[]): SourceRecord {
  return new SourceRecord({ sourcePartition: {}, sourceOffset: {}, topic, headers: new Headers(headers) })
}
