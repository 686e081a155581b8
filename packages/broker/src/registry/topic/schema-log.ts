// The topic `_schemas`: one writer, one reader from the first record on. What is written counts once it has been read back.
import { errorMessage, type Logger } from '@millrace/api'
import { Consumer, isWakeup, type PolledRecords, Producer } from '@millrace/kafka'
import type { RegistryLog } from '../core/log.ts'
import type { Applied } from '../core/state.ts'
import { errors, RegistryError } from '../errors.ts'
import { decodeRecord, encodeKey, encodeValue, type RegistryRecord } from './format.ts'

/** How the topic is reached. Times in milliseconds. */
export interface SchemaLogOptions {
  readonly topic: string
  /** Properties of all clients. */
  readonly clientProps: Readonly<Record<string, string>>
  /** For a write to be acknowledged and to come back. */
  readonly timeoutMs: number
  /** Takes in a record that was read. `timestamp` in milliseconds since the epoch. */
  readonly apply: (record: RegistryRecord, timestamp: number) => Applied
  readonly log: Logger
}

interface Waiter {
  readonly offset: number
  readonly resolve: () => void
  readonly reject: (error: RegistryError) => void
}

const POLL_MS = 1_000
const RETRY_MS = 500
const NOOP = encodeKey({ keytype: 'NOOP' })

/** The log of one registry instance. */
export class SchemaLog implements RegistryLog {
  readonly #options: SchemaLogOptions
  readonly #consumer: Consumer
  readonly #partition: { readonly topic: string; readonly partition: number }
  #producer: Producer | undefined
  #waiters = new Set<Waiter>()
  /** Outcomes of records that this instance wrote and still waits for, by offset. */
  readonly #outcomes = new Map<number, Applied>()
  #wanted = 0
  /** Offset after the last record that was applied. */
  #position = 0
  /** The offset of the last write that is known to have worked; -1 when others may have written since. */
  #lastWritten = -1
  #loop: Promise<void> | undefined
  #closed = false

  constructor(options: SchemaLogOptions) {
    this.#options = options
    this.#partition = { topic: options.topic, partition: 0 }
    this.#consumer = Consumer.create(
      {
        ...options.clientProps,
        'auto.offset.reset': 'earliest',
        'enable.auto.commit': 'false',
        'fetch.min.bytes': '1',
        'fetch.max.wait.ms': '500',
      },
      { log: options.log },
    )
  }

  /** Reads everything that is there. @throws RegistryError 50002 after `timeoutMs`, KafkaException */
  async start(timeoutMs: number): Promise<void> {
    this.#consumer.assign([this.#partition])
    this.#consumer.seekToBeginning([this.#partition])
    const [end] = await this.#consumer.endOffsets([this.#partition], { timeoutMs })
    this.#loop = this.#read()
    await this.#reached((end?.offset ?? 0) - 1, timeoutMs)
  }

  async append(record: RegistryRecord): Promise<Applied> {
    this.#wanted++
    try {
      const { timeoutMs } = this.#options
      const offset = await this.#write(encodeKey(record.key), encodeValue(record), timeoutMs)
      await this.#reached(offset, timeoutMs)
      this.#lastWritten = offset
      return this.#outcomes.get(offset) ?? 'applied'
    } catch (error) {
      this.#lastWritten = -1
      throw error
    } finally {
      if (--this.#wanted === 0) this.#outcomes.clear()
    }
  }

  async catchUp(timeoutMs = this.#options.timeoutMs): Promise<void> {
    // The end is where a record of our own lies: whatever the brokers do meanwhile, nothing before it is missed.
    if (this.#lastWritten < 0) this.#lastWritten = await this.#write(NOOP, null, timeoutMs)
    await this.#reached(this.#lastWritten, timeoutMs)
  }

  /** Others have written, or may have: the next {@link catchUp} looks for the end anew. */
  othersMayHaveWritten(): void {
    this.#lastWritten = -1
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#consumer.close({ timeoutMs: RETRY_MS })
    await this.#loop
    await this.#producer?.close({ timeoutMs: RETRY_MS })
    for (const waiter of this.#waiters) waiter.reject(errors.store('The registry is being stopped.'))
  }

  /** What is given up after `timeoutMs` may still be written; then it counts, and whoever asks again will find it. */
  async #write(key: Buffer, value: Buffer | null, timeoutMs: number): Promise<number> {
    const { clientProps, topic, log } = this.#options
    this.#producer ??= Producer.create(
      { ...clientProps, acks: 'all', 'enable.idempotence': 'true', 'linger.ms': '0' },
      { log },
    )
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(() => late.reject(errors.timeout('Write to the Kafka store timed out.')), timeoutMs)
    try {
      const sent = this.#producer.send({ topic, partition: 0, key, value })
      return (await Promise.race([sent, late.promise])).offset
    } catch (cause) {
      if (cause instanceof RegistryError) throw cause
      if (cause instanceof Error && cause.name === 'RecordTooLargeException') throw errors.schemaTooLarge()
      throw errors.store(`Writing to the topic ${topic} failed: ${errorMessage(cause)}`, cause)
    } finally {
      clearTimeout(timer)
    }
  }

  /** Waits until the record at an offset has been applied. */
  #reached(offset: number, timeoutMs: number): Promise<void> {
    if (this.#position > offset) return Promise.resolve()
    const reached = Promise.withResolvers<void>()
    const waiter: Waiter = { offset, resolve: reached.resolve, reject: reached.reject }
    const late = () =>
      waiter.reject(errors.timeout(`Reading the topic ${this.#options.topic} up to offset ${offset} timed out.`))
    const timer = setTimeout(late, timeoutMs)
    this.#waiters.add(waiter)
    return reached.promise.finally(() => {
      clearTimeout(timer)
      this.#waiters.delete(waiter)
    })
  }

  async #read(): Promise<void> {
    const { log } = this.#options
    while (!this.#closed) {
      try {
        this.#applyAll(await this.#consumer.poll(POLL_MS))
        this.#position = this.#consumer.position(this.#partition) ?? this.#position
        for (const waiter of this.#waiters) if (waiter.offset < this.#position) waiter.resolve()
      } catch (error) {
        if (this.#closed || isWakeup(error)) continue
        log.error('The schemas cannot be read, and are tried again', { topic: this.#options.topic, error })
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
      }
    }
  }

  #applyAll({ chunks }: PolledRecords): void {
    for (const { reader } of chunks) {
      while (reader.next()) {
        if (reader.keyEnd < 0) continue
        const key = Buffer.from(reader.buffer.subarray(reader.keyStart, reader.keyEnd))
        const value =
          reader.valueEnd < 0 ? null : Buffer.from(reader.buffer.subarray(reader.valueStart, reader.valueEnd))
        this.#apply(key, value, reader.offset, reader.timestamp)
      }
    }
  }

  #apply(key: Buffer, value: Buffer | null, offset: number, timestamp: number): void {
    const { topic, apply, log } = this.#options
    try {
      const record = decodeRecord(key, value)
      if (record === undefined) return
      const applied = apply(record, timestamp)
      if (applied === 'applied') return
      log.error('A schema has the id of another one and is not taken in', { topic, offset, key: key.toString('utf8') })
      if (this.#wanted > 0) this.#outcomes.set(offset, applied)
    } catch (error) {
      log.error('A record of the registry cannot be read and is passed over', { topic, offset, error })
    }
  }
}
