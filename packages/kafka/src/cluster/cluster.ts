// The cluster client: bootstrap, metadata, connections and coordinators in one view.
import { errorMessage, type Logger } from '@millrace/api'
import { type BackoffOptions, backoffMs, wait } from '../backoff.ts'
import { brokerError, disconnected, isRetriable, KafkaException, timedOut } from '../errors.ts'
import { type ConnectOptions, connect } from '../network/connect.ts'
import type { Connection } from '../network/connection.ts'
import type { Api } from '../protocol/api.ts'
import { ErrorCode, errorCodeInfo } from '../protocol/error-codes.ts'
import { Metadata } from '../protocol/messages/metadata.ts'
import { type ClusterClient, type CoordinatorKind, DATA_LANE, type SendToNode } from './cluster-client.ts'
import { Coordinators } from './coordinators.ts'
import { isUsable, MetadataCache, type TopicMetadata } from './metadata-cache.ts'
import { NodePool } from './node-pool.ts'

/** Settings of a cluster client; times in milliseconds. */
export interface ClusterOptions extends ConnectOptions {
  readonly bootstrap: readonly { readonly host: string; readonly port: number }[]
  readonly retryBackoff: BackoffOptions
  readonly reconnectBackoff: BackoffOptions
  readonly metadataMaxAgeMs: number
  readonly log: Logger
}

/** Options of {@link Cluster.ensureTopics}. */
interface EnsureOptions {
  readonly signal?: AbortSignal
  readonly timeoutMs?: number
  readonly allowAutoCreate?: boolean
  /** False for topics that are to be asked for although they are known. */
  readonly isFresh?: (name: string) => boolean
}

const DEFAULT_ENSURE_MS = 60_000

/** Makes a cluster client. Nothing is connected until it is used. */
export function createCluster(options: ClusterOptions): ClusterClient {
  return new Cluster(options)
}

/** Names that are asked for together. */
interface LookUp {
  readonly names: Set<string>
  readonly done: Promise<void>
}

/** See {@link createCluster}. */
export class Cluster implements ClusterClient {
  readonly clientId: string
  readonly common = undefined
  readonly #options: ClusterOptions
  readonly #cache = new MetadataCache()
  readonly #pool: NodePool
  readonly #coordinators: Coordinators
  /** Topics of interest, and whether a broker may create them. */
  readonly #wanted = new Map<string, boolean>()
  readonly #listeners = new Set<(asked: readonly string[]) => void>()
  readonly #closing = new AbortController()
  #refreshing: Promise<void> | null = null
  /** Not sent yet: waits for the one before it. */
  #gathering: LookUp | null = null
  #lastLookUp: Promise<void> = Promise.resolve()
  #scheduled = false
  #failedRefreshes = 0
  #ageTimer: NodeJS.Timeout | null = null

