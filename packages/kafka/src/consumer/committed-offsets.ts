// Committed offsets of a group: written with the fence of the member's generation, and read back.
import type { TopicPartition } from '@millrace/api'
import type { ClusterClient } from '../cluster/index.ts'
import { brokerError, isRetriable } from '../errors.ts'
import type { MemberIdentity } from '../group/channel.ts'
import { GROUP_LANE } from '../group/cluster-channel.ts'
import { groupByTopic, groupByTopicWith } from '../group/topic-partitions.ts'
import { ErrorCode, errorCodeInfo, OffsetCommit, OffsetFetch } from '../protocol/index.ts'
import { commitFault } from './errors.ts'
import { keyOf } from './subscription.ts'

/** An offset to commit: the next record to read. */
export interface OffsetToCommit extends TopicPartition {
  readonly offset: number
  /** Epoch of the leader that wrote the record before it, when known. */
  readonly leaderEpoch?: number
  /** Free text kept beside it. */
  readonly metadata?: string
}

/** An offset that was committed. */
export interface CommittedOffset {
  readonly offset: number
  readonly leaderEpoch: number
  readonly metadata: string
}

/** Who commits when nobody is a member: partitions assigned by hand. */
export const NO_MEMBER: MemberIdentity = { memberId: '', groupInstanceId: null, generationId: -1 }

/**
 * One try to commit.
 * @returns true when all are committed, false when it is worth another try (the coordinator moved, or is loading)
 * @throws CommitFailedException when the member's generation is over: its partitions may be others' now
 * @throws KafkaException for any other error that no retry mends
 */
export async function commitOnce(
  cluster: ClusterClient,
  groupId: string,
  member: MemberIdentity,
  offsets: readonly OffsetToCommit[],
  timeoutMs: number,
): Promise<boolean> {
  const topics = [...groupByTopicWith(offsets)].map(([name, group]) => ({
    name,
    partitions: group.map((one) => ({
      partitionIndex: one.partition,
      committedOffset: one.offset,
      committedLeaderEpoch: one.leaderEpoch ?? -1,
      committedMetadata: one.metadata ?? '',
    })),
  }))
  const { memberId, groupInstanceId, generationId } = member
  const request = { groupId, generationIdOrMemberEpoch: generationId, memberId, groupInstanceId, topics }
  let again = false
  try {
    const node = await cluster.coordinator('group', groupId)
    const answer = await cluster.send(node, OffsetCommit, request, { timeoutMs, lane: GROUP_LANE })
    for (const { name, partitions } of answer.topics) {
      for (const { partitionIndex, errorCode } of partitions) {
        if (errorCode === ErrorCode.NONE) continue
        if (moved(errorCode)) cluster.forgetCoordinator('group', groupId)
        else if (!commitRetriable(errorCode)) throw commitFault(errorCode, groupId, `${name}-${partitionIndex}`)
        again = true
      }
    }
  } catch (error) {
    if (!isRetriable(error)) throw error
    cluster.forgetCoordinator('group', groupId)
    return false
  }
  return !again
}

/**
 * One try to read committed offsets, only stable ones: a pending transaction's offsets are waited for (KIP-447). `reader`: the
 * member that asks, to be refused once its epoch is over (KIP-848).
 * @returns by {@link keyOf} what is committed, or undefined when it is worth another try
 * @throws KafkaException for an error that no retry mends
 */
export async function committedOnce(
  cluster: ClusterClient,
  groupId: string,
  partitions: readonly TopicPartition[],
  timeoutMs: number,
  reader?: MemberIdentity,
): Promise<ReadonlyMap<string, CommittedOffset> | undefined> {
  const topics = groupByTopic(partitions).map((one) => ({ name: one.topic, partitionIndexes: one.partitions }))
  const member = reader === undefined ? {} : { memberId: reader.memberId, memberEpoch: reader.generationId }
  const request = { groupId, topics, groups: [{ groupId, ...member, topics }], requireStable: true }
  try {
    const node = await cluster.coordinator('group', groupId)
    const answer = await cluster.send(node, OffsetFetch, request, { timeoutMs, lane: GROUP_LANE })
    const group = answer.groups[0] ?? answer
    if (!readable(cluster, groupId, group.errorCode, 'Reading committed offsets')) return undefined
    const found = new Map<string, CommittedOffset>()
    for (const { name: topic, partitions: list } of group.topics) {
      for (const one of list) {
        const what = `Reading the committed offset of ${topic}-${one.partitionIndex}`
        if (!readable(cluster, groupId, one.errorCode, what)) return undefined
        if (one.committedOffset < 0) continue
        const { committedOffset: offset, committedLeaderEpoch: leaderEpoch, metadata } = one
        found.set(keyOf({ topic, partition: one.partitionIndex }), { offset, leaderEpoch, metadata: metadata ?? '' })
      }
    }
    return found
  } catch (error) {
    if (!isRetriable(error)) throw error
    cluster.forgetCoordinator('group', groupId)
    return undefined
  }
}

function readable(cluster: ClusterClient, groupId: string, code: number, what: string): boolean {
  if (code === ErrorCode.NONE) return true
  if (moved(code)) cluster.forgetCoordinator('group', groupId)
  else if (!errorCodeInfo(code).retriable && !overtaken(code)) throw brokerError(code, `${what} for group "${groupId}"`)
  return false
}

/** The reader's epoch is over: its heartbeats bring a new one, or the end of the membership. */
function overtaken(code: number): boolean {
  return code === ErrorCode.STALE_MEMBER_EPOCH || code === ErrorCode.UNKNOWN_MEMBER_ID
}

function moved(code: number): boolean {
  return (
    code === ErrorCode.NOT_COORDINATOR ||
    code === ErrorCode.COORDINATOR_NOT_AVAILABLE ||
    code === ErrorCode.REQUEST_TIMED_OUT
  )
}

function commitRetriable(code: number): boolean {
  return code === ErrorCode.COORDINATOR_LOAD_IN_PROGRESS || code === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
}
