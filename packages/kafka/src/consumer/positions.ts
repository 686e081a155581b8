// Finds where to read: committed offsets for new partitions, the log's ends for resets, and truncation after a new leader.
import { type Logger, silentLogger, type TopicPartition } from '@millrace/api'
import { type BackoffOptions, backoffMs } from '../backoff.ts'
import type { ClusterClient } from '../cluster/index.ts'
import type { OffsetReset } from '../config/consumer.ts'
import { isRetriable } from '../errors.ts'
import type { MemberIdentity } from '../group/channel.ts'
import { committedOnce } from './committed-offsets.ts'
import { noOffset, truncated } from './errors.ts'
import { epochEndsOnce, leaderEpoch, listOffsetsOnce } from './list-offsets.ts'
import { type PartitionState, TO_EARLIEST, TO_LATEST } from './partition-state.ts'
import { keyOf, type Subscription } from './subscription.ts'

export interface PositionsOptions {
  readonly cluster: ClusterClient
  readonly subscription: Subscription
  /** Null without a group: there are no committed offsets then. */
  readonly groupId: string | null
  /** Who asks for committed offsets, when the group wants to know. */
  reader(): MemberIdentity | undefined
  readonly reset: OffsetReset
  readonly readCommitted: boolean
  readonly requestTimeoutMs: number
  readonly backoff: BackoffOptions
  /** Positions were found, or an error waits to be thrown. */
  wake(): void
  readonly log?: Logger
}

/** Works beside the polls, one round at a time; a poll starts it with {@link update} and hears of it by the bell. */
export class Positions {
  readonly #options: PositionsOptions
  readonly #log: Logger
  #running = false
  #failures = 0
  #notBefore = 0
  #failure: unknown

  constructor(options: PositionsOptions) {
    this.#options = options
    this.#log = options.log ?? silentLogger
  }

  /** When the next round may begin after one that brought nothing, by performance.now; 0: at once. */
  get notBefore(): number {
    return this.#notBefore
  }

  /**
   * Starts a round if a partition needs one and none runs.
   * @returns whether some partition still needs a position
   * @throws the error of the last round, once: authorization, or no offset where auto.offset.reset is none
   */
  update(): boolean {
    const failure = this.#failure
    this.#failure = undefined
    if (failure !== undefined) throw failure
    if (!this.#needed()) return false
    if (this.#running || performance.now() < this.#notBefore) return true
    void this.#round([...this.#options.subscription.states()].filter((state) => state.phase !== 'fetching'))
    return true
  }

  /** The log ends before the position, or begins after it: go where `auto.offset.reset` says. */
  resetByPolicy(state: PartitionState, fault: () => Error): void {
    const { reset } = this.#options
    if (reset.kind === 'none') this.#options.subscription.fail(state, fault())
    else state.reset(this.#target())
  }

  /** Asked at every poll: makes nothing. */
  #needed(): boolean {
    for (const state of this.#options.subscription.states()) if (state.phase !== 'fetching') return true
    return false
  }

  async #round(waiting: readonly PartitionState[]): Promise<void> {
    this.#running = true
    try {
      const done = await Promise.all([
        this.#initialize(waiting.filter((state) => state.phase === 'initializing')),
        this.#reset(waiting.filter((state) => state.phase === 'resetting')),
        this.#validate(waiting.filter((state) => state.phase === 'validating')),
      ])
      if (done.every(Boolean)) this.#failures = 0
      this.#notBefore = done.every(Boolean) ? 0 : this.#later()
    } catch (error) {
      if (!isRetriable(error)) this.#failure = error
      this.#notBefore = this.#later()
    } finally {
      this.#running = false
      this.#options.wake()
    }
  }

  #later(): number {
    return performance.now() + backoffMs(this.#options.backoff, this.#failures++)
  }

  /** True when every partition got somewhere. */
  async #initialize(states: readonly PartitionState[]): Promise<boolean> {
    if (states.length === 0) return true
    const { cluster, groupId, requestTimeoutMs, reset, reader } = this.#options
    const versions = states.map((state) => state.version)
    const committed =
      groupId === null
        ? new Map<string, never>()
        : await committedOnce(cluster, groupId, states.map(plain), requestTimeoutMs, reader())
    if (committed === undefined) return false
    const without: PartitionState[] = []
    states.forEach((state, index) => {
      if (state.version !== versions[index]) return
      const found = committed.get(keyOf(state))
      if (found !== undefined) state.seek({ offset: found.offset, epoch: found.leaderEpoch })
      else if (reset.kind === 'none') without.push(state)
      else state.reset(this.#target())
    })
    if (without.length > 0) throw noOffset(without.map(plain), groupId)
    return true
  }

  async #reset(states: readonly PartitionState[]): Promise<boolean> {
    if (states.length === 0) return true
    const { cluster, readCommitted } = this.#options
    const versions = states.map((state) => state.version)
    const found = await listOffsetsOnce(
      cluster,
      states.map((state) => ({ ...plain(state), timestamp: state.resetTo })),
      readCommitted,
    )
    let all = true
    states.forEach((state, index) => {
      if (state.version !== versions[index]) return
      const one = found.get(keyOf(state))
      if (one === undefined) {
        all = false
      } else if (one.offset < 0) {
        // No record is that young: the end it is.
        state.reset(TO_LATEST)
        all = false
      } else {
        this.#log.info('position reset', { ...plain(state), offset: one.offset })
        state.seek({ offset: one.offset, epoch: -1 })
      }
    })
    return all
  }

  /** Asks the leader where the epoch of the last record read ends: before the position means that the log was cut (KIP-320). */
  async #validate(states: readonly PartitionState[]): Promise<boolean> {
    if (states.length === 0) return true
    const { cluster } = this.#options
    const asked = states.map((state) => ({ state, version: state.version, position: state.fetchPosition }))
    const ends = await epochEndsOnce(
      cluster,
      states.map((state) => ({ ...plain(state), leaderEpoch: state.fetchPosition.epoch })),
    )
    let all = true
    for (const { state, version, position } of asked) {
      if (state.version !== version) continue
      const end = ends.get(keyOf(state))
      if (end === undefined) {
        all = false
      } else if (end.endOffset >= 0 && end.endOffset < position.offset) {
        this.truncate(state, end.endOffset, end.leaderEpoch)
      } else {
        // A leader that knows no epochs answers -1: there is nothing to compare with.
        state.validatedEpoch = leaderEpoch(cluster, state.topic, state.partition)
        state.phase = 'fetching'
      }
    }
    return all
  }

  /** The log ends at `end` below the position. */
  truncate(state: PartitionState, end: number, epoch: number): void {
    const { offset } = state.fetchPosition
    this.#log.warn('the log was truncated below the position', { ...plain(state), offset, end })
    if (this.#options.reset.kind === 'none') {
      this.#options.subscription.fail(state, truncated(plain(state), offset, end))
      return
    }
    const lower = Math.min(state.position.offset, end)
    state.seek({ offset: lower, epoch: -1 })
    state.position = state.fetchPosition = { offset: lower, epoch }
    state.validatedEpoch = leaderEpoch(this.#options.cluster, state.topic, state.partition)
  }

  #target(): number {
    const { reset } = this.#options
    if (reset.kind === 'duration') return Date.now() - reset.ms
    return reset.kind === 'earliest' ? TO_EARLIEST : TO_LATEST
  }
}

function plain({ topic, partition }: TopicPartition): TopicPartition {
  return { topic, partition }
}
