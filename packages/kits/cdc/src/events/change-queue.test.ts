// Bounds, waiting and failing of the queue.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SourceRecord } from '@millrace/api'
import { ChangeQueue } from './change-queue.ts'

const record = (n: number) => new SourceRecord({ sourcePartition: null, sourceOffset: { n }, topic: 't', value: n })
const values = (batch: SourceRecord[] | null) => batch?.map(({ value }) => value)
const never = new AbortController().signal

test('batches come in order, bounded, and bytes are given back', () => {
  const queue = new ChangeQueue({ records: 5, bytes: 0, batch: 2 })
  for (let n = 0; n < 30; n++) queue.push(record(n), 3)
  assert.deepEqual([queue.size, queue.bytes, queue.full, queue.remaining], [30, 90, true, 0])
  const seen = []
  for (let batch = queue.take(); batch !== null; batch = queue.take()) seen.push(...values(batch)!)
  assert.deepEqual(seen, [...Array(30).keys()])
  assert.deepEqual([queue.size, queue.bytes, queue.full], [0, 0, false])
})

test('a reader waits for room, by bytes as well', async () => {
  const queue = new ChangeQueue({ records: 100, bytes: 10, batch: 1 })
  queue.push(record(1), 8)
  assert.equal(queue.full, false)
  queue.push(record(2), 8)
  assert.equal(queue.full, true)
  let room = false
  const waiting = queue.whenRoom(never).then(() => {
    room = true
  })
  await Promise.resolve()
  assert.equal(room, false)
  queue.take()
  await waiting
  assert.equal(room, true)
})

test('a taker waits for a record, and gets an error after what came before it', async () => {
  const queue = new ChangeQueue({ records: 10, bytes: 0, batch: 10 })
  const next = queue.next(10_000, never)
  queue.push(record(1), 0)
  assert.deepEqual(values(await next), [1])
  queue.push(record(2), 0)
  queue.fail(new Error('cut'))
  assert.deepEqual(values(await queue.next(10_000, never)), [2])
  await assert.rejects(queue.next(10_000, never), /cut/)
  await queue.whenRoom(never)
})

test('an abort ends every wait', async () => {
  const queue = new ChangeQueue({ records: 1, bytes: 0, batch: 1 })
  const stop = new AbortController()
  const next = queue.next(10_000, stop.signal)
  stop.abort()
  assert.equal(await next, null)
  queue.push(record(1), 0)
  await queue.whenRoom(stop.signal)
})
