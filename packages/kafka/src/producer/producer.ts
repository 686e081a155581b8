// The producer: what its owner calls. Writing is synchronous and straight into batches; all waiting is beside it.
import { errorMessage, type Logger, silentLogger } from '@millrace/api'
import type { ClusterClient, SharedClusters } from '../cluster/index.ts'
import { parseClientConfig } from '../config/client-config.ts'
import { COMMON_KEYS } from '../config/common.ts'
import { PRODUCER_KEYS } from '../config/producer.ts'
import { isRetriable, KafkaException, timedOut } from '../errors.ts'
import { type BatchBuilder, CompressionType, compress } from '../records/index.ts'
import { Accumulator } from './accumulator.ts'
import { BufferPool } from './buffer-pool.ts'
import { type BatchListener, Deliveries, NO_TAG } from './deliveries.ts'
import { newMetrics, type ProducerMetrics } from './metrics.ts'
import { IdempotentNumbering, type Numbering, PLAIN_NUMBERING } from './numbering.ts'
import { type ProducerOptions, resolveOptions } from './options.ts'
import { Outcomes } from './outcomes.ts'
import type { OutgoingBatch, RecordMetadata } from './outgoing-batch.ts'
import type { PartitionQueue } from './partition-queue.ts'
import { Sender } from './sender.ts'
import type { OffsetsOwner, OffsetToSend } from './transaction-requests.ts'
import { Transactions } from './transactions.ts'

/** What a producer takes beside its properties. */
export interface ProducerExtras {
  readonly log?: Logger
  /** A cluster client to share; it is not closed with the producer. */
  readonly cluster?: ClusterClient
  /** Where clients of the same settings share connections and metadata. A transactional producer keeps to itself. */
  readonly clusters?: SharedClusters
}

/** A record for {@link Producer.send}. Text becomes UTF-8. */
export interface ProducerRecord {
  readonly topic: string
  /** Left out: chosen by key, or by load. */
  readonly partition?: number | null
  readonly key?: Uint8Array | string | null
  readonly value?: Uint8Array | string | null
  /** Milliseconds since the epoch; left out: now. */
  readonly timestamp?: number | null
  readonly headers?: readonly { readonly key: string; readonly value: Uint8Array | string | null }[]
}

/** A batch without an outcome. */
export interface UnfinishedBatch {
  readonly topic: string
  readonly partition: number
  /** Its records. */
  readonly count: number
  /** How often it was sent. */
  readonly attempts: number
  /** Milliseconds since its first record. */
  readonly ageMs: number
  /** What went wrong last; null for nothing that is known. */
  readonly error: string | null
  /** Batches without an outcome, with this one. */
  readonly unfinished: number
}

const KEYS = COMMON_KEYS.merge(PRODUCER_KEYS)

/**
 * Writes records to Kafka, in order within each partition.
 *
 * The fast way, for one writer at a time: wait for {@link awaitReady} once a topic; then for each record choose a
 * {@link partition}, {@link open} its batch, write one record into it (begin ... end), and call {@link wrote}. Look at
 * {@link full} between records and wait for {@link drained} when it is. Outcomes come to {@link onBatch}, batch by batch,
 * in order within a partition. The simple way is {@link send}.
 */
export class Producer {
  readonly options: ProducerOptions
  /** Counters; read them whenever you like. */
  readonly metrics: ProducerMetrics = newMetrics()
  readonly #cluster: ClusterClient
  readonly #ownsCluster: boolean
  readonly #pool: BufferPool
  readonly #deliveries: Deliveries
  readonly #accumulator: Accumulator
  readonly #sender: Sender
  readonly #numbering: Numbering
  readonly #transactions: Transactions | null
  readonly #stopListening: () => void
  readonly #closed = new AbortController()
  #closing = false

  /** @throws ConfigException for a configuration that cannot be used */
  static create(props: Readonly<Record<string, string>>, extras: ProducerExtras = {}): Producer {
    return new Producer(props, extras)
  }

