// Metadata, DescribeCluster and DescribeTopicPartitions: who this cluster is and which topics it has.
import {
  DescribeCluster,
  DescribeTopicPartitions,
  ErrorCode,
  Metadata,
  type ReceivedRequest,
  ZERO_UUID,
} from '@millrace/kafka/protocol'
import { BrokerError } from '../../errors.ts'
import type { PartitionLog } from '../../storage/partition-log.ts'
import { topicNameProblem } from '../../topics/topic-name.ts'
import type { Topic } from '../../topics/topic-registry.ts'
import { type RequestContext, type Route, route } from '../route.ts'
import type { Services } from '../services.ts'
import { CLUSTER_OPERATIONS, OPERATIONS_UNKNOWN, TOPIC_OPERATIONS } from './operations.ts'

function partitionsOf(topic: Topic, services: Services) {
  const { id } = services.node
  return topic.logs.map((log: PartitionLog, partitionIndex) => ({
    errorCode: ErrorCode.NONE,
    partitionIndex,
    leaderId: id,
    leaderEpoch: log.leaderEpoch,
    replicaNodes: [id],
    isrNodes: [id],
    offlineReplicas: [],
  }))
}

function describeTopic(topic: Topic, services: Services, operations: boolean) {
  return {
    errorCode: ErrorCode.NONE,
    name: topic.name,
    topicId: topic.id,
    isInternal: topic.internal,
    partitions: partitionsOf(topic, services),
    topicAuthorizedOperations: operations ? TOPIC_OPERATIONS : OPERATIONS_UNKNOWN,
  }
}

function unknownTopic(errorCode: number, name: string | null, topicId: string = ZERO_UUID) {
  return { errorCode, name, topicId, isInternal: false, partitions: [] }
}

function metadata(request: ReceivedRequest<typeof Metadata>, context: RequestContext) {
  const { services, version } = context
  const { node, topics } = services
  const operations = request.includeTopicAuthorizedOperations
  const byName = (name: string) => {
    const topic = topics.get(name)
    if (topic !== undefined) return describeTopic(topic, services, operations)
    if (topicNameProblem(name) !== undefined) return unknownTopic(ErrorCode.INVALID_TOPIC_EXCEPTION, name)
    if (!request.allowAutoTopicCreation) return unknownTopic(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, name)
    try {
      const created = services.autoCreate(name)
      if (created !== undefined) return describeTopic(created, services, operations)
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error
      return unknownTopic(error.code, name)
    }
    return unknownTopic(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, name)
  }
  const byId = (id: string) => {
    const topic = topics.byId(id)
    return topic === undefined
      ? unknownTopic(ErrorCode.UNKNOWN_TOPIC_ID, version >= 12 ? null : '', id)
      : describeTopic(topic, services, operations)
  }
  // In version 0 an empty list asks for all topics, later null does.
  const all = request.topics === null || (version === 0 && request.topics.length === 0)
  return {
    throttleTimeMs: 0,
    brokers: [{ nodeId: node.id, host: node.host, port: node.port, rack: null }],
    clusterId: topics.clusterId,
    controllerId: node.id,
    topics: all
      ? topics.list().map((topic) => describeTopic(topic, services, operations))
      : (request.topics ?? []).map((t) => (t.name === null ? byId(t.topicId) : byName(t.name))),
    clusterAuthorizedOperations: request.includeClusterAuthorizedOperations ? CLUSTER_OPERATIONS : OPERATIONS_UNKNOWN,
  }
}

/** A page of partitions, in the order of names (KIP-966). */
function describeTopicPartitions(
  request: ReceivedRequest<typeof DescribeTopicPartitions>,
  { services }: RequestContext,
) {
  const { topics } = services
  const named = request.topics.length > 0
  const names = (named ? request.topics.map((t) => t.name) : topics.list().map((t) => t.name)).sort()
  const cursor = request.cursor
  let room = Math.max(1, Math.min(request.responsePartitionLimit, 2000))
  const described = []
  let nextCursor: { topicName: string; partitionIndex: number } | null = null
  for (const name of new Set(names)) {
    if (cursor !== null && name < cursor.topicName) continue
    if (room === 0) {
      nextCursor = { topicName: name, partitionIndex: 0 }
      break
    }
    const topic = topics.get(name)
    if (topic === undefined) {
      const code =
        topicNameProblem(name) === undefined ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : ErrorCode.INVALID_TOPIC_EXCEPTION
      if (named) described.push(unknownTopic(code, name))
      continue
    }
    const first = cursor?.topicName === name ? cursor.partitionIndex : 0
    const partitions = partitionsOf(topic, services)
      .slice(first, first + room)
      .map((p) => ({ ...p, eligibleLeaderReplicas: [], lastKnownElr: [] }))
    described.push({ ...describeTopic(topic, services, true), partitions })
    room -= partitions.length
    if (first + partitions.length < topic.logs.length) {
      nextCursor = { topicName: name, partitionIndex: first + partitions.length }
      break
    }
  }
  return { throttleTimeMs: 0, topics: described, nextCursor }
}

const BROKER_ENDPOINTS = 1

export const metadataRoutes: readonly Route[] = [
  route(Metadata, metadata),
  route(DescribeCluster, (request, { services }) => {
    const wrongKind = request.endpointType !== BROKER_ENDPOINTS
    return {
      throttleTimeMs: 0,
      errorCode: wrongKind ? ErrorCode.MISMATCHED_ENDPOINT_TYPE : ErrorCode.NONE,
      errorMessage: wrongKind ? 'The request was sent to an endpoint of the wrong type.' : null,
      endpointType: BROKER_ENDPOINTS,
      clusterId: services.topics.clusterId,
      controllerId: services.node.id,
      brokers: [{ brokerId: services.node.id, host: services.node.host, port: services.node.port, rack: null }],
      clusterAuthorizedOperations: request.includeClusterAuthorizedOperations ? CLUSTER_OPERATIONS : OPERATIONS_UNKNOWN,
    }
  }),
  route(DescribeTopicPartitions, describeTopicPartitions),
]
