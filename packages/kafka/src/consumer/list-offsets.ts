// Offsets that the log knows: its start, its end, the first record of a time, and where a leader epoch ends.
import type { TopicPartition } from '@millrace/api'
import type { ClusterClient } from '../cluster/index.ts'
import { brokerError, isRetriable } from '../errors.ts'
import { groupByTopicWith } from '../group/topic-partitions.ts'
import { ErrorCode, errorCodeInfo, ListOffsets, OffsetForLeaderEpoch } from '../protocol/index.ts'
import { keyOf } from './subscription.ts'

/** A partition with what is asked about it. */
export interface OffsetQuery extends TopicPartition {
  /** -1 end, -2 start, -3 the record of the largest timestamp, or milliseconds since the epoch. */
  readonly timestamp: number
}

export interface FoundOffset {
  /** -1 when no record is that young. */
  readonly offset: number
  readonly timestamp: number
  readonly leaderEpoch: number
}

/** Answers of one round by {@link keyOf}; partitions that must be asked again are missing. */
export type RoundOf<T> = ReadonlyMap<string, T>

/**
 * Asks the leaders once. Partitions without a leader, and those whose leader moved or did not answer, are left out, and
 * the metadata is refreshed for them.
 * @throws KafkaException for an error that no retry mends, naming the partition
 */
export async function listOffsetsOnce(
  cluster: ClusterClient,
  queries: readonly OffsetQuery[],
  readCommitted: boolean,
): Promise<RoundOf<FoundOffset>> {
  const found = new Map<string, FoundOffset>()
  await eachLeader(cluster, queries, async (node, some) => {
    const topics = [...groupByTopicWith(some)].map(([name, group]) => ({
      name,
      partitions: group.map(({ topic, partition, timestamp }) => ({
        partitionIndex: partition,
        currentLeaderEpoch: leaderEpoch(cluster, topic, partition),
        timestamp,
      })),
    }))
    const answer = await cluster.send(node, ListOffsets, {
      replicaId: -1,
      isolationLevel: readCommitted ? 1 : 0,
      topics,
    })
    for (const { name: topic, partitions } of answer.topics) {
      for (const { partitionIndex: partition, errorCode, offset, timestamp, leaderEpoch } of partitions) {
        if (usable(cluster, errorCode, 'Looking up an offset', topic, partition)) {
          found.set(keyOf({ topic, partition }), { offset, timestamp, leaderEpoch })
        }
      }
    }
  })
  return found
}

/** A partition with the epoch whose end is asked for. */
export interface EpochQuery extends TopicPartition {
  readonly leaderEpoch: number
}

export interface EpochEnd {
  /** The largest epoch not above the one asked for that the leader knows; -1 when none. */
  readonly leaderEpoch: number
  /** First offset after that epoch; -1 when none. */
  readonly endOffset: number
}

/** Asks the leaders once where epochs end (KIP-320). As {@link listOffsetsOnce} otherwise. */
export async function epochEndsOnce(
  cluster: ClusterClient,
  queries: readonly EpochQuery[],
): Promise<RoundOf<EpochEnd>> {
  const found = new Map<string, EpochEnd>()
  await eachLeader(cluster, queries, async (node, some) => {
    const topics = [...groupByTopicWith(some)].map(([topic, group]) => ({
      topic,
      partitions: group.map((one) => ({
        partition: one.partition,
        currentLeaderEpoch: leaderEpoch(cluster, topic, one.partition),
        leaderEpoch: one.leaderEpoch,
      })),
    }))
    const answer = await cluster.send(node, OffsetForLeaderEpoch, { replicaId: -1, topics })
    for (const { topic, partitions } of answer.topics) {
      for (const { partition, errorCode, leaderEpoch, endOffset } of partitions) {
        if (usable(cluster, errorCode, 'Looking up the end of a leader epoch', topic, partition)) {
          found.set(keyOf({ topic, partition }), { leaderEpoch, endOffset })
        }
      }
    }
  })
  return found
}

/** The leader's epoch as the metadata has it, -1 when unknown. */
export function leaderEpoch(cluster: ClusterClient, topic: string, partition: number): number {
  return cluster.topic(topic)?.partitions.find((one) => one.index === partition)?.leaderEpoch ?? -1
}

/** Sends to each leader its part, all at the same time. What cannot be sent now refreshes the metadata. */
async function eachLeader<T extends TopicPartition>(
  cluster: ClusterClient,
  queries: readonly T[],
  ask: (node: number, some: readonly T[]) => Promise<void>,
): Promise<void> {
  const byLeader = new Map<number, T[]>()
  for (const query of queries) {
    const node = cluster.leader(query.topic, query.partition)
    const list = byLeader.get(node)
    if (list === undefined) byLeader.set(node, [query])
    else list.push(query)
  }
  if (byLeader.delete(-1)) cluster.requestRefresh()
  const outcomes = await Promise.allSettled([...byLeader].map(([node, some]) => ask(node, some)))
  for (const outcome of outcomes) {
    if (outcome.status === 'fulfilled') continue
    if (!isRetriable(outcome.reason)) throw outcome.reason
    cluster.requestRefresh()
  }
}

function usable(cluster: ClusterClient, code: number, what: string, topic: string, partition: number): boolean {
  if (code === ErrorCode.NONE) return true
  const info = errorCodeInfo(code)
  if (info.staleMetadata || code === ErrorCode.UNKNOWN_LEADER_EPOCH) cluster.requestRefresh()
  if (info.retriable) return false
  throw brokerError(code, `${what} of ${topic}-${partition}`)
}
