// The batch of a sink task: records converted so far, failures handled one by one, originals kept where somebody may ask for them.
import type { SinkRecord } from '@millrace/api'
import type { PolledChunk } from '@millrace/kafka'
import type { TransformationChain } from './chain.ts'
import type { TaskConverters } from './converters.ts'
import type { ConsumedRecord } from './errors/stages.ts'
import type { Tolerance } from './errors/tolerance.ts'
import { consumedRecord, SinkReader } from './sink-reader.ts'

/** Converts chunks into a batch. */
export class SinkConversion {
  readonly #reader: SinkReader
  readonly #tolerance: Tolerance
  #originals: WeakMap<SinkRecord, ConsumedRecord> | null = null
  #meter: { bytes: number } | null = null

  constructor(chain: TransformationChain | null, converters: TaskConverters, tolerance: Tolerance) {
    this.#reader = new SinkReader(chain, converters)
    this.#tolerance = tolerance
  }

  /** Records for the task. */
  get batch(): readonly SinkRecord[] {
    return this.#reader.batch
  }
  /** The batch was taken. */
  done(): void {
    this.#reader.batch.length = 0
  }
  /** Records of a partition that went away, or that will be read again, are not delivered. */
  dropPartition(topic: string, partition: number): void {
    const { batch } = this.#reader
    if (batch.length === 0) return
    this.#reader.batch = batch.filter((one) => one.originalTopic !== topic || one.originalKafkaPartition !== partition)
  }
  /** Keeps from now on what each record was, for reports about it. */
  keepOriginals(): void {
    this.#originals ??= new WeakMap()
    this.#listen()
  }
  /** Counts bytes of records from now on; null for no longer. */
  countBytes(meter: { bytes: number } | null): void {
    if (meter === this.#meter) return
    this.#meter = meter
    this.#listen()
  }
  #listen(): void {
    const originals = this.#originals
    const meter = this.#meter
    if (originals === null && meter === null) {
      this.#reader.onRecord = null
      return
    }
    this.#reader.onRecord = (chunk, record) => {
      originals?.set(record, consumedRecord(chunk))
      if (meter === null) return
      meter.bytes += recordBytes(chunk)
    }
  }
  /** What a record was when it was consumed, if it is one of ours and that is kept. */
  original(record: SinkRecord): ConsumedRecord | undefined {
    return this.#originals?.get(record)
  }

  /**
   * Converts a chunk whole; failed records are retried, skipped or the end, as configured. False when the task was asked to
   * stop while a record waited for its retry: the chunk is then not whole.
   * @throws ConnectException when a failure is not tolerated
   */
  async convert(chunk: PolledChunk, signal: AbortSignal): Promise<boolean> {
    for (let left = chunk.count; left > 0; ) {
      try {
        const wait = this.#reader.take(chunk, left)
        if (wait !== undefined) await wait
      } catch (error) {
        if (!(await this.#failed(chunk, error, signal))) return false
      }
      left = this.#reader.remaining
    }
    return true
  }

  /** The record on which the reader stands could not be converted. */
  async #failed(chunk: PolledChunk, error: unknown, signal: AbortSignal): Promise<boolean> {
    const since = performance.now()
    let last = error
    for (let attempt = 0; ; attempt++) {
      const { stage, className } = this.#reader
      const failure = { stage, className, error: located(last, chunk), consumed: consumedRecord(chunk) }
      const decision = await this.#tolerance.failed(failure, attempt, since, signal)
      if (decision !== 'retry') return decision === 'skip'
      try {
        await this.#reader.retry(chunk)
        return true
      } catch (again) {
        last = again
      }
    }
  }
}

/** What a record's length, attributes and deltas take beside its key, value and headers. */
const FRAME_BYTES = 6

/** Bytes of the record on which the chunk's reader stands, before compression. */
function recordBytes({ reader }: PolledChunk): number {
  let bytes = FRAME_BYTES + Math.max(0, reader.headersStart - reader.keyStart)
  if (reader.headerCount > 0) for (const { key, value } of reader.headers()) bytes += key.length + (value?.length ?? 0)
  return bytes
}

/** Adds the record's place to an error's message, once, so that it can be found. */
function located(error: unknown, chunk: PolledChunk): unknown {
  const place = ` (record ${chunk.topic}-${chunk.partition} offset ${chunk.reader.offset})`
  if (error instanceof Error && !error.message.endsWith(place)) error.message += place
  return error
}
