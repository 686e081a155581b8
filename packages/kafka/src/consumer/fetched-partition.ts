// One partition's part of a fetch answer, waiting to be polled: how many records to take, and where that leaves the position.
import { type AbortedTransaction, type BatchHeader, RecordReader, readBatchHeader } from '../records/index.ts'
import type { Position } from './partition-state.ts'

/**
 * The answer that holds the bytes of one or more partitions. It stays in memory until the last of them is used up, so it
 * counts whole until then.
 */
export class Frame {
  readonly bytes: number
  #users = 0
  readonly #freed: (bytes: number) => void

  constructor(bytes: number, freed: (bytes: number) => void) {
    this.bytes = bytes
    this.#freed = freed
  }

  use(): void {
    this.#users++
  }

  release(): void {
    if (--this.#users === 0) this.#freed(this.bytes)
  }
}

export interface FetchedOptions {
  readonly topic: string
  readonly partition: number
  readonly records: Buffer
  readonly frame: Frame
  readonly from: Position
  readonly readCommitted: boolean
  readonly aborted: readonly AbortedTransaction[]
  readonly checkCrcs: boolean
}

/**
 * A cursor in two parts: {@link take} decides how many records the next poll hands out, {@link reader} hands them out.
 * Where every offset of a batch is a record, the batch headers alone tell how many there are. Where not (compacted
 * batches, aborted transactions) a second reader walks ahead and counts: twice the parsing, only there.
 */
export class FetchedPartition {
  readonly topic: string
  readonly partition: number
  readonly bytes: number
  /** After the last record that was decided to be handed out. */
  position: Position
  /** After everything that is here, control records included: where the next fetch begins. */
  readonly end: Position
  /** Whole batches here: 0 means that a single batch is larger than what was fetched. */
  readonly batches: number
  #options: FetchedOptions
  #reader: RecordReader | undefined
  #ahead: RecordReader | undefined
  /** Position of the next batch header to look at, and what is left of the batch before it. */
  #at = 0
  #left = 0
  #lastOffset = -1
  #released = false
  /** Met while records that had been taken were read. */
  #fault: unknown

  constructor(options: FetchedOptions) {
    this.#options = options
    this.topic = options.topic
    this.partition = options.partition
    this.bytes = options.records.length
    this.position = options.from
    options.frame.use()
    let sparse = options.readCommitted && options.aborted.length > 0
    let end = options.from
    let batches = 0
    for (let at = 0; ; batches++) {
      const header = this.#header(at)
      if (header === undefined) break
      at = header.end
      const dense = header.control || header.recordCount === header.lastOffset - header.baseOffset + 1
      sparse ||= !dense
      if (header.lastOffset >= end.offset) end = { offset: header.lastOffset + 1, epoch: header.leaderEpoch }
    }
    this.end = end
    this.batches = batches
    if (sparse) this.#ahead = this.#newReader()
  }

  /** The cursor over the records taken so far. */
  get reader(): RecordReader {
    this.#reader ??= this.#newReader()
    return this.#reader
  }

  /**
   * Decides on up to `most` more records; 0 when there are no more.
   * @throws CorruptRecordException and its like, when the next batch cannot be read; the position stays before it
   */
  take(most: number): number {
    const before = this.position
    const count = this.#ahead === undefined ? this.#takeDense(most) : this.#takeAhead(this.#ahead, most)
    if (count === 0 && this.position === before && this.unreadable) {
      // The reader words the fault, with topic, partition and offset.
      if (this.reader.next())
        throw new Error(`${this.topic}-${this.partition}: a batch could be read that could not before`)
    }
    return count
  }

  /** A copy of what is left is kept instead of the answer it came in, which other partitions may be long done with. */
  detach(freed: (bytes: number) => void, use: (bytes: number) => void): void {
    const { frame, records } = this.#options
    if (this.#released || this.#reader !== undefined || frame.bytes < records.length * 2) return
    const copy = Buffer.from(records)
    const own = new Frame(copy.length, freed)
    use(copy.length)
    own.use()
    this.#options = { ...this.#options, records: copy, frame: own }
    if (this.#ahead !== undefined) this.#ahead = this.#newReader()
    frame.release()
  }

  /** Lets the answer's memory go. */
  release(): void {
    if (this.#released) return
    this.#released = true
    this.#options.frame.release()
  }

  #takeDense(most: number): number {
    let count = 0
    while (count < most) {
      if (this.#left === 0 && !this.#nextBatch()) break
      const some = Math.min(this.#left, most - count)
      this.#left -= some
      count += some
      this.position = { offset: this.#lastOffset + 1 - this.#left, epoch: this.position.epoch }
    }
    return count
  }

  /** Goes to the next batch that has records for us. */
  #nextBatch(): boolean {
    for (;;) {
      const header = this.#header(this.#at)
      if (header === undefined) return false
      this.#at = header.end
      if (header.lastOffset < this.position.offset) continue
      if (header.control || header.recordCount === 0) {
        this.position = { offset: header.lastOffset + 1, epoch: header.leaderEpoch }
        continue
      }
      this.#lastOffset = header.lastOffset
      this.#left = header.lastOffset + 1 - Math.max(header.baseOffset, this.position.offset)
      this.position = { offset: this.position.offset, epoch: header.leaderEpoch }
      return true
    }
  }

  #takeAhead(ahead: RecordReader, most: number): number {
    let count = 0
    try {
      while (count < most && ahead.next()) count++
    } catch (error) {
      if (count === 0) throw error
      // What was counted is good; the fault is thrown when its turn comes.
    }
    this.position = { offset: ahead.nextOffset, epoch: ahead.leaderEpoch }
    return count
  }

  /** Passes over what was taken and not read. @throws the fault that reading met, at every call; the position stays before it */
  passUnread(): void {
    const reader = this.#reader
    if (reader === undefined) return
    if (this.#fault !== undefined) throw this.#fault
    try {
      while (reader.nextOffset < this.position.offset && reader.next());
    } catch (error) {
      // The fault came to light while the records were read: nothing from it on counts as handed out.
      this.position = { offset: reader.nextOffset, epoch: reader.leaderEpoch }
      this.#fault = error
      throw error
    }
  }

  /** True when what comes next is no cut batch, but a batch whose header makes no sense. */
  get unreadable(): boolean {
    const { records } = this.#options
    try {
      readBatchHeader(records, this.#at, records.length)
      return false
    } catch {
      return true
    }
  }

  /** The header at `at`; undefined at the end, and where no header can be read. */
  #header(at: number): BatchHeader | undefined {
    const { records } = this.#options
    if (at >= records.length) return undefined
    try {
      return readBatchHeader(records, at, records.length) ?? undefined
    } catch {
      return undefined
    }
  }

  #newReader(): RecordReader {
    const { topic, partition, records, from, readCommitted, aborted, checkCrcs } = this.#options
    return new RecordReader({
      topic,
      partition,
      buffer: records,
      fetchOffset: from.offset,
      readCommitted,
      abortedTransactions: aborted,
      checkCrcs,
    })
  }
}
