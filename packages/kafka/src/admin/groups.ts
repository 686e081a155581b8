// Admin calls about groups: list, describe, delete, and their committed offsets.
import type { TopicPartition } from '@millrace/api'
import type { ClusterClient } from '../cluster/index.ts'
import type { KafkaException } from '../errors.ts'
import { flatten, groupByTopicWith } from '../group/topic-partitions.ts'
import {
  type Api,
  ConsumerGroupDescribe,
  DeleteGroups,
  DescribeGroups,
  ErrorCode,
  ListGroups,
  OffsetCommit,
  OffsetDelete,
  OffsetFetch,
} from '../protocol/index.ts'
import { type AdminAction, adminError, coordinatorFor } from './admin-error.ts'
import type { Outcome, Try } from './retry.ts'

/** A listed group. State and type are empty from brokers that do not tell them. */
export interface GroupListing {
  readonly groupId: string
  readonly protocolType: string
  readonly state: string
  readonly type: string
}

/** A member of a described group; metadata and assignment are in the group's own protocol. */
export interface GroupMemberDescription {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly host: string
  readonly metadata: Buffer
  readonly assignment: Buffer
}

/** A described group. `Dead` is also the state of one that does not exist. */
export interface GroupDescription extends GroupOutcome {
  readonly state: string
  readonly protocolType: string
  /** The protocol that was agreed on, an assignor of a consumer group. */
  readonly protocol: string
  readonly coordinator: number
  readonly members: readonly GroupMemberDescription[]
}

/** A member of a described consumer group; partitions by name. */
export interface ConsumerGroupMember {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly rackId: string | null
  readonly clientId: string
  readonly host: string
  /** -1 for a member of a group of the classic protocol. */
  readonly epoch: number
  /** How it takes part: by the classic protocol also in a group of the new one, while that is migrated. */
  readonly protocol: 'classic' | 'consumer' | 'unknown'
  readonly topics: readonly string[]
  /** The regular expression that the coordinator evaluates for it. */
  readonly topicRegex: string | null
  readonly assignment: readonly TopicPartition[]
  /** What it is to have once the others have given it up. */
  readonly target: readonly TopicPartition[]
}

/** A described group of the consumer group protocol (KIP-848). */
export interface ConsumerGroupDescription extends GroupOutcome {
  readonly state: string
  readonly epoch: number
  readonly assignmentEpoch: number
  readonly assignor: string
  readonly coordinator: number
  readonly members: readonly ConsumerGroupMember[]
}

/** How something done to a group ended. */
export interface GroupOutcome extends Outcome {
  readonly groupId: string
}

/** An offset of a group. */
export interface GroupOffset extends TopicPartition {
  readonly offset: number
  /** -1 when unknown. */
  readonly leaderEpoch: number
  readonly metadata: string
}

/** An offset to set. */
export interface NewGroupOffset extends TopicPartition {
  readonly offset: number
  readonly leaderEpoch?: number
  readonly metadata?: string
}

/** How something done to the offset of a partition ended. */
export interface PartitionOutcome extends TopicPartition, Outcome {}

/** Groups of one broker. @throws KafkaException */
export async function listGroupsOf(
  cluster: ClusterClient,
  node: number,
  states: readonly string[],
  { timeoutMs }: Try,
): Promise<readonly GroupListing[]> {
  const answer = await cluster.send(node, ListGroups, { statesFilter: states }, { timeoutMs })
  const action = { what: 'Listing groups', operation: 'DESCRIBE', resource: 'cluster', name: '' } as const
  const error = adminError(answer.errorCode, action)
  if (error !== null) throw error
  return answer.groups.map((one) => ({
    groupId: one.groupId,
    protocolType: one.protocolType,
    state: one.groupState,
    type: one.groupType,
  }))
}

/** One round of description. */
export function describeGroups(
  cluster: ClusterClient,
  groupIds: readonly string[],
  one: Try,
): Promise<ReadonlyMap<string, GroupDescription>> {
  const nothing = { state: '', protocolType: '', protocol: '', coordinator: -1, members: [] }
  const refused = (groupId: string, error: KafkaException) => ({ ...nothing, groupId, error })
  return byCoordinator(cluster, groupIds, 'Describing', 'DESCRIBE', refused, async (coordinator, some) => {
    const answer = await cluster.send(coordinator, DescribeGroups, { groups: some }, one)
    return answer.groups.map((group) => ({
      groupId: group.groupId,
      state: group.groupState,
      protocolType: group.protocolType,
      protocol: group.protocolData,
      coordinator,
      members: group.members.map((member) => ({
        memberId: member.memberId,
        groupInstanceId: member.groupInstanceId,
        clientId: member.clientId,
        host: member.clientHost,
        metadata: member.memberMetadata,
        assignment: member.memberAssignment,
      })),
      error: adminError(group.errorCode, groupAction('Describing', 'DESCRIBE', group.groupId)),
    }))
  })
}

