// User data of the sticky assignors, byte for byte the Java consumer's.
//   sticky v0:             [Topic [Partition]]
//   sticky v1:             [Topic [Partition]] Generation(int32)
//   cooperative-sticky v0: Generation(int32)
import type { TopicPartition } from '@millrace/api'
import { ByteReader, ByteWriter, MalformedBytesError } from '../../protocol/index.ts'
import { flatten, groupByTopic, topicPartitions } from '../topic-partitions.ts'
import { NO_GENERATION } from './assignor.ts'

const owned = topicPartitions.compile(0, false)

export function encodeStickyUserData(partitions: readonly TopicPartition[], generation: number): Buffer {
  const out = new ByteWriter()
  owned.write(out, groupByTopic(partitions))
  out.int32(generation)
  return out.bytes()
}

/** What a member had. Bytes that cannot be read count as nothing: stickiness is lost, the assignment stays right. */
export function decodeStickyUserData(data: Buffer | null): { partitions: TopicPartition[]; generation: number } {
  if (data === null || data.length === 0) return { partitions: [], generation: NO_GENERATION }
  try {
    const from = new ByteReader(data)
    const partitions = flatten(owned.read(from))
    return { partitions, generation: from.remaining >= 4 ? from.int32() : NO_GENERATION }
  } catch (error) {
    if (error instanceof MalformedBytesError) return { partitions: [], generation: NO_GENERATION }
    throw error
  }
}

export function encodeCooperativeUserData(generation: number): Buffer {
  const data = Buffer.alloc(4)
  data.writeInt32BE(generation)
  return data
}

/** The generation, or none where the bytes do not hold one. */
export function decodeCooperativeUserData(data: Buffer | null): number {
  return data === null || data.length < 4 ? NO_GENERATION : data.readInt32BE(0)
}
