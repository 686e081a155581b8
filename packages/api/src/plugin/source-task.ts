// Source tasks: the contract of the loop that brings records in.
import type { SourceRecord } from '../record/source-record.ts'
import type { ConnectorProps, OffsetReader } from './connector.ts'
import type { MaybePromise } from './converter.ts'
import type { Logger } from './logger.ts'
import type { MetricRegistry } from './metrics.ts'

/** What became of a record in Kafka. */
export interface RecordMetadata {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
}

/** Lets a task set transaction boundaries itself (`transaction.boundary=connector`, KIP-618). */
export interface TransactionContext {
  /** Commits after the batch being polled, or after `record`. */
  commitTransaction(record?: SourceRecord): void
  /** Aborts the records of the transaction, after the batch or after `record`. */
  abortTransaction(record?: SourceRecord): void
}

/** What the runtime offers a source task. */
export interface SourceTaskContext {
  readonly log: Logger
  /** The configuration with which the task runs, secrets resolved. */
  readonly configs: ConnectorProps
  readonly offsets: OffsetReader
  /** Null unless the connector defines transactions. */
  readonly transaction: TransactionContext | null
  /** Aborted when the task is asked to stop: pass it to whatever a poll may wait for. */
  readonly signal: AbortSignal
  /** Where the task shows what it counts; undefined where nobody looks. */
  readonly metrics?: MetricRegistry
}

/**
 * Brings records in. Order of calls: constructor, `initialize`, `start`, then `poll` again and again, `stop`.
 * `commit` and `commitRecord` come between polls, never while one runs.
 */
export abstract class SourceTask {
  abstract readonly version: string
  protected context!: SourceTaskContext

  initialize(context: SourceTaskContext): void {
    this.context = context
  }
  /** Opens what is needed, resuming from `context.offsets`. `props` is one of the maps of `taskConfigs`. */
  abstract start(props: ConnectorProps): MaybePromise<void>
  /**
   * The next batch. Null or an empty array when there is nothing yet: the task should then have waited a little itself
   * (below a second, and no longer once `context.signal` aborts). A `RetriableException` counts as nothing.
   * The array and its records belong to the runtime afterwards. Bound a batch (2,000 records, a few MB): it is in memory at once.
   */
  abstract poll(): MaybePromise<SourceRecord[] | null>
  /** Ends; called once even when start failed, while no poll runs. Must release everything. */
  abstract stop(): MaybePromise<void>
  /** Offsets were stored: everything up to them may be forgotten by the source. Called after every commit, also one without news. */
  commit?(): MaybePromise<void>
  /**
   * A record is safe in Kafka, or was dropped (filtered, or failed and tolerated): then `metadata` is null. In the order of
   * acknowledgement. Define it only if needed: the runtime keeps records for it until then.
   */
  commitRecord?(record: SourceRecord, metadata: RecordMetadata | null): void
}
