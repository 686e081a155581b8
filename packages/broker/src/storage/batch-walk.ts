// Walks the batches of a segment file front to back in large reads: recovery, searches and the cleaner stand on it.
import { batchSize, HEADER_SIZE } from './batch-header.ts'
import type { Segment } from './segment.ts'

const CHUNK = 512 * 1024

/** Called per batch, which lies whole in `buffer` at `at`; `false` ends the walk. The buffer is reused. */
export type BatchVisitor = (buffer: Buffer, at: number, size: number, position: number) => boolean | undefined

/**
 * Walks the whole batches of `segment` from file position `from` up to `to`. Returns the position after the last batch
 * visited with its visitor not having said `false`: less than `to` when the file holds something that is no whole batch.
 */
export function walkBatches(segment: Segment, from: number, to: number, visit: BatchVisitor): number {
  let buffer = Buffer.allocUnsafeSlow(Math.max(HEADER_SIZE, Math.min(CHUNK, to - from)))
  let position = from
  while (position < to) {
    const filled = segment.read(buffer, position, Math.min(buffer.length, to - position))
    let at = 0
    while (filled - at >= HEADER_SIZE) {
      const size = batchSize(buffer, at)
      if (size < HEADER_SIZE) return position + at
      if (size > filled - at) break
      if (visit(buffer, at, size, position + at) === false) return position + at
      at += size
    }
    if (at === 0) {
      if (filled < HEADER_SIZE) return position
      const size = batchSize(buffer, 0)
      // A batch longer than the buffer is read again whole; one that claims to reach past the end is torn.
      if (size > to - position) return position
      buffer = Buffer.allocUnsafeSlow(size)
    }
    position += at
  }
  return position
}

/** Reads the whole batch at `position`. */
export function readBatch(segment: Segment, position: number): Buffer | undefined {
  const head = Buffer.allocUnsafe(HEADER_SIZE)
  if (segment.read(head, position, HEADER_SIZE) < HEADER_SIZE) return undefined
  const size = batchSize(head, 0)
  const whole = Buffer.allocUnsafeSlow(size)
  return segment.read(whole, position, size) === size ? whole : undefined
}
