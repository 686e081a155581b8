import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type OffsetMap, SourceRecord } from '@millrace/api'
import { SubmittedRecords } from './submitted-records.ts'

const A = { file: 'a' }
const B = { file: 'b' }
const record = (sourcePartition: OffsetMap | null, position: number) =>
  new SourceRecord({ sourcePartition, sourceOffset: { position }, topic: 't' })

test('an offset is committable only over an unbroken run', () => {
  const submitted = new SubmittedRecords(false)
  const tags = [1, 2, 3].map((position) => submitted.submit(record(A, position)))
  submitted.ack(tags[1] as number)
  submitted.ack(tags[2] as number)
  assert.deepEqual(submitted.takeCommittable(), [])
  submitted.ack(tags[0] as number)
  assert.deepEqual(submitted.takeCommittable(), [{ partition: A, offset: { position: 3 } }])
  assert.deepEqual(submitted.takeCommittable(), [], 'only once')
  assert.equal(submitted.waiting, 0)
})

test('a record that is never acknowledged holds up its own partition only', () => {
  const submitted = new SubmittedRecords(false)
  submitted.submit(record(A, 1))
  submitted.ack(submitted.submit(record(B, 7)))
  assert.deepEqual(submitted.takeCommittable(), [{ partition: B, offset: { position: 7 } }])
})

test('equal partitions are one, whatever the object and the order of keys', () => {
  const submitted = new SubmittedRecords(false)
  const first = submitted.submit(record({ x: 1, y: 2n }, 1))
  const second = submitted.submit(record({ y: 2n, x: 1 }, 2))
  submitted.ack(second)
  assert.deepEqual(submitted.takeCommittable(), [])
  submitted.ack(first)
  assert.equal(submitted.takeCommittable().length, 1)
})

test('offsets given back are committed again, unless newer ones have come', () => {
  const submitted = new SubmittedRecords(false)
  submitted.ack(submitted.submit(record(A, 1)))
  const taken = submitted.takeCommittable()
  submitted.giveBack(taken)
  assert.deepEqual(submitted.takeCommittable(), taken)
  submitted.ack(submitted.submit(record(A, 2)))
  submitted.giveBack(taken)
  assert.deepEqual(submitted.takeCommittable(), [{ partition: A, offset: { position: 2 } }])
})

test('a withdrawn record is as if it had never been', () => {
  const submitted = new SubmittedRecords(false)
  const first = submitted.submit(record(A, 1))
  const second = submitted.submit(record(A, 2))
  submitted.withdraw(second)
  const third = submitted.submit(record(A, 3))
  submitted.ack(third)
  assert.deepEqual(submitted.takeCommittable(), [])
  submitted.ack(first)
  assert.deepEqual(submitted.takeCommittable(), [{ partition: A, offset: { position: 3 } }])
  submitted.withdraw(submitted.submit(record(A, 4)))
  submitted.ack(submitted.submit(record(A, 5)))
  assert.deepEqual(submitted.takeCommittable(), [{ partition: A, offset: { position: 5 } }])
})

test('property: whatever the order of acknowledgements, nothing is committed past a gap', () => {
  let seed = 20_261_122
  const random = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff
    return seed % below
  }
  for (let round = 0; round < 200; round++) {
    const submitted = new SubmittedRecords(false)
    const partitions = [A, B, { file: 'c' }]
    const open: { tag: number; lane: number; position: number }[] = []
    const acked = partitions.map(() => new Set<number>())
    const sent = partitions.map(() => 0)
    const committed = partitions.map(() => 0)
    for (let step = 0; step < 300; step++) {
      if (random(2) === 0) {
        const lane = random(3)
        const position = ++(sent as number[])[lane]!
        open.push({ tag: submitted.submit(record(partitions[lane]!, position)), lane, position })
      } else if (open.length > 0) {
        const [one] = open.splice(random(open.length), 1)
        submitted.ack(one!.tag)
        acked[one!.lane]!.add(one!.position)
      }
      if (random(10) > 0) continue
      for (const { partition, offset } of submitted.takeCommittable()) {
        const lane = partitions.findIndex((known) => known.file === partition.file)
        const position = offset?.position as number
        assert.ok(position > committed[lane]!, 'never backwards')
        for (let at = committed[lane]! + 1; at <= position; at++) assert.ok(acked[lane]!.has(at), `gap at ${at}`)
        committed[lane] = position
      }
    }
    for (const one of open.splice(0)) submitted.ack(one.tag)
    for (const { partition, offset } of submitted.takeCommittable()) {
      committed[partitions.findIndex((known) => known.file === partition.file)] = offset?.position as number
    }
    assert.deepEqual(committed, sent, 'in the end everything is committed')
    assert.equal(submitted.waiting, 0)
  }
})