  private constructor(props: Readonly<Record<string, string>>, extras: ProducerExtras) {
    const log = extras.log ?? silentLogger
    const config = parseClientConfig('producer', KEYS, props, log)
    const values = config.own
    const common = {
      requestTimeoutMs: values['request.timeout.ms'],
      backoff: { initialMs: values['retry.backoff.ms'], maxMs: values['retry.backoff.max.ms'] },
    }
    const options = resolveOptions(values, config.given, common, log)
    checkCompression(options)
    this.options = options
    this.#ownsCluster = extras.cluster === undefined
    this.#cluster = extras.cluster ?? config.openCluster(options.transactionalId === null ? extras.clusters : undefined)
    this.#pool = new BufferPool(options.bufferMemory, options.batchSize)
    this.#deliveries = new Deliveries(this.#pool, this.metrics, log)
    const context = {
      options,
      cluster: this.#cluster,
      log,
      wake: () => this.#sender.wake(),
      alreadyWritten: (queue: PartitionQueue, batch: OutgoingBatch) => outcomes.alreadyWritten(queue, batch),
      flush: () => this.flush(),
      failUnsent: (error: KafkaException) => this.#sender.failUnsent(error),
    }
    const id = options.transactionalId
    this.#transactions = id === null ? null : new Transactions(context, id)
    this.#numbering = this.#transactions ?? (options.idempotent ? new IdempotentNumbering(context) : PLAIN_NUMBERING)
    const parts = {
      options,
      log,
      cluster: this.#cluster,
      pool: this.#pool,
      deliveries: this.#deliveries,
      numbering: this.#numbering,
      metrics: this.metrics,
    }
    const outcomes = new Outcomes(parts)
    this.#sender = new Sender({ ...parts, outcomes })
    this.#accumulator = new Accumulator(options, this.#cluster, this.#pool, this.#deliveries, this.#sender)
    this.#stopListening = this.#cluster.onMetadata(() => this.#onMetadata())
  }

  get clientId(): string {
    return this.#cluster.clientId
  }

  /** Called once for each batch written by {@link wrote}: acknowledged, or failed with an error. Must not throw. */
  set onBatch(listener: BatchListener | null) {
    this.#deliveries.listener = listener
  }

  /** True when the topic's partitions are known: it can be written to. */
  ready(topic: string): boolean {
    return this.#accumulator.partitions(topic) > 0
  }

  /** Partitions of a topic, 0 while it is not known. */
  partitionCount(topic: string): number {
    return this.#accumulator.partitions(topic)
  }

