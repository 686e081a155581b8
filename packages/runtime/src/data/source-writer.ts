// From source records to open record batches: the hot half of a source task. Synchronous as long as nothing must be waited for.
import { DataException, Headers, type MaybePromise, type SourceRecord } from '@millrace/api'
import type { Producer } from '@millrace/kafka'
import type { BatchBuilder } from '@millrace/kafka/records'
import { isPromise, type TransformationChain } from './chain.ts'
import type { TaskConverters } from './converters.ts'
import type { Stage } from './errors/stages.ts'
import { HeaderWriter } from './header-bytes.ts'
import { KeyBytes } from './key-bytes.ts'
import type { Submissions } from './source-delivery.ts'

/** Where a record's way ended, for the report of its failure. */
export interface Place {
  readonly stage: Stage
  readonly className: string
}

/** What a writer is made of. */
export interface WriterParts {
  readonly producer: Producer
  readonly chain: TransformationChain | null
  readonly converters: TaskConverters
  readonly submitted: Submissions
  /** A transformation dropped a record. */
  readonly dropped: (record: SourceRecord) => void
  /** Makes sure that a topic can be written to. */
  readonly prepareTopic: (topic: string) => Promise<void>
}

const PRODUCER_CLASS = 'org.apache.kafka.clients.producer.KafkaProducer'

/** Transforms, converts and appends records. */
export class SourceWriter {
  readonly #producer: Producer
  readonly #chain: TransformationChain | null
  readonly #converters: TaskConverters
  readonly #submitted: Submissions
  readonly #dropped: (record: SourceRecord) => void
  readonly #prepareTopic: (topic: string) => Promise<void>
  /** The topic that was written to last: it can be written to, as far as was known at the start of the call. */
  #readyTopic: string | null = null
  readonly #prepared = new Set<string>()
  readonly #givesHeaders: boolean
  readonly #headers: HeaderWriter
  readonly #writesKeys: boolean
  readonly #keyBytes = new KeyBytes()
  #keyLength = 0
  #stage: Stage = 'TRANSFORMATION'
  #builder: BatchBuilder | null = null
  /** Counts bytes of records as they are written, before compression; null for nobody who wants to know. */
  meter: { bytes: number } | null = null
  #sizeBefore = 0

  constructor(parts: WriterParts) {
    this.#producer = parts.producer
    this.#chain = parts.chain
    this.#converters = parts.converters
    this.#givesHeaders = parts.converters.key.writesHeaders === true || parts.converters.value.writesHeaders === true
    this.#headers = new HeaderWriter(parts.converters.header)
    this.#writesKeys = parts.converters.key.write !== undefined
    this.#submitted = parts.submitted
    this.#dropped = parts.dropped
    this.#prepareTopic = parts.prepareTopic
  }

