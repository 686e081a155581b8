// From fetched bytes to sink records: the hot half of a sink task. Synchronous as long as nothing must be waited for.
import { Headers, type MaybePromise, type SchemaAndValue, SinkRecord, type ValueSlot } from '@millrace/api'
import type { PolledChunk } from '@millrace/kafka'
import type { RecordReader } from '@millrace/kafka/records'
import { isPromise, type TransformationChain } from './chain.ts'
import type { TaskConverters } from './converters.ts'
import type { ConsumedRecord, Stage } from './errors/stages.ts'

/** Converts and transforms the records of polled chunks into a batch for the task. */
export class SinkReader {
  readonly #chain: TransformationChain | null
  readonly #converters: TaskConverters
  readonly #key: ValueSlot = { schema: null, value: null }
  readonly #valueSlot: ValueSlot = { schema: null, value: null }
  readonly #givesHeaders: boolean
  #stage: Stage = 'KEY_CONVERTER'
  /** Records for the task so far. */
  batch: SinkRecord[] = []
  /** Told of every record of the batch with the chunk it comes from, when somebody wants to know. */
  onRecord: ((chunk: PolledChunk, record: SinkRecord) => void) | null = null
  #chunk: PolledChunk | null = null
  /** Records of the chunk that {@link take} has not come to: what is left after it threw or waited. */
  remaining = 0

  constructor(chain: TransformationChain | null, converters: TaskConverters) {
    this.#chain = chain
    this.#converters = converters
    this.#givesHeaders = converters.key.readsHeaders === true || converters.value.readsHeaders === true
  }

  /**
   * Converts up to `most` records of a chunk, appending to {@link batch}. Returns nothing when it got to the end, or a promise
   * when a record had to wait: call again for {@link remaining} records once it resolved.
   * @throws whatever a stage throws: the chunk's reader then stands on the failed record, {@link stage} and
   *   {@link className} tell where, {@link remaining} how many follow. Call {@link retry} to take it again.
   */
  take(chunk: PolledChunk, most: number): Promise<void> | undefined {
    const { reader, topic, partition } = chunk
    this.#chunk = chunk
    for (let left = most; left > 0; left--) {
      this.remaining = left - 1
      if (!reader.next()) break
      const wait = this.#one(topic, partition, reader)
      if (wait !== undefined) return wait
    }
    this.remaining = 0
    return undefined
  }
  /** Converts the record on which the chunk's reader stands once more. */
  retry(chunk: PolledChunk): Promise<void> | undefined {
    return this.#one(chunk.topic, chunk.partition, chunk.reader)
  }

  get stage(): Stage {
    return this.#stage
  }
  get className(): string {
    if (this.#stage === 'TRANSFORMATION') return this.#chain?.current ?? ''
    if (this.#stage === 'KEY_CONVERTER') return this.#converters.keyClass
    return this.#stage === 'VALUE_CONVERTER' ? this.#converters.valueClass : this.#converters.headerClass
  }

  #one(topic: string, partition: number, reader: RecordReader): Promise<void> | undefined {
    const headers = reader.headerCount === 0 ? null : this.#headers(topic, reader)
    const raw = headers !== null && this.#givesHeaders ? kafkaHeaders(reader) : null
    const { key: keyConverter } = this.#converters
    this.#stage = 'KEY_CONVERTER'
    if (reader.keyEnd >= 0 && keyConverter.read !== undefined) {
      const wait = keyConverter.read(topic, raw, reader.key, this.#key)
      if (isPromise(wait as MaybePromise<undefined>))
        return this.#afterWait(topic, partition, reader, headers, raw, wait as PromiseLike<void>)
    } else {
      const made = keyConverter.toConnectData(topic, raw, reader.keyEnd < 0 ? null : reader.key.bytes())
      if (isPromise(made)) return this.#afterKey(topic, partition, reader, headers, raw, made)
      this.#key.schema = made.schema
      this.#key.value = made.value
    }
    return this.#value(topic, partition, reader, headers, raw)
  }
  /** `headers` go into the record; `raw` are those of Kafka, for converters that look at them. */
  #value(
    topic: string,
    partition: number,
    reader: RecordReader,
    headers: Headers | null,
    raw: Headers | null,
  ): Promise<void> | undefined {
    const { value: converter } = this.#converters
    const slot = this.#valueSlot
    this.#stage = 'VALUE_CONVERTER'
    if (reader.valueEnd >= 0 && converter.read !== undefined) {
      const wait = converter.read(topic, raw, reader.value, slot)
      if (isPromise(wait as MaybePromise<undefined>))
        return this.#afterWait(topic, partition, reader, headers, raw, wait as PromiseLike<void>)
    } else {
      const made = converter.toConnectData(topic, raw, reader.valueEnd < 0 ? null : reader.value.bytes())
      if (isPromise(made)) return this.#afterValue(topic, partition, reader, headers, made)
      slot.schema = made.schema
      slot.value = made.value
    }
    return this.#finish(topic, partition, reader, headers)
  }
  /** Key and value are in their slots: makes the record. */
  #finish(topic: string, partition: number, reader: RecordReader, headers: Headers | null): Promise<void> | undefined {
    const key = this.#key
    const value = this.#valueSlot
    const record = new SinkRecord(
      topic,
      partition,
      key.schema,
      key.value,
      value.schema,
      value.value,
      reader.offset,
      reader.timestamp < 0 ? null : reader.timestamp,
      reader.timestampType,
      headers,
    )
    if (this.#chain === null) {
      this.#push(record)
      return undefined
    }
    return this.#transform(this.#chain, record)
  }

