// The consumer: reads topics by group or by assigned partitions, and hands records out as cursors over what was fetched.
import { setImmediate } from 'node:timers/promises'
import type { TopicPartition } from '@millrace/api'
import { withDeadline } from '../deadline.ts'
import type { PolledChunk } from './buffered-records.ts'
import { type CommittedOffset, NO_MEMBER, type OffsetToCommit } from './committed-offsets.ts'
import { type ConsumerOptions, ConsumerParts } from './consumer-parts.ts'
import { wokenUp } from './errors.ts'
import type { FetchCounters } from './fetcher.ts'
import type { FoundOffset } from './list-offsets.ts'
import { TO_EARLIEST, TO_LATEST } from './partition-state.ts'
import { keyOf, type RebalanceListener, type TopicMatcher } from './subscription.ts'

/** What one poll hands out. The readers are to be read before the next poll: what is not read then is passed over. */
export interface PolledRecords {
  readonly count: number
  readonly chunks: readonly PolledChunk[]
}

/** How to poll. */
export interface PollOptions {
  readonly signal?: AbortSignal
  /** Fewer than `max.poll.records`; with 0 all but records is seen to: membership, fetches ahead. */
  readonly maxRecords?: number
}

export interface ConsumerGroupMetadata {
  readonly groupId: string
  readonly generationId: number
  readonly memberId: string
  readonly groupInstanceId: string | null
}

const NOTHING: PolledRecords = Object.freeze({ count: 0, chunks: Object.freeze([]) })

/**
 * A Kafka consumer. Not for overlapping polls: a second `poll` before the first is done throws. Everything else may be
 * called at any time, from rebalance listeners too.
 *
 * Heartbeats run beside: a group member that is paused, or busy between polls, stays a member until max.poll.interval.ms.
 */
export class Consumer {
  readonly #parts: ConsumerParts
  #polling: Promise<PolledRecords> | undefined
  #woken = false
  #closed = false

  /** @throws ConfigException naming every key at fault */
  static create(props: Readonly<Record<string, string>>, options: ConsumerOptions = {}): Consumer {
    return new Consumer(new ConsumerParts(props, options))
  }

  private constructor(parts: ConsumerParts) {
    this.#parts = parts
  }

  get clientId(): string {
    return this.#parts.cluster.clientId
  }

  /** Counters of fetches and records since the consumer was made. */
  get counters(): Readonly<FetchCounters> {
    return this.#parts.fetcher.counters
  }

  /** Bytes fetched and not yet handed out. */
  get bufferedBytes(): number {
    return this.#parts.fetcher.heldBytes
  }

  /** What the last fetch that failed failed with, until one goes well; null otherwise. */
  get lastError(): string | null {
    return this.#parts.fetcher.lastError
  }

  /** performance.now() of the last answer to a fetch, also of one that found nothing; -Infinity before it. */
  get lastAnswerAt(): number {
    return this.#parts.fetcher.lastAnswerAt
  }

  /** How long a broker may hold a fetch back that finds nothing, in ms: `fetch.max.wait.ms`. */
  get fetchWaitMs(): number {
    return this.#parts.values['fetch.max.wait.ms']
  }

  /** Whether it is a member of its group now; null without a group. */
  get isMember(): boolean | null {
    const { group } = this.#parts
    return group === undefined ? null : group.identity.generationId >= 0
  }

  /** Rebalances that ended with an assignment. */
  get rebalances(): number {
    return this.#parts.group?.rebalances ?? 0
  }

  /**
   * Subscribes: the group assigns partitions of these topics, from the next poll on. Replaces an earlier subscription.
   * @throws Error without group.id, or when partitions are assigned by hand
   */
  subscribe(topics: TopicMatcher, listener: RebalanceListener = {}): void {
    this.#open()
    const { group, subscription } = this.#parts
    if (group === undefined) throw new Error('subscribe() needs a group: set group.id, or use assign().')
    subscription.subscribe(topics, listener)
    this.#parts.topics.reset()
    this.#parts.lookUpTopics()
    group.topicsChanged()
    this.#parts.bell.ring()
  }

  /** Assigns partitions by hand: no group, no rebalances. Partitions that stay keep their positions. */
  assign(partitions: readonly TopicPartition[]): void {
    this.#open()
    this.#parts.subscription.assignByHand(partitions)
    this.#parts.lookUpTopics()
    this.#changed()
  }

  /** Gives up all partitions, and the membership. The listener is told. @throws what it threw */
  async unsubscribe(): Promise<void> {
    const { group, subscription, values } = this.#parts
    try {
      if (subscription.byGroup) {
        await group?.leave('the consumer unsubscribed', { timeoutMs: values['request.timeout.ms'] })
      }
    } finally {
      subscription.clear()
      this.#changed()
    }
  }

