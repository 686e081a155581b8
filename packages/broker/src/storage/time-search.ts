// Finds offsets by time: the first record at or after a timestamp, and the record with the highest one.
import { bodyOf } from './batch-body.ts'
import * as batch from './batch-header.ts'
import { readBatch, walkBatches } from './batch-walk.ts'
import type { PartitionLog } from './partition-log.ts'
import { walkRecords } from './record-walk.ts'
import type { Segment } from './segment.ts'

/** A record's place in time. */
export interface TimedOffset {
  readonly offset: number
  /** ms */
  readonly timestamp: number
  readonly leaderEpoch: number
}

/** The first record before `limit` with a timestamp of at least `timestamp`; undefined when there is none. */
export function findByTime(log: PartitionLog, timestamp: number, limit: number): TimedOffset | undefined {
  for (const segment of log.segments) {
    if (segment.maxTimestamp < timestamp || segment.size === 0) continue
    const found = searchSegment(log, segment, timestamp, limit)
    if (found !== undefined) return found
  }
  return undefined
}

/** The record with the highest timestamp; undefined when the log is empty. */
export function findMaxTimestamp(log: PartitionLog): TimedOffset | undefined {
  let best: Segment | undefined
  for (const segment of log.segments) {
    if (segment.maxTimestamp >= 0 && segment.maxTimestamp > (best?.maxTimestamp ?? -1)) best = segment
  }
  if (best === undefined) return undefined
  const place = log.reader.locate(Math.max(best.maxTimestampOffset, log.startOffset))
  const bytes = place === undefined ? undefined : readBatch(place.segment, place.position)
  return bytes === undefined ? undefined : searchBatch(bytes, best.maxTimestamp, log.startOffset)
}

function searchSegment(log: PartitionLog, segment: Segment, timestamp: number, limit: number): TimedOffset | undefined {
  let found: TimedOffset | undefined
  walkBatches(segment, segment.index.positionOfTimestamp(timestamp), segment.size, (buffer, at, size) => {
    if (batch.baseOffset(buffer, at) >= limit) return false
    if (batch.maxTimestamp(buffer, at) < timestamp || batch.lastOffset(buffer, at) < log.startOffset) return true
    found = searchBatch(buffer.subarray(at, at + size), timestamp, log.startOffset)
    return found === undefined
  })
  return found
}

/** First record of one batch from `from` on with a timestamp of at least `timestamp`. */
function searchBatch(bytes: Buffer, timestamp: number, from: number): TimedOffset | undefined {
  const attributes = batch.attributes(bytes, 0)
  const base = batch.baseOffset(bytes, 0)
  const leaderEpoch = batch.leaderEpoch(bytes, 0)
  if (batch.isLogAppendTime(attributes)) {
    return { offset: Math.max(base, from), timestamp: batch.maxTimestamp(bytes, 0), leaderEpoch }
  }
  const baseTime = batch.baseTimestamp(bytes, 0)
  const body = bodyOf(bytes, 0, bytes.length)
  let found: TimedOffset | undefined
  walkRecords(body, batch.recordCount(bytes, 0), (record) => {
    const time = baseTime + record.timestampDelta
    const offset = base + record.offsetDelta
    if (found === undefined && time >= timestamp && offset >= from) found = { offset, timestamp: time, leaderEpoch }
  })
  return found
}
