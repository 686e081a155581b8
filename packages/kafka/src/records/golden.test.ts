// Against batches built by the Java client: fixtures/GoldenBatches.java says how to make them again.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import {
  CompressionType,
  controlBatch,
  decodeRecords,
  encodeBatch,
  iterateBatches,
  type RecordInput,
  readControlType,
} from './index.ts'

type Golden =
  | 'none'
  | 'gzip'
  | 'snappy'
  | 'lz4'
  | 'zstd'
  | 'logAppendTime'
  | 'transactional'
  | 'commitMarker'
  | 'abortMarker'
const text = readFileSync(new URL('./fixtures/golden-batches.json', import.meta.url), 'utf8')
const golden = JSON.parse(text) as Record<Golden, string>
const bytes = (name: Golden): Buffer => Buffer.from(golden[name], 'hex')

const RECORDS: readonly RecordInput[] = [
  { timestamp: 1700000000000, key: 'key', value: 'value' },
  { timestamp: 1699999999000, key: null, value: 'no key, an earlier time' },
  { timestamp: 1700000000000, key: 'tombstone', value: null },
  { timestamp: 1900000000000, key: '', value: '' },
  {
    timestamp: 1700000000001,
    key: 'h',
    value: '{"grüße":"€ 😀"}',
    headers: [
      { key: 'a', value: '1' },
      { key: 'a', value: null },
      { key: 'é', value: '' },
    ],
  },
  { timestamp: 1700000000002, key: null, value: 'x'.repeat(300) },
]

const decoded = RECORDS.map((record, index) => ({
  offset: 1000 + index,
  timestamp: record.timestamp,
  timestampType: 'CreateTime',
  key: record.key === null ? null : Buffer.from(record.key ?? ''),
  value: record.value === null ? null : Buffer.from(record.value ?? ''),
  headers: (record.headers ?? []).map((h) => ({ key: h.key, value: h.value === null ? null : Buffer.from(h.value) })),
  control: false,
}))

for (const name of ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const) {
  test(`reads the Java client's ${name} batch`, () => {
    assert.deepEqual(decodeRecords(bytes(name)), decoded)
    const [header] = [...iterateBatches(bytes(name))]
    assert.equal(header?.compression, CompressionType[name])
    assert.equal(header?.baseOffset, 1000)
    assert.equal(header?.lastOffset, 1005)
  })
}

test('reads log append time: every record has the time of the batch', () => {
  const records = decodeRecords(bytes('logAppendTime'))
  assert.deepEqual(new Set(records.map((r) => r.timestamp)), new Set([1700000000123]))
  assert.deepEqual(new Set(records.map((r) => r.timestampType)), new Set(['LogAppendTime']))
})

test('writes the same bytes as the Java client', () => {
  assert.deepEqual(encodeBatch(RECORDS, { baseOffset: 1000, leaderEpoch: 5 }), patchEpoch(bytes('none'), 5))
  const transactional = encodeBatch(RECORDS, {
    baseOffset: 1000,
    leaderEpoch: 5,
    producerId: 4242,
    producerEpoch: 3,
    baseSequence: 17,
    transactional: true,
  })
  assert.deepEqual(transactional, patchEpoch(bytes('transactional'), 5))
})

test('writes transaction markers as the Java broker', () => {
  for (const commit of [true, false]) {
    const marker = controlBatch({
      commit,
      producerId: 4242,
      producerEpoch: 3,
      coordinatorEpoch: 5,
      timestamp: 1700000000000,
      baseOffset: 2000,
      leaderEpoch: 7,
    })
    const java = bytes(commit ? 'commitMarker' : 'abortMarker')
    assert.deepEqual(marker, patchEpoch(java, 7))
    const [record] = decodeRecords(java)
    assert.ok(record?.key && record.control)
    assert.equal(readControlType(record.key, 0, record.key.length), commit ? 1 : 0)
  }
})

/** The leader epoch is not part of what the checksum covers: a broker writes it. */
function patchEpoch(batch: Buffer, epoch: number): Buffer {
  batch.writeInt32BE(epoch, 12)
  return batch
}
