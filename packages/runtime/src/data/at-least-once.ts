// At-least-once delivery: offsets are stored after their records were acknowledged, at an interval and at the end.
import { setTimeout as sleep } from 'node:timers/promises'
import { ConnectException, type SourceRecord } from '@millrace/api'
import type { SentBatch } from '@millrace/kafka'
import type { Failure } from './errors/stages.ts'
import type { Tolerance } from './errors/tolerance.ts'
import { type DeliveryParts, type SourceDelivery, tellCommitted, tellRecord } from './source-delivery.ts'
import { SourceOffsets, type WriteOffsets } from './source-offsets.ts'
import { SubmittedRecords } from './submitted-records.ts'

/** What at-least-once delivery needs beside the common parts. */
export interface AtLeastOnceParts {
  readonly writeOffsets: WriteOffsets
  readonly tolerance: Tolerance
  readonly flushIntervalMs: number
  readonly flushTimeoutMs: number
}

const PRODUCER_CLASS = 'org.apache.kafka.clients.producer.KafkaProducer'

/** The delivery of a source task whose offsets follow its records. */
export class AtLeastOnce implements SourceDelivery {
  readonly submissions: SubmittedRecords
  readonly transaction = null
  readonly inTransactions = false
  readonly #parts: DeliveryParts & AtLeastOnceParts
  readonly #offsets: SourceOffsets
  #failure: ConnectException | null = null
  #commitTimer: NodeJS.Timeout | null = null
  /** Nothing that fails from now on is a record's fault: the producer is being closed. */
  #ended = false

  constructor(parts: DeliveryParts & AtLeastOnceParts) {
    this.#parts = parts
    this.submissions = new SubmittedRecords(parts.task.commitRecord !== undefined || parts.deadLetters !== null)
    this.#offsets = new SourceOffsets(
      this.submissions,
      parts.writeOffsets,
      parts.flushTimeoutMs,
      parts.metrics,
      parts.log,
    )
  }

  async prepare(): Promise<boolean> {
    return true
  }
  started(): void {
    this.#commitTimer = setInterval(() => void this.#offsets.commit(), this.#parts.flushIntervalMs)
  }
  beforePoll(): Promise<void> | undefined {
    return this.#offsets.takeCommitted() ? tellCommitted(this.#parts) : undefined
  }
  pausing(): undefined {}
  resumed(): void {}
  checkTopic(): void {}
  begin(): void {}
  until(records: readonly SourceRecord[]): number {
    return records.length
  }
  reached(): undefined {}
  batchDone(): undefined {}

  dropped(record: SourceRecord): void {
    this.#parts.metrics.dropped(1)
    tellRecord(this.#parts, record, null)
  }
  failed(record: SourceRecord, failure: Failure): Promise<void> | undefined {
    const { deadLetters } = this.#parts
    if (deadLetters === null) {
      this.dropped(record)
      return undefined
    }
    const tag = this.submissions.tag(record, {}, true)
    this.submissions.submit(record, tag)
    this.submissions.next(tag)
    this.#bury(record, tag, failure)
    this.#parts.metrics.dropped(1)
    return deadLetters.room()
  }
  /** What a broker's refusal of its batch means, without the way there. */
  refused(record: SourceRecord, error: Error): Promise<void> | undefined {
    const tag = this.submissions.tag(record, {}, true)
    this.submissions.submit(record, tag)
    const sent = { topic: record.topic, partition: -1, baseOffset: -1, timestamp: -1, tags: [tag], count: 1 }
    this.outcome(sent, error)
    this.throwFailure()
    return this.#parts.deadLetters?.room()
  }
  unsendable(error: unknown): Error {
    return new ConnectException('Unrecoverable exception trying to send', { cause: error })
  }

  outcome(sent: SentBatch, error: Error | null): void {
    const { task, tolerance, topicUsed, metrics, deadLetters } = this.#parts
    if (error !== null && !tolerance.tolerateAll) {
      this.#failure ??= new ConnectException('Unrecoverable exception from producer send callback', { cause: error })
      return
    }
    if (error !== null) {
      if (this.#ended) return
      const failure: Failure = { stage: 'KAFKA_PRODUCE', className: PRODUCER_CLASS, error }
      for (let index = 0; index < sent.count; index++) void tolerance.skip(failure)
      if (deadLetters !== null) {
        metrics.dropped(sent.tags.length)
        for (const tag of sent.tags) this.#bury(this.submissions.next(tag) as SourceRecord, tag, failure)
        return
      }
    }
    // Parts of a batch that was too large end one by one: with letters it must be known which records each part had.
    if (task.commitRecord === undefined && deadLetters === null) this.#acked(sent.tags)
    else this.#ackedOneByOne(sent, error === null)
    if (error === null) {
      metrics.wrote(sent.tags.length)
      topicUsed(sent.topic)
    } else metrics.dropped(sent.tags.length)
  }
  storing(): { readonly since: number; readonly error: string } | null {
    return this.#offsets.failing
  }
  throwFailure(): void {
    if (this.#failure !== null) throw this.#failure
  }

  /** Waits for what is under way, then commits what is safe: also after a failure, so that less is repeated. */
  async finish(failed: boolean): Promise<boolean> {
    if (this.#commitTimer !== null) clearInterval(this.#commitTimer)
    const { producer, flushTimeoutMs, deadLetters } = this.#parts
    const timer = new AbortController()
    const late = sleep(flushTimeoutMs, false, { signal: timer.signal }).catch(() => false)
    // What the flush finds refused becomes letters only then.
    const safe = producer.flush().then(async () => {
      await deadLetters?.settled().catch(() => {})
      return true
    })
    const flushed = await Promise.race([safe, late])
    timer.abort()
    this.#ended = true
    await this.#offsets.commit()
    if (!failed && this.#offsets.takeCommitted()) await tellCommitted(this.#parts)
    return flushed
  }
  abandon(): void {
    this.#ended = true
    this.#offsets.cancel()
  }

  /** Its offset waits for the letter; a letter that cannot be written ends the task, with the offset where it was. */
  #bury(record: SourceRecord, tag: number, failure: Failure): void {
    this.#parts.deadLetters?.write(record, failure).then(
      () => {
        tellRecord(this.#parts, record, null)
        this.submissions.ack(tag)
      },
      (error: ConnectException) => {
        this.#failure ??= error
      },
    )
  }

  /** Mostly a batch has one tag: its records came from one source partition. */
  #acked(tags: readonly number[]): void {
    for (let from = 0, to = 0; from < tags.length; from = to) {
      const tag = tags[from] as number
      for (to = from + 1; to < tags.length && tags[to] === tag; ) to++
      this.submissions.ack(tag, to - from)
    }
  }
  #ackedOneByOne({ topic, partition, baseOffset, timestamp, tags }: SentBatch, sent: boolean): void {
    tags.forEach((tag, index) => {
      const record = this.submissions.next(tag)
      const metadata = sent ? { topic, partition, offset: baseOffset + index, timestamp } : null
      if (record !== null) tellRecord(this.#parts, record, metadata)
      this.submissions.ack(tag)
    })
  }
}
