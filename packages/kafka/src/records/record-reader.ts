// Walks the records of one partition's fetched bytes without an object per record: next(), then look at the fields.
// A batch is checked once and parsed in runs of records; the places of their keys and values are kept in one array.
import type { ByteSource } from '@millrace/api'
import { AbortedFilter, type AbortedTransaction } from './aborted.ts'
import { batchEndOf, checkBatch } from './batch-header.ts'
import { decompress, MAX_DECOMPRESSED } from './compression.ts'
import { readControlType } from './control.ts'
import { placed } from './errors.ts'
import { type RecordHeader, readHeaders } from './headers.ts'
import {
  AT_ATTRIBUTES,
  AT_BASE_OFFSET,
  AT_BASE_TIMESTAMP,
  AT_LAST_OFFSET_DELTA,
  AT_LEADER_EPOCH,
  AT_MAX_TIMESTAMP,
  AT_PRODUCER_ID,
  AT_RECORD_COUNT,
  BATCH_HEADER_SIZE,
  type BatchTimestampType,
  COMPRESSION_MASK,
  CONTROL,
  LOG_APPEND_TIME,
  MIN_RECORD_SIZE,
  readInt64,
  TRANSACTIONAL,
} from './layout.ts'
import { RecordRun } from './record-run.ts'
import { KeySource, ValueSource } from './source-view.ts'

export type { AbortedTransaction } from './aborted.ts'

/** Bytes of one partition out of a fetch, and how to read them. */
export interface FetchedBytes {
  readonly topic: string
  readonly partition: number
  /** Zero or more whole batches and possibly the beginning of another. */
  readonly buffer: Buffer
  /** Default 0. */
  readonly start?: number
  /** Default the buffer's length. */
  readonly end?: number
  /** Records before this offset are skipped: a batch may begin earlier than what was asked for. Default 0. */
  readonly fetchOffset?: number
  /** Leave out the records of transactions in `abortedTransactions`. Default false. */
  readonly readCommitted?: boolean
  readonly abortedTransactions?: readonly AbortedTransaction[] | null
  /** Default true: `check.crcs`. */
  readonly checkCrcs?: boolean
  /** Most bytes a compressed batch may become. Default 256 MiB. */
  readonly maxDecompressedBytes?: number
  /** Hand out the records of control batches too; a consumer never does. Default false. */
  readonly includeControl?: boolean
}

const EMPTY = Buffer.alloc(0)

/**
 * A cursor over the records of one partition. After {@link next} returned true the fields describe the current record
 * until the next call. Positions are bytes in {@link buffer}, which changes from batch to batch when they are compressed.
 *
 * A batch that cannot be read throws CorruptRecordException (or UnsupportedCompressionTypeException,
 * UnsupportedForMessageFormatException) that names topic, partition and offset; {@link nextOffset} then still points at it, and {@link skipBatch} steps over it.
 */
export class RecordReader {
  topic = ''
  partition = -1
  /** Offset of the current record, -1 before the first. */
  offset = -1
  /** Milliseconds since the epoch, -1 for none. Of the producer or of the broker, as {@link timestampType} says. */
  timestamp = -1
  timestampType: BatchTimestampType = 'CreateTime'
  /** Where the key lies; `keyEnd` is -1 for the null key. */
  keyStart = 0
  keyEnd = -1
  /** Where the value lies; `valueEnd` is -1 for the null value. */
  valueStart = 0
  valueEnd = -1
  /** Where the headers lie, after their count. */
  headersStart = 0
  headerCount = 0
  /** The bytes that hold the current record. */
  buffer: Buffer = EMPTY
  /** Epoch of the leader that wrote the current batch, -1 when unknown. */
  leaderEpoch = -1
  /** True for the records of a control batch (only with `includeControl`). */
  control = false
  /** Offset after everything that was handed out or passed over: where to fetch next. */
  nextOffset = 0
  /** The current record's key and value as converters read them; only when they are not null. */
  readonly key: ByteSource = new KeySource(this)
  readonly value: ByteSource = new ValueSource(this)
  /** @internal The run of records that is being handed out. */
  readonly run = new RecordRun()

  #fetched: Buffer = EMPTY
  #at = 0
  #end = 0
  #batchEnd = 0
  #lastOffset = -1
  #baseOffset = 0
  #baseTimestamp = -1
  #appendTime = -1
  #left = 0
  #recordAt = 0
  #recordsEnd = 0
  #index = 0
  #checkCrcs = true
  #includeControl = false
  #limit = MAX_DECOMPRESSED
  #aborted: AbortedFilter | null = null
  /** Why the current batch cannot be read: thrown again until it is stepped over, so that it is never passed by silently. */
  #failure: unknown = null

  constructor(fetched?: FetchedBytes) {
    if (fetched !== undefined) this.reset(fetched)
  }

  /** Begins anew with other bytes. What was read from the earlier ones stays valid. */
  reset(fetched: FetchedBytes): this {
    this.topic = fetched.topic
    this.partition = fetched.partition
    this.#fetched = fetched.buffer
    this.#at = this.#batchEnd = fetched.start ?? 0
    this.#end = fetched.end ?? fetched.buffer.length
    this.nextOffset = fetched.fetchOffset ?? 0
    this.#checkCrcs = fetched.checkCrcs ?? true
    this.#includeControl = fetched.includeControl ?? false
    this.#limit = fetched.maxDecompressedBytes ?? MAX_DECOMPRESSED
    this.#aborted = fetched.readCommitted ? new AbortedFilter(fetched.abortedTransactions ?? []) : null
    this.#left = 0
    this.#index = 0
    this.#lastOffset = -1
    this.#failure = null
    this.run.clear()
    this.offset = -1
    this.keyEnd = this.valueEnd = -1
    this.buffer = EMPTY
    return this
  }

