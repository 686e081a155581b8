// Sink tasks: the contract of the loop that takes records out.
import type { SinkRecord } from '../record/sink-record.ts'
import type { ConnectorProps } from './connector.ts'
import type { MaybePromise } from './converter.ts'
import type { Logger } from './logger.ts'
import type { MetricRegistry } from './metrics.ts'

/** A partition of a topic. */
export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/** Next offset to read, by topic and partition. */
export class OffsetsByPartition {
  readonly #topics = new Map<string, Map<number, number>>()

  get(topic: string, partition: number): number | undefined {
    return this.#topics.get(topic)?.get(partition)
  }
  set(topic: string, partition: number, offset: number): this {
    let partitions = this.#topics.get(topic)
    if (partitions === undefined) this.#topics.set(topic, (partitions = new Map()))
    partitions.set(partition, offset)
    return this
  }
  delete(topic: string, partition: number): boolean {
    return this.#topics.get(topic)?.delete(partition) ?? false
  }
  get size(): number {
    let size = 0
    for (const partitions of this.#topics.values()) size += partitions.size
    return size
  }
  *[Symbol.iterator](): Generator<TopicPartition & { readonly offset: number }> {
    for (const [topic, partitions] of this.#topics) {
      for (const [partition, offset] of partitions) yield { topic, partition, offset }
    }
  }
}

/** Reports records that a sink could not deliver, one by one (KIP-610). */
export interface ErrantRecordReporter {
  /**
   * Reports `record`. Offsets past it are committed only when the report is safe.
   * @throws ConnectException at once when errors are not tolerated
   */
  report(record: SinkRecord, error: unknown): Promise<void>
}

/** What the runtime offers a sink task. */
export interface SinkTaskContext {
  readonly log: Logger
  readonly configs: ConnectorProps
  /** Partitions assigned now. */
  readonly assignment: readonly TopicPartition[]
  /** Aborted when the task is asked to stop. */
  readonly signal: AbortSignal
  /** Where the task shows what it counts; undefined where nobody looks. */
  readonly metrics?: MetricRegistry
  /** Rewinds: reading goes on at `offset`. For sinks that keep offsets themselves; takes effect before the next put. */
  offset(topic: string, partition: number, offset: number): void
  /** Wait at most this long (ms) before the next put of a failed batch, or before an empty put. */
  timeout(ms: number): void
  /** Stops delivery of these partitions. @throws IllegalWorkerStateException for one that is not assigned */
  pause(...partitions: readonly TopicPartition[]): void
  resume(...partitions: readonly TopicPartition[]): void
  /** Commits offsets soon, not only at the interval. */
  requestCommit(): void
  /** Null unless a dead letter queue or error log is configured. */
  readonly errantRecordReporter: ErrantRecordReporter | null
}

/**
 * Takes records out. Order of calls: constructor, `initialize`, `start`, `open`, then `put` and `preCommit` in turn,
 * `close` and `open` at each rebalance, `close`, `stop`. Calls never overlap.
 */
export abstract class SinkTask {
  abstract readonly version: string
  protected context!: SinkTaskContext

  initialize(context: SinkTaskContext): void {
    this.context = context
  }
  abstract start(props: ConnectorProps): MaybePromise<void>
  /** Partitions were added. Not called for an empty set. */
  open?(partitions: readonly TopicPartition[]): MaybePromise<void>
  /**
   * Takes a batch, possibly empty. Returning (or resolving) means "taken", not "safe": see {@link preCommit}.
   * A `RetriableException` has the same batch delivered again; anything else fails the task.
   * The array is used again after the call settled: copy it to keep it. Records may be kept.
   */
  abstract put(records: readonly SinkRecord[]): MaybePromise<void>
  /**
   * Offsets that may be committed now: everything before them is safe. By default flushes and returns `offsets` whole.
   * Return fewer, or lower ones, for what is not safe yet.
   */
  async preCommit(offsets: OffsetsByPartition): Promise<OffsetsByPartition> {
    await this.flush?.(offsets)
    return offsets
  }
  /** Makes everything put so far safe. Called by the default {@link preCommit}. */
  flush?(offsets: OffsetsByPartition): MaybePromise<void>
  /** Partitions go away; what is not committed will be read again by their next owner. */
  close?(partitions: readonly TopicPartition[]): MaybePromise<void>
  /** Ends; called once even when start failed. */
  abstract stop(): MaybePromise<void>
}
