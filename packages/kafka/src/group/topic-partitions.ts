// Topic partitions grouped by topic, as the group protocol's messages carry them.
import type { TopicPartition } from '@millrace/api'
import type { PlainReader, PlainWriter } from './plain-codec.ts'

/** Partitions by topic, in order of first appearance. */
export function byTopic(partitions: readonly TopicPartition[]): Map<string, number[]> {
  const groups = new Map<string, number[]>()
  for (const { topic, partition } of partitions) {
    const list = groups.get(topic)
    if (list === undefined) groups.set(topic, [partition])
    else list.push(partition)
  }
  return groups
}

/** `[Topic [Partition]]`: Topic a string, Partition an int32. */
export function writeTopicPartitions(writer: PlainWriter, partitions: readonly TopicPartition[]): void {
  writer.array([...byTopic(partitions)], (out, [topic, list]) => {
    out.nullableString(topic).array(list, (each, partition) => each.int32(partition))
  })
}

/** Reads what {@link writeTopicPartitions} wrote. */
export function readTopicPartitions(reader: PlainReader): TopicPartition[] {
  return reader
    .array(6, (each) => {
      const topic = each.string()
      return each.array(4, (inner) => inner.int32()).map((partition) => ({ topic, partition }))
    })
    .flat()
}
