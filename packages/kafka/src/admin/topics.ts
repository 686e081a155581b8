// Admin calls about topics: create, delete, list, describe, add partitions, delete records.
import type { TopicPartition } from '@millrace/api'
import type { ClusterClient } from '../cluster/index.ts'
import { groupByTopicWith } from '../group/topic-partitions.ts'
import {
  CreatePartitions,
  CreateTopics,
  DeleteRecords,
  DeleteTopics,
  ErrorCode,
  Metadata,
  type ResponseOf,
  ZERO_UUID,
} from '../protocol/index.ts'
import { adminError } from './admin-error.ts'
import { toController } from './controller.ts'
import type { Outcome, Try } from './retry.ts'

/** A topic to create. What is left out is the broker's default. */
export interface NewTopic {
  readonly name: string
  readonly numPartitions?: number
  readonly replicationFactor?: number
  /** Broker ids of each partition, instead of the two numbers. */
  readonly assignments?: readonly (readonly number[])[]
  readonly configs?: Readonly<Record<string, string>>
}

/** How the creation of a topic ended. The numbers are -1 where the broker does not tell them. */
export interface CreatedTopic extends Outcome {
  readonly name: string
  readonly topicId: string | null
  readonly numPartitions: number
  readonly replicationFactor: number
}

/** How something done to a topic ended. */
export interface TopicOutcome extends Outcome {
  readonly name: string
}

/** One partition of a described topic. */
export interface PartitionDescription {
  readonly partition: number
  /** Node id, -1 without a leader. */
  readonly leader: number
  readonly replicas: readonly number[]
  readonly isr: readonly number[]
}

/** A described topic; partitions in order. Empty when there is an error. */
export interface TopicDescription extends TopicOutcome {
  readonly topicId: string | null
  readonly isInternal: boolean
  readonly partitions: readonly PartitionDescription[]
}

/** A listed topic. */
export interface TopicListing {
  readonly name: string
  readonly topicId: string | null
  readonly isInternal: boolean
}

/** One round of creation. */
export async function createTopics(
  cluster: ClusterClient,
  topics: readonly NewTopic[],
  validateOnly: boolean,
  { timeoutMs }: Try,
): Promise<ReadonlyMap<string, CreatedTopic>> {
  const request = {
    topics: topics.map((topic) => ({
      name: topic.name,
      // With an assignment the numbers must be -1: the broker counts for itself.
      numPartitions: topic.assignments === undefined ? (topic.numPartitions ?? -1) : -1,
      replicationFactor: topic.assignments === undefined ? (topic.replicationFactor ?? -1) : -1,
      assignments: (topic.assignments ?? []).map((brokerIds, partitionIndex) => ({ partitionIndex, brokerIds })),
      configs: Object.entries(topic.configs ?? {}).map(([name, value]) => ({ name, value })),
    })),
    timeoutMs: Math.ceil(timeoutMs),
    validateOnly,
  }
  const answer = await toController(cluster, CreateTopics, request, timeoutMs, (one) =>
    one.topics.some((topic) => topic.errorCode === ErrorCode.NOT_CONTROLLER),
  )
  return new Map(
    answer.topics.map((one) => [
      one.name,
      {
        name: one.name,
        topicId: idOf(one.topicId),
        numPartitions: one.numPartitions,
        replicationFactor: one.replicationFactor,
        error: adminError(one.errorCode, action('Creating', 'CREATE', one.name), one.errorMessage),
      },
    ]),
  )
}

/** One round of deletion. */
export async function deleteTopics(
  cluster: ClusterClient,
  names: readonly string[],
  { timeoutMs }: Try,
): Promise<ReadonlyMap<string, TopicOutcome>> {
  const request = {
    topics: names.map((name) => ({ name })),
    topicNames: names,
    timeoutMs: Math.ceil(timeoutMs),
  }
  const answer = await toController(cluster, DeleteTopics, request, timeoutMs, (one) =>
    one.responses.some((topic) => topic.errorCode === ErrorCode.NOT_CONTROLLER),
  )
  return new Map(
    answer.responses.map((one) => {
      const name = one.name ?? ''
      return [name, { name, error: adminError(one.errorCode, action('Deleting', 'DELETE', name), one.errorMessage) }]
    }),
  )
}