  /**
   * Waits up to `timeoutMs` for records, and returns what there is, at most `max.poll.records`. Positions move on over what
   * is returned. Rebalances happen in here, and the listener is called; only it may make a poll longer than `timeoutMs`.
   * @throws KafkaException `WakeupException` when the signal aborts or {@link wakeup} was called: nothing was handed out
   * @throws KafkaException for what no retry mends (authorization, a fenced member, no offset to start from), or a batch that
   *   cannot be read: again at each poll until the cause is gone, or the partition is sought elsewhere
   */
  async poll(timeoutMs: number, options: PollOptions = {}): Promise<PolledRecords> {
    this.#open()
    if (this.#polling !== undefined) throw new Error('A poll is under way already: a consumer takes one at a time.')
    const { subscription } = this.#parts
    if (!subscription.byGroup && !subscription.byHand) {
      throw new Error('The consumer is not subscribed to any topics or assigned any partitions.')
    }
    this.#polling = this.#pollUntil(timeoutMs, options.signal, options.maxRecords)
    try {
      return await this.#polling
    } finally {
      this.#polling = undefined
    }
  }

  /** Ends the poll under way, or else the next one, with `WakeupException`. */
  wakeup(): void {
    this.#woken = true
    this.#parts.bell.ring()
  }

  assignment(): TopicPartition[] {
    return this.#parts.subscription.assignment()
  }

  /** Offset of the next record, undefined while it is being looked up. @throws Error when it is not assigned */
  position(partition: TopicPartition): number | undefined {
    const { offset } = this.#parts.subscription.get(partition).position
    return offset < 0 ? undefined : offset
  }

  /** Records behind the end that may be read, as of the last fetch; undefined before it. */
  lag(partition: TopicPartition): number | undefined {
    const { topic, partition: index } = partition
    return this.#parts.subscription.find(topic, index)?.lag(this.#parts.readCommitted)
  }

  /** Goes on at `offset`. @throws Error when it is not assigned, RangeError for a negative offset */
  seek(partition: TopicPartition, offset: number, leaderEpoch = -1): void {
    if (!(offset >= 0)) throw new RangeError(`Cannot seek to offset ${offset}: it must be 0 or more.`)
    this.#parts.subscription.get(partition).seek({ offset, epoch: leaderEpoch })
    this.#changed()
  }

  seekToBeginning(partitions: readonly TopicPartition[]): void {
    for (const one of partitions) this.#parts.subscription.get(one).reset(TO_EARLIEST)
    this.#changed()
  }

  seekToEnd(partitions: readonly TopicPartition[]): void {
    for (const one of partitions) this.#parts.subscription.get(one).reset(TO_LATEST)
    this.#changed()
  }

  /** Polls hand out nothing of these until {@link resume}; what is fetched is kept. A rebalance that takes them away ends it. */
  pause(partitions: readonly TopicPartition[]): void {
    for (const one of partitions) {
      const state = this.#parts.subscription.get(one)
      if (!state.paused) this.#parts.fetcher.paused(state)
      state.paused = true
    }
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const one of partitions) this.#parts.subscription.get(one).paused = false
    this.#changed()
  }

  paused(): TopicPartition[] {
    const states = [...this.#parts.subscription.states()].filter((state) => state.paused)
    return states.map(({ topic, partition }) => ({ topic, partition }))
  }

  /**
   * Commits `offsets`, by default the positions of all assigned partitions, under this member's generation or epoch.
   * @throws KafkaException `CommitFailedException` when the generation is over, `RebalanceInProgressException` while the
   *   group rebalances (poll, then commit what is still assigned), `TimeoutException`, or another that no retry mends
   */
  async commit(
    offsets: readonly OffsetToCommit[] = this.#parts.positionsToCommit(),
    options: { readonly timeoutMs?: number } = {},
  ): Promise<void> {
    const groupId = this.#groupId()
    const { group, offsetCalls, subscription, values } = this.#parts
    const timeoutMs = options.timeoutMs ?? values['default.api.timeout.ms']
    const member = subscription.byGroup ? group : undefined
    const renewed = member === undefined ? undefined : () => member.committerAgain(offsets)
    await offsetCalls.commit(groupId, member?.committer() ?? NO_MEMBER, offsets, timeoutMs, renewed)
  }

  /** Committed offsets; partitions without one are left out. @throws KafkaException */
  async committed(
    partitions: readonly TopicPartition[],
    options: { readonly timeoutMs?: number } = {},
  ): Promise<(TopicPartition & CommittedOffset)[]> {
    const groupId = this.#groupId()
    const { offsetCalls, values } = this.#parts
    const timeoutMs = options.timeoutMs ?? values['default.api.timeout.ms']
    const found = await offsetCalls.committed(groupId, partitions, timeoutMs)
    return partitions.flatMap(({ topic, partition }) => {
      const one = found.get(keyOf({ topic, partition }))
      return one === undefined ? [] : [{ topic, partition, ...one }]
    })
  }

  /** First offset of each partition, in the order given. @throws KafkaException */
  beginningOffsets(partitions: readonly TopicPartition[], options: { readonly timeoutMs?: number } = {}) {
    return this.#list(
      partitions.map((one) => ({ ...one, timestamp: TO_EARLIEST })),
      options,
    )
  }

