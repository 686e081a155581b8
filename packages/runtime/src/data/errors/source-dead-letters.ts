// The dead letter queue of a source task: what it polled and could not be written, with headers that tell why and where it was read.
// The reference has none for sources.
import {
  ConnectException,
  type Converter,
  type HeaderConverter,
  type Logger,
  type OffsetMap,
  type SourceRecord,
} from '@millrace/api'
import type { Producer, ProducerRecord } from '@millrace/kafka'
import type { TaskId } from '../../plane/messages.ts'
import { contextHeaders, failureContext, type KafkaHeader } from './context-headers.ts'
import type { ErrorMetrics } from './error-metrics.ts'
import { letterBytes, plainJson } from './polled-bytes.ts'
import type { Failure } from './stages.ts'

/** What a queue is made of. */
export interface SourceDeadLetterOptions {
  readonly id: TaskId
  readonly topic: string
  /** `errors.deadletterqueue.context.headers.enable` */
  readonly contextHeaders: boolean
  /** Writes the letters: the task's own within its transactions, else one for them alone. */
  readonly producer: Producer
  /** Whether it is closed with the queue. */
  readonly ownsProducer: boolean
  /** JsonConverter with schemas, or null where this worker has none. */
  readonly json: Converter | null
  readonly header: HeaderConverter
  readonly metrics: ErrorMetrics
  readonly mask: (text: string) => string
  readonly log: Logger
}

const CLOSE_MS = 30_000
/** More letters than this are never under way: the source waits for them. */
const MOST_WAITING = 1_000

/** Writes dead letters. Their order is that of {@link write}. */
export class SourceDeadLetters {
  readonly #options: SourceDeadLetterOptions
  readonly #waiting = new Set<Promise<void>>()

  constructor(options: SourceDeadLetterOptions) {
    this.#options = options
  }

  get topic(): string {
    return this.#options.topic
  }

  /**
   * Writes what was polled. Resolves when it is acknowledged: only then may the record's offset be committed.
   * @throws ConnectException when it was not written: the record is nowhere then, and the task must fail
   */
  write(record: SourceRecord, failure: Failure): Promise<void> {
    const written = this.#write(record, failure)
    this.#waiting.add(written)
    written.catch(() => {}).finally(() => this.#waiting.delete(written))
    return written
  }

  /** Waits while there are too many letters under way. */
  room(): Promise<void> | undefined {
    return this.#waiting.size < MOST_WAITING ? undefined : this.#all().then(() => {})
  }

  /** Waits for all letters so far. @throws ConnectException when one was not written */
  async settled(): Promise<void> {
    const failed = (await this.#all()).find((one) => one.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }

  /** @param timeoutMs how long letters under way are waited for */
  async close(timeoutMs = CLOSE_MS): Promise<void> {
    if (this.#options.ownsProducer) await this.#options.producer.close({ timeoutMs })
  }

  #all(): Promise<PromiseSettledResult<void>[]> {
    return Promise.allSettled([...this.#waiting])
  }

  async #write(record: SourceRecord, failure: Failure): Promise<void> {
    const { topic, metrics, log } = this.#options
    metrics.dlqRequests++
    try {
      const whole = this.#letter(record, failure)
      const sizes = await this.#send(whole, [])
      // Too large with all it has: the story alone still says which record of the source it was.
      if (sizes !== null) {
        const story = { ...whole, key: null, value: null, headers: this.#context(record, failure) }
        const refused = await this.#send(story, [['source.omitted', sizes]])
        if (refused !== null) throw new ConnectException(`Not even its headers fit: ${refused}`)
      }
    } catch (cause) {
      metrics.dlqFailures++
      log.error(`A record could not be written to the dead letter queue ${topic}`, { error: cause })
      throw new ConnectException(
        `A record that failed could not be written to the dead letter queue ${topic} either, so its source offset must not be committed`,
        { cause },
      )
    }
  }

  /** Null when it is written; else the sizes of what is too large. */
  async #send(letter: ProducerRecord, more: readonly (readonly [string, string])[]): Promise<string | null> {
    const { producer } = this.#options
    try {
      await producer.send({ ...letter, headers: [...(letter.headers ?? []), ...contextHeaders(more)] })
      return null
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'RecordTooLargeException') throw error
      return `key ${letter.key?.length ?? 0} bytes, value ${letter.value?.length ?? 0} bytes`
    }
  }

  #letter(record: SourceRecord, failure: Failure): ProducerRecord {
    const { json, topic } = this.#options
    const key = letterBytes(json, record.topic, record.keySchema, record.key)
    const value = letterBytes(json, record.topic, record.valueSchema, record.value)
    const context = this.#context(record, failure)
    const formats = contextHeaders([
      ['source.key.format', key.format],
      ['source.value.format', value.format],
    ])
    const { timestamp } = record
    return {
      topic,
      key: key.bytes,
      value: value.bytes,
      headers: [...this.#ownHeaders(record), ...context, ...(context.length === 0 ? [] : formats)],
      ...(timestamp !== null && timestamp >= 0 && { timestamp }),
    }
  }

  /** The record's headers by its converter; what that refuses, as JSON. */
  #ownHeaders(record: SourceRecord): KafkaHeader[] {
    if (!record.hasHeaders) return []
    const { header } = this.#options
    return [...record.headers].map(({ key, schema, value }) => {
      try {
        return { key, value: header.fromConnectHeader(record.topic, key, schema, value) }
      } catch {
        return { key, value: Buffer.from(plainJson(value)) }
      }
    })
  }

  /** The reference's headers as far as a source has them: where it was to go, who failed with what; then where it was read. */
  #context(record: SourceRecord, failure: Failure): KafkaHeader[] {
    const { id, mask, contextHeaders: wanted } = this.#options
    if (!wanted) return []
    const partition = record.kafkaPartition
    return contextHeaders([
      ['topic', record.topic],
      ...(partition === null ? [] : [['partition', String(partition)] as const]),
      ...failureContext(failure, id, mask),
      ['source.partition', position(record.sourcePartition, mask)],
      ['source.offset', position(record.sourceOffset, mask)],
    ])
  }
}

function position(map: OffsetMap | null, mask: (text: string) => string): string | null {
  return map === null ? null : mask(plainJson(map))
}
