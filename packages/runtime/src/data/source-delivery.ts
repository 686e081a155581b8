// What a source task's loop leaves to its guarantee: when offsets are stored, and what an outcome of the producer means.
import type { Logger, MaybePromise, RecordMetadata, SourceRecord, SourceTask, TransactionContext } from '@millrace/api'
import type { Producer, SentBatch } from '@millrace/kafka'
import type { SourceDeadLetters } from './errors/source-dead-letters.ts'
import type { Failure } from './errors/stages.ts'
import type { SourceMetrics } from './source-metrics.ts'

/** Takes note of records that the producer accepts; the writer calls it for each record. */
export interface Submissions {
  /**
   * The tag for a record that has just been written to a batch, to be given to the producer before {@link submit}. A tag
   * that is not submitted after all does no harm.
   * @param batch identity of the batch; `first` when this is its first record: batches are recycled
   */
  tag(record: SourceRecord, batch: object, first: boolean): number
  /** The record was taken by the producer under this tag. */
  submit(record: SourceRecord, tag: number): void
}

/** One guarantee at work in one task. Called by the loop only, never twice at once but for {@link outcome} and {@link abandon}. */
export interface SourceDelivery {
  readonly submissions: Submissions
  /** Whether records are written in transactions, which run out. */
  readonly inTransactions: boolean
  /** What the task is given to set boundaries of transactions, if it may. */
  readonly transaction: TransactionContext | null
  /** Before the task is initialized. False when it was told to stop meanwhile: then the task is not begun. */
  prepare(stopping: AbortSignal): Promise<boolean>
  /** The task has started. */
  started(): void
  /** Before each poll: tells the task of commits. */
  beforePoll(): Promise<void> | undefined
  /** The loop is about to rest because the connector is paused. */
  pausing(): Promise<void> | undefined
  resumed(): void
  /** @throws ConnectException before the first record to a topic that must not be written to */
  checkTopic(topic: string): void
  /** Before records are given to the producer. */
  begin(): void
  /** Index behind the last record that may be written before {@link reached} is called. */
  until(records: readonly SourceRecord[], from: number): number
  /** All records up to this one, the last before {@link until}, were written or dropped. */
  reached(record: SourceRecord): Promise<void> | undefined
  /** A batch was written whole, or a poll brought nothing. */
  batchDone(): Promise<void> | undefined
  /** A record will not be sent: a transformation dropped it. */
  dropped(record: SourceRecord): void
  /** A record failed, and that is tolerated: it goes to the dead letter queue if there is one. Waits for room there. */
  failed(record: SourceRecord, failure: Failure): Promise<void> | undefined
  /** Acknowledgements and failures of the producer, batch by batch. */
  outcome(sent: SentBatch, error: Error | null): void
  /** The producer does not take a record at all: it is too large. */
  refused(record: SourceRecord, error: Error): Promise<void> | undefined
  /** What a failure to write that cannot be tried again is to its task. */
  unsendable(error: unknown): Error
  /** @throws the failure that the producer has told of meanwhile */
  throwFailure(): void
  /** Why offsets cannot be stored, and since when (performance.now()); null while they can. */
  storing?(): { readonly since: number; readonly error: string } | null
  /** The last commit. True when nothing is under way any more and the producer may be closed in good order. */
  finish(failed: boolean): Promise<boolean>
  /** Nothing may be stored any more. The producer is destroyed next. */
  abandon(): void
}

/** What every guarantee works with. */
export interface DeliveryParts {
  readonly task: SourceTask
  readonly producer: Producer
  readonly metrics: SourceMetrics
  readonly topicUsed: (topic: string) => void
  /** Null without a queue, or where nothing is tolerated. */
  readonly deadLetters: SourceDeadLetters | null
  readonly log: Logger
}

/** Tells a task what became of a record; what it fails to do about that changes nothing. */
export function tellRecord({ task, log }: DeliveryParts, record: SourceRecord, metadata: RecordMetadata | null): void {
  try {
    task.commitRecord?.(record, metadata)
  } catch (error) {
    log.error('Exception thrown while calling task.commitRecord()', { error })
  }
}

/** Tells a task of a commit. What it fails to do about it does not undo it: the offsets are stored (as the reference, it goes on). */
export async function tellCommitted({ task, log }: DeliveryParts): Promise<void> {
  try {
    await (task.commit?.() as MaybePromise<void>)
  } catch (error) {
    log.error('Exception thrown while calling task.commit()', { error })
  }
}
