// A topic as a shared log: everything in it is read from the beginning and then as it comes; writes are read back.
import { setTimeout as sleep } from 'node:timers/promises'
import { ConnectException, errorMessage, type Logger, type TopicPartition } from '@millrace/api'
import { type Admin, Consumer, isRetriable, isWakeup, Producer, type RecordMetadata } from '@millrace/kafka'
import { LogHealth } from './log-health.ts'
import { untilDeadline, withinMs } from './time-limit.ts'

/** A record of the log. Key and value are copies. */
export interface LogRecord {
  readonly partition: number
  readonly offset: number
  /** Milliseconds since the epoch, of the writer. */
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
}

/** What a log is made of. */
export interface LogParts {
  readonly topic: string
  readonly admin: Admin
  readonly consumerProps: Readonly<Record<string, string>>
  /** Null for a log that is only read. */
  readonly producerProps: Readonly<Record<string, string>> | null
  /** Called with each record, in order within its partition, never overlapping. Must not throw. */
  readonly onRecord: (record: LogRecord) => void
  /** Makes sure that the topic is there, before it is read. */
  readonly prepare: () => Promise<void>
  readonly log: Logger
}

/** What a store needs of its log. */
export interface TopicLog {
  /** Partitions of the topic; 0 before start. */
  readonly partitionCount: number
  start(): Promise<void>
  stop(): Promise<void>
  send(key: string | Uint8Array, value: Uint8Array | null): Promise<RecordMetadata>
  readToEnd(timeoutMs: number): Promise<void>
  flush(): Promise<void>
}

/** How long the partitions of a topic may be unknown at the start. */
const METADATA_WAIT_MS = 30_000
/** How long the end of the topic may be unknown at the start. */
const START_WAIT_MS = 15 * 60_000
/** A poll that nobody waits on. */
const IDLE_POLL_MS = 60_000
/** A poll while somebody waits: markers of transactions move positions without handing out a record. */
const WAITED_POLL_MS = 20

interface Waiter {
  readonly ends: readonly number[]
  readonly done: () => void
  readonly fail: (error: Error) => void
}

/** A topic read and written on the control plane's thread: one consumer without a group, one producer made when first used. */
export class KafkaBasedLog implements TopicLog {
  readonly #parts: LogParts
  #consumer: Consumer | undefined
  #producer: Producer | undefined
  #partitions: readonly TopicPartition[] = []
  /** Offsets up to which records were handed to {@link LogParts.onRecord}. */
  #positions: number[] = []
  #waiters: Waiter[] = []
  #tail: Promise<void> | undefined
  readonly #health = new LogHealth()
  #starting = false
  readonly #stopped = new AbortController()
  #wake = new AbortController()

  constructor(parts: LogParts) {
    this.#parts = parts
  }

