// The reader over several batches: where it starts, what it leaves out, and what it says about damage.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import zlib from 'node:zlib'
import { seeded } from './fixtures/random.ts'
import {
  BATCH_HEADER_SIZE,
  type CompressionType,
  controlBatch,
  crc32c,
  decompress,
  encodeBatch,
  type FetchedBytes,
  iterateBatches,
  MalformedRecord,
  RecordReader,
} from './index.ts'

const values = (...texts: string[]) => texts.map((value) => ({ value, timestamp: 1 }))

function read(
  buffer: Buffer,
  options: Partial<FetchedBytes> = {},
): { offsets: number[]; next: number; texts: string[] } {
  const reader = new RecordReader({ topic: 'orders', partition: 3, buffer, ...options })
  const offsets: number[] = []
  const texts: string[] = []
  while (reader.next()) {
    offsets.push(reader.offset)
    texts.push(reader.value.text())
  }
  return { offsets, next: reader.nextOffset, texts }
}

test('starts in the middle of a batch and leaves out a cut one', () => {
  const buffer = Buffer.concat([
    encodeBatch(values('a', 'b', 'c'), { baseOffset: 10 }),
    encodeBatch(values('d', 'e'), { baseOffset: 20, compression: 1 }),
    encodeBatch(values('f'), { baseOffset: 22 }).subarray(0, 65),
  ])
  assert.deepEqual(read(buffer, { fetchOffset: 11 }), {
    offsets: [11, 12, 20, 21],
    next: 22,
    texts: ['b', 'c', 'd', 'e'],
  })
  assert.deepEqual(
    [...iterateBatches(buffer)].map((b) => [b.start, b.baseOffset, b.lastOffset, b.recordCount]),
    [
      [0, 10, 12, 3],
      [iterateBatches(buffer).next().value!.end, 20, 21, 2],
    ],
  )
})

test('passes over what a compacted batch no longer holds', () => {
  const batch = encodeBatch([], { baseOffset: 100 })
  batch.writeInt32BE(9, 23)
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17)
  assert.deepEqual(read(batch, { fetchOffset: 100 }), { offsets: [], next: 110, texts: [] })
})

test('read_committed leaves out aborted transactions and all markers', () => {
  const txn = (producerId: number, baseOffset: number, text: string) =>
    encodeBatch(values(text), { producerId, producerEpoch: 0, baseSequence: 0, transactional: true, baseOffset })
  const end = (producerId: number, baseOffset: number, commit: boolean) =>
    controlBatch({ commit, producerId, producerEpoch: 0, coordinatorEpoch: 0, timestamp: 1, baseOffset })
  const buffer = Buffer.concat([
    txn(1, 0, 'aborted'),
    txn(2, 1, 'committed'),
    encodeBatch(values('plain'), { baseOffset: 2 }),
    end(1, 3, false),
    txn(1, 4, 'second try'),
    end(2, 5, true),
    end(1, 6, true),
    txn(2, 7, 'aborted later'),
    end(2, 8, false),
  ])
  const abortedTransactions = [
    { producerId: 2, firstOffset: 7n },
    { producerId: 1n, firstOffset: 0 },
  ]
  const committed = read(buffer, { readCommitted: true, abortedTransactions })
  assert.deepEqual(committed, { offsets: [1, 2, 4], next: 9, texts: ['committed', 'plain', 'second try'] })
  assert.deepEqual(read(buffer).offsets, [0, 1, 2, 4, 7])
})

test('read_committed keeps what a producer commits after an abort whose marker alone is left to read', () => {
  const txn = (baseOffset: number, text: string) =>
    encodeBatch(values(text), { producerId: 2, producerEpoch: 1, baseSequence: 0, transactional: true, baseOffset })
  const end = (commit: boolean, baseOffset: number) =>
    controlBatch({ commit, producerId: 2, producerEpoch: 1, coordinatorEpoch: 0, timestamp: 1, baseOffset })
  // A consumer had come as far as offset 10, past the aborted records: the answer still names their transaction.
  const buffer = Buffer.concat([end(false, 10), txn(11, 'committed'), end(true, 12)])
  const abortedTransactions = [{ producerId: 2, firstOffset: 3 }]
  const committed = read(buffer, { fetchOffset: 10, readCommitted: true, abortedTransactions })
  assert.deepEqual(committed, { offsets: [11], next: 13, texts: ['committed'] })
})

