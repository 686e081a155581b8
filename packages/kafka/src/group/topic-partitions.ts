// Topic partitions grouped by topic, as the messages of groups and offsets carry them.
import type { TopicPartition } from '@millrace/api'
import { array, int32, string, struct } from '../protocol/types.ts'

/** `[Topic [Partition]]` in the plain encoding: Topic a string, Partition an int32. */
export const topicPartitions = array(struct({ topic: string, partitions: array(int32) }))

/** Whatever belongs to a partition, by topic, in order of first appearance. */
export function groupByTopicWith<T extends TopicPartition>(list: Iterable<T>): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const one of list) {
    const group = groups.get(one.topic)
    if (group === undefined) groups.set(one.topic, [one])
    else group.push(one)
  }
  return groups
}

/** Partition numbers by topic, in order of first appearance. */
export function groupByTopic(list: Iterable<TopicPartition>): { topic: string; partitions: number[] }[] {
  return [...groupByTopicWith(list)].map(([topic, group]) => ({ topic, partitions: group.map((one) => one.partition) }))
}

/** The reverse of {@link groupByTopic}. */
export function flatten(
  groups: readonly { readonly topic: string; readonly partitions: readonly number[] }[],
): TopicPartition[] {
  return groups.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })))
}
