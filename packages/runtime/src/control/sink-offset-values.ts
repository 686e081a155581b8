// Offsets of sink connectors as users write them in REST requests (KIP-875): checked, and made topic, partition, offset.
import type { TopicPartitionOffset } from '@millrace/api'
import type { OffsetEntry } from './entities.ts'
import { BadRequestException } from './errors.ts'

const TOPIC = 'kafka_topic'
const PARTITION = 'kafka_partition'
const OFFSET = 'kafka_offset'

/** Parses entries of a PATCH. Numbers may be given as text. @throws BadRequestException in the reference's words */
export function parseSinkOffsets(entries: readonly OffsetEntry[]): TopicPartitionOffset[] {
  return entries.map(({ partition, offset }) => {
    if (partition === null)
      throw new BadRequestException('The partition for a sink connector offset cannot be null or missing')
    if (!Object.hasOwn(partition, TOPIC) || !Object.hasOwn(partition, PARTITION)) {
      throw new BadRequestException(
        `The partition for a sink connector offset must contain the keys '${TOPIC}' and '${PARTITION}'`,
      )
    }
    const topic = partition[TOPIC]
    if (topic === null || topic === undefined) {
      throw new BadRequestException('Kafka topic names must be valid strings and may not be null')
    }
    const number = partition[PARTITION]
    if (number === null || number === undefined) {
      throw new BadRequestException('Kafka partitions must be valid numbers and may not be null')
    }
    return { topic: String(topic), partition: integer(number, 'partition', 2 ** 31 - 1), offset: offsetOf(offset) }
  })
}

/** A committed offset as users read it. */
export function sinkOffsetEntry(topic: string, partition: number, offset: number): OffsetEntry {
  return { partition: { [PARTITION]: partition, [TOPIC]: topic }, offset: { [OFFSET]: offset } }
}

function offsetOf(offset: OffsetEntry['offset']): number | null {
  if (offset === null) return null
  const value = offset[OFFSET]
  if (value === undefined || value === null) {
    throw new BadRequestException(
      `The offset for a sink connector should either be null or contain the key '${OFFSET}'`,
    )
  }
  return integer(value, 'offset', Number.MAX_SAFE_INTEGER)
}

function integer(value: unknown, what: 'partition' | 'offset', max: number): number {
  const number = /^[+-]?\d+$/.test(String(value)) ? Number(value) : Number.NaN
  if (Number.isNaN(number) || Math.abs(number) > max) {
    const name = what === 'partition' ? 'Partition' : 'Offset'
    throw new BadRequestException(
      `Failed to parse the following Kafka ${what} value in the provided offsets: '${String(value)}'. ` +
        `${name} values for sink connectors need to be integers.`,
    )
  }
  return number
}
