import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type OffsetMap, SourceRecord } from '@millrace/api'
import { SubmittedRecords } from './submitted-records.ts'

const A = { file: 'a' }
const B = { file: 'b' }
const record = (sourcePartition: OffsetMap | null, position: number) =>
  new SourceRecord({ sourcePartition, sourceOffset: { position }, topic: 't' })

/** Submits a record that goes into a batch, by default one of its own. */
function submit(submitted: SubmittedRecords, one: SourceRecord, batch: object = {}, first = true): number {
  const tag = submitted.tag(one, batch, first)
  submitted.submit(one, tag)
  return tag
}

test('an offset is committable only over an unbroken run', () => {
  const submitted = new SubmittedRecords(false)
  const [first, second, third] = [1, 2, 3].map((position) => submit(submitted, record(A, position)))
  submitted.ack(second as number)
  submitted.ack(third as number)
  assert.deepEqual(submitted.takeCommittable(), [])
  submitted.ack(first as number)
  assert.deepEqual(submitted.takeCommittable(), [{ partition: A, offset: { position: 3 } }])
  assert.deepEqual(submitted.takeCommittable(), [], 'only once')
  assert.equal(submitted.waiting, 0)
})

test('records of one batch have one tag, and count when all are acknowledged', () => {
  const submitted = new SubmittedRecords(false)
  const batch = {}
  const tags = [1, 2, 3].map((position) => submit(submitted, record(A, position), batch, position === 1))
  assert.equal(new Set(tags).size, 1)
  submitted.ack(tags[0] as number, 2)
  assert.deepEqual(submitted.takeCommittable(), [])
  submitted.ack(tags[0] as number)
  assert.deepEqual(submitted.takeCommittable(), [{ partition: A, offset: { position: 3 } }])
})

test('a recycled batch is another batch', () => {
  const submitted = new SubmittedRecords(false)
  const batch = {}
  const before = submit(submitted, record(A, 1), batch)
  const after = submit(submitted, record(A, 2), batch)
  assert.notEqual(before, after)
})

test('a record that is never acknowledged holds up its own partition only', () => {
  const submitted = new SubmittedRecords(false)
  submit(submitted, record(A, 1))
  submitted.ack(submit(submitted, record(B, 7)))
  assert.deepEqual(submitted.takeCommittable(), [{ partition: B, offset: { position: 7 } }])
})

test('records without a source partition are counted, and commit nothing', () => {
  const submitted = new SubmittedRecords(true)
  const batch = {}
  const first = record(null, 1)
  const tag = submit(submitted, first, batch)
  submit(submitted, record(null, 2), batch, false)
  const other = submit(submitted, record(null, 3))
  assert.equal(submitted.next(tag), first)
  submitted.ack(other)
  submitted.ack(tag, 2)
  assert.equal(submitted.waiting, 0)
  assert.deepEqual(submitted.takeCommittable(), [])
})

test('equal partitions are one, whatever the object and the order of keys', () => {
  const submitted = new SubmittedRecords(false)
  const first = submit(submitted, record({ x: 1, y: 2n }, 1))
  const second = submit(submitted, record({ y: 2n, x: 1 }, 2))
  submitted.ack(second)
  assert.deepEqual(submitted.takeCommittable(), [])
  submitted.ack(first)
  assert.equal(submitted.takeCommittable().length, 1)
})

test('offsets given back are committed again, unless newer ones have come', () => {
  const submitted = new SubmittedRecords(false)
  submitted.ack(submit(submitted, record(A, 1)))
  const taken = submitted.takeCommittable()
  submitted.giveBack(taken)
  assert.deepEqual(submitted.takeCommittable(), taken)
  submitted.ack(submit(submitted, record(A, 2)))
  submitted.giveBack(taken)
  assert.deepEqual(submitted.takeCommittable(), [{ partition: A, offset: { position: 2 } }])
})

