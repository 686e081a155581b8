// What producer, consumer and admin need of the cluster: metadata, a connection per node, coordinators.
import type { Connection } from '../network/connection.ts'
import type { Api } from '../protocol/api.ts'
import type { TopicMetadata } from './metadata-cache.ts'

/** Options of a request to a node. */
export interface SendToNode {
  /** Instead of `request.timeout.ms`. */
  readonly timeoutMs?: number
  /**
   * Name of a connection of its own to the node. A broker answers the requests of one connection in turn, so what it may
   * hold back for long (JoinGroup, a fetch that waits for records) must not stand before what is urgent.
   */
  readonly lane?: string
}

/**
 * The lane of what carries records out. A client that has its cluster for itself sends it over the main connection; one that
 * shares its cluster with others has a connection of its own for it, so that nobody's requests wait behind another's records.
 */
export const DATA_LANE = 'data'

/** Kinds of coordinator. */
export type CoordinatorKind = 'group' | 'transaction'

/** What clients that share a cluster have in common beside its connections. */
export interface CommonGround {
  /** The shared cluster itself, with lanes that belong to no single client. */
  readonly cluster: ClusterClient
  /** What they make for all of them, by a name that says for whom it fits. */
  readonly things: Map<string, unknown>
}

/** A client's view of the cluster. One per client; shared by its parts. */
export interface ClusterClient {
  readonly clientId: string
  /** Undefined for a client that has its cluster for itself. */
  readonly common: CommonGround | undefined
  /** What is known of a topic, or undefined. Reading asks nobody. */
  topic(name: string): TopicMetadata | undefined
  /** The topic of an id (Fetch from version 13 on names topics so), or undefined. */
  topicById(id: string): TopicMetadata | undefined
  /** Node that leads a partition, or -1 when none is known. */
  leader(topic: string, partition: number): number
  /**
   * Makes sure that these topics are known and have leaders; they are refreshed from then on.
   * @throws KafkaException `TimeoutException` with the last reason, `TopicAuthorizationException`, `InvalidTopicException`
   */
  ensureTopics(
    names: readonly string[],
    options?: { readonly signal?: AbortSignal; readonly timeoutMs?: number; readonly allowAutoCreate?: boolean },
  ): Promise<void>
  /** Asks for all topics of the cluster, by name. They are not kept. */
  allTopics(): Promise<readonly string[]>
  /** Forgets topics that are no longer of interest. */
  forgetTopics(names: readonly string[]): void
  /** Refreshes metadata now (joined with a refresh under way) and waits for it. */
  refresh(): Promise<void>
  /** Refreshes metadata soon; calls in quick succession make one request, with backoff between them. */
  requestRefresh(): void
  /** Takes a newer leader from an answer (KIP-951), when its epoch is newer than what is known. */
  applyLeader(topic: string, partition: number, leader: number, leaderEpoch: number): void
  /** Called after every refresh. Returns how to stop that. */
  onMetadata(listener: () => void): () => void
  /** Id of the cluster, once any broker answered. */
  readonly clusterId: string | null
  /** Node ids of all brokers known. */
  nodes(): readonly number[]
  /** Sends a request in the highest common version; node -1 is any broker that answers. */
  send<Req, ReqIn, Res, ResIn>(
    node: number,
    api: Api<Req, ReqIn, Res, ResIn>,
    request: ReqIn,
    options?: SendToNode,
  ): Promise<Res>
  /** The open connection to a node (to a lane of it, see {@link SendToNode.lane}), made if needed. */
  connection(node: number, lane?: string): Promise<Connection>
  /** Node of a coordinator, asked for and remembered. */
  coordinator(kind: CoordinatorKind, key: string): Promise<number>
  /** The coordinator moved: ask again next time. */
  forgetCoordinator(kind: CoordinatorKind, key: string): void
  /** Closes all connections; requests in flight are rejected. Safe to call again. */
  close(): Promise<void>
}