  /**
   * Writes records from index `from` on until index `to`, a full buffer, or something to wait for. Returns the index of the
   * first record that is not written; or a promise of it when that record must wait.
   * @throws whatever a stage throws; {@link failed} then tells which record and where
   */
  write(records: readonly SourceRecord[], from: number, to: number): MaybePromise<number> {
    const producer = this.#producer
    if (this.#readyTopic !== null && !producer.ready(this.#readyTopic)) this.#readyTopic = null
    for (let at = from; at < to; at++) {
      this.#at = at
      if (producer.full) return at
      const outcome = this.#writeOne(records[at] as SourceRecord)
      if (outcome !== undefined) return outcome.then(() => at + 1)
    }
    return to
  }
  #at = 0

  /** After a throw: which record failed, and where. The record's bytes are taken back. */
  failed(): Place & { readonly index: number } {
    const index = this.#at
    if (this.#builder?.recordOpen === true) this.#builder.rollback()
    this.#builder = null
    return { index, stage: this.#stage, className: this.#classAt(this.#stage) }
  }

  #writeOne(record: SourceRecord): Promise<void> | undefined {
    let transformed: SourceRecord | null = record
    if (this.#chain !== null) {
      this.#stage = 'TRANSFORMATION'
      const result = this.#chain.apply(record)
      if (isPromise(result)) return this.#afterChain(record, result)
      transformed = result
    }
    return this.#send(record, transformed)
  }
  async #afterChain(record: SourceRecord, result: PromiseLike<SourceRecord | null>): Promise<void> {
    await this.#send(record, await result)
  }

  #send(original: SourceRecord, record: SourceRecord | null): Promise<void> | undefined {
    if (record === null) {
      this.#dropped(original)
      return undefined
    }
    if (record.topic !== this.#readyTopic) {
      if (!this.#isPrepared(record.topic)) return this.#afterTopic(original, record)
      this.#readyTopic = record.topic
    }
    return this.#append(original, record)
  }
  #isPrepared(topic: string): boolean {
    return this.#prepared.has(topic) && this.#producer.ready(topic)
  }
  async #afterTopic(original: SourceRecord, record: SourceRecord): Promise<void> {
    this.#stage = 'KAFKA_PRODUCE'
    await this.#prepareTopic(record.topic)
    this.#prepared.add(record.topic)
    await this.#append(original, record)
  }

  #append(original: SourceRecord, record: SourceRecord): Promise<void> | undefined {
    const { key, keySchema } = record
    const headers = this.#givesHeaders ? this.#kafkaHeaders(record) : null
    let bytes: Uint8Array | null = null
    // Null under no schema is null bytes for every converter: the converter need not be asked.
    if (key !== null || keySchema !== null) {
      this.#stage = 'KEY_CONVERTER'
      const converted = this.#writesKeys ? this.#writeKey(record, headers) : this.#convertKey(record, headers)
      if (isPromise(converted)) return this.#afterKey(original, record, headers, converted)
      bytes = converted
    }
    return this.#appendValue(original, record, headers, bytes)
  }
  /** The usual case: the first `#keyLength` bytes of a buffer that is used again for the next record. */
  #writeKey(record: SourceRecord, headers: Headers | null): MaybePromise<Uint8Array | null> {
    const { topic, key, keySchema } = record
    const out = this.#keyBytes
    out.clear()
    const written = this.#converters.key.write?.(topic, headers, keySchema, key, out) ?? false
    if (typeof written !== 'boolean') return written.then(() => this.#convertKey(record, headers))
    this.#keyLength = out.length
    return written ? out.buffer : null
  }
  #convertKey({ topic, key, keySchema }: SourceRecord, headers: Headers | null): MaybePromise<Uint8Array | null> {
    const converted = this.#converters.key.fromConnectData(topic, headers, keySchema, key)
    if (isPromise(converted)) return converted.then((bytes) => this.#measured(bytes))
    return this.#measured(converted)
  }
  #measured(key: Uint8Array | null): Uint8Array | null {
    this.#keyLength = key?.length ?? 0
    return key
  }
  async #afterKey(
    original: SourceRecord,
    record: SourceRecord,
    headers: Headers | null,
    key: PromiseLike<Uint8Array | null>,
  ): Promise<void> {
    await this.#appendValue(original, record, headers, await key)
  }

  #appendValue(
    original: SourceRecord,
    record: SourceRecord,
    headers: Headers | null,
    key: Uint8Array | null,
  ): Promise<void> | undefined {
    return this.#converters.value.write === undefined
      ? this.#convertValue(original, record, headers, key)
      : this.#writeValue(original, record, headers, key)
  }
  /** The usual case: a converter that writes its bytes straight into the batch. */
  #writeValue(
    original: SourceRecord,
    record: SourceRecord,
    headers: Headers | null,
    key: Uint8Array | null,
  ): Promise<void> | undefined {
    const { topic } = record
    const builder = this.#begin(record, record.kafkaPartition ?? this.#producer.partition(topic, key, this.#keyLength))
    if (key === null) builder.nullKey()
    else builder.key(key, this.#keyLength)
    builder.openValue()
    this.#stage = 'VALUE_CONVERTER'
    const written = this.#converters.value.write?.(topic, headers, record.valueSchema, record.value, builder) ?? false
    if (typeof written !== 'boolean') {
      // It must wait: the batch may move on meanwhile, so the record begins anew once it can be converted.
      builder.rollback()
      this.#builder = null
      return this.#afterWait(original, record, headers, key, written)
    }
    builder.closeValue(!written)
    this.#end(original, record, headers, builder)
    return undefined
  }
  async #afterWait(
    original: SourceRecord,
    record: SourceRecord,
    headers: Headers | null,
    key: Uint8Array | null,
    wait: PromiseLike<boolean>,
  ): Promise<void> {
    await wait
    await this.#convertValue(original, record, headers, key)
  }
  #convertValue(
    original: SourceRecord,
    record: SourceRecord,
    headers: Headers | null,
    key: Uint8Array | null,
  ): Promise<void> | undefined {
    this.#stage = 'VALUE_CONVERTER'
    const value = this.#converters.value.fromConnectData(record.topic, headers, record.valueSchema, record.value)
    if (isPromise(value)) return this.#afterValue(original, record, headers, key, value)
    this.#appendBytes(original, record, headers, key, value)
    return undefined
  }
  async #afterValue(
    original: SourceRecord,
    record: SourceRecord,
    headers: Headers | null,
    key: Uint8Array | null,
    value: PromiseLike<Uint8Array | null>,
  ): Promise<void> {
    this.#appendBytes(original, record, headers, key, await value)
  }
  #appendBytes(
    original: SourceRecord,
    record: SourceRecord,
    headers: Headers | null,
    key: Uint8Array | null,
    value: Uint8Array | null,
  ): void {
    const builder = this.#begin(
      record,
      record.kafkaPartition ?? this.#producer.partition(record.topic, key, this.#keyLength),
    )
    if (key === null) builder.nullKey()
    else builder.key(key, this.#keyLength)
    builder.value(value)
    this.#end(original, record, headers, builder)
  }

  #begin(record: SourceRecord, partition: number): BatchBuilder {
    this.#stage = 'KAFKA_PRODUCE'
    const { timestamp } = record
    if (timestamp !== null && timestamp < 0 && timestamp !== -1)
      throw new DataException(`Invalid record timestamp ${timestamp}`)
    const builder = this.#producer.open(record.topic, partition)
    if (this.meter !== null) this.#sizeBefore = builder.size
    builder.begin(timestamp === null || timestamp < 0 ? this.now : timestamp)
    this.#builder = builder
    return builder
  }
  /** `headers` are those of Kafka where converters were given them: they may have added some. */
  #end(original: SourceRecord, record: SourceRecord, headers: Headers | null, builder: BatchBuilder): void {
    if (headers !== null) for (const { key, value } of headers) builder.header(key, value as Uint8Array | null)
    else if (record.hasHeaders) this.#writeHeaders(record, builder)
    this.#stage = 'KAFKA_PRODUCE'
    builder.end()
    if (this.meter !== null) this.meter.bytes += builder.size - this.#sizeBefore
    this.#builder = null
    const tag = this.#submitted.tag(original, builder, builder.count === 1)
    this.#producer.wrote(builder, tag)
    this.#submitted.submit(original, tag)
  }
  #writeHeaders(record: SourceRecord, builder: BatchBuilder): void {
    this.#stage = 'HEADER_CONVERTER'
    this.#headers.write(record, builder)
  }
  /** The record's headers as bytes, for converters that want them; the record's own stay as they are. */
  #kafkaHeaders(record: SourceRecord): Headers {
    const headers = new Headers()
    if (!record.hasHeaders) return headers
    this.#stage = 'HEADER_CONVERTER'
    for (const header of record.headers) headers.add(header.key, this.#headers.bytes(record, header), null)
    return headers
  }
  /** Milliseconds since the epoch for records without a timestamp: read once a batch by the loop. */
  now = Date.now()

  #classAt(stage: Stage): string {
    if (stage === 'TRANSFORMATION') return this.#chain?.current ?? ''
    if (stage === 'KEY_CONVERTER') return this.#converters.keyClass
    if (stage === 'VALUE_CONVERTER') return this.#converters.valueClass
    return stage === 'HEADER_CONVERTER' ? this.#converters.headerClass : PRODUCER_CLASS
  }
}
