// The log of one partition: segments in order, what producers did, where transactions stand, and who waits for more.
// Everything is synchronous: an append is on its way to disk (in the page cache) when `append` returns, so it survives the
// death of this process; only an operating system that dies may lose what was not flushed (see `flush.messages`).

import { ErrorCode } from '@millrace/kafka/protocol'
import { crc32c } from '@millrace/kafka/records'
import type { TopicConfig } from '../config/topic-config.ts'
import { BrokerError } from '../errors.ts'
import * as batch from './batch-header.ts'
import { controlBatch } from './control-batch.ts'
import { EpochHistory } from './epoch-history.ts'
import type { FileIo } from './file-io.ts'
import { LogReader } from './log-reader.ts'
import { removeSnapshots, writeSnapshot } from './producer-snapshot.ts'
import { ProducerStates } from './producer-state.ts'
import { Segment } from './segment.ts'
import type { AbortedTransaction } from './segment-index.ts'
import { writeStartOffset } from './start-offset.ts'

/** What became of an append. */
export interface Appended {
  readonly baseOffset: number
  readonly lastOffset: number
  /** Time (ms) the broker stamped, -1 when the producer's times were kept. */
  readonly appendTime: number
  /** True when the batch was a retry of one stored before; nothing was written. */
  readonly duplicate: boolean
}

/** Somebody who waits for the log to grow. */
export interface GrowthListener {
  /** Called after every append with its bytes; `stableBytes` are those that read-committed readers can now see. */
  grown(bytes: number, stableBytes: number): void
}

/** What a log needs from outside. */
export interface LogOptions {
  readonly topic: string
  readonly partition: number
  readonly directory: string
  readonly config: TopicConfig
  readonly leaderEpoch: number
  readonly io: FileIo
  readonly now: () => number
  /** Told when the disk begins to refuse. */
  readonly onStorageError: (log: PartitionLog, error: unknown) => void
}

/** See the head of this file. Made by `openLog` in recovery.ts, which finds out what is on disk. */
export class PartitionLog {
  readonly topic: string
  readonly partition: number
  readonly directory: string
  readonly producers = new ProducerStates()
  readonly epochs = new EpochHistory()
  /** In the order of their markers. */
  readonly aborted: AbortedTransaction[] = []
  readonly segments: Segment[] = []
  readonly reader: LogReader
  readonly io: FileIo
  config: TopicConfig
  /** Epoch written into new batches: how often this broker's data folder was started. */
  leaderEpoch: number
  /** Offset the next record gets; all before it is readable. */
  nextOffset = 0
  /** First offset that may be read. */
  startOffset = 0
  /** Where the cleaner goes on: all before it was compacted already. */
  cleanedUpTo = 0
  /** Set when the topic was deleted: nothing may touch the files any more. */
  deleted = false

  readonly #listeners = new Set<GrowthListener>()
  readonly #now: () => number
  readonly #onStorageError: LogOptions['onStorageError']
  /** True since the disk refused an append, until it takes one. */
  #refused = false
  #unflushedBatches = 0
  #unflushedSince = 0

  constructor(options: LogOptions) {
    this.topic = options.topic
    this.partition = options.partition
    this.directory = options.directory
    this.config = options.config
    this.leaderEpoch = options.leaderEpoch
    this.io = options.io
    this.#now = options.now
    this.#onStorageError = options.onStorageError
    this.reader = new LogReader(this)
  }

  /** "topic-partition", for messages. */
  get name(): string {
    return `${this.topic}-${this.partition}`
  }

  /** Bytes of all segments. */
  get size(): number {
    let size = 0
    for (const segment of this.segments) size += segment.size
    return size
  }

  /** Readers of committed records see everything before this: the first offset of the oldest open transaction. */
  get lastStableOffset(): number {
    return this.producers.firstOpenOffset() ?? this.nextOffset
  }

  /** The offset a reader may go up to, exclusive. */
  readLimit(committedOnly: boolean): number {
    return committedOnly ? this.lastStableOffset : this.nextOffset
  }

  listen(listener: GrowthListener): void {
    this.#listeners.add(listener)
  }

  unlisten(listener: GrowthListener): void {
    this.#listeners.delete(listener)
  }