/** One round of adding partitions: to each topic up to its new count. */
export async function createPartitions(
  cluster: ClusterClient,
  counts: ReadonlyMap<string, number>,
  validateOnly: boolean,
  { timeoutMs }: Try,
): Promise<ReadonlyMap<string, TopicOutcome>> {
  const topics = [...counts].map(([name, count]) => ({ name, count, assignments: null }))
  const request = { topics, timeoutMs: Math.ceil(timeoutMs), validateOnly }
  const answer = await toController(cluster, CreatePartitions, request, timeoutMs, (one) =>
    one.results.some((topic) => topic.errorCode === ErrorCode.NOT_CONTROLLER),
  )
  return new Map(
    answer.results.map((one) => {
      const error = adminError(one.errorCode, action('Adding partitions to', 'ALTER', one.name), one.errorMessage)
      return [one.name, { name: one.name, error }]
    }),
  )
}

/** All topics of the cluster that this client may see. */
export async function listTopics(cluster: ClusterClient, { timeoutMs }: Try): Promise<readonly TopicListing[]> {
  const answer = await cluster.send(-1, Metadata, { topics: null, allowAutoTopicCreation: false }, { timeoutMs })
  return answer.topics.flatMap((one) =>
    one.name === null || one.errorCode !== ErrorCode.NONE
      ? []
      : [{ name: one.name, topicId: idOf(one.topicId), isInternal: one.isInternal }],
  )
}

/** One round of description. A topic that does not exist is never created by this. */
export async function describeTopics(
  cluster: ClusterClient,
  names: readonly string[],
  { timeoutMs }: Try,
): Promise<ReadonlyMap<string, TopicDescription>> {
  const topics = names.map((name) => ({ name }))
  const answer = await cluster.send(-1, Metadata, { topics, allowAutoTopicCreation: false }, { timeoutMs })
  return new Map(answer.topics.flatMap((one) => (one.name === null ? [] : [[one.name, description(one.name, one)]])))
}

/** Deletes records before offsets, once. Returned by `topic-partition`; partitions whose leader must be asked again lack. */
export async function deleteRecords(
  cluster: ClusterClient,
  offsets: readonly (TopicPartition & { readonly beforeOffset: number })[],
  keyOf: (partition: TopicPartition) => string,
  { timeoutMs }: Try,
): Promise<ReadonlyMap<string, DeletedRecords>> {
  await cluster.ensureTopics([...new Set(offsets.map((one) => one.topic))], { timeoutMs })
  const byLeader = Map.groupBy(offsets, (one) => cluster.leader(one.topic, one.partition))
  const found = new Map<string, DeletedRecords>()
  for (const [node, some] of byLeader) {
    const topics = [...groupByTopicWith(some)].map(([name, group]) => ({
      name,
      partitions: group.map((one) => ({ partitionIndex: one.partition, offset: one.beforeOffset })),
    }))
    const request = { topics, timeoutMs: Math.ceil(timeoutMs) }
    const answer = await cluster.send(node, DeleteRecords, request, { timeoutMs })
    for (const { name: topic, partitions } of answer.topics) {
      for (const { partitionIndex: partition, errorCode, lowWatermark } of partitions) {
        const error = adminError(errorCode, {
          ...action('Deleting records of', 'DELETE', topic),
          what: `Deleting records of ${topic}-${partition}`,
        })
        if (error?.staleMetadata === true) cluster.requestRefresh()
        found.set(keyOf({ topic, partition }), { topic, partition, lowWatermark, error })
      }
    }
  }
  return found
}

/** How the deletion of records of a partition ended. */
export interface DeletedRecords extends TopicPartition, Outcome {
  /** First offset that is left. */
  readonly lowWatermark: number
}

function description(name: string, topic: ResponseOf<typeof Metadata>['topics'][number]): TopicDescription {
  const partitions = topic.partitions.map((one) => ({
    partition: one.partitionIndex,
    leader: one.leaderId,
    replicas: one.replicaNodes,
    isr: one.isrNodes,
  }))
  return {
    name,
    topicId: idOf(topic.topicId),
    isInternal: topic.isInternal,
    partitions: partitions.sort((a, b) => a.partition - b.partition),
    error: adminError(topic.errorCode, action('Describing', 'DESCRIBE', name)),
  }
}

function action(doing: string, operation: string, name: string) {
  return { what: `${doing} topic ${name}`, operation, resource: 'topic', name } as const
}

function idOf(topicId: string): string | null {
  return topicId === ZERO_UUID ? null : topicId
}
