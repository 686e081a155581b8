// What is known of topics and nodes. Newer leader epochs win, whatever the order in which answers arrive.
import type { ResponseOf } from '../protocol/api.ts'
import { ErrorCode } from '../protocol/error-codes.ts'
import type { Metadata } from '../protocol/messages/metadata.ts'
import { ZERO_UUID } from '../protocol/types.ts'

/** One partition of a topic. */
export interface PartitionMetadata {
  readonly index: number
  /** Node id, or -1 without a leader. */
  readonly leader: number
  /** -1 when the broker does not tell. */
  readonly leaderEpoch: number
  readonly replicas: readonly number[]
  readonly isr: readonly number[]
  readonly errorCode: number
}

/** One topic; partitions stand at their index. */
export interface TopicMetadata {
  readonly name: string
  /** UUID text, or null from a broker without topic ids. */
  readonly topicId: string | null
  readonly errorCode: number
  readonly isInternal: boolean
  readonly partitions: readonly PartitionMetadata[]
}

/** Address of a broker. */
export interface NodeAddress {
  readonly id: number
  readonly host: string
  readonly port: number
}

/** The cache. */
export class MetadataCache {
  readonly #topics = new Map<string, TopicMetadata>()
  readonly #names = new Map<string, string>()
  #nodes = new Map<number, NodeAddress>()
  clusterId: string | null = null
  controllerId = -1

  topic(name: string): TopicMetadata | undefined {
    return this.#topics.get(name)
  }
  topicById(id: string): TopicMetadata | undefined {
    const name = this.#names.get(id)
    return name === undefined ? undefined : this.#topics.get(name)
  }
  node(id: number): NodeAddress | undefined {
    return this.#nodes.get(id)
  }
  nodes(): NodeAddress[] {
    return [...this.#nodes.values()]
  }
  leader(topic: string, partition: number): number {
    return this.#topics.get(topic)?.partitions[partition]?.leader ?? -1
  }

  /** Takes a broker's answer. */
  apply(answer: ResponseOf<typeof Metadata>): void {
    this.#nodes = new Map(answer.brokers.map((one) => [one.nodeId, { id: one.nodeId, host: one.host, port: one.port }]))
    this.clusterId = answer.clusterId ?? this.clusterId
    this.controllerId = answer.controllerId
    for (const topic of answer.topics) if (topic.name !== null) this.#take(topic.name, topic)
  }
  forget(name: string): void {
    const id = this.#topics.get(name)?.topicId
    if (id !== undefined && id !== null) this.#names.delete(id)
    this.#topics.delete(name)
  }
  /** Takes a leader from another answer when it is newer. */
  applyLeader(name: string, partition: number, leader: number, leaderEpoch: number): void {
    const topic = this.#topics.get(name)
    const known = topic?.partitions[partition]
    if (topic === undefined || known === undefined || leaderEpoch <= known.leaderEpoch) return
    this.#topics.set(name, {
      ...topic,
      partitions: topic.partitions.with(partition, { ...known, leader, leaderEpoch }),
    })
  }

  #take(name: string, answer: ResponseOf<typeof Metadata>['topics'][number]): void {
    const known = this.#topics.get(name)
    const topicId = answer.topicId === ZERO_UUID ? null : answer.topicId
    // A topic that was deleted and made again has a new id, and its epochs begin anew.
    const same = known !== undefined && known.topicId === topicId
    const partitions: PartitionMetadata[] = []
    for (const one of answer.partitions) {
      const before = same ? known.partitions[one.partitionIndex] : undefined
      const older = before !== undefined && one.leaderEpoch >= 0 && one.leaderEpoch < before.leaderEpoch
      partitions[one.partitionIndex] = older ? before : partitionOf(one)
    }
    if (known?.topicId != null && !same) this.#names.delete(known.topicId)
    this.#topics.set(name, { name, topicId, errorCode: answer.errorCode, isInternal: answer.isInternal, partitions })
    if (topicId !== null) this.#names.set(topicId, name)
  }
}

function partitionOf(answer: ResponseOf<typeof Metadata>['topics'][number]['partitions'][number]): PartitionMetadata {
  return {
    index: answer.partitionIndex,
    leader: answer.leaderId,
    leaderEpoch: answer.leaderEpoch,
    replicas: answer.replicaNodes,
    isr: answer.isrNodes,
    errorCode: answer.errorCode,
  }
}

/** True when a topic can be worked with: no error, and every partition has a leader. */
export function isUsable(topic: TopicMetadata | undefined): boolean {
  return (
    topic !== undefined &&
    topic.errorCode === ErrorCode.NONE &&
    topic.partitions.length > 0 &&
    topic.partitions.every((one) => one.leader >= 0)
  )
}
