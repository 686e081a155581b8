// How much of a fetched partition a poll takes, and where that leaves the position: dense, sparse, aborted, broken.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { controlBatch, crc32c, encodeBatch, type SealOptions } from '../records/index.ts'
import { FetchedPartition, Frame } from './fetched-partition.ts'

function batch(baseOffset: number, count: number, more: SealOptions = {}): Buffer {
  const values = Array.from({ length: count }, (_, index) => ({ value: `v${baseOffset + index}` }))
  return encodeBatch(values, { baseOffset, leaderEpoch: 3, ...more })
}

/** A batch as compaction leaves it: fewer records than the offsets it spans. */
function compacted(baseOffset: number, count: number, lastOffset: number): Buffer {
  const bytes = batch(baseOffset, count)
  bytes.writeInt32BE(lastOffset - baseOffset, 23)
  bytes.writeUInt32BE(crc32c(bytes.subarray(21)), 17)
  return bytes
}

function fetched(records: Buffer, from = 0, more: Partial<ConstructorParameters<typeof FetchedPartition>[0]> = {}) {
  const frame = new Frame(records.length, () => {})
  const options = {
    topic: 't',
    partition: 0,
    records,
    frame,
    from: { offset: from, epoch: -1 },
    readCommitted: false,
    aborted: [],
    checkCrcs: true,
  }
  return new FetchedPartition({ ...options, ...more })
}

/** Offsets of the next `count` records. */
function read(part: FetchedPartition, count: number): number[] {
  return Array.from({ length: count }, () => {
    assert.ok(part.reader.next())
    return part.reader.offset
  })
}

describe('fetched partition', () => {
  it('takes up to the limit over batches, each time where it stopped', () => {
    const part = fetched(Buffer.concat([batch(0, 3), batch(3, 2)]))
    assert.equal(part.batches, 2)
    assert.deepEqual(part.end, { offset: 5, epoch: 3 })
    assert.equal(part.take(2), 2)
    assert.deepEqual(part.position, { offset: 2, epoch: 3 })
    assert.deepEqual(read(part, 2), [0, 1])
    assert.equal(part.take(10), 3)
    assert.deepEqual(read(part, 3), [2, 3, 4])
    assert.equal(part.take(10), 0)
  })

  it('begins inside a batch, and leaves a cut batch alone', () => {
    const part = fetched(Buffer.concat([batch(0, 5), batch(5, 5).subarray(0, 80)]), 3)
    assert.equal(part.batches, 1)
    assert.equal(part.end.offset, 5)
    assert.equal(part.take(10), 2)
    assert.deepEqual(read(part, 2), [3, 4])
    assert.equal(part.take(10), 0)
    assert.equal(part.unreadable, false)
  })

  it('counts what is there, not what the offsets span, in compacted batches', () => {
    // Three records at 0, 1, 2 of a batch that reaches to offset 9.
    const part = fetched(Buffer.concat([compacted(0, 3, 9), batch(10, 2)]), 1)
    assert.equal(part.take(1), 1)
    assert.equal(part.position.offset, 2)
    assert.equal(part.take(10), 3)
    assert.deepEqual(read(part, 4), [1, 2, 10, 11])
    assert.equal(part.position.offset, 12)
  })

  it('passes over control batches and empty ones, and still reaches the end', () => {
    const marker = controlBatch({
      commit: true,
      producerId: 7,
      producerEpoch: 0,
      coordinatorEpoch: 0,
      timestamp: 1,
      baseOffset: 2,
    })
    const part = fetched(Buffer.concat([batch(0, 2), marker, batch(3, 1), controlBatchAt(4)]))
    assert.equal(part.take(10), 3)
    assert.deepEqual(read(part, 3), [0, 1, 3])
    assert.deepEqual(part.end.offset, 5)
  })

  it('leaves aborted records out with read_committed, and counts only the others', () => {
    const transactional = { producerId: 7, producerEpoch: 0, baseSequence: 0, transactional: true }
    const records = Buffer.concat([
      batch(0, 2, transactional),
      batch(2, 1),
      controlBatch({
        commit: false,
        producerId: 7,
        producerEpoch: 0,
        coordinatorEpoch: 0,
        timestamp: 1,
        baseOffset: 3,
      }),
      batch(4, 2, transactional),
      controlBatch({ commit: true, producerId: 7, producerEpoch: 0, coordinatorEpoch: 0, timestamp: 1, baseOffset: 6 }),
    ])
    const part = fetched(records, 0, { readCommitted: true, aborted: [{ producerId: 7, firstOffset: 0 }] })
    assert.equal(part.take(2), 2)
    assert.deepEqual(read(part, 2), [2, 4])
    assert.equal(part.take(10), 1)
    assert.deepEqual(read(part, 1), [5])
    assert.equal(part.take(10), 0)
    assert.equal(part.end.offset, 7)
    const uncommitted = fetched(records, 0)
    assert.equal(uncommitted.take(10), 5)
  })

  it('passes over what was taken and not read', () => {
    const part = fetched(batch(0, 5))
    part.take(3)
    read(part, 1)
    part.passUnread()
    assert.equal(part.take(10), 2)
    assert.deepEqual(read(part, 2), [3, 4])
  })

  it('a broken checksum: what is before is handed out, then the fault is thrown until one goes elsewhere', () => {
    const broken = batch(2, 2)
    broken[broken.length - 1]! ^= 1
    const part = fetched(Buffer.concat([batch(0, 2), broken]))
    assert.equal(part.take(10), 4)
    assert.deepEqual(read(part, 2), [0, 1])
    assert.throws(() => part.reader.next(), /t-0.*offset 2/s)
    assert.throws(() => part.passUnread(), { name: 'CorruptRecordException' })
    assert.equal(part.position.offset, 2)
    assert.throws(() => part.passUnread(), { name: 'CorruptRecordException' })
  })

  it('a header that makes no sense is a fault once it is next', () => {
    const broken = batch(2, 2)
    broken.writeInt8(9, 16)
    const part = fetched(Buffer.concat([batch(0, 2), broken]))
    assert.equal(part.take(10), 2)
    assert.deepEqual(read(part, 2), [0, 1])
    assert.throws(() => part.take(10), /t-0/)
    assert.throws(() => part.take(10), /t-0/)
  })

  it('frees the answer it came in when the last partition is done, or keeps only its own part', () => {
    const freed: number[] = []
    const answer = Buffer.concat([batch(0, 1), batch(0, 50)])
    const frame = new Frame(answer.length, (bytes) => freed.push(bytes))
    const small = answer.subarray(0, batch(0, 1).length)
    const a = fetched(small, 0, { frame })
    const b = fetched(answer.subarray(small.length), 0, { frame })
    let held = 0
    a.detach(
      (bytes) => freed.push(bytes),
      (bytes) => {
        held += bytes
      },
    )
    assert.equal(held, small.length)
    b.detach(
      () => {},
      () => assert.fail('most of the answer is its own'),
    )
    b.release()
    b.release()
    assert.deepEqual(freed, [answer.length])
    assert.equal(a.take(5), 1)
    assert.deepEqual(read(a, 1), [0])
    a.release()
    assert.deepEqual(freed, [answer.length, small.length])
  })
})

function controlBatchAt(baseOffset: number): Buffer {
  return controlBatch({ commit: false, producerId: 8, producerEpoch: 0, coordinatorEpoch: 0, timestamp: 1, baseOffset })
}