  constructor(options: ClusterOptions) {
    this.clientId = options.clientId
    this.#options = options
    this.#pool = new NodePool(
      (host, port, clientId = options.clientId) => connect(host, port, { ...options, clientId }),
      options.reconnectBackoff,
    )
    this.#coordinators = new Coordinators((api, request) => this.send(-1, api, request), options.retryBackoff)
  }

  get clusterId(): string | null {
    return this.#cache.clusterId
  }
  nodes(): readonly number[] {
    return this.#cache.nodes().map((node) => node.id)
  }
  topic(name: string): TopicMetadata | undefined {
    return this.#cache.topic(name)
  }
  topicById(id: string): TopicMetadata | undefined {
    return this.#cache.topicById(id)
  }
  leader(topic: string, partition: number): number {
    return this.#cache.leader(topic, partition)
  }
  applyLeader(topic: string, partition: number, leader: number, leaderEpoch: number): void {
    this.#cache.applyLeader(topic, partition, leader, leaderEpoch)
  }
  /** The listener is told the topics that were asked for. */
  onMetadata(listener: (asked: readonly string[]) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
  forgetTopics(names: readonly string[]): void {
    for (const name of names) {
      this.#wanted.delete(name)
      this.#cache.forget(name)
    }
  }

  async ensureTopics(names: readonly string[], options: EnsureOptions = {}): Promise<void> {
    const { allowAutoCreate = false, isFresh = () => true } = options
    for (const name of names) this.#wanted.set(name, allowAutoCreate || (this.#wanted.get(name) ?? false))
    const deadline = performance.now() + (options.timeoutMs ?? DEFAULT_ENSURE_MS)
    const signal = this.#signal(options.signal)
    for (let attempt = 0, last: unknown; ; attempt++) {
      const isMissing = (name: string) => !isUsable(this.#cache.topic(name)) || (attempt === 0 && !isFresh(name))
      const missing = names.filter(isMissing)
      if (missing.length === 0) return
      if (attempt > 0) {
        const pause = backoffMs(this.#options.retryBackoff, attempt - 1)
        if (performance.now() + pause > deadline) throw this.#notKnown(missing, last)
        await wait(pause, signal)
      }
      signal.throwIfAborted()
      try {
        await this.#lookUp(missing)
        this.#refuseHopeless(names)
        last = undefined
      } catch (error) {
        if (!isRetriable(error)) throw error
        last = error
      }
    }
  }

  async allTopics(): Promise<readonly string[]> {
    const answer = await this.send(-1, Metadata, { topics: null, allowAutoTopicCreation: false })
    return answer.topics.flatMap((one) => (one.name === null || one.errorCode !== ErrorCode.NONE ? [] : [one.name]))
  }

  refresh(): Promise<void> {
    this.#refreshing ??= this.#refreshOnce().finally(() => {
      this.#refreshing = null
    })
    return this.#refreshing
  }
  requestRefresh(): void {
    if (this.#scheduled || this.#closing.signal.aborted) return
    this.#scheduled = true
    const pause = backoffMs(this.#options.retryBackoff, this.#failedRefreshes)
    setTimeout(() => {
      this.#scheduled = false
      this.refresh().catch((error: unknown) => {
        this.#options.log.debug(`Metadata could not be refreshed: ${errorMessage(error)}`)
        this.requestRefresh()
      })
    }, pause).unref()
  }

  async send<Req, ReqIn, Res, ResIn>(
    node: number,
    api: Api<Req, ReqIn, Res, ResIn>,
    request: ReqIn,
    options: SendToNode = {},
  ): Promise<Res> {
    return (await this.connection(node, options.lane)).send(api, request, options)
  }
  /** @param clientId in whose name the connection of the lane is opened, if it is not the cluster's own client */
  async connection(node: number, lane?: string, clientId?: string): Promise<Connection> {
    if (node < 0) return this.#any()
    if (this.#cache.node(node) === undefined) await this.refresh()
    const address = this.#cache.node(node)
    if (address === undefined) {
      throw new KafkaException(`Broker ${node} is not in the metadata of the cluster`, {
        exception: 'BrokerNotAvailableException',
        retriable: true,
        staleMetadata: true,
      })
    }
    const key = lane === undefined || lane === DATA_LANE ? String(node) : `${node}/${lane}`
    return this.#pool.get(key, address.host, address.port, clientId)
  }
  /** Closes the connections of lanes whose names begin so. */
  closeLanes(prefix: string): void {
    this.#pool.drop((key) => key.split('/')[1]?.startsWith(prefix) === true)
  }
  coordinator(kind: CoordinatorKind, key: string): Promise<number> {
    return this.#coordinators.find(kind, key)
  }
  forgetCoordinator(kind: CoordinatorKind, key: string): void {
    this.#coordinators.forget(kind, key)
  }
  async close(): Promise<void> {
    if (this.#ageTimer !== null) clearTimeout(this.#ageTimer)
    this.#closing.abort(disconnected('This Kafka client is closed'))
    this.#pool.close()
  }

  /** Any broker that answers: an open connection first, then known nodes, then the bootstrap list. */
  async #any(): Promise<Connection> {
    const nodes = this.#cache.nodes().map((node) => ({ key: String(node.id), host: node.host, port: node.port }))
    const bootstrap = this.#options.bootstrap.map((one) => ({ key: `${one.host}:${one.port}`, ...one }))
    for (const { key } of [...nodes, ...bootstrap]) {
      const open = this.#pool.peek(key)
      if (open !== undefined) return open
    }
    const failures: { address: string; error: unknown }[] = []
    for (const { key, host, port } of [...nodes, ...bootstrap]) {
      try {
        return await this.#pool.get(key, host, port)
      } catch (error) {
        failures.push({ address: `${host}:${port}`, error })
      }
    }
    throw unreachable(failures)
  }

  /** Asks for these topics alone, together with all that is wanted until it is sent. */
  #lookUp(names: readonly string[]): Promise<void> {
    if (this.#gathering === null) {
      const gathered = new Set<string>()
      const done = this.#lastLookUp.then(async () => {
        this.#gathering = null
        await this.#update([...gathered])
      })
      this.#lastLookUp = done.catch(() => {})
      this.#gathering = { names: gathered, done }
    }
    for (const name of names) this.#gathering.names.add(name)
    return this.#gathering.done
  }
  #refreshOnce(): Promise<void> {
    return this.#update([...this.#wanted.keys()])
  }
  async #update(topics: readonly string[]): Promise<void> {
    try {
      this.#closing.signal.throwIfAborted()
      for (const allowAutoTopicCreation of [false, true]) {
        const names = topics.filter((name) => (this.#wanted.get(name) ?? false) === allowAutoTopicCreation)
        // A request is made even for no topics: it tells the nodes.
        if (names.length > 0 || (topics.length === 0 && !allowAutoTopicCreation)) {
          await this.#ask(names, allowAutoTopicCreation)
        }
      }
      this.#failedRefreshes = 0
      this.#refreshBeforeTooOld()
    } catch (error) {
      this.#failedRefreshes++
      throw error
    }
    for (const listener of this.#listeners) listener(topics)
  }
  async #ask(names: readonly string[], allowAutoTopicCreation: boolean): Promise<void> {
    const topics = names.map((name) => ({ name }))
    this.#cache.apply(await this.send(-1, Metadata, { topics, allowAutoTopicCreation }))
  }
  #refreshBeforeTooOld(): void {
    if (this.#ageTimer !== null) clearTimeout(this.#ageTimer)
    this.#ageTimer = setTimeout(() => this.requestRefresh(), this.#options.metadataMaxAgeMs)
    this.#ageTimer.unref()
  }

  /** Errors of a topic that no retry mends. */
  #refuseHopeless(names: readonly string[]): void {
    for (const name of names) {
      const code = this.#cache.topic(name)?.errorCode ?? ErrorCode.NONE
      if (code !== ErrorCode.NONE && !errorCodeInfo(code).retriable) throw brokerError(code, `Asking for topic ${name}`)
    }
  }
  #notKnown(missing: readonly string[], last: unknown): KafkaException {
    const reasons = missing.map((name) => {
      const topic = this.#cache.topic(name)
      if (topic === undefined) return `${name} is not known`
      if (topic.errorCode !== ErrorCode.NONE) return `${name}: ${errorCodeInfo(topic.errorCode).name}`
      return `${name} has partitions without a leader`
    })
    return timedOut(
      `${last === undefined ? reasons.join('; ') : errorMessage(last)} (waited for topics ${missing.join(', ')})`,
      last,
    )
  }
  #signal(own: AbortSignal | undefined): AbortSignal {
    return own === undefined ? this.#closing.signal : AbortSignal.any([own, this.#closing.signal])
  }
}

/** One error for all brokers that could not be reached; not retriable only if no attempt was. */
function unreachable(failures: readonly { readonly address: string; readonly error: unknown }[]): unknown {
  const only = failures[0]
  if (failures.length === 1 && only !== undefined) return only.error
  const hopeless = failures.find(({ error }) => !isRetriable(error))
  const reasons = failures.map(({ address, error }) => `${address}: ${errorMessage(error)}`).join('; ')
  const message = `None of the brokers could be reached: ${reasons}`
  return hopeless === undefined
    ? disconnected(message, only?.error)
    : new KafkaException(message, { cause: hopeless.error })
}
