// The one request of the consumer group protocol (KIP-848), to whichever node coordinates the group.
import type { ClusterClient } from '../../cluster/index.ts'
import { KafkaException } from '../../errors.ts'
import { SOFTWARE } from '../../network/connect.ts'
import { ApiVersions, ConsumerGroupHeartbeat, ErrorCode, type ResponseOf } from '../../protocol/index.ts'
import { GROUP_LANE } from '../cluster-channel.ts'

/** Partitions of a topic, by the id of the topic. */
export interface TopicIdPartitions {
  readonly topicId: string
  readonly partitions: readonly number[]
}

/** What a heartbeat says; null and -1: as in the one before. */
export interface HeartbeatRequest {
  readonly memberId: string
  /** 0 joins; {@link LEAVE_EPOCH} and {@link STATIC_LEAVE_EPOCH} leave. */
  readonly memberEpoch: number
  readonly instanceId: string | null
  readonly rackId: string | null
  readonly rebalanceTimeoutMs: number
  readonly subscribedTopicNames: readonly string[] | null
  readonly subscribedTopicRegex: string | null
  readonly serverAssignor: string | null
  readonly topicPartitions: readonly TopicIdPartitions[] | null
}

export type HeartbeatAnswer = ResponseOf<typeof ConsumerGroupHeartbeat>

/** The member leaves, and its partitions go to others. */
export const LEAVE_EPOCH = -1
/** A static member leaves and means to come back: its partitions wait for it until the session timeout. */
export const STATIC_LEAVE_EPOCH = -2

/**
 * How a member reaches its coordinator. Error codes are in the answers; a call rejects when the coordinator could not be
 * found or reached, did not answer in time, or does not offer the protocol (`UnsupportedVersionException`).
 */
export interface ConsumerGroupChannel {
  heartbeat(request: HeartbeatRequest, timeoutMs?: number): Promise<HeartbeatAnswer>
  /** The coordinator moved or does not answer: the next request looks for it anew. */
  forgetCoordinator(): void
}

/** First version with subscriptions by regular expression. */
const REGEX_VERSION = 1

/** The channel over a cluster client. */
export class ClusterConsumerChannel implements ConsumerGroupChannel {
  readonly #cluster: ClusterClient
  readonly #groupId: string

  constructor(cluster: ClusterClient, groupId: string) {
    this.#cluster = cluster
    this.#groupId = groupId
  }

  async heartbeat(request: HeartbeatRequest, timeoutMs?: number): Promise<HeartbeatAnswer> {
    const node = await this.#cluster.coordinator('group', this.#groupId)
    const connection = await this.#cluster.connection(node, GROUP_LANE)
    if (!connection.offers(ConsumerGroupHeartbeat)) throw await this.#notOffered(node)
    const needsRegex = (request.subscribedTopicRegex ?? '') !== ''
    if (needsRegex && connection.version(ConsumerGroupHeartbeat) < REGEX_VERSION) throw noRegex(connection.address)
    const answer = await connection.send(
      ConsumerGroupHeartbeat,
      { groupId: this.#groupId, ...request },
      timeoutMs === undefined ? {} : { timeoutMs },
    )
    // A broker whose feature is not raised yet lists the request and refuses it.
    if (answer.errorCode === ErrorCode.UNSUPPORTED_VERSION) throw await this.#notOffered(node)
    return answer
  }

  forgetCoordinator(): void {
    this.#cluster.forgetCoordinator('group', this.#groupId)
  }

  async #notOffered(node: number): Promise<KafkaException> {
    const { address } = await this.#cluster.connection(node, GROUP_LANE)
    return new KafkaException(
      `group.protocol=consumer cannot be used with group "${this.#groupId}": broker ${address} ` +
        `does not offer the consumer group protocol of KIP-848 (${await this.#features(node)}). ` +
        'It needs Apache Kafka 4.0 or later with the feature group.version at 1 or more (kafka-features.sh --bootstrap-server ' +
        'HOST:PORT upgrade --feature group.version=1). Raise it there, or set group.protocol=classic.',
      { exception: 'UnsupportedVersionException', errorCode: ErrorCode.UNSUPPORTED_VERSION },
    )
  }

  /** What the broker says of its age. Brokers do not tell their release; the feature levels come nearest. */
  async #features(node: number): Promise<string> {
    const { finalizedFeatures } = await this.#cluster.send(node, ApiVersions, SOFTWARE)
    const level = (name: string) => finalizedFeatures.find((one) => one.name === name)?.maxVersionLevel
    const told = ['metadata.version', 'group.version'].map((name) => `${name} ${level(name) ?? 'not set'}`)
    return `its features: ${told.join(', ')}`
  }
}

/** True when every broker that can be asked takes regular expressions; asked of one, as a cluster has one release. */
export async function takesRegex(cluster: ClusterClient): Promise<boolean> {
  const connection = await cluster.connection(-1)
  return connection.offers(ConsumerGroupHeartbeat) && connection.version(ConsumerGroupHeartbeat) >= REGEX_VERSION
}

function noRegex(address: string): KafkaException {
  return new KafkaException(
    `Group coordinator ${address} does not evaluate regular expressions: it speaks version 0 of ConsumerGroupHeartbeat.`,
    { exception: 'UnsupportedVersionException', retriable: true },
  )
}