test('a damaged batch is named with its place, and can be stepped over', () => {
  const good = encodeBatch(values('a'), { baseOffset: 5 })
  const bad = encodeBatch(values('b', 'bb'), { baseOffset: 6 })
  bad[70]! ^= 1
  const reader = new RecordReader({
    topic: 'orders',
    partition: 3,
    buffer: Buffer.concat([good, bad, good]),
    fetchOffset: 5,
  })
  assert.ok(reader.next())
  assert.throws(() => reader.next(), {
    name: 'CorruptRecordException',
    message: /orders-3 offset 6 is damaged: its checksum is 0x[0-9a-f]{8}, and 0x[0-9a-f]{8} is stored/,
  })
  assert.equal(reader.nextOffset, 6)
  assert.throws(() => reader.next(), { name: 'CorruptRecordException' }, 'it is not passed over by trying again')
  reader.skipBatch()
  assert.equal(reader.nextOffset, 8)
  assert.equal(reader.next(), false)
})

test('old message formats are told apart from damage', () => {
  const batch = encodeBatch(values('a'))
  batch[16] = 1
  assert.throws(() => read(batch), { name: 'UnsupportedForMessageFormatException', message: /format is version 1/ })
  batch[16] = 9
  assert.throws(() => read(batch), { name: 'CorruptRecordException', message: /format 9/ })
})

test('an unknown compression says so', () => {
  const batch = encodeBatch(values('a'))
  batch[22] = 5
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17)
  assert.throws(() => read(batch), { name: 'UnsupportedCompressionTypeException', message: /code 5/ })
})

test('a decompression bomb ends at the limit, in every compression', () => {
  const bomb = Buffer.alloc(1 << 20)
  for (const compression of [1, 2, 3, 4] as const) {
    const batch = encodeBatch([{ value: bomb }], { compression })
    const options = { topic: 't', partition: 0, buffer: batch, maxDecompressedBytes: 1 << 19 }
    assert.throws(() => new RecordReader(options).next(), {
      name: 'CorruptRecordException',
      message: /would grow beyond the 524288 bytes allowed/,
    })
    assert.equal(new RecordReader({ ...options, maxDecompressedBytes: 3 << 19 }).next(), true)
  }
  assert.throws(() => decompress(4, zlib.zstdCompressSync(bomb), 1000), MalformedRecord)
})

const KNOWN = new Set([
  'CorruptRecordException',
  'UnsupportedCompressionTypeException',
  'UnsupportedForMessageFormatException',
])

function survives(buffer: Buffer, seed: number): void {
  const reader = new RecordReader({ topic: 't', partition: 0, buffer, checkCrcs: false, maxDecompressedBytes: 1 << 20 })
  let records = 0
  try {
    while (reader.next()) {
      if (reader.valueEnd >= 0) assert.ok(reader.valueEnd <= reader.buffer.length && reader.value.text().length >= 0)
      if (reader.keyEnd >= 0) assert.ok(reader.keyEnd <= reader.buffer.length && reader.key.bytes().length >= 0)
      for (const header of reader.headers()) assert.equal(typeof header.key, 'string')
      assert.ok(++records <= 1 << 20, `seed ${seed} does not end`)
    }
  } catch (error) {
    assert.ok(KNOWN.has((error as Error).name), `seed ${seed}: ${(error as Error).stack}`)
  }
}

test('mutated bytes give a clear error or records, never a crash or a hang', () => {
  for (let seed = 1; seed <= 4000; seed++) {
    const random = seeded(seed)
    const compression = random.pick<CompressionType>([0, 0, 0, 1, 2, 3, 4])
    const records = Array.from({ length: 1 + random.int(8) }, () => ({
      key: random.pick([null, 'key']),
      value: 'v'.repeat(random.int(90)),
      headers: random.int(2) ? [{ key: 'h', value: 'x' }] : [],
    }))
    const batch = encodeBatch(records, { compression })
    const buffer = Buffer.concat([batch, encodeBatch(records, { baseOffset: records.length })])
    for (let i = 1 + random.int(4); i > 0; i--) {
      // Mostly where it hurts: lengths, counts and the record section.
      const at = random.int(3) === 0 ? random.int(buffer.length) : BATCH_HEADER_SIZE - 4 + random.int(30)
      buffer[at % buffer.length] = random.pick([0, 1, 0x7f, 0x80, 0xff, random.int(256)])
    }
    survives(random.int(4) === 0 ? buffer.subarray(0, random.int(buffer.length)) : buffer, seed)
  }
})