  get topic(): string {
    return this.#parts.topic
  }
  /** What is wrong with the topic now, a sentence each; nothing when all is well. */
  problems(): string[] {
    if (this.#stopped.signal.aborted) return ['It is not read any more']
    if (this.#consumer === undefined || this.#starting) return ['It has not been read to its end yet']
    return this.#health.problems(this.#consumer, this.#producer, this.#partitions)
  }
  get partitionCount(): number {
    return this.#partitions.length
  }

  /**
   * Prepares the topic, reads it to its end, and goes on reading. With `read_committed` the end is here the first transaction
   * that is open: a worker that was killed may have left it, and the tasks that end it begin only when this worker stands.
   * @throws ConnectException when the topic's partitions cannot be learnt, or it cannot be read
   */
  async start(): Promise<void> {
    const { topic, prepare, consumerProps, log } = this.#parts
    await prepare()
    this.#partitions = await this.#lookUpPartitions()
    this.#positions = this.#partitions.map(() => 0)
    const consumer = Consumer.create(consumerProps, { log })
    this.#consumer = consumer
    consumer.assign(this.#partitions)
    consumer.seekToBeginning(this.#partitions)
    this.#starting = true
    this.#health.started()
    this.#tail = this.#readOn(consumer)
    try {
      await this.#readTo(START_WAIT_MS, consumerProps['isolation.level'] === 'read_committed')
    } catch (error) {
      await this.stop()
      throw new ConnectException(`The topic '${topic}' could not be read to its end: ${errorMessage(error)}`, {
        cause: error,
      })
    }
    this.#starting = false
  }

  /** Finishes the writes under way, for a second at most, and closes the clients. Safe to call again. */
  async stop(): Promise<void> {
    if (this.#stopped.signal.aborted) return
    this.#stopped.abort()
    this.#wake.abort()
    this.#failWaiters(new ConnectException(`The log of topic '${this.#parts.topic}' was stopped`))
    await this.#producer?.close({ timeoutMs: 1_000 })
    await this.#tail
    await this.#consumer?.close({ timeoutMs: 1_000 })
  }

  /** Writes a record and resolves when all replicas in sync have it. @throws KafkaException when they have not, or nobody knows */
  async send(key: string | Uint8Array, value: Uint8Array | null): Promise<RecordMetadata> {
    this.#throwIfStopped()
    const { producerProps, topic, log } = this.#parts
    if (producerProps === null) throw new ConnectException(`The log of topic '${topic}' is only for reading`)
    this.#producer ??= Producer.create(producerProps, { log })
    try {
      const written = await this.#producer.send({ topic, key, value })
      this.#health.wrote()
      return written
    } catch (error) {
      this.#health.writeFailed(error)
      throw error
    }
  }

  /** Resolves when all writes so far have their outcome. */
  async flush(): Promise<void> {
    await this.#producer?.flush()
  }

  /**
   * Resolves when every record that was in the topic at the time of the call was handed to the store. With
   * `read_committed` that includes the end of transactions that are open now.
   * @throws KafkaException `TimeoutException` when it took longer
   */
  readToEnd(timeoutMs: number): Promise<void> {
    return this.#readTo(timeoutMs, false)
  }

  async #readTo(timeoutMs: number, stable: boolean): Promise<void> {
    const deadline = performance.now() + timeoutMs
    const what = `Reading the topic '${this.#parts.topic}' to its end`
    this.#throwIfStopped()
    await withinMs(this.flush(), timeoutMs, what)
    const ends = await this.#endOffsets(deadline, what, stable)
    if (this.#reached(ends)) return
    let waiter: Waiter | undefined
    const reached = new Promise<void>((done, fail) => {
      waiter = { ends, done, fail }
      this.#waiters.push(waiter)
    })
    this.#throwIfStopped()
    this.#wake.abort()
    try {
      await withinMs(reached, deadline - performance.now(), what)
    } finally {
      this.#waiters = this.#waiters.filter((one) => one !== waiter)
    }
  }

  /** Mostly the end of everything written: who reads committed records only waits until what is open is decided (KIP-618). */
  async #endOffsets(deadline: number, what: string, stable: boolean): Promise<readonly number[]> {
    const { admin } = this.#parts
    const wanted = this.#partitions.map((one) => ({ ...one, at: 'latest' as const }))
    return untilDeadline(deadline, this.#stopped.signal, what, async (timeoutMs) => {
      const found = await withinMs(
        admin.listOffsets(wanted, { timeoutMs, ...(stable && { isolation: 'read_committed' as const }) }),
        timeoutMs,
        what,
      )
      return found.map((one) => one.offset)
    })
  }

  async #lookUpPartitions(): Promise<readonly TopicPartition[]> {
    const { admin, topic } = this.#parts
    const deadline = performance.now() + METADATA_WAIT_MS
    let last: unknown
    for (let pause = 100; ; pause *= 2) {
      const left = deadline - performance.now()
      if (left <= 0) break
      try {
        const [described] = await admin.describeTopics([topic], { timeoutMs: left })
        last = described?.error ?? undefined
        const partitions = described?.partitions ?? []
        if (last === undefined && partitions.length > 0)
          return partitions.map(({ partition }) => ({ topic, partition }))
      } catch (error) {
        last = error
      }
      await sleep(Math.max(0, Math.min(pause, deadline - performance.now())), undefined, {
        signal: this.#stopped.signal,
      }).catch(() => this.#throwIfStopped())
    }
    throw new ConnectException(
      `Could not look up partition metadata for topic '${topic}' in the allotted period. This could indicate a ` +
        'connectivity issue, unavailable topic partitions, or if this is your first use of the topic it may have taken ' +
        `too long to create.${last === undefined ? '' : ` The last answer was: ${errorMessage(last)}`}`,
      { cause: last },
    )
  }

  async #readOn(consumer: Consumer): Promise<void> {
    for (let failures = 0; !this.#stopped.signal.aborted; ) {
      // A call that comes from now on ends this poll: none is missed.
      this.#wake = new AbortController()
      try {
        const waited = this.#waiters.length > 0
        await this.#pollOnce(consumer, waited ? WAITED_POLL_MS : IDLE_POLL_MS)
        this.#health.read()
        failures = 0
      } catch (error) {
        if (isWakeup(error)) continue
        await this.#failed(error, failures++)
      }
    }
  }

  async #pollOnce(consumer: Consumer, timeoutMs: number): Promise<void> {
    const signal = AbortSignal.any([this.#wake.signal, this.#stopped.signal])
    const { chunks } = await consumer.poll(timeoutMs, { signal })
    for (const { reader, partition, count } of chunks) {
      for (let index = 0; index < count && reader.next(); index++) {
        const { buffer, keyStart, keyEnd, valueStart, valueEnd, offset, timestamp } = reader
        this.#parts.onRecord({
          partition,
          offset,
          timestamp,
          key: keyEnd < 0 ? null : Buffer.from(buffer.subarray(keyStart, keyEnd)),
          value: valueEnd < 0 ? null : Buffer.from(buffer.subarray(valueStart, valueEnd)),
        })
      }
    }
    for (const [index, partition] of this.#partitions.entries()) {
      this.#positions[index] = consumer.position(partition) ?? this.#positions[index]!
    }
    for (const waiter of [...this.#waiters]) if (this.#reached(waiter.ends)) waiter.done()
  }

  /** What no retry mends ends the start; later it is told and tried again, for a worker that runs is not to die of it. */
  async #failed(error: unknown, failures: number): Promise<void> {
    const { log, topic } = this.#parts
    this.#health.readFailed(error)
    if (this.#starting && !isRetriable(error)) {
      this.#failWaiters(error instanceof Error ? error : new ConnectException(String(error)))
      return
    }
    log.error(`Reading the topic '${topic}' failed; it is tried again: ${errorMessage(error)}`, { error })
    const pause = Math.min(100 * 2 ** Math.min(failures, 7), 10_000)
    await sleep(pause, undefined, { signal: this.#stopped.signal }).catch(() => {})
  }

  #reached(ends: readonly number[]): boolean {
    return ends.every((end, index) => this.#positions[index]! >= end)
  }
  #failWaiters(error: Error): void {
    for (const waiter of this.#waiters.splice(0)) waiter.fail(error)
  }
  #throwIfStopped(): void {
    if (!this.#stopped.signal.aborted) return
    throw new ConnectException(`The log of topic '${this.#parts.topic}' was stopped`)
  }
}
