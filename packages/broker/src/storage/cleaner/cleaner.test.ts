// Compaction: the latest record of every key stays, whatever the batches, compressions, transactions and restarts.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { CompressionType, decodeRecords } from '@millrace/kafka/records'
import { contents, logHarness, put, T0 } from '../../testing/log-harness.ts'
import type { PartitionLog } from '../partition-log.ts'
import { type Cleaned, cleanLog } from './cleaner.ts'

const breathe = () => Promise.resolve()
const COMPACT = { 'cleanup.policy': 'compact', 'segment.bytes': '300', 'delete.retention.ms': '1000' }

const clean = (log: PartitionLog, now = T0): Promise<Cleaned | undefined> => {
  log.roll()
  return cleanLog(log, { now, breathe, always: true })
}

for (const [name, compression] of Object.entries(CompressionType)) {
  test(`keeps the latest record of every key at its offset, ${name}`, async (t) => {
    const harness = logHarness(t, COMPACT)
    const log = harness.open()
    for (let i = 0; i < 60; i += 3) {
      const records = [0, 1, 2].map((n) => ({ key: `k${(i + n) % 7}`, value: `v${i + n}`, timestamp: T0 + i + n }))
      put(log, records, { compression })
    }
    const expected = contents(log).slice(-7)
    const before = log.size
    const cleaned = await clean(log)
    assert.equal(cleaned?.bytesBefore, before)
    assert.deepEqual(contents(log), expected)
    assert.ok(log.size < before / 2)
    const times = decodeRecords(log.reader.read(0, 1 << 20, log.nextOffset, true)).map((r) => r.timestamp - T0)
    assert.deepEqual(times, [53, 54, 55, 56, 57, 58, 59].slice(0, times.length))
    for (let offset = 0; offset < 60; offset++) assert.equal(contents(log, offset).length, Math.min(7, 60 - offset))
    put(log, [{ key: 'k0', value: 'new' }])
    log.closeFiles()
    const again = harness.open(false)
    assert.deepEqual(contents(again), [...expected, '60:k0=new'])
    await clean(again)
    assert.equal(contents(again).length, 7)
    assert.equal(contents(again).at(-1), '60:k0=new')
  })
}

test('tombstones stay for delete.retention.ms after they were first cleaned, then go', async (t) => {
  const log = logHarness(t, COMPACT).open()
  put(log, [{ key: 'a', value: '1' }])
  put(log, [
    { key: 'a', value: null },
    { key: 'b', value: '2' },
  ])
  await clean(log)
  assert.deepEqual(contents(log), ['1:a=null', '2:b=2'])
  const [tombstone] = decodeRecords(log.reader.read(1, 1000, 3, true))
  assert.equal(tombstone?.timestamp, T0)
  put(log, [{ key: 'c', value: '3' }])
  await clean(log, T0 + 999)
  assert.deepEqual(contents(log), ['1:a=null', '2:b=2', '3:c=3'])
  put(log, [{ key: 'd', value: '4' }])
  await clean(log, T0 + 1000)
  assert.deepEqual(contents(log), ['2:b=2', '3:c=3', '4:d=4'])
})

test('what an aborted transaction wrote does not supersede, and goes; markers go when their time has come', async (t) => {
  const harness = logHarness(t, COMPACT)
  let log = harness.open()
  const txn = (producerId: number, baseSequence: number) => ({
    producerId,
    producerEpoch: 0,
    baseSequence,
    transactional: true,
  })
  put(log, [{ key: 'a', value: 'committed' }])
  put(log, [{ key: 'a', value: 'aborted' }], txn(1, 0))
  log.appendMarker(1, 0, false, 0)
  put(log, [{ key: 'b', value: 'old' }], txn(2, 0))
  put(log, [{ key: 'b', value: 'new' }], txn(2, 1))
  log.appendMarker(2, 0, true, 0)
  put(log, [{ key: 'x', value: '1' }], txn(1, 1))
  log.appendMarker(1, 0, true, 0)
  put(log, [{ key: 'y', value: '1' }], txn(2, 2))
  log.appendMarker(2, 0, true, 0)
  await clean(log)
  assert.deepEqual(contents(log), [
    '0:a=committed',
    '2:marker',
    '4:b=new',
    '5:marker',
    '6:x=1',
    '7:marker',
    '8:y=1',
    '9:marker',
  ])
  assert.equal(log.aborted.length, 1)
  put(log, [{ key: 'z', value: '1' }])
  await clean(log, T0 + 1)
  // The abort marker was rewritten with the time it may go; a start must still know it for what it is.
  log.closeFiles()
  for (const name of fs.readdirSync(harness.directory)) {
    if (/\.(snapshot|index)$/.test(name)) fs.rmSync(join(harness.directory, name))
  }
  log = harness.open(false)
  assert.equal(harness.truncated, 0)
  const [marker] = decodeRecords(log.reader.read(2, 100, 3, true))
  assert.deepEqual([marker?.timestamp, marker?.control, marker?.key?.readInt16BE(2)], [T0, true, 0])
  put(log, [{ key: 'z', value: '2' }])
  await clean(log, T0 + 1001)
  assert.deepEqual(contents(log), [
    '0:a=committed',
    '4:b=new',
    '5:marker',
    '6:x=1',
    '7:marker',
    '8:y=1',
    '9:marker',
    '11:z=2',
  ])
  assert.equal(log.aborted.length, 0)
})

