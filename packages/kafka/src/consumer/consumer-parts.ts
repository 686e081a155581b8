// Builds the parts of a consumer from its configuration, ties them together, and takes them apart in order.
import { errorMessage, type Logger, silentLogger } from '@millrace/api'
import { backoffMs, wait } from '../backoff.ts'
import type { ClusterClient, SharedClusters } from '../cluster/index.ts'
import { parseClientConfig } from '../config/client-config.ts'
import { COMMON_KEYS } from '../config/common.ts'
import { CONSUMER_KEYS, checkConsumerValues, dividedByCoordinator, parseOffsetReset } from '../config/consumer.ts'
import { isRetriable } from '../errors.ts'
import { createAssignor } from '../group/assignors/index.ts'
import { ClusterChannel } from '../group/cluster-channel.ts'
import { ClusterConsumerChannel, type ConsumerMemberOptions } from '../group/consumer/index.ts'
import { CONSUMER_PROTOCOL_TYPE } from '../group/consumer-protocol.ts'
import { AutoCommit } from './auto-commit.ts'
import { Bell } from './bell.ts'
import { NO_MEMBER, type OffsetToCommit } from './committed-offsets.ts'
import { CoordinatorAssigned } from './coordinator-assigned.ts'
import { Fetcher } from './fetcher.ts'
import { GroupCoordination, type GroupCoordinationOptions } from './group-coordination.ts'
import { leaderEpoch } from './list-offsets.ts'
import type { Membership } from './membership.ts'
import { OffsetCalls } from './offset-calls.ts'
import { Positions } from './positions.ts'
import { SubscribedTopics } from './subscribed-topics.ts'
import { Subscription } from './subscription.ts'

/** What a consumer takes beside its properties. */
export interface ConsumerOptions {
  readonly log?: Logger
  /** A cluster client to share; it is not closed with the consumer. */
  readonly cluster?: ClusterClient
  /** Where clients of the same settings share connections and metadata. */
  readonly clusters?: SharedClusters
}

const KEYS = COMMON_KEYS.merge(CONSUMER_KEYS)
/** A commit before partitions are given up must not hold the group's rebalance for long. */
const AUTO_COMMIT_MS = 5_000
let unnamed = 0

export class ConsumerParts {
  readonly values: ReturnType<typeof KEYS.parse>
  readonly cluster: ClusterClient
  readonly subscription = new Subscription()
  readonly bell = new Bell()
  readonly topics: SubscribedTopics
  readonly positions: Positions
  readonly fetcher: Fetcher
  readonly offsetCalls: OffsetCalls
  readonly group: Membership | undefined
  readonly autoCommit: AutoCommit | undefined
  readonly readCommitted: boolean
  readonly #log: Logger
  readonly #ownsCluster: boolean
  readonly #closing = new AbortController()
  readonly #stopListening: () => void
  #lookUp = new AbortController()
  #failure: unknown
  #patternTimer: NodeJS.Timeout | undefined

