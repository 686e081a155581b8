// A Produce request, written by hand so that the batches go to the socket from where they were built.
// The layout is in protocol/messages/produce.ts.
import { Produce } from '../protocol/messages/produce.ts'
import { ByteWriter } from '../protocol/writer.ts'
import type { OutgoingBatch } from './outgoing-batch.ts'

/** What a request says beside its batches. */
export interface ProduceHeader {
  readonly transactionalId: string | null
  readonly acks: number
  readonly timeoutMs: number
}

/**
 * The body of a request as pieces: framing, then a batch, and so on. `batches` are sealed, one per partition at most.
 */
export function encodeProduce(version: number, header: ProduceHeader, batches: readonly OutgoingBatch[]): Buffer[] {
  const compact = version >= Produce.flexibleFrom
  const out = new ByteWriter(64 + batches.length * 32)
  const cuts: number[] = []
  const count = (length: number): void => (compact ? out.uvarint(length + 1) : out.int32(length))
  const tags = (): void => {
    if (compact) out.uvarint(0)
  }
  out.text(header.transactionalId, compact)
  out.int16(header.acks)
  out.int32(header.timeoutMs)
  const topics = byTopic(batches)
  count(topics.size)
  for (const [topic, partitions] of topics) {
    out.text(topic, compact)
    count(partitions.length)
    for (const batch of partitions) {
      out.int32(batch.queue.partition)
      count(batch.size)
      cuts.push(out.length)
      tags()
    }
    tags()
  }
  tags()
  return interleave(out.bytes(), cuts, [...topics.values()].flat())
}

function byTopic(batches: readonly OutgoingBatch[]): Map<string, OutgoingBatch[]> {
  const topics = new Map<string, OutgoingBatch[]>()
  for (const batch of batches) {
    const list = topics.get(batch.queue.topic)
    if (list === undefined) topics.set(batch.queue.topic, [batch])
    else list.push(batch)
  }
  return topics
}

function interleave(framing: Buffer, cuts: readonly number[], batches: readonly OutgoingBatch[]): Buffer[] {
  const pieces: Buffer[] = []
  let from = 0
  cuts.forEach((cut, index) => {
    pieces.push(framing.subarray(from, cut), batches[index]!.sealedBytes!)
    from = cut
  })
  if (from < framing.length) pieces.push(framing.subarray(from))
  return pieces
}
