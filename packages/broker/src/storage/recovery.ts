// Opens a partition's log from what is on disk. Sealed segments are known by their index files; the last one is walked with
// every checksum checked, unless the broker stopped cleanly. A tail that is torn (the process died in mid-write) is cut off:
// it was never acknowledged.

import fs from 'node:fs'
import { join } from 'node:path'
import { crc32c } from '@millrace/kafka/records'
import * as batch from './batch-header.ts'
import { walkBatches } from './batch-walk.ts'
import { readCheckpoint } from './cleaner/checkpoint.ts'
import { finishSwaps } from './cleaner/swap.ts'
import { readMarker } from './control-batch.ts'
import { type LogOptions, PartitionLog } from './partition-log.ts'
import { listSnapshots, readSnapshot, removeSnapshots } from './producer-snapshot.ts'
import { Segment } from './segment.ts'
import { readStartOffset } from './start-offset.ts'

/** What recovery did, for the log. */
export interface Recovery {
  readonly log: PartitionLog
  /** Bytes of a torn or damaged tail that were cut off. */
  readonly truncatedBytes: number
}

const LOG_FILE = /^(\d{20})\.log$/

/**
 * Opens the log in `options.directory`, which is made if it is not there.
 * `clean` says that the broker stopped properly, so the last segment's index file may be trusted too.
 */
export function openLog(options: LogOptions, clean: boolean): Recovery {
  fs.mkdirSync(options.directory, { recursive: true })
  const log = new PartitionLog(options)
  finishSwaps(options.directory)
  const bases = fs
    .readdirSync(options.directory)
    .map((name) => LOG_FILE.exec(name)?.[1])
    .filter((digits) => digits !== undefined)
    .map(Number)
    .sort((a, b) => a - b)
  const opened = bases.map((base, i) => {
    const segment = new Segment(options.directory, base, options.io, options.now())
    segment.resetTo(fs.statSync(segment.path).size)
    return { segment, summary: i === bases.length - 1 && !clean ? undefined : segment.loadIndex() }
  })
  // Aborted transactions are found by following producers, so these must be followed from before the first unknown segment.
  const unknown = opened.find((o) => o.summary === undefined)
  const snapshot = loadNewestSnapshot(log, unknown?.segment.baseOffset ?? Number.POSITIVE_INFINITY)
  let truncatedBytes = 0
  for (const { segment, summary } of opened) {
    if (log.nextOffset < segment.baseOffset) log.nextOffset = segment.baseOffset
    log.segments.push(segment)
    if (summary !== undefined) {
      log.nextOffset = summary.nextOffset
      log.aborted.push(...summary.aborted)
      for (const e of summary.epochs) log.epochs.note(e.epoch, e.startOffset)
    }
    if (summary === undefined || summary.nextOffset > snapshot) {
      truncatedBytes += replay(log, segment, summary === undefined, snapshot)
    }
  }
  log.startOffset = Math.min(Math.max(readStartOffset(options.directory), bases[0] ?? 0), log.nextOffset)
  log.cleanedUpTo = Math.min(readCheckpoint(options.directory), log.nextOffset)
  const keep = log.aborted.findIndex((t) => t.lastOffset >= log.startOffset)
  log.aborted.splice(0, keep === -1 ? log.aborted.length : keep)
  return { log, truncatedBytes }
}

/** Restores the newest readable snapshot of at most `limit` and returns its offset, 0 without one. */
function loadNewestSnapshot(log: PartitionLog, limit: number): number {
  for (const offset of listSnapshots(log.directory).reverse()) {
    if (offset > limit) continue
    const producers = readSnapshot(log.directory, offset)
    if (producers === undefined) continue
    log.producers.restore(producers)
    return offset
  }
  return 0
}

/** Walks a segment; with `rebuild` also its index, checksums and transactions. Returns how many bytes were cut off. */
function replay(log: PartitionLog, segment: Segment, rebuild: boolean, producersFrom: number): number {
  const size = segment.size
  let nextOffset = segment.baseOffset
  const end = walkBatches(segment, 0, size, (buffer, at, length, position) => {
    const first = batch.baseOffset(buffer, at)
    if (rebuild) {
      if (batch.magic(buffer, at) !== 2 || first < nextOffset || batch.lastOffsetDelta(buffer, at) < 0) return false
      const sum = crc32c(buffer.subarray(at + batch.ATTRIBUTES, at + length))
      if (sum >>> 0 !== batch.checksum(buffer, at)) return false
      const timestamp = batch.maxTimestamp(buffer, at)
      segment.noteBatch(position, length, first, timestamp, log.config.indexIntervalBytes)
      log.epochs.note(batch.leaderEpoch(buffer, at), first)
    }
    nextOffset = batch.lastOffset(buffer, at) + 1
    replayProducer(log, buffer, at, rebuild, first >= producersFrom)
    return true
  })
  if (!rebuild) return 0
  log.nextOffset = Math.max(nextOffset, segment.baseOffset)
  if (end === size) return 0
  fs.truncateSync(segment.path, end)
  segment.size = end
  // A snapshot of a state after the cut describes batches that are gone.
  removeSnapshots(log.directory, (offset) => offset > log.nextOffset)
  return size - end
}

function replayProducer(log: PartitionLog, buffer: Buffer, at: number, rebuild: boolean, producers: boolean): void {
  const producerId = batch.producerId(buffer, at)
  if (producerId < 0) return
  const attributes = batch.attributes(buffer, at)
  const firstOffset = batch.baseOffset(buffer, at)
  const lastOffset = batch.lastOffset(buffer, at)
  const epoch = batch.producerEpoch(buffer, at)
  if (!batch.isControl(attributes)) {
    // The cleaner may leave an empty batch behind to keep a sequence; its last sequence still counts.
    if (!producers) return
    log.producers.stored(
      {
        producerId,
        producerEpoch: epoch,
        baseSequence: batch.baseSequence(buffer, at),
        count: batch.lastOffsetDelta(buffer, at) + 1,
        transactional: batch.isTransactional(attributes),
      },
      firstOffset,
      lastOffset,
      batch.maxTimestamp(buffer, at),
    )
    return
  }
  const marker = readMarker(buffer, at)
  if (marker === undefined) return
  const start = producers
    ? log.producers.ended(producerId, epoch, marker.coordinatorEpoch, batch.maxTimestamp(buffer, at))
    : -1
  if (rebuild && !marker.commit && start >= 0) log.aborted.push({ producerId, firstOffset: start, lastOffset })
}

/** The folder of a partition's log. */
export function partitionDirectory(dataDirectory: string, topic: string, partition: number): string {
  return join(dataDirectory, `${topic}-${partition}`)
}
