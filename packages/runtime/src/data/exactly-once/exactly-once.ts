// Exactly-once delivery: records and the offsets behind them become visible together or not at all (KIP-618). One producer with a
// transactional id of the task's own writes both; whoever starts the task anew takes the id over, and the old one can commit no more.
import { setTimeout as sleep } from 'node:timers/promises'
import { ConnectException, type PartitionOffset, type RecordMetadata, type SourceRecord } from '@millrace/api'
import type { SentBatch } from '@millrace/kafka'
import type { TaskId } from '../../plane/messages.ts'
import type { Failure } from '../errors/stages.ts'
import type { Tolerance } from '../errors/tolerance.ts'
import {
  type DeliveryParts,
  type SourceDelivery,
  type Submissions,
  tellCommitted,
  tellRecord,
} from '../source-delivery.ts'
import type { TransactionBoundary, Verdict } from './boundary.ts'
import type { OffsetRecords } from './offset-records.ts'
import { StagedOffsets } from './staged-offsets.ts'

/** What exactly-once delivery needs beside the common parts. */
export interface ExactlyOnceParts {
  readonly id: TaskId
  readonly tolerance: Tolerance
  readonly boundary: TransactionBoundary
  readonly offsetRecords: OffsetRecords
  /** Sees to it that no task of an older generation can write any more. Before the producer begins. */
  readonly fenceZombies: () => Promise<void>
  /** Fails when this task is not the one to run any more. After the producer has begun. */
  readonly verify: () => Promise<void>
  /** How long a failed task waits for its transaction to be aborted. */
  readonly abortTimeoutMs: number
}

interface Told {
  readonly record: SourceRecord
  readonly metadata: RecordMetadata | null
}

const PRODUCER_CLASS = 'org.apache.kafka.clients.producer.KafkaProducer'

/** A task may not write to the topic of its own offsets: reading them would wait for the end of its own transaction. */
class OwnOffsetsTopicException extends ConnectException {}

/** The delivery of a source task in transactions. */
export class ExactlyOnce implements SourceDelivery, Submissions {
  readonly submissions: Submissions = this
  readonly #parts: DeliveryParts & ExactlyOnceParts
  readonly #staged = new StagedOffsets()
  readonly #keepRecords: boolean
  /** Records of the transaction by tag, if the task wants them back. */
  #records: SourceRecord[] = []
  /** What the task is told after the commit. */
  #told: Told[] = []
  /** Records that the producer accepted in the transaction. */
  #size = 0
  #open = false
  #aborting = false
  /** A batch was begun and not yet written whole. */
  #partial = false
  #failure: Error | null = null

  constructor(parts: DeliveryParts & ExactlyOnceParts) {
    this.#parts = parts
    this.#keepRecords = parts.task.commitRecord !== undefined
  }

  readonly inTransactions = true

  get transaction() {
    return this.#parts.boundary.context
  }

  async prepare(stopping: AbortSignal): Promise<boolean> {
    const { fenceZombies, producer, verify, offsetRecords } = this.#parts
    await unlessStopped(fenceZombies(), stopping)
    // A producer that begins now could fence one that has already taken over.
    if (stopping.aborted) return false
    await producer.initTransactions()
    await unlessStopped(verify(), stopping)
    if (stopping.aborted) return false
    await unlessStopped(offsetRecords.prepare(producer, stopping), stopping)
    return !stopping.aborted
  }
  started(): void {
    this.#parts.boundary.begin()
  }
  beforePoll(): undefined {}
  pausing(): Promise<void> {
    // An open transaction would run out, and hold up the readers of its topics until then.
    return this.#carryOut(this.#parts.boundary.atEnd()) ?? Promise.resolve()
  }
  resumed(): void {
    this.#parts.boundary.begin()
  }

