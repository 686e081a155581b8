// The sparse index of one segment: about every `index.interval.bytes` one entry, in memory, rebuilt by walking the batch
// headers of the segment, and written beside a sealed segment so that a start need not walk it.
//
// File format (big-endian): int32 version = 1 | int64 log size | int64 next offset | int64 max timestamp | int64 offset of it
// | int64 first timestamp | int32 n, n x { int64 offset, int32 position, int64 max timestamp before } | int32 n, n x aborted
// { int64 producer id, first offset, last offset } | int32 n, n x leader epoch { int32 epoch, int64 start offset } | int32 CRC-32C.

import { crc32c } from '@millrace/kafka/records'
import { readInt64, writeInt64 } from './batch-header.ts'

/** One transaction that ended in an abort: consumers that read committed records skip its records. */
export interface AbortedTransaction {
  readonly producerId: number
  /** Offset of its first record in this partition. */
  readonly firstOffset: number
  /** Offset of its abort marker. */
  readonly lastOffset: number
}

/** From `startOffset` on, records were written under `epoch`. */
export interface EpochStart {
  readonly epoch: number
  readonly startOffset: number
}

/** What is known of a segment without reading it. */
export interface SegmentSummary {
  readonly size: number
  readonly nextOffset: number
  readonly maxTimestamp: number
  readonly maxTimestampOffset: number
  readonly firstTimestamp: number
  readonly aborted: readonly AbortedTransaction[]
  readonly epochs: readonly EpochStart[]
}

const VERSION = 1
const HEAD = 4 + 8 * 5

/** Sparse map from offsets and timestamps to file positions. Entries are added in the order of the log. */
export class SegmentIndex {
  readonly #offsets: number[] = []
  readonly #positions: number[] = []
  /** Highest timestamp among the batches before the entry: never falls, so it can be searched. */
  readonly #timestampsBefore: number[] = []

  get entries(): number {
    return this.#offsets.length
  }

  add(offset: number, position: number, maxTimestampBefore: number): void {
    this.#offsets.push(offset)
    this.#positions.push(position)
    this.#timestampsBefore.push(maxTimestampBefore)
  }

  clear(): void {
    this.#offsets.length = 0
    this.#positions.length = 0
    this.#timestampsBefore.length = 0
  }

  /** A position at or before the batch that holds `offset`. */
  positionOfOffset(offset: number): number {
    return this.#positions[last(this.#offsets, (o) => o <= offset)] ?? 0
  }

  /** A position at or before the first batch with a timestamp of at least `timestamp`. */
  positionOfTimestamp(timestamp: number): number {
    return this.#positions[last(this.#timestampsBefore, (t) => t < timestamp)] ?? 0
  }

  encode(summary: SegmentSummary): Buffer {
    const n = this.#offsets.length
    const b = Buffer.alloc(HEAD + 4 + n * 20 + 4 + summary.aborted.length * 24 + 4 + summary.epochs.length * 12 + 4)
    b.writeInt32BE(VERSION, 0)
    writeInt64(b, 4, summary.size)
    writeInt64(b, 12, summary.nextOffset)
    writeInt64(b, 20, summary.maxTimestamp)
    writeInt64(b, 28, summary.maxTimestampOffset)
    writeInt64(b, 36, summary.firstTimestamp)
    let at = b.writeInt32BE(n, HEAD)
    for (let i = 0; i < n; i++, at += 20) {
      writeInt64(b, at, this.#offsets[i]!)
      b.writeInt32BE(this.#positions[i]!, at + 8)
      writeInt64(b, at + 12, this.#timestampsBefore[i]!)
    }
    at = b.writeInt32BE(summary.aborted.length, at)
    for (const txn of summary.aborted) {
      writeInt64(b, at, txn.producerId)
      writeInt64(b, at + 8, txn.firstOffset)
      writeInt64(b, at + 16, txn.lastOffset)
      at += 24
    }
    at = b.writeInt32BE(summary.epochs.length, at)
    for (const e of summary.epochs) {
      b.writeInt32BE(e.epoch, at)
      writeInt64(b, at + 4, e.startOffset)
      at += 12
    }
    b.writeUInt32BE(crc32c(b.subarray(0, at)) >>> 0, at)
    return b
  }

  /** Fills this index from the bytes of an index file; undefined when they are torn or of another version. */
  decode(b: Buffer): SegmentSummary | undefined {
    if (b.length < HEAD + 16 || b.readInt32BE(0) !== VERSION) return undefined
    if (b.readUInt32BE(b.length - 4) !== crc32c(b.subarray(0, b.length - 4)) >>> 0) return undefined
    this.clear()
    let at = HEAD
    const n = b.readInt32BE(at)
    at += 4
    for (let i = 0; i < n; i++, at += 20) this.add(readInt64(b, at), b.readInt32BE(at + 8), readInt64(b, at + 12))
    const aborted: AbortedTransaction[] = []
    const abortedCount = b.readInt32BE(at)
    at += 4
    for (let i = 0; i < abortedCount; i++, at += 24) {
      aborted.push({
        producerId: readInt64(b, at),
        firstOffset: readInt64(b, at + 8),
        lastOffset: readInt64(b, at + 16),
      })
    }
    const epochs: EpochStart[] = []
    const epochCount = b.readInt32BE(at)
    at += 4
    for (let i = 0; i < epochCount; i++, at += 12) {
      epochs.push({ epoch: b.readInt32BE(at), startOffset: readInt64(b, at + 4) })
    }
    return {
      size: readInt64(b, 4),
      nextOffset: readInt64(b, 12),
      maxTimestamp: readInt64(b, 20),
      maxTimestampOffset: readInt64(b, 28),
      firstTimestamp: readInt64(b, 36),
      aborted,
      epochs,
    }
  }
}

/** Index of the last element that satisfies `holds`, which must hold for a prefix of `sorted`; -1 when for none. */
function last(sorted: readonly number[], holds: (value: number) => boolean): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (holds(sorted[middle]!)) low = middle + 1
    else high = middle
  }
  return low - 1
}
