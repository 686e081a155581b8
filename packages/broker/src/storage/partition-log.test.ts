// The log of a partition: what is appended is read back, over segments, restarts, torn tails and refusing disks.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ErrorCode } from '@millrace/kafka/protocol'
import { decodeRecords } from '@millrace/kafka/records'
import { contents, logHarness, put, T0 } from '../testing/log-harness.ts'
import { realFiles } from './file-io.ts'
import { applyRetention } from './retention.ts'
import { findByTime, findMaxTimestamp } from './time-search.ts'

const code = (expected: number) => (error: unknown) => (error as { code?: number }).code === expected

test('gives offsets in order and reads them back from any of them', (t) => {
  const log = logHarness(t).open()
  assert.deepEqual(
    put(log, [
      { key: 'a', value: '1' },
      { key: 'b', value: '2' },
    ]),
    {
      baseOffset: 0,
      lastOffset: 1,
      appendTime: -1,
      duplicate: false,
    },
  )
  assert.equal(put(log, [{ key: 'c', value: '3' }]).baseOffset, 2)
  assert.deepEqual(contents(log), ['0:a=1', '1:b=2', '2:c=3'])
  assert.deepEqual(contents(log, 1), ['1:b=2', '2:c=3'])
  assert.equal(log.reader.read(3, 1000, 3, true).length, 0)
  assert.throws(() => log.reader.read(4, 1000, 3, true), code(ErrorCode.OFFSET_OUT_OF_RANGE))
})

test('gives the first batch whole when it is larger than asked for, later ones only when they fit', (t) => {
  const log = logHarness(t).open()
  put(log, [{ value: 'x'.repeat(5000) }])
  put(log, [{ value: 'y' }])
  assert.deepEqual(
    decodeRecords(log.reader.read(0, 100, 2, true)).map((r) => r.offset),
    [0],
  )
  assert.equal(log.reader.read(0, 100, 2, false).length, 0)
  assert.deepEqual(
    decodeRecords(log.reader.read(0, 10_000, 2, true)).map((r) => r.offset),
    [0, 1],
  )
})

test('rolls segments by size and finds every offset in them', (t) => {
  const log = logHarness(t, { 'segment.bytes': '500' }).open()
  for (let i = 0; i < 40; i++) put(log, [{ key: `k${i}`, value: 'v'.repeat(60) }])
  assert.ok(log.segments.length > 5)
  for (let i = 0; i < 40; i++) assert.equal(contents(log, i).length, 40 - i)
})

for (const clean of [true, false]) {
  test(`comes back after a ${clean ? 'clean' : 'sudden'} stop with the same records, producers and transactions`, (t) => {
    const harness = logHarness(t, { 'segment.bytes': '400' })
    const log = harness.open()
    const producer = { producerId: 7, producerEpoch: 0 }
    for (let i = 0; i < 10; i++) put(log, [{ key: `k${i}`, value: `v${i}` }], { ...producer, baseSequence: i })
    put(log, [{ value: 'open' }], { producerId: 8, producerEpoch: 0, baseSequence: 0, transactional: true })
    log.appendMarker(8, 0, false, 0)
    put(log, [{ value: 'open' }], { producerId: 8, producerEpoch: 0, baseSequence: 1, transactional: true })
    const before = contents(log)
    if (clean) log.close()
    else log.closeFiles()

    const again = harness.open(clean)
    assert.equal(harness.truncated, 0)
    assert.deepEqual(contents(again), before)
    assert.equal(again.nextOffset, 13)
    assert.equal(again.lastStableOffset, 12)
    assert.deepEqual(again.aborted, [{ producerId: 8, firstOffset: 10, lastOffset: 11 }])
    const repeated = put(again, [{ key: 'k9', value: 'v9' }], { ...producer, baseSequence: 9 })
    assert.deepEqual([repeated.duplicate, repeated.baseOffset], [true, 9])
    assert.throws(
      () => put(again, [{ value: 'gap' }], { ...producer, baseSequence: 11 }),
      code(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER),
    )
    assert.deepEqual(again.epochs.endOf(0, again.nextOffset), { epoch: 0, endOffset: 13 })
    put(again, [{ value: 'new epoch' }])
    assert.deepEqual(again.epochs.endOf(0, again.nextOffset), { epoch: 0, endOffset: 13 })
    assert.deepEqual(again.epochs.endOf(1, again.nextOffset), { epoch: 1, endOffset: 14 })
  })
}

test('cuts a torn or damaged tail off and goes on from there', (t) => {
  for (const damage of ['torn', 'flipped', 'garbage']) {
    const harness = logHarness(t)
    const log = harness.open()
    put(log, [{ value: 'kept' }])
    const whole = log.segments[0]!.size
    put(log, [{ value: 'lost' }])
    log.closeFiles()
    const path = log.segments[0]!.path
    const bytes = fs.readFileSync(path)
    if (damage === 'torn') fs.truncateSync(path, bytes.length - 5)
    if (damage === 'flipped') {
      bytes[bytes.length - 2]! ^= 1
      fs.writeFileSync(path, bytes)
    }
    if (damage === 'garbage') fs.writeFileSync(path, Buffer.concat([bytes.subarray(0, whole), Buffer.alloc(500, 0x41)]))

    const again = harness.open(false)
    assert.ok(harness.truncated > 0, damage)
    assert.equal(again.nextOffset, 1)
    assert.equal(put(again, [{ value: 'next' }]).baseOffset, 1)
    assert.deepEqual(contents(again), ['0:null=kept', '1:null=next'])
  }
})

