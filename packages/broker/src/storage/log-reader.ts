// Reads a partition's log: whole batches from an offset on, as they lie on disk, without decoding them.

import { ErrorCode } from '@millrace/kafka/protocol'
import { BrokerError } from '../errors.ts'
import * as batch from './batch-header.ts'
import type { PartitionLog } from './partition-log.ts'
import type { Segment } from './segment.ts'

/** Where a batch begins. */
export interface Place {
  readonly segment: Segment
  readonly position: number
}

const NOTHING = Buffer.alloc(0)
/** How many "the next read goes on here" places are kept a partition: one a reader at its own pace. */
const REMEMBERED = 16

/** The read side of one log. */
export class LogReader {
  readonly #log: PartitionLog
  /** Offset after the last batch of a read -> where the next batch lies. */
  readonly #continuations = new Map<number, Place>()
  /** Offset after the last batch of the last read that gave any. */
  lastReadNext = 0
  readonly #head = Buffer.alloc(batch.HEADER_SIZE)

  constructor(log: PartitionLog) {
    this.#log = log
  }

  /** Drops remembered places; after segments were deleted or rewritten. */
  forget(): void {
    this.#continuations.clear()
  }

  /**
   * Whole batches from the one that holds `offset` on, before `limit`, of one segment, at most `maxBytes`; the first batch
   * comes whole even when it is larger if `atLeastOne` (KIP-74). Empty when there is nothing yet.
   * @throws BrokerError OFFSET_OUT_OF_RANGE
   */
  read(offset: number, maxBytes: number, limit: number, atLeastOne: boolean): Buffer {
    const log = this.#log
    if (offset < log.startOffset || offset > log.nextOffset) {
      throw new BrokerError(
        ErrorCode.OFFSET_OUT_OF_RANGE,
        `${log.name} has the offsets ${log.startOffset} to ${log.nextOffset}, asked for ${offset}`,
      )
    }
    if (offset >= limit || (maxBytes <= 0 && !atLeastOne)) return NOTHING
    const place = this.locate(offset)
    if (place === undefined) return NOTHING
    const { segment, position } = place
    let length = Math.min(maxBytes, segment.size - position)
    let buffer = Buffer.allocUnsafeSlow(Math.max(length, Math.min(batch.HEADER_SIZE, segment.size - position)))
    length = segment.read(buffer, position, buffer.length)
    if (length >= batch.HEADER_SIZE) {
      const first = batch.batchSize(buffer, 0)
      if (first > length) {
        if (!atLeastOne) return NOTHING
        buffer = Buffer.allocUnsafeSlow(first)
        length = segment.read(buffer, position, first)
      }
    }
    const end = this.#wholeBatches(buffer, length, limit)
    if (end.bytes === 0) return NOTHING
    this.lastReadNext = end.nextOffset
    this.#remember(end.nextOffset, { segment, position: position + end.bytes })
    return end.bytes === buffer.length ? buffer : buffer.subarray(0, end.bytes)
  }

  /** The batch that holds `offset`, or the first after it; undefined at the end of the log. */
  locate(offset: number): Place | undefined {
    const known = this.#continuations.get(offset)
    if (known !== undefined && known.position < known.segment.size) return known
    const segments = this.#log.segments
    for (let i = this.segmentOf(offset); i < segments.length; i++) {
      const segment = segments[i]!
      let position = segment.index.positionOfOffset(offset)
      while (segment.read(this.#head, position, batch.HEADER_SIZE) === batch.HEADER_SIZE) {
        if (batch.lastOffset(this.#head, 0) >= offset) return { segment, position }
        position += batch.batchSize(this.#head, 0)
      }
    }
    return undefined
  }

  /** Index of the last segment that begins at or before `offset`; 0 when all begin after it. */
  segmentOf(offset: number): number {
    const segments = this.#log.segments
    let low = 0
    let high = segments.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (segments[middle]!.baseOffset <= offset) low = middle + 1
      else high = middle
    }
    return Math.max(0, low - 1)
  }

  #wholeBatches(buffer: Buffer, length: number, limit: number): { bytes: number; nextOffset: number } {
    let at = 0
    let nextOffset = -1
    while (length - at >= batch.HEADER_SIZE) {
      const size = batch.batchSize(buffer, at)
      if (size > length - at || size < batch.HEADER_SIZE || batch.baseOffset(buffer, at) >= limit) break
      nextOffset = batch.lastOffset(buffer, at) + 1
      at += size
    }
    return { bytes: at, nextOffset }
  }

  #remember(offset: number, place: Place): void {
    this.#continuations.delete(offset)
    this.#continuations.set(offset, place)
    if (this.#continuations.size > REMEMBERED) {
      const oldest = this.#continuations.keys().next().value
      if (oldest !== undefined) this.#continuations.delete(oldest)
    }
  }
}
