// A source task at work: poll, transform, convert, send, and commit what was acknowledged (at-least-once).
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import {
  ConnectException,
  type ConnectorProps,
  isRetriable,
  type Logger,
  type MaybePromise,
  type OffsetReader,
  type SourceRecord,
  type SourceTask,
} from '@millrace/api'
import { Producer, type SentBatch } from '@millrace/kafka'
import type { MetricSample, TaskId } from '../plane/messages.ts'
import { isPromise, type TransformationChain } from './chain.ts'
import { closeConverters, type TaskConverters } from './converters.ts'
import type { Tolerance } from './errors/tolerance.ts'
import { SourceMetrics } from './source-metrics.ts'
import { SourceOffsets } from './source-offsets.ts'
import { SourceWriter } from './source-writer.ts'
import { SubmittedRecords } from './submitted-records.ts'
import type { TaskGate, TaskWork } from './task-runner.ts'
import { type SourceSamples, sourceSamples } from './task-samples.ts'

/** What a source task is made of. */
export interface SourceParts {
  readonly id: TaskId
  readonly task: SourceTask
  readonly taskProps: ConnectorProps
  readonly producerProps: Record<string, string>
  readonly converters: TaskConverters
  readonly chain: TransformationChain | null
  readonly tolerance: Tolerance
  readonly offsets: OffsetReader
  readonly writeOffsets: ConstructorParameters<typeof SourceOffsets>[1]
  readonly flushIntervalMs: number
  readonly flushTimeoutMs: number
  /** Makes sure that a topic exists as the connector wants it, before its first record. */
  readonly createTopic: ((topic: string) => Promise<void>) | null
  readonly topicUsed: (topic: string) => void
  readonly closeAdmin: () => Promise<void>
  readonly samples: Omit<SourceSamples, 'metrics'>
  readonly log: Logger
}

const PRODUCER_CLOSE_MS = 30_000
const SEND_RETRY_MS = 100

/** Makes the work of a source task. */
export function createSourceWork(parts: SourceParts): TaskWork {
  return new SourceWork(parts)
}

class SourceWork implements TaskWork {
  readonly #parts: SourceParts
  readonly #metrics = new SourceMetrics()
  readonly #submitted: SubmittedRecords
  readonly #offsets: SourceOffsets
  readonly #producer: Producer
  readonly #writer: SourceWriter
  readonly #topics = new Set<string>()
  readonly #stopping = new AbortController()
  #failure: ConnectException | null = null
  #opened = false
  #commitTimer: NodeJS.Timeout | null = null