  checkTopic(topic: string): void {
    if (topic !== this.#parts.offsetRecords.topic) return
    throw new OwnOffsetsTopicException(
      'Source tasks may not produce to their own offsets topics when exactly-once support is enabled',
    )
  }
  begin(): void {
    if (this.#open) return
    this.#parts.producer.beginTransaction()
    this.#open = true
  }
  tag(): number {
    return this.#keepRecords ? this.#records.length : 0
  }
  submit(record: SourceRecord): void {
    this.#size++
    this.#staged.stage(record)
    if (this.#keepRecords) this.#records.push(record)
  }
  until(records: readonly SourceRecord[], from: number): number {
    this.#partial = true
    return this.#parts.boundary.until(records, from)
  }
  reached(record: SourceRecord): Promise<void> | undefined {
    return this.#carryOut(this.#parts.boundary.afterRecord(record))
  }
  batchDone(): Promise<void> | undefined {
    this.#partial = false
    return this.#carryOut(this.#parts.boundary.afterBatch())
  }

  /** Its offset is not committed; the task hears of it with the next commit. */
  dropped(record: SourceRecord): void {
    this.#parts.metrics.dropped(1)
    if (this.#keepRecords) this.#told.push({ record, metadata: null })
  }
  /** The letter is a part of the transaction, and the offset with it. */
  failed(record: SourceRecord, failure: Failure): Promise<void> | undefined {
    const { deadLetters } = this.#parts
    this.dropped(record)
    if (deadLetters === null) return undefined
    this.#size++
    this.#staged.stage(record)
    deadLetters.write(record, failure).catch((error: Error) => {
      if (!this.#aborting) this.#failure ??= error
    })
    return deadLetters.room()
  }
  outcome(sent: SentBatch, error: Error | null): void {
    const { offsetRecords, metrics, topicUsed } = this.#parts
    if (error !== null && !this.#aborting) this.#failure ??= error
    if (sent.topic === offsetRecords.topic) return
    if (error !== null) {
      metrics.dropped(sent.tags.length)
      return
    }
    metrics.wrote(sent.tags.length)
    topicUsed(sent.topic)
    if (!this.#keepRecords) return
    const { topic, partition, baseOffset, timestamp } = sent
    sent.tags.forEach((tag, index) => {
      const metadata = { topic, partition, offset: baseOffset + index, timestamp }
      this.#told.push({ record: this.#records[tag] as SourceRecord, metadata })
    })
  }
  /** Without a dead letter queue the transaction would lack a record: none of it may be committed, whatever errors are tolerated. */
  refused(record: SourceRecord, error: Error): Promise<void> | undefined {
    const { deadLetters, tolerance, metrics } = this.#parts
    if (deadLetters === null) {
      metrics.dropped(1)
      throw this.unsendable(error)
    }
    const failure: Failure = { stage: 'KAFKA_PRODUCE', className: PRODUCER_CLASS, error }
    void tolerance.skip(failure)
    return this.failed(record, failure)
  }
  unsendable(error: unknown): Error {
    if (error instanceof OwnOffsetsTopicException) return error
    return this.#worded('Unrecoverable exception trying to send', error)
  }
  throwFailure(): void {
    if (this.#failure !== null) throw this.unsendable(this.#failure)
  }

  async finish(failed: boolean): Promise<boolean> {
    if (failed) {
      await this.#giveUp()
      return false
    }
    // Where the connector sets the boundaries, a part of a batch is nothing that it asked to commit.
    if (!this.#partial || this.transaction === null) await this.#carryOut(this.#parts.boundary.atEnd())
    // What the connector did not ask to commit is dropped, and not left to run out.
    await this.#giveUp()
    return true
  }
  abandon(): void {}

  #carryOut(verdict: Verdict): Promise<void> | undefined {
    if (verdict === 'go on') return undefined
    return verdict === 'commit' ? this.#commit() : this.#abort()
  }

  async #commit(): Promise<void> {
    const { producer, metrics, id, offsetRecords, deadLetters } = this.#parts
    const began = performance.now()
    if (this.#size > 0 || !this.#staged.isEmpty) {
      let offsets: PartitionOffset[]
      try {
        offsets = this.#staged.take()
        await offsetRecords.beforeCommit(offsets)
        // A letter is written when its topic is known and there is room: it must be in before the end.
        await deadLetters?.settled()
        this.throwFailure()
        this.begin()
        await offsetRecords.write(producer, offsets)
        await producer.commitTransaction()
        this.#open = false
      } catch (error) {
        metrics.commitFailures++
        throw this.#worded(`Failed to flush offsets and/or records for task ${id.connector}-${id.task}`, error)
      }
      offsetRecords.afterCommit(offsets)
      metrics.transactionSize.add(this.#size)
      this.#size = 0
    }
    metrics.commitSuccesses++
    metrics.commitMs.add(performance.now() - began)
    this.#records = []
    const told = this.#told
    this.#told = []
    for (const { record, metadata } of told) tellRecord(this.#parts, record, metadata)
    if (this.#parts.task.commit !== undefined) await tellCommitted(this.#parts)
  }

  /** Drops the records, but not what lies behind them: the task does not want to see them again. */
  async #abort(): Promise<void> {
    const { log, deadLetters } = this.#parts
    if (this.#size > 0) {
      // None may come after the end: it would be in the next transaction.
      await deadLetters?.settled()
      log.info('Aborting a transaction as requested by the connector')
      try {
        await this.#abortTransaction()
      } catch (error) {
        throw this.#worded('The transaction could not be aborted as requested by the connector', error)
      }
      // Acknowledged or not, none of them is in Kafka for a reader.
      const dropped = this.#told.filter(({ metadata }) => metadata === null)
      this.#told = [...dropped, ...this.#records.map((record) => ({ record, metadata: null }))]
      this.#size = 0
    } else log.warn('Ignoring request by task to abort transaction as the current transaction is empty')
    await this.#commit()
  }

  async #abortTransaction(): Promise<void> {
    this.#aborting = true
    try {
      await this.#parts.producer.abortTransaction()
      this.#open = false
    } finally {
      this.#aborting = false
    }
  }

  /** An open transaction is aborted here if that can be: else by its successor, or when it runs out. */
  async #giveUp(): Promise<void> {
    if (!this.#open) return
    const timer = new AbortController()
    const late = sleep(this.#parts.abortTimeoutMs, undefined, { signal: timer.signal }).catch(() => {})
    const aborted = this.#abortTransaction().catch((error: unknown) => {
      this.#parts.log.debug('An open transaction was left to its successor', { error })
    })
    await Promise.race([aborted, late])
    timer.abort()
  }

  /** The reference's words, with its advice when the transaction took too long. */
  #worded(message: string, error: unknown): ConnectException {
    const { connector, task } = this.#parts.id
    const causes = [error, error instanceof Error ? error.cause : undefined]
    const expired = causes.some((one) => one instanceof Error && one.name === 'InvalidProducerEpochException')
    if (!expired) return new ConnectException(message, { cause: error })
    return new ConnectException(
      `The task ${connector}-${task} was unable to finish writing records to Kafka before its producer transaction expired. ` +
        'It may be necessary to reconfigure this connector in order for it to run healthily with exactly-once support. ' +
        "Options for this include: tune the connector's producer configuration for higher throughput, " +
        "increase the transaction timeout for the connector's producers, " +
        'decrease the offset commit interval (if using interval-based transaction boundaries), ' +
        "or use the 'poll' transaction boundary (if the connector is not already configured to use it).",
      { cause: error },
    )
  }
}

/** Waits for `work`, or for the end of the task. */
async function unlessStopped(work: Promise<void>, stopping: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const stop = () => resolve()
  if (stopping.aborted) stop()
  stopping.addEventListener('abort', stop, { once: true })
  try {
    await Promise.race([work, promise])
  } finally {
    stopping.removeEventListener('abort', stop)
    work.catch(() => {})
  }
}