/** One round of description, of groups of the consumer group protocol. */
export function describeConsumerGroups(
  cluster: ClusterClient,
  groupIds: readonly string[],
  one: Try,
): Promise<ReadonlyMap<string, ConsumerGroupDescription>> {
  const nothing = { state: '', epoch: -1, assignmentEpoch: -1, assignor: '', coordinator: -1, members: [] }
  const refused = (groupId: string, error: KafkaException) => ({ ...nothing, groupId, error })
  return byCoordinator(cluster, groupIds, 'Describing', 'DESCRIBE', refused, async (coordinator, some) => {
    const request = { groupIds: some, includeAuthorizedOperations: false }
    const answer = await cluster.send(coordinator, ConsumerGroupDescribe, request, one)
    return answer.groups.map((group) => ({
      groupId: group.groupId,
      state: group.groupState,
      epoch: group.groupEpoch,
      assignmentEpoch: group.assignmentEpoch,
      assignor: group.assignorName,
      coordinator,
      members: group.members.map((member) => ({
        memberId: member.memberId,
        groupInstanceId: member.instanceId,
        rackId: member.rackId,
        clientId: member.clientId,
        host: member.clientHost,
        epoch: member.memberEpoch,
        protocol: member.memberType === 0 ? 'classic' : member.memberType === 1 ? 'consumer' : 'unknown',
        topics: member.subscribedTopicNames,
        topicRegex: member.subscribedTopicRegex === '' ? null : member.subscribedTopicRegex,
        assignment: byName(member.assignment.topicPartitions),
        target: byName(member.targetAssignment.topicPartitions),
      })),
      error: adminError(group.errorCode, groupAction('Describing', 'DESCRIBE', group.groupId)),
    }))
  })
}

function byName(topics: readonly { readonly topicName: string; readonly partitions: readonly number[] }[]) {
  return flatten(topics.map(({ topicName: topic, partitions }) => ({ topic, partitions })))
}

/** One round of deletion. */
export function deleteGroups(
  cluster: ClusterClient,
  groupIds: readonly string[],
  one: Try,
): Promise<ReadonlyMap<string, GroupOutcome>> {
  const refused = (groupId: string, error: KafkaException) => ({ groupId, error })
  return byCoordinator(cluster, groupIds, 'Deleting', 'DELETE', refused, async (coordinator, some) => {
    const answer = await cluster.send(coordinator, DeleteGroups, { groupsNames: some }, one)
    return answer.results.map(({ groupId, errorCode }) => ({
      groupId,
      error: adminError(errorCode, groupAction('Deleting', 'DELETE', groupId)),
    }))
  })
}

/** All committed offsets of a group, or those of some partitions; partitions without one are left out. */
export async function groupOffsets(
  cluster: ClusterClient,
  groupId: string,
  partitions: readonly TopicPartition[] | null,
  requireStable: boolean,
  one: Try,
): Promise<GroupOutcome & { readonly offsets: readonly GroupOffset[] }> {
  const topics =
    partitions === null
      ? null
      : [...groupByTopicWith(partitions)].map(([name, some]) => ({
          name,
          partitionIndexes: some.map(({ partition }) => partition),
        }))
  const request = { groupId, topics, groups: [{ groupId, topics }], requireStable }
  const action = groupAction('Reading the offsets of', 'DESCRIBE', groupId)
  const answer = await askCoordinator(cluster, groupId, OffsetFetch, request, action, one)
  const group = answer.groups[0] ?? answer
  const offsets: GroupOffset[] = []
  let errorCode = group.errorCode
  for (const { name: topic, partitions: some } of group.topics) {
    for (const partition of some) {
      if (errorCode === ErrorCode.NONE) errorCode = partition.errorCode
      if (partition.errorCode !== ErrorCode.NONE || partition.committedOffset < 0) continue
      offsets.push({
        topic,
        partition: partition.partitionIndex,
        offset: partition.committedOffset,
        leaderEpoch: partition.committedLeaderEpoch,
        metadata: partition.metadata ?? '',
      })
    }
  }
  forgetIfMoved(cluster, groupId, errorCode)
  return { groupId, offsets, error: adminError(errorCode, action) }
}

/** One round of setting offsets of a group that has no members. */
export async function alterOffsets(
  cluster: ClusterClient,
  groupId: string,
  offsets: readonly NewGroupOffset[],
  keyOf: (partition: TopicPartition) => string,
  one: Try,
): Promise<ReadonlyMap<string, PartitionOutcome>> {
  const topics = [...groupByTopicWith(offsets)].map(([name, some]) => ({
    name,
    partitions: some.map((offset) => ({
      partitionIndex: offset.partition,
      committedOffset: offset.offset,
      committedLeaderEpoch: offset.leaderEpoch ?? -1,
      committedMetadata: offset.metadata ?? '',
    })),
  }))
  // No member and no generation: brokers take this only while the group is empty.
  const action = groupAction('Setting offsets of', 'READ', groupId)
  const answer = await askCoordinator(cluster, groupId, OffsetCommit, { groupId, topics }, action, one)
  return partitionOutcomes(cluster, groupId, answer.topics, 'Setting the offset', 'READ', keyOf)
}