test('keeps nothing of a batch the disk had no room for, and takes the next one', (t) => {
  const harness = logHarness(t)
  let room = 300
  const log = harness.open(true, {
    ...realFiles,
    writeSync: (fd, buffer, offset, length, position) => {
      const fits = Math.min(length, room - position)
      if (fits <= 0) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
      return fs.writeSync(fd, buffer, offset, fits, position)
    },
  })
  put(log, [{ value: 'first' }])
  assert.throws(() => put(log, [{ value: 'x'.repeat(400) }]), code(ErrorCode.KAFKA_STORAGE_ERROR))
  assert.equal(harness.errors.length, 1)
  assert.equal(fs.statSync(log.segments[0]!.path).size, log.segments[0]!.size)
  assert.equal(put(log, [{ value: 'small' }]).baseOffset, 1)
  room = 10_000
  assert.equal(put(log, [{ value: 'x'.repeat(400) }]).baseOffset, 2)
  log.closeFiles()
  assert.equal(contents(harness.open(false)).length, 3)
})

test('retention deletes whole segments by time and by size, and keeps the next offset over a restart', (t) => {
  const harness = logHarness(t, { 'segment.bytes': '200', 'retention.ms': '1000', 'retention.bytes': '500' })
  const log = harness.open()
  for (let i = 0; i < 10; i++) put(log, [{ value: 'v'.repeat(80), timestamp: T0 + i }])
  assert.ok(applyRetention(log, T0) > 0)
  assert.ok(log.size >= 500 - 200 && log.size <= 700)
  assert.ok(log.startOffset > 0)
  assert.throws(() => log.reader.read(0, 100, 10, true), code(ErrorCode.OFFSET_OUT_OF_RANGE))
  applyRetention(log, T0 + 5000)
  assert.equal(log.startOffset, 10)
  assert.deepEqual(contents(log), [])
  log.closeFiles()
  const again = harness.open(false)
  assert.equal(again.nextOffset, 10)
  assert.equal(put(again, [{ value: 'next' }]).baseOffset, 10)
})

test('records deleted by a client stay deleted', (t) => {
  const harness = logHarness(t, { 'segment.bytes': '200' })
  const log = harness.open()
  for (let i = 0; i < 10; i++) put(log, [{ value: `${i}`.repeat(50) }])
  assert.equal(log.deleteRecordsBefore(5), 5)
  assert.throws(() => log.deleteRecordsBefore(11), code(ErrorCode.OFFSET_OUT_OF_RANGE))
  assert.ok(log.segments.length < 10)
  log.closeFiles()
  const again = harness.open(false)
  assert.equal(again.startOffset, 5)
  assert.equal(contents(again).length, 5)
})

test('finds offsets by time across segments, inside batches and for the latest time', (t) => {
  const log = logHarness(t, { 'segment.bytes': '250', 'index.interval.bytes': '1' }).open()
  for (let i = 0; i < 30; i += 3) {
    put(log, [
      { value: 'a', timestamp: T0 + i * 10 },
      { value: 'b', timestamp: T0 + (i + 1) * 10 },
      { value: 'c', timestamp: T0 + (i + 2) * 10 },
    ])
  }
  for (let i = 0; i < 30; i++) {
    assert.equal(findByTime(log, T0 + i * 10, 30)?.offset, i)
    assert.equal(findByTime(log, T0 + i * 10 - 5, 30)?.offset, i)
  }
  assert.equal(findByTime(log, T0 + 291, 30), undefined)
  assert.equal(findMaxTimestamp(log)?.offset, 29)
  put(log, [{ value: 'late', timestamp: T0 }])
  assert.equal(findMaxTimestamp(log)?.offset, 29)
})

test('stamps its own time where the topic says so', (t) => {
  const harness = logHarness(t, { 'message.timestamp.type': 'LogAppendTime' })
  const log = harness.open()
  harness.now = T0 + 77
  assert.equal(put(log, [{ value: 'a' }]).appendTime, T0 + 77)
  const [record] = decodeRecords(log.reader.read(0, 1000, 1, true))
  assert.deepEqual([record?.timestamp, record?.timestampType], [T0 + 77, 'LogAppendTime'])
  log.closeFiles()
  assert.equal(harness.open(false).nextOffset, 1)
  assert.equal(harness.truncated, 0)
})

test('an index file that does not fit its segment is not believed', (t) => {
  const harness = logHarness(t, { 'segment.bytes': '200' })
  const log = harness.open()
  for (let i = 0; i < 6; i++) put(log, [{ value: 'v'.repeat(80) }])
  log.close()
  for (const name of fs.readdirSync(harness.directory).filter((n) => n.endsWith('.index'))) {
    const path = join(harness.directory, name)
    const bytes = fs.readFileSync(path)
    bytes[10]! ^= 0xff
    fs.writeFileSync(path, bytes)
  }
  assert.equal(contents(harness.open(true)).length, 6)
})