test('a record that the producer did not take holds up nothing', () => {
  const submitted = new SubmittedRecords(false)
  submitted.tag(record(A, 1), {}, true)
  submitted.ack(submit(submitted, record(A, 2)))
  assert.deepEqual(submitted.takeCommittable(), [{ partition: A, offset: { position: 2 } }])
  const first = submit(submitted, record(A, 3))
  submitted.tag(record(A, 4), {}, true)
  submitted.ack(first)
  assert.deepEqual(submitted.takeCommittable(), [{ partition: A, offset: { position: 3 } }])
  submitted.ack(submit(submitted, record(A, 5)))
  assert.deepEqual(submitted.takeCommittable(), [{ partition: A, offset: { position: 5 } }])
})

/** A producer as far as batches go: writes, overflows, seals, and acknowledges in any order of its partitions. */
class FakeProducer {
  readonly #open: Batch[] = []
  readonly #sealed: Batch[] = []
  readonly #recycled: object[] = []

  write(submitted: SubmittedRecords, one: SourceRecord, partition: number, overflows: boolean): void {
    const batch = (this.#open[partition] ??= this.#batch())
    const tag = submitted.tag(one, batch.identity, batch.records.length === 0)
    if (overflows && batch.records.length > 0) {
      this.seal(partition)
      this.#open[partition] = this.#batch()
    }
    this.#open[partition]!.records.push({ record: one, tag })
    submitted.submit(one, tag)
  }
  seal(partition: number): void {
    const batch = this.#open[partition]
    if (batch !== undefined) this.#sealed.push(batch)
    delete this.#open[partition]
  }
  /** Takes a sealed batch, and its identity may be used again. */
  acknowledge(pick: (below: number) => number): readonly Written[] {
    if (this.#sealed.length === 0) return []
    const [batch] = this.#sealed.splice(pick(this.#sealed.length), 1)
    this.#recycled.push(batch!.identity)
    return batch!.records
  }
  #batch(): Batch {
    return { identity: this.#recycled.pop() ?? {}, records: [] }
  }
}
interface Written {
  readonly record: SourceRecord
  readonly tag: number
}
interface Batch {
  readonly identity: object
  readonly records: Written[]
}

test('property: whatever the order of acknowledgements, nothing is committed past a gap', () => {
  let seed = 20_261_122
  const random = (below: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff
    return (seed >>> 8) % below
  }
  const partitions = [A, B, { file: 'c' }]
  for (let round = 0; round < 300; round++) {
    const submitted = new SubmittedRecords(false)
    const producer = new FakeProducer()
    const acked = partitions.map(() => new Set<number>())
    const sent = partitions.map(() => 0)
    const committed = partitions.map(() => 0)
    const laneOf = (partition: OffsetMap | null) => partitions.findIndex((known) => known.file === partition?.file)
    const acknowledge = () => {
      const records = producer.acknowledge(random)
      for (const { record: one, tag } of records) {
        submitted.ack(tag)
        acked[laneOf(one.sourcePartition)]!.add(one.sourceOffset?.position as number)
      }
      return records.length > 0
    }
    const commit = () => {
      for (const { partition, offset } of submitted.takeCommittable()) {
        const lane = laneOf(partition)
        const position = offset?.position as number
        assert.ok(position > committed[lane]!, 'never backwards')
        for (let at = committed[lane]! + 1; at <= position; at++) assert.ok(acked[lane]!.has(at), `gap at ${at}`)
        committed[lane] = position
      }
    }
    for (let step = 0; step < 300; step++) {
      const lane = random(3)
      if (random(3) > 0) {
        const position = ++(sent as number[])[lane]!
        producer.write(submitted, record(partitions[lane]!, position), random(2), random(20) === 0)
      } else if (random(2) === 0) producer.seal(random(2))
      else acknowledge()
      if (random(10) === 0) commit()
    }
    producer.seal(0)
    producer.seal(1)
    while (acknowledge());
    commit()
    assert.deepEqual(committed, sent, 'in the end everything is committed')
    assert.equal(submitted.waiting, 0)
  }
})
