// User data of the sticky assignors, byte for byte the Java consumer's.
//   sticky v0:             [Topic [Partition]]
//   sticky v1:             [Topic [Partition]] Generation(int32)
//   cooperative-sticky v0: Generation(int32)
import type { TopicPartition } from '@millrace/api'
import { PlainReader, PlainWriter } from '../plain-codec.ts'
import { readTopicPartitions, writeTopicPartitions } from '../topic-partitions.ts'
import { NO_GENERATION } from './assignor.ts'

export function encodeStickyUserData(partitions: readonly TopicPartition[], generation: number): Buffer {
  const writer = new PlainWriter()
  writeTopicPartitions(writer, partitions)
  return writer.int32(generation).finish()
}

/** What a member had. Bytes that cannot be read count as nothing: stickiness is lost, the assignment stays right. */
export function decodeStickyUserData(data: Buffer | null): { partitions: TopicPartition[]; generation: number } {
  if (data === null || data.length === 0) return { partitions: [], generation: NO_GENERATION }
  try {
    const reader = new PlainReader(data)
    const partitions = readTopicPartitions(reader)
    return { partitions, generation: reader.remaining >= 4 ? reader.int32() : NO_GENERATION }
  } catch (error) {
    if (error instanceof RangeError) return { partitions: [], generation: NO_GENERATION }
    throw error
  }
}

export function encodeCooperativeUserData(generation: number): Buffer {
  return new PlainWriter().int32(generation).finish()
}

/** The generation, or none where the bytes do not hold one. */
export function decodeCooperativeUserData(data: Buffer | null): number {
  return data === null || data.length < 4 ? NO_GENERATION : data.readInt32BE(0)
}
