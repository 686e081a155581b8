// CreateTopics, DeleteTopics, CreatePartitions and ElectLeaders.
import {
  CreatePartitions,
  CreateTopics,
  DeleteTopics,
  ElectLeaders,
  ErrorCode,
  type ReceivedRequest,
  ZERO_UUID,
} from '@millrace/kafka/protocol'
import { BrokerError } from '../../errors.ts'
import { type RequestContext, type Route, route } from '../route.ts'
import { topicConfigEntries } from './configs.ts'

type CreatableTopic = ReceivedRequest<typeof CreateTopics>['topics'][number]

/** Runs `act`; a refusal becomes an error code and a message. */
function attempt<T>(
  act: () => T,
): { readonly value: T } | { readonly errorCode: number; readonly errorMessage: string } {
  try {
    return { value: act() }
  } catch (error) {
    if (!(error instanceof BrokerError)) throw error
    return { errorCode: error.code, errorMessage: error.message }
  }
}

/** How many partitions a topic is to have. @throws BrokerError */
function partitionCount(topic: CreatableTopic, { services }: RequestContext): number {
  const { node, config } = services
  if (topic.assignments.length > 0) {
    if (topic.numPartitions !== -1 || topic.replicationFactor !== -1) {
      throw new BrokerError(
        ErrorCode.INVALID_REQUEST,
        'Both numPartitions or replicationFactor and a replica assignment were set; use one of them.',
      )
    }
    const indexes = topic.assignments.map((a) => a.partitionIndex).sort((a, b) => a - b)
    const fits = indexes.every((index, i) => index === i)
    const here = topic.assignments.every((a) => a.brokerIds.length === 1 && a.brokerIds[0] === node.id)
    if (!fits || !here) {
      throw new BrokerError(
        ErrorCode.INVALID_REPLICA_ASSIGNMENT,
        `Partitions must be numbered from 0 without gaps, each on broker ${node.id}, the only one.`,
      )
    }
    return indexes.length
  }
  if (topic.replicationFactor !== -1 && topic.replicationFactor !== 1) {
    throw new BrokerError(
      ErrorCode.INVALID_REPLICATION_FACTOR,
      topic.replicationFactor <= 0
        ? 'Replication factor must be larger than 0, or -1 to use the default value.'
        : `Unable to replicate the partition ${topic.replicationFactor} time(s): The target replication factor of ` +
            `${topic.replicationFactor} cannot be reached because only 1 broker(s) are registered.`,
    )
  }
  return topic.numPartitions === -1 ? config.number('num.partitions') : topic.numPartitions
}

function createTopics(request: ReceivedRequest<typeof CreateTopics>, context: RequestContext) {
  const { topics: registry, config: broker } = context.services
  const names = request.topics.map((t) => t.name)
  return {
    throttleTimeMs: 0,
    topics: request.topics.map((wanted) => {
      const { name } = wanted
      const result = attempt(() => {
        if (names.indexOf(name) !== names.lastIndexOf(name)) {
          throw new BrokerError(ErrorCode.INVALID_REQUEST, `Duplicate topic name: ${name}`)
        }
        const set: Record<string, string> = {}
        for (const c of wanted.configs) {
          if (c.value === null)
            throw new BrokerError(ErrorCode.INVALID_CONFIG, `Null value not supported for: ${c.name}`)
          set[c.name] = c.value
        }
        registry.checkNew(name, wanted.numPartitions === -1 ? 1 : wanted.numPartitions, set)
        const partitions = partitionCount(wanted, context)
        if (!request.validateOnly) return { id: registry.create(name, partitions, set).id, partitions, set }
        registry.checkNew(name, partitions, set)
        return { id: ZERO_UUID, partitions, set }
      })
      if (!('value' in result)) return { name, topicId: ZERO_UUID, ...result, configs: null }
      const { id, partitions, set } = result.value
      return {
        name,
        topicId: id,
        errorCode: ErrorCode.NONE,
        errorMessage: null,
        numPartitions: partitions,
        replicationFactor: 1,
        configs: topicConfigEntries(set, broker).map((e) => ({
          name: e.name,
          value: e.value,
          readOnly: e.readOnly,
          configSource: e.configSource,
          isSensitive: e.isSensitive,
        })),
      }
    }),
  }
}

function deleteTopics(request: ReceivedRequest<typeof DeleteTopics>, { services, version }: RequestContext) {
  const { topics: registry } = services
  const wanted =
    version >= 6 ? request.topics : request.topicNames.map((name) => ({ name, topicId: ZERO_UUID }) as const)
  return {
    throttleTimeMs: 0,
    responses: wanted.map((t) => {
      const byId = t.name === null
      const name = byId ? (registry.byId(t.topicId)?.name ?? null) : t.name
      const topicId = byId ? t.topicId : (registry.get(t.name)?.id ?? ZERO_UUID)
      const result = attempt(() => {
        if (!services.config.flag('delete.topic.enable')) {
          throw new BrokerError(ErrorCode.TOPIC_DELETION_DISABLED, 'delete.topic.enable is false')
        }
        if (name === null) throw new BrokerError(ErrorCode.UNKNOWN_TOPIC_ID, 'This server does not host this topic ID.')
        registry.delete(name)
      })
      if ('value' in result) return { name, topicId, errorCode: ErrorCode.NONE, errorMessage: null }
      return { name, topicId, ...result }
    }),
  }
}

function createPartitions(request: ReceivedRequest<typeof CreatePartitions>, { services }: RequestContext) {
  const { topics: registry, node } = services
  return {
    throttleTimeMs: 0,
    results: request.topics.map(({ name, count, assignments }) => {
      const result = attempt(() => {
        const has = registry.get(name)?.logs.length ?? 0
        const misplaced = assignments?.some((a) => a.brokerIds.length !== 1 || a.brokerIds[0] !== node.id)
        if (assignments !== null && (assignments.length !== count - has || misplaced === true)) {
          throw new BrokerError(
            ErrorCode.INVALID_REPLICA_ASSIGNMENT,
            `Each of the ${count - has} new partitions must be assigned to broker ${node.id}, the only one.`,
          )
        }
        registry.extend(name, count, request.validateOnly)
      })
      if ('value' in result) return { name, errorCode: ErrorCode.NONE, errorMessage: null }
      return { name, ...result }
    }),
  }
}

/** One broker leads everything already. */
function electLeaders(request: ReceivedRequest<typeof ElectLeaders>, { services }: RequestContext) {
  return {
    throttleTimeMs: 0,
    errorCode: ErrorCode.NONE,
    replicaElectionResults: (request.topicPartitions ?? []).map(({ topic, partitions }) => ({
      topic,
      partitionResult: partitions.map((partitionId) => {
        const known = services.topics.log(topic, partitionId) !== undefined
        return {
          partitionId,
          errorCode: known ? ErrorCode.ELECTION_NOT_NEEDED : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
          errorMessage: known ? 'The only broker leads the partition.' : 'The partition does not exist.',
        }
      }),
    })),
  }
}

export const topicRoutes: readonly Route[] = [
  route(CreateTopics, createTopics),
  route(DeleteTopics, deleteTopics),
  route(CreatePartitions, createPartitions),
  route(ElectLeaders, electLeaders),
]