  /** Bytes not parsed yet: whole batches and a cut one. */
  get remainingBytes(): number {
    return this.#end - this.#batchEnd
  }

  /** Steps to the next record: false when there is none. */
  next(): boolean {
    for (;;) {
      const run = this.run
      while (this.#index < run.count) {
        const index = this.#index++
        const offset = this.#baseOffset + run.offsetDelta(index)
        if (offset < this.nextOffset) continue
        this.offset = offset
        this.nextOffset = offset + 1
        this.timestamp = this.#appendTime >= 0 ? this.#appendTime : this.#baseTimestamp + run.timestampDelta(index)
        run.place(index, this)
        return true
      }
      if (!this.#fill()) return false
    }
  }

  /** The current record's headers, in order; an empty array is shared. */
  headers(): readonly RecordHeader[] {
    return readHeaders(this.buffer, this.headersStart, this.#recordsEnd, this.headerCount)
  }

  /** Steps over the rest of the current batch, or over the one that could not be read. */
  skipBatch(): void {
    this.#failure = null
    this.#left = 0
    this.#index = this.run.count
    if (this.#lastOffset >= this.nextOffset) this.nextOffset = this.#lastOffset + 1
    this.#at = this.#batchEnd
  }

  /** Parses the next run of records: false at the end of the fetched bytes. */
  #fill(): boolean {
    if (this.#failure !== null) throw this.#failure
    try {
      while (this.#left === 0) {
        this.#passBatch()
        if (!this.#openBatch()) return false
      }
      this.#left -= this.run.parse(this.buffer, this.#recordAt, this.#recordsEnd, this.#left)
      this.#recordAt = this.run.end
      this.#index = 0
      if (this.#left === 0 && this.#recordAt !== this.#recordsEnd) this.run.fail('the batch is longer than its records')
      return true
    } catch (error) {
      this.run.clear()
      this.#index = 0
      this.#failure = placed(error, this.topic, this.partition, Math.max(this.nextOffset, this.#baseOffset))
      throw this.#failure
    }
  }

  /** The batch before is done: what it spanned and did not hold (compacted, aborted, control) is passed over. */
  #passBatch(): void {
    this.run.clear()
    this.#index = 0
    if (this.#lastOffset >= this.nextOffset) this.nextOffset = this.#lastOffset + 1
    this.#lastOffset = -1
    this.#at = this.#batchEnd
  }

  /** Reads the header at the current position: false at the end. `#left` stays 0 for a batch that is passed over. */
  #openBatch(): boolean {
    const b = this.#fetched
    const at = this.#at
    this.#baseOffset = this.nextOffset
    const batchEnd = batchEndOf(b, at, this.#end)
    if (batchEnd < 0) return false
    this.#batchEnd = batchEnd
    this.#baseOffset = readInt64(b, at + AT_BASE_OFFSET)
    this.#lastOffset = this.#baseOffset + b.readInt32BE(at + AT_LAST_OFFSET_DELTA)
    if (this.#checkCrcs) checkBatch(b, at, batchEnd)
    const attributes = b.readInt16BE(at + AT_ATTRIBUTES)
    const count = b.readInt32BE(at + AT_RECORD_COUNT)
    const section = b.subarray(at + BATCH_HEADER_SIZE, batchEnd)
    this.control = (attributes & CONTROL) !== 0
    if (this.#passedOver(attributes, at)) return true
    if (this.#lastOffset < this.nextOffset) return true
    this.leaderEpoch = b.readInt32BE(at + AT_LEADER_EPOCH)
    this.#baseTimestamp = readInt64(b, at + AT_BASE_TIMESTAMP)
    this.#appendTime = attributes & LOG_APPEND_TIME ? readInt64(b, at + AT_MAX_TIMESTAMP) : -1
    this.timestampType = attributes & LOG_APPEND_TIME ? 'LogAppendTime' : 'CreateTime'
    const compression = attributes & COMPRESSION_MASK
    if (compression === 0) {
      this.buffer = b
      this.#recordAt = at + BATCH_HEADER_SIZE
      this.#recordsEnd = batchEnd
    } else {
      this.buffer = decompress(compression, section, this.#limit)
      this.#recordAt = 0
      this.#recordsEnd = this.buffer.length
    }
    if (count < 0 || count > (this.#recordsEnd - this.#recordAt) / MIN_RECORD_SIZE) {
      this.run.fail(`the batch says it has ${count} records in ${this.#recordsEnd - this.#recordAt} bytes`)
    }
    this.#left = count
    return true
  }

  /** True for a batch that is not for the reader: control records, or records of an aborted transaction. */
  #passedOver(attributes: number, at: number): boolean {
    const aborted = this.#aborted
    if (!this.control) {
      if (aborted === null || !(attributes & TRANSACTIONAL)) return false
      return aborted.drops(readInt64(this.#fetched, at + AT_PRODUCER_ID), this.#lastOffset)
    }
    if (aborted !== null && attributes & TRANSACTIONAL) {
      const section = this.#fetched.subarray(at + BATCH_HEADER_SIZE, this.#batchEnd)
      const run = new RecordRun()
      if (this.#fetched.readInt32BE(at + AT_RECORD_COUNT) > 0) {
        run.parse(section, 0, section.length, 1)
        const type = readControlType(section, run.keyStart(0), run.keyEnd(0))
        aborted.marker(readInt64(this.#fetched, at + AT_PRODUCER_ID), this.#lastOffset, type)
      }
    }
    return !this.#includeControl
  }
}
