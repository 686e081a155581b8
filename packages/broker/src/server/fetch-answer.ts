// Writes the answer to a fetch: the fields around the records go into small buffers, the records themselves are handed to the
// socket as they were read from disk.
// Grammar: FetchResponse in the Kafka protocol documentation, versions 4 to 17.

import { ByteWriter, hasFlexibleResponseHeader } from '@millrace/kafka/protocol'
import type { AbortedTransaction } from '../storage/segment-index.ts'

/** What is told of one partition. */
export interface PartitionAnswer {
  readonly topic: string
  readonly topicId: string
  readonly partition: number
  readonly errorCode: number
  readonly highWatermark: number
  readonly lastStableOffset: number
  readonly startOffset: number
  /** Null for readers of uncommitted records. */
  readonly aborted: readonly Pick<AbortedTransaction, 'producerId' | 'firstOffset'>[] | null
  readonly diverging: { readonly epoch: number; readonly endOffset: number } | undefined
  readonly records: Buffer
}

/** A whole answer. */
export interface FetchAnswer {
  readonly errorCode: number
  readonly sessionId: number
  readonly partitions: readonly PartitionAnswer[]
}

/** Records up to this size are copied beside their neighbours; larger ones travel as they are. */
const COPY_BELOW = 2048

/** The pieces of an answer, length and response header included. */
export function writeFetchAnswer(
  api: { readonly key: number; readonly flexibleFrom: number },
  version: number,
  correlationId: number,
  answer: FetchAnswer,
): Buffer[] {
  const flexible = version >= api.flexibleFrom
  const pieces: Buffer[] = []
  let out = new ByteWriter(512)
  out.int32(0)
  out.int32(correlationId)
  if (hasFlexibleResponseHeader(api, version)) out.uvarint(0)
  out.int32(0) // throttle time
  if (version >= 7) {
    out.int16(answer.errorCode)
    out.int32(answer.sessionId)
  }
  const topics = byTopic(answer.partitions)
  count(out, topics.length, flexible)
  for (const partitions of topics) {
    if (version >= 13) out.uuid(partitions[0]!.topicId)
    else out.text(partitions[0]!.topic, flexible)
    count(out, partitions.length, flexible)
    for (const partition of partitions) {
      writeFields(out, partition, version, flexible)
      const { records } = partition
      if (flexible) out.uvarint(records.length + 1)
      else out.int32(records.length)
      if (records.length < COPY_BELOW) out.raw(records)
      else {
        pieces.push(out.bytes(), records)
        out = new ByteWriter(128)
      }
      if (flexible) writeTags(out, partition)
    }
    if (flexible) out.uvarint(0)
  }
  if (flexible) out.uvarint(0)
  pieces.push(out.bytes())
  let size = -4
  for (const piece of pieces) size += piece.length
  pieces[0]!.writeInt32BE(size)
  return pieces
}

function writeFields(out: ByteWriter, p: PartitionAnswer, version: number, flexible: boolean): void {
  out.int32(p.partition)
  out.int16(p.errorCode)
  out.int64(p.highWatermark)
  out.int64(p.lastStableOffset)
  if (version >= 5) out.int64(p.startOffset)
  if (p.aborted === null) count(out, -1, flexible)
  else {
    count(out, p.aborted.length, flexible)
    for (const { producerId, firstOffset } of p.aborted) {
      out.int64(producerId)
      out.int64(firstOffset)
      if (flexible) out.uvarint(0)
    }
  }
  if (version >= 11) out.int32(-1) // preferred read replica: none
}

function writeTags(out: ByteWriter, p: PartitionAnswer): void {
  if (p.diverging === undefined) {
    out.uvarint(0)
    return
  }
  out.uvarint(1)
  out.uvarint(0) // tag 0: diverging epoch
  out.uvarint(4 + 8 + 1)
  out.int32(p.diverging.epoch)
  out.int64(p.diverging.endOffset)
  out.uvarint(0)
}

function count(out: ByteWriter, n: number, flexible: boolean): void {
  if (flexible) out.uvarint(n + 1)
  else out.int32(n)
}

/** Groups neighbours and strangers of one topic, in the order of first sight. */
function byTopic(partitions: readonly PartitionAnswer[]): PartitionAnswer[][] {
  const groups = new Map<string, PartitionAnswer[]>()
  for (const partition of partitions) {
    const key = partition.topic === '' ? partition.topicId : partition.topic
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [partition])
    else group.push(partition)
  }
  return [...groups.values()]
}
