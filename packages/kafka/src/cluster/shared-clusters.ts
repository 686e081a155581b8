// One cluster client for many clients: they share metadata and the connections that carry short requests, and each has its own
// for what a broker may hold back or what fills a connection.
import type { Logger } from '@millrace/api'
import { disconnected } from '../errors.ts'
import type { Connection } from '../network/connection.ts'
import type { Api } from '../protocol/api.ts'
import { Cluster, type ClusterOptions } from './cluster.ts'
import type { ClusterClient, CommonGround, CoordinatorKind, SendToNode } from './cluster-client.ts'
import type { TopicMetadata } from './metadata-cache.ts'

/** A cluster client and who uses it. */
interface Shared {
  readonly cluster: Cluster
  readonly common: CommonGround
  /** How many views want each topic. */
  readonly topics: Map<string, number>
  views: number
}

/** Of what is asked for nobody alone. */
const CLIENT_ID = 'millrace-shared'

/**
 * Cluster clients by their settings. A broker answers the requests of one connection in turn: what is shared is asked rarely and
 * answered at once (metadata, offsets, coordinators). Records out, fetches and group membership have lanes of their own, by
 * client. Each request carries the id of the client that asks, as quotas and logs of brokers have it.
 */
export class SharedClusters {
  readonly #log: Logger
  readonly #shared = new Map<string, Shared>()
  #viewsMade = 0

  /** @param log for what happens to shared connections, which is no single client's business */
  constructor(log: Logger) {
    this.#log = log
  }

  /** How many cluster clients there are: one for each kind of settings that is in use. */
  get size(): number {
    return this.#shared.size
  }

  /** A client's view of the cluster that all clients share whose settings are the `same`. */
  view(same: string, options: ClusterOptions): ClusterClient {
    let shared = this.#shared.get(same)
    if (shared === undefined) {
      const cluster = new Cluster({ ...options, clientId: CLIENT_ID, log: this.#log })
      shared = { cluster, common: { cluster, things: new Map() }, topics: new Map(), views: 0 }
      this.#shared.set(same, shared)
    }
    shared.views++
    const { cluster } = shared
    return new View(shared, options.clientId, this.#viewsMade++, async (last) => {
      if (!last) return
      this.#shared.delete(same)
      await cluster.close()
    })
  }
}

class View implements ClusterClient {
  readonly clientId: string
  readonly #shared: Shared
  readonly #lanes: string
  readonly #closed: (last: boolean) => Promise<void>
  /** Topics of interest, and whether an answer about them came since: what others learnt long before is not told. */
  readonly #topics = new Map<string, boolean>()
  readonly #listening = new Set<() => void>()
  readonly #closing = new AbortController()

  constructor(shared: Shared, clientId: string, number: number, closed: (last: boolean) => Promise<void>) {
    this.#shared = shared
    this.clientId = clientId
    this.#lanes = `${number}.`
    this.#closed = closed
    // Before all other listeners: they find what they hear of.
    this.#listening.add(
      shared.cluster.onMetadata((asked) => {
        for (const name of asked) if (this.#topics.has(name)) this.#topics.set(name, true)
      }),
    )
  }

  get common(): CommonGround {
    return this.#shared.common
  }
  get clusterId(): string | null {
    return this.#shared.cluster.clusterId
  }
  nodes(): readonly number[] {
    return this.#shared.cluster.nodes()
  }
  topic(name: string): TopicMetadata | undefined {
    return this.#topics.get(name) === true ? this.#shared.cluster.topic(name) : undefined
  }
  topicById(id: string): TopicMetadata | undefined {
    return this.#shared.cluster.topicById(id)
  }
  leader(topic: string, partition: number): number {
    return this.#shared.cluster.leader(topic, partition)
  }
  applyLeader(topic: string, partition: number, leader: number, leaderEpoch: number): void {
    this.#shared.cluster.applyLeader(topic, partition, leader, leaderEpoch)
  }
  ensureTopics(
    names: readonly string[],
    options: { readonly signal?: AbortSignal; readonly timeoutMs?: number; readonly allowAutoCreate?: boolean } = {},
  ): Promise<void> {
    for (const name of names) this.#want(name)
    const closing = this.#closing.signal
    const signal = options.signal === undefined ? closing : AbortSignal.any([options.signal, closing])
    return this.#shared.cluster.ensureTopics(names, {
      ...options,
      signal,
      isFresh: (name) => this.#topics.get(name) === true,
    })
  }
  allTopics(): Promise<readonly string[]> {
    return this.#shared.cluster.allTopics()
  }
  forgetTopics(names: readonly string[]): void {
    const { cluster, topics } = this.#shared
    for (const name of names) {
      if (!this.#topics.delete(name)) continue
      const left = (topics.get(name) ?? 1) - 1
      if (left > 0) {
        topics.set(name, left)
      } else {
        topics.delete(name)
        cluster.forgetTopics([name])
      }
    }
  }
  refresh(): Promise<void> {
    return this.#shared.cluster.refresh()
  }
  requestRefresh(): void {
    this.#shared.cluster.requestRefresh()
  }
  onMetadata(listener: () => void): () => void {
    const stopShared = this.#shared.cluster.onMetadata((asked) => {
      // What others ask for is none of this client's business.
      if (asked.length === 0 || asked.some((name) => this.#topics.has(name))) listener()
    })
    const stop = () => {
      stopShared()
      this.#listening.delete(stop)
    }
    this.#listening.add(stop)
    return stop
  }
  async send<Req, ReqIn, Res, ResIn>(
    node: number,
    api: Api<Req, ReqIn, Res, ResIn>,
    request: ReqIn,
    options: SendToNode = {},
  ): Promise<Res> {
    const { timeoutMs } = options
    const connection = await this.connection(node, options.lane)
    const named = { clientId: this.clientId, ...(timeoutMs !== undefined && { timeoutMs }) }
    const answer = await connection.send(api, request, named)
    this.#closing.signal.throwIfAborted()
    return answer
  }
  async connection(node: number, lane?: string): Promise<Connection> {
    this.#closing.signal.throwIfAborted()
    const { cluster } = this.#shared
    return lane === undefined
      ? cluster.connection(node)
      : cluster.connection(node, `${this.#lanes}${lane}`, this.clientId)
  }
  coordinator(kind: CoordinatorKind, key: string): Promise<number> {
    return this.#shared.cluster.coordinator(kind, key)
  }
  forgetCoordinator(kind: CoordinatorKind, key: string): void {
    this.#shared.cluster.forgetCoordinator(kind, key)
  }
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return
    this.#closing.abort(disconnected('This Kafka client is closed'))
    for (const stop of this.#listening) stop()
    this.forgetTopics([...this.#topics.keys()])
    this.#shared.cluster.closeLanes(this.#lanes)
    await this.#closed(--this.#shared.views === 0)
  }

  #want(name: string): void {
    if (this.#topics.has(name)) return
    this.#topics.set(name, false)
    const { topics } = this.#shared
    topics.set(name, (topics.get(name) ?? 0) + 1)
  }
}
