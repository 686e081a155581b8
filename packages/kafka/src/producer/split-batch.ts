// Halves a batch that the broker found too large. Nothing is lost and the order stays: the halves stand in its place.
import { RecordReader } from '../records/index.ts'
import type { OutgoingBatch } from './outgoing-batch.ts'
import { sequenceAfter } from './partition-queue.ts'

/** Two batches with the records of `batch`, which must be sealed and have at least two. @param take gives empty batches */
export function splitBatch(batch: OutgoingBatch, take: () => OutgoingBatch): OutgoingBatch[] {
  const queue = batch.queue
  const reader = new RecordReader({
    topic: queue.topic,
    partition: queue.partition,
    buffer: batch.sealedBytes!,
    checkCrcs: false,
  })
  const middle = batch.count >> 1
  const halves = [copy(reader, batch, 0, middle, take()), copy(reader, batch, middle, batch.count, take())]
  const span = batch.span / 2
  halves.forEach((half, index) => {
    half.serial = batch.serial + index * span
    half.span = span
  })
  return halves
}

function copy(
  reader: RecordReader,
  batch: OutgoingBatch,
  from: number,
  to: number,
  half: OutgoingBatch,
): OutgoingBatch {
  half.queue = batch.queue
  half.createdAt = batch.createdAt
  half.attempts = batch.attempts
  half.lastError = batch.lastError
  for (let index = from; index < to; index++) {
    reader.next()
    half.begin(reader.timestamp)
    half.key(reader.keyEnd < 0 ? null : reader.buffer.subarray(reader.keyStart, reader.keyEnd))
    half.value(reader.valueEnd < 0 ? null : reader.buffer.subarray(reader.valueStart, reader.valueEnd))
    for (const header of reader.headers()) half.header(header.key, header.value)
    half.end()
  }
  half.tags = batch.tags.slice(from, to)
  half.waiters = batch.waiters
    .filter((waiter) => waiter.index >= from && waiter.index < to)
    .map((waiter) => ({ ...waiter, index: waiter.index - from }))
  if (batch.sequenced) {
    half.producerId = batch.producerId
    half.producerEpoch = batch.producerEpoch
    half.baseSequence = sequenceAfter(batch.baseSequence, from)
  }
  return half
}
