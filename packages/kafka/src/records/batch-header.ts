// The 61 bytes before a batch's records, read where they lie: what a broker needs of a batch, and what the reader starts from.
import { crc32c } from './crc32c.ts'
import { MalformedRecord, UnsupportedFormat } from './errors.ts'
import {
  AT_ATTRIBUTES,
  AT_BASE_OFFSET,
  AT_BASE_SEQUENCE,
  AT_BASE_TIMESTAMP,
  AT_CRC,
  AT_LAST_OFFSET_DELTA,
  AT_LEADER_EPOCH,
  AT_LENGTH,
  AT_MAGIC,
  AT_MAX_TIMESTAMP,
  AT_PRODUCER_EPOCH,
  AT_PRODUCER_ID,
  AT_RECORD_COUNT,
  BATCH_HEADER_SIZE,
  BATCH_OVERHEAD,
  type BatchTimestampType,
  COMPRESSION_MASK,
  CONTROL,
  LOG_APPEND_TIME,
  MAGIC_V2,
  readInt64,
  TRANSACTIONAL,
} from './layout.ts'

/** The header of one batch, and where the batch lies. Offsets and timestamps are exact up to 2^53 - 1. */
export interface BatchHeader {
  /** Position of the batch in the buffer. */
  readonly start: number
  /** Position after the batch. */
  readonly end: number
  readonly baseOffset: number
  readonly lastOffset: number
  readonly leaderEpoch: number
  readonly attributes: number
  /** Compression code: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd. */
  readonly compression: number
  readonly timestampType: BatchTimestampType
  readonly transactional: boolean
  readonly control: boolean
  /** Milliseconds since the epoch, -1 for none. */
  readonly baseTimestamp: number
  readonly maxTimestamp: number
  /** -1 when the producer is not idempotent. */
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
  /** Records in the batch: fewer than the offsets it spans after compaction, and 0 is possible. */
  readonly recordCount: number
  readonly crc: number
}

/**
 * The header of the batch that begins at `start`, or null when the batch does not end before `end`: a fetch may cut its last one.
 * @throws UnsupportedFormat for message formats 0 and 1
 * @throws MalformedRecord for a length that no batch has
 */
export function readBatchHeader(buffer: Buffer, start: number, end: number = buffer.length): BatchHeader | null {
  const batchEnd = batchEndOf(buffer, start, end)
  if (batchEnd < 0) return null
  const attributes = buffer.readInt16BE(start + AT_ATTRIBUTES)
  const baseOffset = readInt64(buffer, start + AT_BASE_OFFSET)
  return {
    start,
    end: batchEnd,
    baseOffset,
    lastOffset: baseOffset + buffer.readInt32BE(start + AT_LAST_OFFSET_DELTA),
    leaderEpoch: buffer.readInt32BE(start + AT_LEADER_EPOCH),
    attributes,
    compression: attributes & COMPRESSION_MASK,
    timestampType: attributes & LOG_APPEND_TIME ? 'LogAppendTime' : 'CreateTime',
    transactional: (attributes & TRANSACTIONAL) !== 0,
    control: (attributes & CONTROL) !== 0,
    baseTimestamp: readInt64(buffer, start + AT_BASE_TIMESTAMP),
    maxTimestamp: readInt64(buffer, start + AT_MAX_TIMESTAMP),
    producerId: readInt64(buffer, start + AT_PRODUCER_ID),
    producerEpoch: buffer.readInt16BE(start + AT_PRODUCER_EPOCH),
    baseSequence: buffer.readInt32BE(start + AT_BASE_SEQUENCE),
    recordCount: buffer.readInt32BE(start + AT_RECORD_COUNT),
    crc: buffer.readUInt32BE(start + AT_CRC),
  }
}

/** The headers of the whole batches in `[start, end)`, in order; a cut last batch is left out. Throws as {@link readBatchHeader}. */
export function* iterateBatches(
  buffer: Buffer,
  start = 0,
  end: number = buffer.length,
): Generator<BatchHeader, void, undefined> {
  for (let at = start; at < end; ) {
    const header = readBatchHeader(buffer, at, end)
    if (header === null) return
    yield header
    at = header.end
  }
}

/** Where the batch at `start` ends, -1 when that is beyond `end`. */
export function batchEndOf(buffer: Buffer, start: number, end: number): number {
  if (start + AT_MAGIC + 1 > end) return -1
  const magic = buffer.readInt8(start + AT_MAGIC)
  const length = buffer.readInt32BE(start + AT_LENGTH)
  if (magic !== MAGIC_V2) {
    if (magic === 0 || magic === 1) {
      throw new UnsupportedFormat(
        `the message format is version ${magic}, which Kafka 4 no longer has: copy the topic with a Kafka 3 broker or client first`,
      )
    }
    throw new MalformedRecord(`the batch says it is of format ${magic}, and only format 2 exists`)
  }
  const size = length + BATCH_OVERHEAD
  if (size < BATCH_HEADER_SIZE)
    throw new MalformedRecord(`the batch says it is ${length} bytes long, less than its header`)
  return start + size > end ? -1 : start + size
}

/** Checks the checksum of the whole batch in `[start, end)`. @throws MalformedRecord when it is wrong */
export function checkBatch(buffer: Buffer, start: number, end: number): void {
  const stored = buffer.readUInt32BE(start + AT_CRC)
  const computed = crc32c(buffer.subarray(start + AT_ATTRIBUTES, end))
  if (stored === computed) return
  throw new MalformedRecord(`its checksum is ${hex(computed)}, and ${hex(stored)} is stored with it`)
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`
}