test('nothing of an open transaction is touched', async (t) => {
  const log = logHarness(t, COMPACT).open()
  for (let i = 0; i < 5; i++) put(log, [{ key: 'a', value: `${i}` }])
  log.roll()
  put(log, [{ key: 'a', value: 'open' }], { producerId: 1, producerEpoch: 0, baseSequence: 0, transactional: true })
  put(log, [{ key: 'a', value: 'after' }])
  await clean(log)
  assert.deepEqual(contents(log), ['4:a=4', '5:a=open', '6:a=after'])
})

test('the last sequence of a producer survives its records', async (t) => {
  const harness = logHarness(t, COMPACT)
  const log = harness.open()
  const producer = { producerId: 5, producerEpoch: 3 }
  put(log, [{ key: 'a', value: '1' }], { ...producer, baseSequence: 0 })
  put(log, [{ key: 'a', value: '2' }], { ...producer, baseSequence: 1 })
  put(log, [{ key: 'a', value: '3' }])
  await clean(log)
  assert.deepEqual(contents(log), ['2:a=3'])
  log.closeFiles()
  for (const name of fs.readdirSync(harness.directory)) {
    if (name.endsWith('.snapshot')) fs.rmSync(join(harness.directory, name))
  }
  const again = harness.open(false)
  assert.equal(put(again, [{ key: 'a', value: '2' }], { ...producer, baseSequence: 1 }).duplicate, true)
})

test('waits for the dirty ratio and for min.compaction.lag.ms', async (t) => {
  const log = logHarness(t, { ...COMPACT, 'min.cleanable.dirty.ratio': '0.9', 'min.compaction.lag.ms': '50' }).open()
  const tick = (now: number) => cleanLog(log, { now, breathe })
  for (let i = 0; i < 20; i++) put(log, [{ key: `k${i}`, value: 'v' }])
  log.roll()
  assert.equal(await tick(T0 + 49), undefined)
  assert.notEqual(await tick(T0 + 50), undefined)
  put(log, [{ key: 'k1', value: 'w' }])
  log.roll()
  assert.equal(await tick(T0 + 100), undefined)
  assert.equal(contents(log).length, 21)
})

test('work on segments that were deleted meanwhile is thrown away', async (t) => {
  const harness = logHarness(t, { ...COMPACT, 'cleanup.policy': 'compact,delete' })
  const log = harness.open()
  for (let i = 0; i < 30; i++) put(log, [{ key: 'a', value: `${i}`.repeat(20) }])
  log.roll()
  const interrupt = async () => void log.deleteRecordsBefore(30)
  assert.equal(await cleanLog(log, { now: T0, breathe: interrupt, always: true }), undefined)
  assert.deepEqual(contents(log), [])
  assert.deepEqual(
    fs.readdirSync(harness.directory).filter((n) => /cleaned|swap/.test(n)),
    [],
  )
  assert.equal(put(log, [{ key: 'a', value: 'next' }]).baseOffset, 30)
})

test('a stop in the middle of putting a cleaned segment in place is finished at the next start', async (t) => {
  for (const killedAfter of ['writing', 'declaring', 'deleting']) {
    const harness = logHarness(t, { ...COMPACT, 'segment.bytes': '100000' })
    const log = harness.open()
    for (let i = 0; i < 20; i++) {
      put(log, [{ key: `k${i % 2}`, value: `${i}` }])
      if (i % 4 === 3) log.roll()
    }
    const saved = new Map(log.segments.map((s) => [s.path, fs.readFileSync(s.path)]))
    const end = log.nextOffset
    await clean(log)
    const expected = contents(log)
    log.closeFiles()
    const cleanedFile = log.segments[0]!.path
    const name = `${'0'.repeat(20)}-${String(end).padStart(20, '0')}`
    const cleanedBytes = fs.readFileSync(cleanedFile)
    // Put the folder back to how it was at the moment of the kill.
    fs.rmSync(cleanedFile.replace('.log', '.index'))
    const old = [...saved].slice(0, -1)
    for (const [path, bytes] of killedAfter === 'deleting' ? old.slice(0, 1) : old) fs.writeFileSync(path, bytes)
    const kind = killedAfter === 'writing' ? 'cleaned' : 'swap'
    fs.writeFileSync(join(harness.directory, `${name}.${kind}`), cleanedBytes)
    const again = harness.open(false)
    assert.equal(harness.truncated, 0)
    if (killedAfter === 'writing') assert.equal(contents(again).length, 20)
    else assert.deepEqual(contents(again), expected)
    assert.equal(again.nextOffset, end)
  }
})