  /** Offset after the last readable record of each partition (the last stable one with read_committed). @throws KafkaException */
  endOffsets(partitions: readonly TopicPartition[], options: { readonly timeoutMs?: number } = {}) {
    return this.#list(
      partitions.map((one) => ({ ...one, timestamp: TO_LATEST })),
      options,
    )
  }

  /** First record at or after each time (milliseconds since the epoch); offset -1 when there is none. @throws KafkaException */
  offsetsForTimes(
    queries: readonly (TopicPartition & { readonly timestamp: number })[],
    options: { readonly timeoutMs?: number } = {},
  ) {
    return this.#list(queries, options)
  }

  /** The membership, for a producer that commits these offsets in its transaction. @throws Error without group.id */
  groupMetadata(): ConsumerGroupMetadata {
    const groupId = this.#groupId()
    const { memberId, generationId, groupInstanceId } = this.#parts.group!.identity
    return { groupId, memberId, generationId, groupInstanceId }
  }

  /**
   * Gives up all partitions (the listener is told), commits if that is automatic, leaves the group, closes the connections.
   * Safe to call again. @throws what the listener threw
   */
  async close(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.wakeup()
    const timeoutMs = options.timeoutMs ?? this.#parts.values['request.timeout.ms']
    // A poll under way may be in the listener, which is not to be crossed; unless it is the listener that closes.
    const polling = this.#polling?.then(() => {})
    if (polling !== undefined) await withDeadline(polling, timeoutMs, () => wokenUp()).catch(() => {})
    await this.#parts.close(timeoutMs)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #pollUntil(
    timeoutMs: number,
    signal: AbortSignal | undefined,
    most: number | undefined,
  ): Promise<PolledRecords> {
    const deadline = performance.now() + timeoutMs
    for (let waited = false; ; waited = true) {
      this.#throwIfWoken(signal)
      const polled = await this.#step(most)
      if (polled !== undefined) return polled
      const left = deadline - performance.now()
      if (left <= 0) {
        // Even a loop of polls without a time to wait must let the answers in.
        if (!waited) await setImmediate()
        return NOTHING
      }
      await this.#parts.bell.wait(Math.min(left, this.#parts.nextDueMs()), signal)
    }
  }

  /** Everything that may be done now; records, if there are any. */
  async #step(most: number | undefined): Promise<PolledRecords | undefined> {
    const { autoCommit, fetcher, group, positions, subscription, values } = this.#parts
    this.#parts.throwFailure()
    autoCommit?.due()
    if (group !== undefined && subscription.byGroup) {
      if (group.due) {
        await group.step()
        fetcher.changed()
      } else {
        group.polled()
      }
    }
    positions.update()
    // Once its error was thrown, a partition is to be asked for again.
    if (subscription.failed) fetcher.changed()
    subscription.throwFailure()
    fetcher.send()
    const polled = fetcher.collect(
      most === undefined ? values['max.poll.records'] : Math.min(most, values['max.poll.records']),
    )
    // What was used up makes room: the next records come while these are worked on.
    fetcher.send()
    return polled.count === 0 ? undefined : polled
  }

  #throwIfWoken(signal: AbortSignal | undefined): void {
    if (signal?.aborted) throw wokenUp(signal.reason)
    if (!this.#woken) return
    this.#woken = false
    throw wokenUp()
  }

  async #list(
    queries: readonly (TopicPartition & { readonly timestamp: number })[],
    options: { readonly timeoutMs?: number },
  ): Promise<(TopicPartition & FoundOffset)[]> {
    const timeoutMs = options.timeoutMs ?? this.#parts.values['default.api.timeout.ms']
    const found = await this.#parts.offsetCalls.list(queries, timeoutMs)
    return queries.map(({ topic, partition }, index) => ({ topic, partition, ...found[index]! }))
  }

  #changed(): void {
    this.#parts.fetcher.changed()
    this.#parts.bell.ring()
  }

  #groupId(): string {
    const groupId = this.#parts.values['group.id']
    if (groupId === null || groupId === '') throw new Error('Committed offsets belong to a group: set group.id.')
    return groupId
  }

  #open(): void {
    if (this.#closed) throw new Error('The consumer is closed.')
  }
}