/** One round of deleting offsets of a group, of partitions that no member is subscribed to. */
export async function deleteOffsets(
  cluster: ClusterClient,
  groupId: string,
  partitions: readonly TopicPartition[],
  keyOf: (partition: TopicPartition) => string,
  one: Try,
): Promise<ReadonlyMap<string, PartitionOutcome>> {
  const topics = [...groupByTopicWith(partitions)].map(([name, some]) => ({
    name,
    partitions: some.map(({ partition }) => ({ partitionIndex: partition })),
  }))
  const action = groupAction('Deleting offsets of', 'DELETE', groupId)
  const answer = await askCoordinator(cluster, groupId, OffsetDelete, { groupId, topics }, action, one)
  if (answer.errorCode === ErrorCode.NONE) {
    return partitionOutcomes(cluster, groupId, answer.topics, 'Deleting the offset', 'READ', keyOf)
  }
  forgetIfMoved(cluster, groupId, answer.errorCode)
  const error = adminError(answer.errorCode, action)
  return new Map(partitions.map((partition) => [keyOf(partition), { ...partition, error }]))
}

function partitionOutcomes(
  cluster: ClusterClient,
  groupId: string,
  topics: readonly {
    readonly name: string
    readonly partitions: readonly { readonly partitionIndex: number; readonly errorCode: number }[]
  }[],
  doing: string,
  operation: string,
  keyOf: (partition: TopicPartition) => string,
): ReadonlyMap<string, PartitionOutcome> {
  const found = new Map<string, PartitionOutcome>()
  for (const { name: topic, partitions } of topics) {
    for (const { partitionIndex: partition, errorCode } of partitions) {
      forgetIfMoved(cluster, groupId, errorCode)
      const what = `${doing} of ${topic}-${partition} in group ${groupId}`
      // The topic's permission is asked for per partition, the group's for all: the code tells which one is missing.
      const onTopic = errorCode === ErrorCode.TOPIC_AUTHORIZATION_FAILED
      const resource = onTopic ? 'topic' : 'group'
      const error = adminError(errorCode, { what, operation, resource, name: onTopic ? topic : groupId })
      found.set(keyOf({ topic, partition }), { topic, partition, error })
    }
  }
  return found
}

/** Asks the coordinators of groups, each for its own. A group whose coordinator is not told to this client is `refused`. */
async function byCoordinator<R extends GroupOutcome>(
  cluster: ClusterClient,
  groupIds: readonly string[],
  doing: string,
  operation: string,
  refused: (groupId: string, error: KafkaException) => R,
  ask: (coordinator: number, some: readonly string[]) => Promise<readonly R[]>,
): Promise<ReadonlyMap<string, R>> {
  const found = new Map<string, R>()
  const byNode = new Map<number, string[]>()
  await Promise.all(
    groupIds.map(async (groupId) => {
      const node = await coordinatorFor(cluster, 'group', groupId, groupAction(doing, operation, groupId))
      if (typeof node !== 'number') found.set(groupId, refused(groupId, node))
      else byNode.set(node, [...(byNode.get(node) ?? []), groupId])
    }),
  )
  const answers = await Promise.all(
    [...byNode].map(async ([node, some]) => {
      try {
        return await ask(node, some)
      } catch (error) {
        // A broker that is gone does not say that it is no longer the coordinator.
        for (const groupId of some) cluster.forgetCoordinator('group', groupId)
        throw error
      }
    }),
  )
  for (const one of answers.flat()) {
    forgetIfMoved(cluster, one.groupId, one.error?.errorCode ?? ErrorCode.NONE)
    found.set(one.groupId, one)
  }
  return found
}

async function askCoordinator<Req, ReqIn, Res, ResIn>(
  cluster: ClusterClient,
  groupId: string,
  api: Api<Req, ReqIn, Res, ResIn>,
  request: ReqIn,
  action: AdminAction,
  one: Try,
): Promise<Res> {
  const node = await coordinatorFor(cluster, 'group', groupId, action)
  if (typeof node !== 'number') throw node
  try {
    return await cluster.send(node, api, request, one)
  } catch (error) {
    cluster.forgetCoordinator('group', groupId)
    throw error
  }
}

function forgetIfMoved(cluster: ClusterClient, groupId: string, code: number): void {
  if (code === ErrorCode.NOT_COORDINATOR || code === ErrorCode.COORDINATOR_NOT_AVAILABLE) {
    cluster.forgetCoordinator('group', groupId)
  }
}

function groupAction(doing: string, operation: string, groupId: string) {
  return { what: `${doing} group ${groupId}`, operation, resource: 'group', name: groupId } as const
}