  constructor(props: Readonly<Record<string, string>>, options: ConsumerOptions) {
    this.#log = options.log ?? silentLogger
    const config = parseClientConfig('consumer', KEYS, withClientId(props), this.#log)
    const values = config.own
    checkConsumerValues(values, config.given)
    this.values = values
    this.readCommitted = values['isolation.level'] === 'read_committed'
    this.#ownsCluster = options.cluster === undefined
    this.cluster = options.cluster ?? config.openCluster(options.clusters)
    const backoff = { initialMs: values['retry.backoff.ms'], maxMs: values['retry.backoff.max.ms'] }
    const requestTimeoutMs = values['request.timeout.ms']
    const wake = () => this.bell.ring()
    const shared = { cluster: this.cluster, subscription: this.subscription, backoff, requestTimeoutMs, log: this.#log }
    this.topics = new SubscribedTopics({
      ...shared,
      excludeInternal: values['exclude.internal.topics'],
      allowAutoCreate: values['allow.auto.create.topics'],
      byCoordinator: dividedByCoordinator(values),
    })
    this.positions = new Positions({
      ...shared,
      groupId: values['group.id'],
      reader: () => (this.subscription.byGroup ? this.group?.reader() : undefined),
      reset: parseOffsetReset(values['auto.offset.reset'])!,
      readCommitted: this.readCommitted,
      wake: () => {
        this.fetcher.changed()
        wake()
      },
    })
    this.fetcher = new Fetcher({
      ...shared,
      positions: this.positions,
      minBytes: values['fetch.min.bytes'],
      maxWaitMs: values['fetch.max.wait.ms'],
      maxBytes: values['fetch.max.bytes'],
      maxPartitionBytes: values['max.partition.fetch.bytes'],
      prefetchBytes: values['prefetch.max.bytes'],
      readCommitted: this.readCommitted,
      checkCrcs: values['check.crcs'],
      wake,
    })
    this.offsetCalls = new OffsetCalls({ ...shared, readCommitted: this.readCommitted })
    this.group = values['group.id'] === null ? undefined : this.#makeGroup(values['group.id'], wake)
    // Without a group nothing can be committed; the default of the key is meant for groups.
    this.autoCommit = this.group !== undefined && values['enable.auto.commit'] ? this.#makeAutoCommit() : undefined
    this.#stopListening = this.cluster.onMetadata(() => this.#metadata())
  }

  /** Looks up the topics of the present subscription or assignment, in the background, until it succeeds. */
  lookUpTopics(): void {
    this.#lookUp.abort()
    this.#lookUp = new AbortController()
    void this.#keepLookingUp(AbortSignal.any([this.#lookUp.signal, this.#closing.signal]))
  }

  /** @throws an error of work in the background that the caller must hear of, once */
  throwFailure(): void {
    const failure = this.#failure
    this.#failure = undefined
    if (failure !== undefined) throw failure
  }

  /** Milliseconds until something is due that no bell announces. */
  nextDueMs(): number {
    const { notBefore } = this.positions
    const now = performance.now()
    return notBefore > now ? notBefore - now : Number.POSITIVE_INFINITY
  }

  /** Positions of all assigned partitions that have one. */
  positionsToCommit(): OffsetToCommit[] {
    const offsets: OffsetToCommit[] = []
    for (const { topic, partition, position } of this.subscription.states()) {
      if (position.offset >= 0) offsets.push({ topic, partition, offset: position.offset, leaderEpoch: position.epoch })
    }
    return offsets
  }

  async close(timeoutMs: number): Promise<void> {
    clearTimeout(this.#patternTimer)
    let error: unknown
    try {
      if (this.subscription.byGroup) {
        const stay = !this.values['internal.leave.group.on.close']
        await this.group?.leave('the consumer is being closed', { timeoutMs, stay })
      } else {
        await this.autoCommit?.now()
      }
    } catch (thrown) {
      error = thrown
    }
    this.#closing.abort()
    this.#stopListening()
    this.group?.destroy()
    this.fetcher.close()
    this.subscription.clear()
    if (this.#ownsCluster) await this.cluster.close()
    if (error !== undefined) throw error
  }

  #makeGroup(groupId: string, wake: () => void): Membership {
    const { subscription, topics } = this
    const signal = this.#closing.signal
    const shared = {
      subscription,
      topics,
      beforeRevoke: async () => this.autoCommit?.now(),
      wake,
      signal,
      log: this.#log,
    }
    return dividedByCoordinator(this.values)
      ? new CoordinatorAssigned({ ...shared, cluster: this.cluster, member: this.#coordinatedMember(groupId) })
      : this.#classicGroup(groupId, shared)
  }

  #coordinatedMember(groupId: string): ConsumerMemberOptions {
    const { values, cluster } = this
    const assignor = values['group.remote.assignor']
    return {
      groupId,
      groupInstanceId: values['group.instance.id'],
      rackId: values['client.rack'] === '' ? null : values['client.rack'],
      serverAssignor: assignor === '' ? null : assignor,
      maxPollIntervalMs: values['max.poll.interval.ms'],
      backoff: { initialMs: values['retry.backoff.ms'], maxMs: values['retry.backoff.max.ms'] },
      log: this.#log,
      channel: new ClusterConsumerChannel(cluster, groupId),
    }
  }

  #classicGroup(
    groupId: string,
    shared: Omit<GroupCoordinationOptions, 'member' | 'assignors' | 'rackId'>,
  ): GroupCoordination {
    const { values, cluster } = this
    const sessionTimeoutMs = values['session.timeout.ms']
    const maxPollIntervalMs = values['max.poll.interval.ms']
    return new GroupCoordination({
      member: {
        groupId,
        groupInstanceId: values['group.instance.id'],
        sessionTimeoutMs,
        heartbeatIntervalMs: values['heartbeat.interval.ms'],
        maxPollIntervalMs,
        backoff: { initialMs: values['retry.backoff.ms'], maxMs: values['retry.backoff.max.ms'] },
        log: this.#log,
        channel: new ClusterChannel({
          cluster,
          groupId,
          protocolType: CONSUMER_PROTOCOL_TYPE,
          sessionTimeoutMs,
          rebalanceTimeoutMs: maxPollIntervalMs,
          requestTimeoutMs: values['request.timeout.ms'],
        }),
      },
      assignors: values['partition.assignment.strategy'].map((name) => createAssignor(name)!),
      rackId: values['client.rack'] === '' ? null : values['client.rack'],
      ...shared,
    })
  }

  #makeAutoCommit(): AutoCommit {
    return new AutoCommit({
      intervalMs: this.values['auto.commit.interval.ms'],
      log: this.#log,
      commit: async () => {
        const member = this.subscription.byGroup ? this.group!.identity : NO_MEMBER
        // A member without a generation has nothing that it could rightly commit.
        if (this.subscription.byGroup && member.generationId < 0) return
        const timeoutMs = Math.min(AUTO_COMMIT_MS, this.values['default.api.timeout.ms'])
        await this.offsetCalls.commit(this.values['group.id']!, member, this.positionsToCommit(), timeoutMs)
      },
    })
  }

  async #keepLookingUp(signal: AbortSignal): Promise<void> {
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        if (this.subscription.byGroup) {
          if (await this.topics.refresh(signal)) this.group?.topicsChanged()
          this.#lookAgainForPattern(signal)
        } else if (this.subscription.size > 0) {
          await this.cluster.ensureTopics(this.subscription.topics(), { signal })
        }
        this.#metadata()
        return
      } catch (error) {
        if (signal.aborted) return
        // What no retry mends is for the caller to hear; should it be mended all the same, the look-up notices.
        if (!isRetriable(error)) this.#failure = error
        else this.#log.warn(`Topics cannot be looked up, and are tried again: ${errorMessage(error)}`)
        this.#metadata()
        const { 'retry.backoff.ms': initialMs, 'retry.backoff.max.ms': maxMs } = this.values
        await wait(backoffMs({ initialMs, maxMs }, attempt), signal).catch(() => {})
      }
    }
  }

  /** Topics that a pattern matches come and go: it is looked up again as often as metadata. */
  #lookAgainForPattern(signal: AbortSignal): void {
    clearTimeout(this.#patternTimer)
    if (Array.isArray(this.subscription.matcher) || this.topics.regex !== '') return
    this.#patternTimer = setTimeout(() => void this.#keepLookingUp(signal), this.values['metadata.max.age.ms'])
    this.#patternTimer.unref()
  }

  #metadata(): void {
    for (const state of this.subscription.states()) {
      const epoch = leaderEpoch(this.cluster, state.topic, state.partition)
      if (state.validatedEpoch >= 0 && epoch > state.validatedEpoch) state.validate()
    }
    if (this.subscription.byGroup) this.group?.metadataChanged()
    this.fetcher.changed()
    this.bell.ring()
  }
}

/** As the Java consumer names itself: by group, and a number or the instance id. */
function withClientId(props: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  if (props['client.id'] !== undefined && props['client.id'] !== '') return props
  const who = props['group.instance.id'] ?? String(++unnamed)
  return { ...props, 'client.id': `consumer-${props['group.id'] ?? 'null'}-${who}` }
}
