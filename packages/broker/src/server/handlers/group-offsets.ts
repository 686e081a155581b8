// OffsetCommit, OffsetFetch, OffsetDelete and TxnOffsetCommit.
import {
  ErrorCode,
  OffsetCommit,
  OffsetDelete,
  OffsetFetch,
  type ReceivedRequest,
  TxnOffsetCommit,
} from '@millrace/kafka/protocol'
import { BrokerError } from '../../errors.ts'
import type { Committer } from '../../group/coordinator.ts'
import type { TransactionalWrite } from '../../topics/internal-topic.ts'
import { OFFSETS_TOPIC } from '../../topics/topic-name.ts'
import { type RequestContext, type Route, route } from '../route.ts'
import type { Services } from '../services.ts'

interface CommittedTopic {
  readonly name: string
  readonly partitions: readonly {
    readonly partitionIndex: number
    readonly committedOffset: number
    readonly committedLeaderEpoch: number
    readonly committedMetadata: string | null
  }[]
}

/** Commits what exists; partitions that do not are told so. */
function commit(
  services: Services,
  groupId: string,
  who: Committer,
  topics: readonly CommittedTopic[],
  transaction?: TransactionalWrite,
) {
  const known = topics.flatMap(({ name, partitions }) =>
    partitions
      .filter((p) => services.topics.log(name, p.partitionIndex) !== undefined)
      .map((p) => ({
        topic: name,
        partition: p.partitionIndex,
        offset: p.committedOffset,
        leaderEpoch: p.committedLeaderEpoch,
        metadata: p.committedMetadata,
      })),
  )
  const codes = services.groups.commit(groupId, who, known, transaction)
  let next = 0
  return topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partitionIndex }) => {
      const exists = services.topics.log(name, partitionIndex) !== undefined
      return { partitionIndex, errorCode: exists ? codes[next++]! : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION }
    }),
  }))
}

function offsetCommit(request: ReceivedRequest<typeof OffsetCommit>, { services }: RequestContext) {
  const { memberId, groupInstanceId, generationIdOrMemberEpoch: generationId } = request
  const topics = commit(services, request.groupId, { memberId, groupInstanceId, generationId }, request.topics)
  return { throttleTimeMs: 0, topics }
}

function txnOffsetCommit(request: ReceivedRequest<typeof TxnOffsetCommit>, { services }: RequestContext) {
  const { producerId, producerEpoch, groupId } = request
  try {
    // The group's partition must have been added to the transaction, by AddOffsetsToTxn.
    const partition = services.groups.offsetsPartition(groupId)
    services.transactions.verify({ producerId, producerEpoch }, OFFSETS_TOPIC, partition)
  } catch (error) {
    if (!(error instanceof BrokerError)) throw error
    const { code: errorCode } = error
    const topics = request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
    }))
    return { throttleTimeMs: 0, topics }
  }
  return {
    throttleTimeMs: 0,
    topics: commit(services, groupId, request, request.topics, { producerId, producerEpoch }),
  }
}

interface WantedTopic {
  readonly name: string
  readonly partitionIndexes: readonly number[]
}

function fetchGroup(services: Services, groupId: string, wanted: readonly WantedTopic[] | null, stable: boolean) {
  const offsets = services.groups.get(groupId)?.offsets
  const all = () =>
    [...(offsets?.committed ?? [])].map(([name, partitions]) => ({ name, partitionIndexes: [...partitions.keys()] }))
  return (wanted ?? all()).map(({ name, partitionIndexes }) => ({
    name,
    partitions: partitionIndexes.map((partitionIndex) => {
      const none = { partitionIndex, committedOffset: -1, committedLeaderEpoch: -1, metadata: '' }
      if (stable && offsets?.isPending(name, partitionIndex) === true) {
        return { ...none, errorCode: ErrorCode.UNSTABLE_OFFSET_COMMIT }
      }
      const found = offsets?.get(name, partitionIndex)
      if (found === undefined) return { ...none, errorCode: ErrorCode.NONE }
      const { offset, leaderEpoch, metadata } = found
      return {
        partitionIndex,
        committedOffset: offset,
        committedLeaderEpoch: leaderEpoch,
        metadata,
        errorCode: ErrorCode.NONE,
      }
    }),
  }))
}

function offsetFetch(request: ReceivedRequest<typeof OffsetFetch>, { services, version }: RequestContext) {
  const stable = request.requireStable
  if (version >= 8) {
    const groups = request.groups.map(({ groupId, topics }) => ({
      groupId,
      topics: fetchGroup(services, groupId, topics, stable),
      errorCode: ErrorCode.NONE,
    }))
    return { throttleTimeMs: 0, groups }
  }
  const topics = fetchGroup(services, request.groupId, request.topics, stable)
  return { throttleTimeMs: 0, topics, errorCode: ErrorCode.NONE, groups: [] }
}

function offsetDelete(request: ReceivedRequest<typeof OffsetDelete>, { services }: RequestContext) {
  const wanted = request.topics.flatMap(({ name, partitions }) =>
    partitions.map((p) => ({ topic: name, partition: p.partitionIndex })),
  )
  const { errorCode, codes } = services.groups.deleteOffsets(request.groupId, wanted)
  if (errorCode !== ErrorCode.NONE) return { errorCode, throttleTimeMs: 0, topics: [] }
  let next = 0
  const topics = request.topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode: codes[next++]! })),
  }))
  return { errorCode, throttleTimeMs: 0, topics }
}

export const groupOffsetRoutes: readonly Route[] = [
  route(OffsetCommit, offsetCommit),
  route(OffsetFetch, offsetFetch),
  route(OffsetDelete, offsetDelete),
  route(TxnOffsetCommit, txnOffsetCommit),
]