  /**
   * Waits until a topic can be written to, `max.block.ms` at most or as given. A broker may create the topic.
   * @throws KafkaException `TimeoutException`, `TopicAuthorizationException`, `InvalidTopicException`
   */
  async awaitReady(
    topic: string,
    options: { readonly signal?: AbortSignal; readonly timeoutMs?: number } = {},
  ): Promise<void> {
    if (this.ready(topic)) return
    this.#throwIfClosed()
    let stop: () => void = () => {}
    // Enough is known when the partitions are: one without a leader holds up only its own records.
    const known = new Promise<void>((resolve) => {
      stop = this.#cluster.onMetadata(() => {
        if (this.ready(topic)) resolve()
      })
    })
    const timeoutMs = options.timeoutMs ?? this.options.maxBlockMs
    const signal = options.signal === undefined ? {} : { signal: options.signal }
    const asked = this.#cluster
      .ensureTopics([topic], { ...signal, timeoutMs, allowAutoCreate: true })
      .catch((error: unknown) => {
        if (!this.ready(topic)) throw error
      })
    try {
      await Promise.race([known, asked])
    } finally {
      stop()
    }
  }

  /** The partition of a record: by the first `length` bytes of its key, or without one by load (KIP-794). */
  partition(topic: string, key: Uint8Array | null, length: number = key?.length ?? 0): number {
    return this.#accumulator.partition(topic, key, length)
  }

  /**
   * The batch to write the next record for this partition into: exactly one, from begin() to end(), then {@link wrote}.
   * A record that is not to be sent after all is rolled back.
   * @throws KafkaException when the partition is not there, or the transaction or producer has failed
   */
  open(topic: string, partition: number): BatchBuilder {
    if (this.#closing || this.#numbering.failure !== null) this.#throwIfClosed()
    if (this.#transactions !== null && !this.#transactions.inTransaction) this.#needTransaction()
    return this.#accumulator.open(topic, partition)
  }

  /**
   * The record just ended in `batch` is to be sent. `tag` comes back with the outcome: a number of the caller's.
   * @throws KafkaException `RecordTooLargeException`: the record was taken out again and is not sent
   */
  wrote(batch: BatchBuilder, tag: number): void {
    this.#accumulator.wrote(batch as OutgoingBatch, tag)
  }

  /** True when `buffer.memory` is used up: write nothing more before {@link drained}. */
  get full(): boolean {
    return this.#pool.full
  }

  /** Resolves when there is room again, or the producer has ended. */
  drained(): Promise<void> {
    if (this.#pool.full) this.#sender.wake()
    return this.#closed.signal.aborted ? Promise.resolve() : this.#pool.drained()
  }

  /** Bytes of batches that wait to be sent or answered. */
  get bufferedBytes(): number {
    return this.#pool.used
  }

  /** Requests without an answer. */
  get inFlight(): number {
    return this.#sender.inFlight
  }

  /** Batches without an outcome yet. */
  get unfinishedBatches(): number {
    return this.#deliveries.unfinished.size
  }

  /** The batch that has waited longest for its outcome; null when there is none. For those who look whether all is well. */
  oldestUnfinished(): UnfinishedBatch | null {
    let oldest: OutgoingBatch | undefined
    let unfinished = 0
    for (const batch of this.#deliveries.unfinished) {
      if (batch.count === 0) continue
      unfinished++
      if (oldest === undefined || batch.createdAt < oldest.createdAt) oldest = batch
    }
    if (oldest === undefined) return null
    const { queue, count, attempts, createdAt } = oldest
    const error = oldest.lastError ?? this.#sender.problemOf(queue)
    return {
      topic: queue.topic,
      partition: queue.partition,
      count,
      attempts,
      ageMs: Date.now() - createdAt,
      error: error === null ? null : errorMessage(error),
      unfinished,
    }
  }

  /** Sends what waits without lingering; resolves when every record written so far has its outcome, good or bad. */
  flush(): Promise<void> {
    const done = this.#deliveries.flush()
    this.#sender.wake()
    return done
  }

  /**
   * Sends one record and resolves with its place. Waits for metadata and memory, `max.block.ms` at most.
   * @throws KafkaException when it was not written, or nobody knows
   */
  async send(record: ProducerRecord): Promise<RecordMetadata> {
    const deadline = performance.now() + this.options.maxBlockMs
    await this.awaitReady(record.topic)
    while (this.full) await this.#roomUntil(deadline)
    return new Promise<RecordMetadata>((resolve, reject) => this.#write(record, resolve, reject))
  }

  /** Fences earlier producers with this transactional.id and ends what they left open. Once, before all transactions. */
  async initTransactions(): Promise<void> {
    this.#throwIfClosed()
    await this.#transactional().init()
  }

  beginTransaction(): void {
    this.#throwIfClosed()
    this.#transactional().begin()
  }

  /** Makes a consumer's positions a part of the transaction. */
  async sendOffsetsToTransaction(offsets: readonly OffsetToSend[], member: OffsetsOwner): Promise<void> {
    await this.#transactional().sendOffsets(offsets, member)
  }

  /**
   * Waits for every record of the transaction and commits. After a timeout it may be called again.
   * @throws KafkaException when a record failed: then abort; `ProducerFencedException`: then close
   */
  async commitTransaction(): Promise<void> {
    await this.#transactional().commit()
  }

  /** Drops what was not sent and aborts; the producer can begin another transaction then. */
  async abortTransaction(): Promise<void> {
    await this.#transactional().abort()
  }

  /** Sends what waits, for `timeoutMs` at most (default: as long as it takes), and ends. Safe to call again. */
  async close(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    if (this.#closed.signal.aborted) return
    this.#closing = true
    this.#sender.hurry = true
    const timeoutMs = options.timeoutMs ?? Number.POSITIVE_INFINITY
    if (timeoutMs > 0) await this.#flushWithin(timeoutMs)
    await this.destroy(
      new KafkaException(`The producer was closed within ${timeoutMs} ms, before the record was acknowledged`, {
        exception: 'KafkaException',
      }),
    )
  }

  /** Ends at once: what is not acknowledged fails with `reason`. Safe to call again. */
  async destroy(reason: KafkaException = new KafkaException('The producer was closed')): Promise<void> {
    if (this.#closed.signal.aborted) return
    this.#closing = true
    this.#closed.abort(reason)
    this.#stopListening()
    this.#sender.stop(reason)
    if (this.#ownsCluster) await this.#cluster.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #write(
    record: ProducerRecord,
    resolve: (metadata: RecordMetadata) => void,
    reject: (error: KafkaException) => void,
  ): void {
    const key = toBytes(record.key)
    const timestamp = record.timestamp ?? Date.now()
    const partition = record.partition ?? this.partition(record.topic, key)
    const builder = this.open(record.topic, partition)
    try {
      builder.begin(timestamp)
      builder.key(key)
      builder.value(toBytes(record.value))
      for (const header of record.headers ?? []) builder.header(header.key, toBytes(header.value))
      builder.end()
    } catch (error) {
      builder.rollback()
      throw error
    }
    const batch = this.#accumulator.wrote(builder as OutgoingBatch, NO_TAG)
    batch.waiters.push({ index: batch.count - 1, timestamp, resolve, reject })
  }

  async #roomUntil(deadline: number): Promise<void> {
    this.#throwIfClosed()
    const left = deadline - performance.now()
    const inTime = left > 0 && (await within(this.drained(), left))
    this.#throwIfClosed()
    if (inTime) return
    throw timedOut(
      `No room in the producer's buffer within ${this.options.maxBlockMs} ms (max.block.ms): ` +
        `${this.bufferedBytes} bytes wait to be acknowledged (buffer.memory is ${this.options.bufferMemory})`,
    )
  }

  async #flushWithin(timeoutMs: number): Promise<void> {
    const done = this.flush()
    if (timeoutMs === Number.POSITIVE_INFINITY) await done
    else await within(done, timeoutMs)
  }

  #onMetadata(): void {
    this.#accumulator.refresh()
    if (this.#ownsCluster) {
      const idle = this.#accumulator.forgetIdle(Date.now())
      if (idle.length > 0) this.#cluster.forgetTopics(idle)
    }
    this.#sender.wake()
  }

  #transactional(): Transactions {
    if (this.#transactions !== null) return this.#transactions
    throw new KafkaException('Transactions need transactional.id to be set', { exception: 'IllegalStateException' })
  }

  #needTransaction(): never {
    throw new KafkaException('Records can be written only between beginTransaction() and its commit or abort', {
      exception: 'IllegalStateException',
    })
  }

  #throwIfClosed(): void {
    const failure = this.#numbering.failure
    if (failure !== null) {
      throw new KafkaException(`The producer cannot write: ${errorMessage(failure)}`, {
        exception: failure.name,
        errorCode: failure.errorCode,
        retriable: isRetriable(failure),
        cause: failure,
      })
    }
    if (this.#closing) throw new KafkaException('The producer is closed', { exception: 'IllegalStateException' })
  }
}

/** A compression whose package is missing is told now, and not by the first batch. */
function checkCompression(options: ProducerOptions): void {
  if (options.compression === CompressionType.none) return
  try {
    compress(options.compression, Buffer.alloc(1), options.compressionLevel)
  } catch (error) {
    throw new KafkaException(`compression.type cannot be used: ${errorMessage(error)}`, {
      exception: 'UnsupportedCompressionTypeException',
      configKey: 'compression.type',
      cause: error,
    })
  }
}

function toBytes(value: Uint8Array | string | null | undefined): Uint8Array | null {
  return value === undefined || value === null ? null : typeof value === 'string' ? Buffer.from(value) : value
}

/** Whether `promise` settles within `ms`. */
async function within(promise: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), Math.min(ms, 0x7fffffff))
  })
  try {
    return await Promise.race([promise.then(() => true), late])
  } finally {
    clearTimeout(timer)
  }
}
