// What a consumer reads: assigned by hand, or by its group after subscribing, and the state of each assigned partition.
import type { TopicPartition } from '@millrace/api'
import { PartitionState } from './partition-state.ts'

/** Chooses topics by name: a list, a regular expression, or any function. */
export type TopicMatcher = readonly string[] | RegExp | ((topic: string) => boolean)

/**
 * Called inside `poll` (and `close`, `unsubscribe`), one at a time; `poll` waits for what they return. An error they
 * throw is thrown by that call after the rebalance is done.
 */
export interface RebalanceListener {
  /** New partitions, only the added ones under the cooperative protocol. Called even when there are none. */
  onAssigned?(partitions: readonly TopicPartition[]): void | Promise<void>
  /** Partitions are about to be given up: the last moment to commit their offsets. */
  onRevoked?(partitions: readonly TopicPartition[]): void | Promise<void>
  /** Partitions were taken away already and may belong to another member: do not commit. Default: onRevoked. */
  onLost?(partitions: readonly TopicPartition[]): void | Promise<void>
}

export class Subscription {
  #matcher: TopicMatcher | undefined
  #listener: RebalanceListener = {}
  #byHand = false
  readonly #states = new Map<string, PartitionState>()
  readonly #failed = new Set<PartitionState>()
  readonly #byTopic = new Map<string, Map<number, PartitionState>>()

  get matcher(): TopicMatcher | undefined {
    return this.#matcher
  }

  get listener(): RebalanceListener {
    return this.#listener
  }

  /** True when a group assigns the partitions. */
  get byGroup(): boolean {
    return this.#matcher !== undefined
  }

  /** True when partitions were assigned by hand. */
  get byHand(): boolean {
    return this.#byHand
  }

  get size(): number {
    return this.#states.size
  }

  /** @throws Error when partitions are assigned by hand */
  subscribe(matcher: TopicMatcher, listener: RebalanceListener): void {
    if (this.#byHand) throw new Error('Partitions are assigned by hand: call unsubscribe() before subscribe().')
    this.#matcher = Array.isArray(matcher) ? Object.freeze([...new Set(matcher as readonly string[])]) : matcher
    this.#listener = listener
  }

  /** @throws Error when topics are subscribed */
  assignByHand(partitions: readonly TopicPartition[]): void {
    if (this.byGroup) throw new Error('Topics are subscribed: call unsubscribe() before assign().')
    this.#byHand = true
    this.setAssigned(partitions)
  }

  clear(): void {
    this.setAssigned([])
    this.#matcher = undefined
    this.#listener = {}
    this.#byHand = false
  }

  /** Makes `partitions` the assignment; those that stay keep their state, those that go free what they buffered. */
  setAssigned(partitions: readonly TopicPartition[]): void {
    const wanted = new Set(partitions.map(keyOf))
    for (const [key, state] of this.#states) {
      if (wanted.has(key)) continue
      state.release()
      this.#states.delete(key)
      const topic = this.#byTopic.get(state.topic)
      topic?.delete(state.partition)
      if (topic?.size === 0) this.#byTopic.delete(state.topic)
    }
    for (const one of partitions) {
      const key = keyOf(one)
      if (this.#states.has(key)) continue
      const state = new PartitionState(one)
      this.#states.set(key, state)
      const topic = this.#byTopic.get(one.topic)
      if (topic === undefined) this.#byTopic.set(one.topic, new Map([[one.partition, state]]))
      else topic.set(one.partition, state)
    }
  }

  states(): IterableIterator<PartitionState> {
    return this.#states.values()
  }

  assignment(): TopicPartition[] {
    return [...this.#states.values()].map(({ topic, partition }) => ({ topic, partition }))
  }

  topics(): readonly string[] {
    return [...this.#byTopic.keys()]
  }

  find(topic: string, partition: number): PartitionState | undefined {
    return this.#byTopic.get(topic)?.get(partition)
  }

  /** The next poll throws `error`. Then it is tried again: what has not been mended comes back. */
  fail(state: PartitionState, error: Error): void {
    state.failure = error
    this.#failed.add(state)
  }

  /** Whether {@link throwFailure} has something to throw, or to clear. */
  get failed(): boolean {
    return this.#failed.size > 0
  }

  /** @throws the error of a partition that failed and is still assigned, and not sought elsewhere since; once */
  throwFailure(): void {
    for (const state of this.#failed) {
      this.#failed.delete(state)
      const { failure } = state
      state.failure = undefined
      if (failure !== undefined && this.find(state.topic, state.partition) === state) throw failure
    }
  }

  /** @throws Error naming the partition when it is not assigned */
  get({ topic, partition }: TopicPartition): PartitionState {
    const state = this.find(topic, partition)
    if (state === undefined) {
      throw new Error(`No current assignment for partition ${topic}-${partition}: it is not assigned to this consumer.`)
    }
    return state
  }
}

/** Text that stands for a partition. */
export function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic} ${partition}`
}