  constructor(parts: SourceParts) {
    this.#parts = parts
    this.#submitted = new SubmittedRecords(parts.task.commitRecord !== undefined)
    this.#offsets = new SourceOffsets(
      this.#submitted,
      parts.writeOffsets,
      parts.flushTimeoutMs,
      this.#metrics,
      parts.log,
    )
    this.#producer = Producer.create(parts.producerProps, { log: parts.log })
    this.#producer.onBatch = (sent, error) => this.#outcome(sent, error)
    this.#writer = new SourceWriter({
      producer: this.#producer,
      chain: parts.chain,
      converters: parts.converters,
      submitted: this.#submitted,
      dropped: (record) => this.#dropped(record),
      prepareTopic: (topic) => this.#prepareTopic(topic),
    })
  }

  get version(): string {
    return this.#parts.task.version
  }

  async open(): Promise<void> {
    const { task, taskProps, offsets, log } = this.#parts
    task.initialize({ log, configs: taskProps, offsets, transaction: null, signal: this.#stopping.signal })
    this.#opened = true
    await task.start(taskProps)
    this.#commitTimer = setInterval(() => void this.#offsets.commit(), this.#parts.flushIntervalMs)
  }

  async run(gate: TaskGate): Promise<void> {
    gate.signal.addEventListener('abort', () => this.#stopping.abort(), { once: true })
    while (!gate.stopping) {
      if (gate.wantsPause) {
        gate.paused(true)
        await gate.unpaused()
        if (gate.stopping) return
        gate.paused(false)
      }
      this.#throwFailure()
      if (this.#offsets.takeCommitted()) await this.#tellCommitted()
      const began = performance.now()
      const polled = this.#poll()
      const waited = isPromise(polled)
      const records = waited ? await polled : polled
      if (records === null || records.length === 0) {
        // A poll that answers "nothing" at once must not keep the thread from everything else.
        if (!waited) await setImmediate()
        continue
      }
      this.#metrics.polledBatch(records.length, performance.now() - began)
      await this.#sendAll(records, gate)
      // Lets acknowledgements in even when neither poll nor producer ever had to wait.
      if (!waited) await setImmediate()
    }
  }

  async close(failed: boolean): Promise<void> {
    const { task, converters, chain, tolerance, log } = this.#parts
    this.#stopping.abort()
    if (this.#commitTimer !== null) clearInterval(this.#commitTimer)
    let flushed = false
    try {
      if (this.#opened) flushed = await this.#lastCommit(failed)
    } finally {
      // What was not acknowledged in time is not committed: it is read and sent again, and need not be waited for.
      await this.#producer.close({ timeoutMs: flushed ? PRODUCER_CLOSE_MS : 0 }).catch((error: unknown) => {
        log.warn('The producer could not be closed as it should', { error })
      })
      try {
        if (this.#opened) await task.stop()
      } finally {
        await chain?.close()
        await closeConverters(converters)
        await tolerance.close()
        await this.#parts.closeAdmin()
      }
    }
  }

  /** Sends and commits nothing more, whatever the task is still doing. */
  abandon(): void {
    this.#offsets.cancel()
    this.#producer.destroy().catch((error: unknown) => {
      this.#parts.log.warn('The producer of an abandoned task could not be closed as it should', { error })
    })
  }

  metrics(): MetricSample[] {
    return sourceSamples({ ...this.#parts.samples, metrics: this.#metrics })
  }

  #poll(): MaybePromise<SourceRecord[] | null> {
    try {
      const polled = this.#parts.task.poll()
      return isPromise(polled) ? polled.then(undefined, nothingIfRetriable) : polled
    } catch (error) {
      return nothingIfRetriable(error)
    }
  }

  /** Sends a batch whole: waits where it must, tries again what may be tried again, skips what is tolerated. */
  async #sendAll(records: readonly SourceRecord[], gate: TaskGate): Promise<void> {
    let at = 0
    let attempt = 0
    let since = 0
    this.#writer.now = Date.now()
    while (at < records.length) {
      try {
        const written = this.#writer.write(records, at)
        const reached = isPromise(written) ? await written : written
        if (reached > at) attempt = 0
        at = reached
        if (at < records.length && this.#producer.full) {
          await this.#room(gate)
          // What is not sent is not committed either: it is read again.
          if (gate.stopping) return
        }
      } catch (error) {
        const place = this.#writer.failed()
        if (place.index !== at) attempt = 0
        at = place.index
        const record = records[at] as SourceRecord
        if (attempt === 0) since = performance.now()
        if (place.stage === 'KAFKA_PRODUCE') {
          if (isTooLarge(error)) {
            this.#refused(record, error)
            at++
            continue
          }
          if (!isRetriable(error))
            throw new ConnectException('Unrecoverable exception trying to send', { cause: error })
          if (gate.stopping) return
          await sleep(SEND_RETRY_MS)
          continue
        }
        const { stage, className } = place
        const failure = {
          stage,
          className,
          error,
          source: `SourceRecord{topic='${record.topic}', sourcePartition=${JSON.stringify(record.sourcePartition)}, sourceOffset=${text(record.sourceOffset)}}`,
        }
        const decision = await this.#parts.tolerance.failed(failure, attempt++, since, gate.signal)
        // It is read again, and nothing behind it may be committed.
        if (decision === 'stop') return
        if (decision === 'skip') {
          this.#dropped(record)
          at++
          attempt = 0
        }
      }
      this.#throwFailure()
    }
  }
  /** The producer does not take a record at all: what a broker's refusal of its batch means, without the way there. */
  #refused(record: SourceRecord, error: Error): void {
    const tag = this.#submitted.tag(record, {}, true)
    this.#submitted.submit(record, tag)
    const sent = { topic: record.topic, partition: -1, baseOffset: -1, timestamp: -1, tags: [tag], count: 1 }
    this.#outcome(sent, error)
    this.#throwFailure()
  }
  /** Waits for room in the producer's buffer, or for the end. */
  async #room(gate: TaskGate): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const stop = () => resolve()
    gate.signal.addEventListener('abort', stop, { once: true })
    await Promise.race([this.#producer.drained(), promise])
    gate.signal.removeEventListener('abort', stop)
  }

  async #prepareTopic(topic: string): Promise<void> {
    if (!this.#topics.has(topic)) {
      await this.#parts.createTopic?.(topic)
      this.#topics.add(topic)
    }
    if (!this.#producer.ready(topic)) await this.#producer.awaitReady(topic, { signal: this.#stopping.signal })
  }

  /** Acknowledgements and failures of the producer, batch by batch. */
  #outcome(sent: SentBatch, error: Error | null): void {
    const { task, tolerance, topicUsed } = this.#parts
    if (error !== null && !tolerance.tolerateAll) {
      this.#failure ??= new ConnectException('Unrecoverable exception from producer send callback', { cause: error })
      return
    }
    if (error !== null) {
      const className = 'org.apache.kafka.clients.producer.KafkaProducer'
      for (let index = 0; index < sent.count; index++) void tolerance.skip({ stage: 'KAFKA_PRODUCE', className, error })
    }
    if (task.commitRecord === undefined) this.#acked(sent.tags)
    else this.#ackedOneByOne(sent, error === null)
    if (error === null) {
      this.#metrics.wrote(sent.tags.length)
      topicUsed(sent.topic)
    } else this.#metrics.dropped(sent.tags.length)
  }
  /** Mostly a batch has one tag: its records came from one source partition. */
  #acked(tags: readonly number[]): void {
    for (let from = 0, to = 0; from < tags.length; from = to) {
      const tag = tags[from] as number
      for (to = from + 1; to < tags.length && tags[to] === tag; ) to++
      this.#submitted.ack(tag, to - from)
    }
  }
  #ackedOneByOne({ topic, partition, baseOffset, timestamp, tags }: SentBatch, sent: boolean): void {
    tags.forEach((tag, index) => {
      const metadata = sent ? { topic, partition, offset: baseOffset + index, timestamp } : null
      this.#committed(this.#submitted.next(tag), metadata)
      this.#submitted.ack(tag)
    })
  }
  #dropped(record: SourceRecord): void {
    this.#metrics.dropped(1)
    this.#committed(record, null)
  }
  #committed(record: SourceRecord | null, metadata: Parameters<NonNullable<SourceTask['commitRecord']>>[1]): void {
    if (record === null) return
    try {
      this.#parts.task.commitRecord?.(record, metadata)
    } catch (error) {
      this.#parts.log.error('Exception thrown while calling task.commitRecord()', { error })
    }
  }

  /**
   * Waits for what is under way, then commits what is safe: also after a failure, so that less is repeated.
   * True when nothing is under way any more.
   */
  async #lastCommit(failed: boolean): Promise<boolean> {
    const timer = new AbortController()
    const late = sleep(this.#parts.flushTimeoutMs, false, { signal: timer.signal }).catch(() => false)
    const flushed = await Promise.race([this.#producer.flush().then(() => true), late])
    timer.abort()
    await this.#offsets.commit()
    if (!failed && this.#offsets.takeCommitted()) await this.#tellCommitted()
    return flushed
  }
  /** What the task fails to do about a commit does not undo it: the offsets are stored (as the reference, it goes on). */
  async #tellCommitted(): Promise<void> {
    try {
      await this.#parts.task.commit?.()
    } catch (error) {
      this.#parts.log.error('Exception thrown while calling task.commit()', { error })
    }
  }

  #throwFailure(): void {
    if (this.#failure !== null) throw this.#failure
  }
}

function nothingIfRetriable(error: unknown): null {
  if (isRetriable(error)) return null
  throw error
}

function isTooLarge(error: unknown): error is Error {
  return error instanceof Error && error.name === 'RecordTooLargeException'
}

function text(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) => (typeof one === 'bigint' ? one.toString() : one))
}
