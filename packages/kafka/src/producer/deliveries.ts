// What becomes of batches: tells the owner of the records, keeps count of what is unfinished, and answers flush().
import { errorMessage, type Logger } from '@millrace/api'
import type { KafkaException } from '../errors.ts'
import type { BufferPool } from './buffer-pool.ts'
import type { ProducerMetrics } from './metrics.ts'
import { NO_TAG, type OutgoingBatch } from './outgoing-batch.ts'

/** A batch that was acknowledged or failed, as its writer sees it. Valid only during the call. */
export interface SentBatch {
  readonly topic: string
  readonly partition: number
  /** Offset of the first record; the others follow. -1 when not known: it failed, acks=0, or an old duplicate. */
  readonly baseOffset: number
  /** Log append time in ms, or -1 when the records keep their own timestamps. */
  readonly timestamp: number
  /** What was given to wrote(), one per record in order; -1 for records of send(). */
  readonly tags: readonly number[]
  readonly count: number
}

export type BatchListener = (sent: SentBatch, error: KafkaException | null) => void

interface Flush {
  readonly upTo: number
  /** Batches that it waits for. */
  readonly batches: Set<OutgoingBatch>
  readonly resolve: () => void
}

export class Deliveries {
  /** Called once for every batch of tagged records. */
  listener: BatchListener | null = null
  readonly #pool: BufferPool
  readonly #metrics: ProducerMetrics
  readonly #log: Logger
  /** Every batch without an outcome. */
  readonly #unfinished = new Set<OutgoingBatch>()
  #flushes: Flush[] = []
  #serial = 0

  constructor(pool: BufferPool, metrics: ProducerMetrics, log: Logger) {
    this.#pool = pool
    this.#metrics = metrics
    this.#log = log
  }

  /** Batches without an outcome. */
  get unfinished(): ReadonlySet<OutgoingBatch> {
    return this.#unfinished
  }

  /** Batches up to this serial are being flushed: they do not linger. */
  get flushingUpTo(): number {
    return this.#flushes.at(-1)?.upTo ?? -1
  }

  /** A new batch begins. */
  begin(batch: OutgoingBatch): void {
    batch.serial = ++this.#serial
    this.#unfinished.add(batch)
  }

  /** A batch was split: its parts take its place. */
  replace(batch: OutgoingBatch, parts: readonly OutgoingBatch[]): void {
    for (const part of parts) {
      this.#unfinished.add(part)
      for (const flush of this.#flushes) if (flush.batches.has(batch)) flush.batches.add(part)
    }
    this.#forget(batch)
    this.#pool.release(batch, true)
  }

  /** Resolves when every batch that has records now has an outcome. */
  flush(): Promise<void> {
    const batches = new Set([...this.#unfinished].filter((batch) => batch.count > 0))
    if (batches.size === 0) return Promise.resolve()
    return new Promise((resolve) => this.#flushes.push({ upTo: this.#serial, batches, resolve }))
  }

  /** The batch is written. @param appendTime log append time in ms, -1 for none */
  succeed(batch: OutgoingBatch, baseOffset: number, appendTime: number): void {
    const metrics = this.#metrics
    metrics.recordSendTotal += batch.count
    metrics.batchTotal++
    metrics.byteTotal += batch.size
    if (batch.size > metrics.batchSizeMax) metrics.batchSizeMax = batch.size
    const { topic, partition } = batch.queue
    for (const waiter of batch.waiters) {
      const offset = baseOffset < 0 ? -1 : baseOffset + waiter.index
      waiter.resolve({ topic, partition, offset, timestamp: appendTime >= 0 ? appendTime : waiter.timestamp })
    }
    this.#tell(batch, baseOffset, appendTime, null)
    this.#end(batch)
  }

  /** The batch is not written, or nobody knows. */
  fail(batch: OutgoingBatch, error: KafkaException): void {
    this.#metrics.recordErrorTotal += batch.count
    for (const waiter of batch.waiters) waiter.reject(error)
    this.#tell(batch, -1, -1, error)
    this.#end(batch)
  }

  #tell(batch: OutgoingBatch, baseOffset: number, timestamp: number, error: KafkaException | null): void {
    if (this.listener === null || batch.count === 0 || batch.waiters.length === batch.count) return
    const { topic, partition } = batch.queue
    const sent = { topic, partition, baseOffset, timestamp, tags: batch.tags, count: batch.count }
    try {
      this.listener(sent, error)
    } catch (failure) {
      this.#log.error(`The listener for sent batches failed: ${errorMessage(failure)}`, { error: failure })
    }
  }

  #end(batch: OutgoingBatch): void {
    batch.settled = true
    this.#forget(batch)
    // Bytes on the wire belong to the socket until the answer: the sender releases them then.
    if (!batch.onWire) this.#pool.release(batch, true)
  }

  #forget(batch: OutgoingBatch): void {
    this.#unfinished.delete(batch)
    if (this.#flushes.length === 0) return
    const done = this.#flushes.filter((flush) => flush.batches.delete(batch) && flush.batches.size === 0)
    if (done.length === 0) return
    this.#flushes = this.#flushes.filter((flush) => !done.includes(flush))
    for (const flush of done) flush.resolve()
  }
}

export { NO_TAG }