  /** Lets everybody who waits look again; after the log was deleted. */
  wake(): void {
    for (const listener of this.#listeners) listener.grown(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
  }

  /**
   * Stores one batch that was checked before: gives it its offsets, its leader epoch and, where the topic says so, its time.
   * The bytes of `records` are patched in place.
   * @throws BrokerError KAFKA_STORAGE_ERROR when the disk refuses (nothing is kept then), or what the producer's state says
   */
  append(records: Buffer): Appended {
    this.#mustBeUsable()
    const now = this.#now()
    let attributes = batch.attributes(records, 0)
    const count = batch.recordCount(records, 0)
    const producerId = batch.producerId(records, 0)
    const sequenced =
      producerId >= 0
        ? {
            producerId,
            producerEpoch: batch.producerEpoch(records, 0),
            baseSequence: batch.baseSequence(records, 0),
            count,
            transactional: batch.isTransactional(attributes),
          }
        : undefined
    if (sequenced !== undefined) {
      const known = this.producers.check(sequenced)
      if (known !== undefined) {
        const appendTime = this.config.logAppendTime ? known.timestamp : -1
        return { baseOffset: known.baseOffset, lastOffset: known.lastOffset, appendTime, duplicate: true }
      }
    }
    let appendTime = -1
    if (this.config.logAppendTime) {
      appendTime = now
      batch.setLogAppendTime(records, 0, now)
      batch.setChecksum(records, 0, crc32c(records.subarray(batch.ATTRIBUTES)))
      attributes = batch.attributes(records, 0)
    }
    const baseOffset = this.nextOffset
    const lastOffset = baseOffset + batch.lastOffsetDelta(records, 0)
    const stableBefore = this.#listeners.size === 0 ? 0 : this.lastStableOffset
    this.#write(records, lastOffset, now)
    if (sequenced !== undefined) {
      this.producers.stored(sequenced, baseOffset, lastOffset, batch.maxTimestamp(records, 0))
    }
    if (this.#listeners.size > 0) this.#grew(records.length, stableBefore)
    return { baseOffset, lastOffset, appendTime, duplicate: false }
  }

  /**
   * Ends a producer's transaction in this partition: writes the commit or abort marker. Returns the marker's offset.
   * @throws BrokerError INVALID_PRODUCER_EPOCH when the partition has seen a higher epoch, TRANSACTION_COORDINATOR_FENCED
   */
  appendMarker(producerId: number, epoch: number, commit: boolean, coordinatorEpoch: number): number {
    this.#mustBeUsable()
    const entry = this.producers.get(producerId)
    if (entry !== undefined && epoch < entry.epoch) {
      throw new BrokerError(
        ErrorCode.INVALID_PRODUCER_EPOCH,
        `marker of producer ${producerId} with epoch ${epoch}, ${this.name} has seen ${entry.epoch}`,
      )
    }
    if (entry !== undefined && coordinatorEpoch < entry.coordinatorEpoch) {
      throw new BrokerError(
        ErrorCode.TRANSACTION_COORDINATOR_FENCED,
        `marker from coordinator epoch ${coordinatorEpoch}, ${this.name} has seen ${entry.coordinatorEpoch}`,
      )
    }
    const now = this.#now()
    const records = controlBatch({ producerId, epoch, commit, coordinatorEpoch, timestamp: now })
    const offset = this.nextOffset
    const stableBefore = this.lastStableOffset
    this.#write(records, offset, now)
    const firstOffset = this.producers.ended(producerId, epoch, coordinatorEpoch, now)
    if (!commit && firstOffset >= 0) this.aborted.push({ producerId, firstOffset, lastOffset: offset })
    this.#grew(records.length, stableBefore)
    return offset
  }

  /** Starts a new segment now, so that retention and the cleaner may work on what was the last one. */
  roll(): void {
    const active = this.segments.at(-1)
    if (active === undefined || active.size === 0) return
    this.seal(active, this.nextOffset)
    writeSnapshot(this.directory, this.nextOffset, this.producers.snapshot())
    removeSnapshots(this.directory, (offset) => offset < active.baseOffset)
    this.#addSegment()
  }

  /** Writes the index file of a segment that gets no more batches. */
  seal(segment: Segment, nextOffset: number): void {
    if (segment.size === 0) return
    segment.writeIndex({
      nextOffset,
      aborted: this.aborted.filter((t) => t.lastOffset >= segment.baseOffset && t.lastOffset < nextOffset),
      epochs: this.epochs.between(segment.baseOffset, nextOffset),
    })
  }

  /** Makes everything before `offset` unreadable and deletes whole segments before it. Returns the new start offset. */
  deleteRecordsBefore(offset: number): number {
    this.#mustBeUsable()
    if (offset > this.nextOffset || offset < 0) {
      throw new BrokerError(
        ErrorCode.OFFSET_OUT_OF_RANGE,
        `${this.name} has the offsets ${this.startOffset} to ${this.nextOffset}, cannot delete before ${offset}`,
      )
    }
    if (offset > this.startOffset) {
      this.startOffset = offset
      writeStartOffset(this.directory, offset)
      this.dropSegments((segment, next) => next.baseOffset <= offset && segment.size >= 0)
    }
    return this.startOffset
  }

  /** Deletes segments from the front while `expendable` says so; the last segment always stays. */
  dropSegments(expendable: (segment: Segment, next: Segment) => boolean): number {
    let dropped = 0
    while (this.segments.length > 1 && expendable(this.segments[0]!, this.segments[1]!)) {
      this.segments.shift()!.remove()
      dropped++
    }
    if (dropped > 0) {
      const first = this.segments[0]!.baseOffset
      if (first > this.startOffset) this.startOffset = first
      if (this.cleanedUpTo < this.startOffset) this.cleanedUpTo = this.startOffset
      const kept = this.aborted.findIndex((t) => t.lastOffset >= this.startOffset)
      this.aborted.splice(0, kept === -1 ? this.aborted.length : kept)
      this.epochs.dropBefore(this.startOffset)
      this.reader.forget()
    }
    return dropped
  }

  flush(): void {
    for (const segment of this.segments) segment.flush()
    this.#unflushedBatches = 0
  }

  /** Flushes when `flush.ms` says it is time. */
  flushIfDue(now: number): void {
    if (this.#unflushedBatches > 0 && now - this.#unflushedSince >= this.config.flushMs) this.flush()
  }

  /** Writes what a start needs to skip the walk over the last segment, and closes the files. */
  close(): void {
    if (this.deleted) return
    const active = this.segments.at(-1)
    try {
      if (active !== undefined && active.size > 0) {
        this.seal(active, this.nextOffset)
        writeSnapshot(this.directory, this.nextOffset, this.producers.snapshot())
      }
    } finally {
      this.closeFiles()
    }
  }

  closeFiles(): void {
    for (const segment of this.segments) segment.close()
  }

  #mustBeUsable(): void {
    if (this.deleted) throw new BrokerError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `${this.name} was deleted`)
  }

  #write(records: Buffer, lastOffset: number, now: number): void {
    const baseOffset = this.nextOffset
    batch.setBaseOffset(records, 0, baseOffset)
    batch.setLeaderEpoch(records, 0, this.leaderEpoch)
    const timestamp = batch.maxTimestamp(records, 0)
    let position: number
    let segment: Segment
    try {
      segment = this.#segmentFor(records.length, timestamp, lastOffset, now)
      position = segment.size
      segment.write(records, 0, records.length)
      this.#refused = false
    } catch (error) {
      // Producers try again and again: one line when it begins is enough.
      if (!this.#refused) this.#onStorageError(this, error)
      this.#refused = true
      throw new BrokerError(
        ErrorCode.KAFKA_STORAGE_ERROR,
        `cannot write to ${this.directory}: ${error instanceof Error ? error.message : String(error)}`,
      )
    }
    segment.noteBatch(position, records.length, baseOffset, timestamp, this.config.indexIntervalBytes)
    this.epochs.note(this.leaderEpoch, baseOffset)
    this.nextOffset = lastOffset + 1
    if (this.#unflushedBatches++ === 0) this.#unflushedSince = now
    if (this.#unflushedBatches >= this.config.flushMessages) this.flush()
  }

  #segmentFor(bytes: number, timestamp: number, lastOffset: number, now: number): Segment {
    const active = this.segments.at(-1)
    if (active === undefined) return this.#addSegment()
    if (active.size === 0) return active
    const began = active.firstTimestamp >= 0 ? active.firstTimestamp : active.createdAt
    const clock = timestamp >= 0 && active.firstTimestamp >= 0 ? timestamp : now
    const full = active.size + bytes > this.config.segmentBytes || lastOffset - active.baseOffset >= 2 ** 31
    // What must be compacted in time must leave the last segment in time.
    const { segmentMs, compact, maxCompactionLagMs } = this.config
    const patience = compact ? Math.min(segmentMs, maxCompactionLagMs) : segmentMs
    if (!full && clock - began <= patience) return active
    this.roll()
    return this.segments.at(-1)!
  }

  #addSegment(): Segment {
    const segment = new Segment(this.directory, this.nextOffset, this.io, this.#now())
    segment.create()
    this.segments.push(segment)
    return segment
  }

  #grew(bytes: number, stableBefore: number): void {
    const stable = this.lastStableOffset
    // What lies between two stable offsets is not measured: a reader that waits for many bytes may wake a little early.
    const stableBytes = stable === stableBefore ? 0 : stable === this.nextOffset ? Math.max(bytes, 1) : 1
    for (const listener of this.#listeners) listener.grown(bytes, stableBytes)
  }
}
