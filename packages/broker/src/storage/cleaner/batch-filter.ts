// Rewrites one batch without the records that are superseded. Records that stay keep their bytes, their offsets and their
// times; only their lengths change when the batch's base timestamp becomes the time its tombstones may go (KIP-534).

import { type CompressionType, compress, crc32c } from '@millrace/kafka/records'
import { bodyOf } from '../batch-body.ts'
import * as batch from '../batch-header.ts'
import { walkRecords, writeVarint } from '../record-walk.ts'

/** How a batch is judged. */
export interface BatchRules {
  /** Latest offset of a key in the dirty part; undefined when the key is not there. */
  latest(key: string): number | undefined
  /** True when none of the records count: their transaction was aborted. */
  readonly aborted: boolean
  /** ms */
  readonly now: number
  readonly deleteRetentionMs: number
  /** Keep the header even when no record stays: it holds a producer's last sequence. */
  readonly keepEmpty: boolean
}

/** More bytes than two varints can take in place of one. */
const VARINT_SLACK = 16

/**
 * The batch as it should be stored: the same buffer when nothing changes, a smaller one, or undefined when nothing stays.
 */
export function filterBatch(bytes: Buffer, rules: BatchRules): Buffer | undefined {
  const attributes = batch.attributes(bytes, 0)
  const count = batch.recordCount(bytes, 0)
  if (count === 0) return rules.keepEmpty ? bytes : undefined
  const codec = batch.codecOf(attributes) as CompressionType
  const body = bodyOf(bytes, 0, bytes.length)
  const baseOffset = batch.baseOffset(bytes, 0)
  const oldBase = batch.baseTimestamp(bytes, 0)
  const hadHorizon = batch.hasDeleteHorizon(attributes)
  const tombstonesStay = !hadHorizon || rules.now < oldBase
  const kept: { start: number; end: number; afterTimestamp: number; timestamp: number }[] = []
  let tombstones = false
  let maxTimestamp = -1
  walkRecords(body, count, (record) => {
    if (rules.aborted || record.keyStart < 0) return
    const latest = rules.latest(body.latin1Slice(record.keyStart, record.keyEnd))
    if (latest !== undefined && baseOffset + record.offsetDelta < latest) return
    const isTombstone = record.valueStart < 0
    if (isTombstone && !tombstonesStay) return
    tombstones ||= isTombstone
    const timestamp = oldBase + record.timestampDelta
    maxTimestamp = Math.max(maxTimestamp, timestamp)
    kept.push({ start: record.start, end: record.end, afterTimestamp: record.afterTimestamp, timestamp })
  })
  const newHorizon = tombstones && !hadHorizon
  if (kept.length === count && !newHorizon) return bytes
  if (kept.length === 0) return rules.keepEmpty ? emptied(bytes, attributes) : undefined
  const base = newHorizon ? rules.now + rules.deleteRetentionMs : oldBase
  const plain = newHorizon
    ? rebased(body, kept, base)
    : Buffer.concat(kept.map((record) => body.subarray(record.start, record.end)))
  const packed = compress(codec, plain)
  const result = Buffer.allocUnsafe(batch.HEADER_SIZE + packed.length)
  bytes.copy(result, 0, 0, batch.HEADER_SIZE)
  packed.copy(result, batch.HEADER_SIZE)
  batch.setRecordCount(result, 0, kept.length)
  batch.setAttributes(result, 0, newHorizon ? batch.withDeleteHorizon(attributes) : attributes)
  const max = batch.isLogAppendTime(attributes) ? batch.maxTimestamp(bytes, 0) : maxTimestamp
  batch.setTimestamps(result, 0, base, max)
  return sealed(result)
}

/** A marker with the time set from which it may go, or undefined when that time has come and it is not needed any more. */
export function filterMarker(bytes: Buffer, rules: BatchRules & { readonly needed: boolean }): Buffer | undefined {
  const attributes = batch.attributes(bytes, 0)
  if (rules.needed) return bytes
  if (batch.hasDeleteHorizon(attributes)) {
    const over = rules.now >= batch.baseTimestamp(bytes, 0)
    return over && !rules.keepEmpty ? undefined : bytes
  }
  const timestamp = batch.maxTimestamp(bytes, 0)
  const base = rules.now + rules.deleteRetentionMs
  const body = bytes.subarray(batch.HEADER_SIZE)
  const kept: { start: number; end: number; afterTimestamp: number; timestamp: number }[] = []
  walkRecords(body, batch.recordCount(bytes, 0), (r) =>
    kept.push({ start: r.start, end: r.end, afterTimestamp: r.afterTimestamp, timestamp }),
  )
  const result = Buffer.concat([bytes.subarray(0, batch.HEADER_SIZE), rebased(body, kept, base)])
  batch.setAttributes(result, 0, batch.withDeleteHorizon(attributes))
  batch.setTimestamps(result, 0, base, timestamp)
  return sealed(result)
}

function sealed(b: Buffer): Buffer {
  batch.setBatchSize(b, 0, b.length)
  batch.setChecksum(b, 0, crc32c(b.subarray(batch.ATTRIBUTES)))
  return b
}

/** The header alone: no records, but the offsets and sequences it stands for. */
function emptied(bytes: Buffer, attributes: number): Buffer {
  const result = Buffer.from(bytes.subarray(0, batch.HEADER_SIZE))
  batch.setRecordCount(result, 0, 0)
  batch.setAttributes(result, 0, batch.withCodec(attributes, 0))
  return sealed(result)
}

/** The records with their times told relative to `base`. */
function rebased(
  body: Buffer,
  records: readonly { start: number; end: number; afterTimestamp: number; timestamp: number }[],
  base: number,
): Buffer {
  let size = 0
  for (const record of records) size += record.end - record.start + VARINT_SLACK
  const out = Buffer.allocUnsafe(size)
  const delta = Buffer.allocUnsafe(10)
  let at = 0
  for (const record of records) {
    const deltaLength = writeVarint(delta, 0, record.timestamp - base)
    const rest = record.end - record.afterTimestamp
    at = writeVarint(out, at, 1 + deltaLength + rest)
    out[at++] = 0 // record attributes: none are defined
    at += delta.copy(out, at, 0, deltaLength)
    at += body.copy(out, at, record.afterTimestamp, record.end)
  }
  return out.subarray(0, at)
}