  async #afterKey(
    topic: string,
    partition: number,
    reader: RecordReader,
    headers: Headers | null,
    raw: Headers | null,
    made: PromiseLike<SchemaAndValue>,
  ): Promise<void> {
    const { schema, value } = await made
    this.#key.schema = schema
    this.#key.value = value
    await this.#value(topic, partition, reader, headers, raw)
  }
  async #afterValue(
    topic: string,
    partition: number,
    reader: RecordReader,
    headers: Headers | null,
    made: PromiseLike<SchemaAndValue>,
  ): Promise<void> {
    const { schema, value } = await made
    this.#valueSlot.schema = schema
    this.#valueSlot.value = value
    await this.#finish(topic, partition, reader, headers)
  }
  /** A direct read had to fetch something: once it has, the record is converted from its bytes, now at hand. */
  async #afterWait(
    topic: string,
    partition: number,
    reader: RecordReader,
    headers: Headers | null,
    raw: Headers | null,
    wait: PromiseLike<void>,
  ): Promise<void> {
    await wait
    const { key, value } = this.#converters
    this.#stage = 'KEY_CONVERTER'
    const keyed = await key.toConnectData(topic, raw, reader.keyEnd < 0 ? null : reader.key.bytes())
    this.#key.schema = keyed.schema
    this.#key.value = keyed.value
    this.#stage = 'VALUE_CONVERTER'
    const made = await value.toConnectData(topic, raw, reader.valueEnd < 0 ? null : reader.value.bytes())
    this.#valueSlot.schema = made.schema
    this.#valueSlot.value = made.value
    await this.#finish(topic, partition, reader, headers)
  }

  #transform(chain: TransformationChain, record: SinkRecord): Promise<void> | undefined {
    this.#stage = 'TRANSFORMATION'
    const result = chain.apply(record)
    if (isPromise(result)) return this.#afterChain(result)
    if (result !== null) this.#push(result)
    return undefined
  }
  async #afterChain(result: PromiseLike<SinkRecord | null>): Promise<void> {
    const record = await result
    if (record !== null) this.#push(record)
  }
  #push(record: SinkRecord): void {
    this.batch.push(record)
    if (this.onRecord !== null && this.#chunk !== null) this.onRecord(this.#chunk, record)
  }

  #headers(topic: string, reader: RecordReader): Headers {
    this.#stage = 'HEADER_CONVERTER'
    const headers = new Headers()
    for (const { key, value } of reader.headers()) {
      const converted = this.#converters.header.toConnectHeader(topic, key, value as Buffer | null)
      headers.add(key, converted.value, converted.schema)
    }
    return headers
  }
}

/** The headers as bytes, under no schema. */
function kafkaHeaders(reader: RecordReader): Headers {
  return new Headers(reader.headers().map(({ key, value }) => ({ key, schema: null, value })))
}

/** A copy of the record on which a reader stands, for those who are told of its failure. */
export function consumedRecord(chunk: PolledChunk): ConsumedRecord {
  const { reader } = chunk
  const copy = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes))
  return {
    topic: chunk.topic,
    partition: chunk.partition,
    offset: reader.offset,
    timestamp: reader.timestamp,
    timestampType: reader.timestampType,
    key: reader.keyEnd < 0 ? null : copy(reader.key.bytes()),
    value: reader.valueEnd < 0 ? null : copy(reader.value.bytes()),
    headers: reader.headers().map(({ key, value }) => ({ key, value: copy(value) })),
  }
}
