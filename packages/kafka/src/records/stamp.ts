// Writes the header of a finished batch in front of its records, and the checksum over both.
import type { CompressionOptions, CompressionType } from './compression.ts'
import { crc32c } from './crc32c.ts'
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
  BATCH_OVERHEAD,
  CONTROL,
  LOG_APPEND_TIME,
  MAGIC_V2,
  TRANSACTIONAL,
  writeInt64,
} from './layout.ts'

/** What a closed batch says of itself beside its records. Everything left out has the value of a plain producer's batch. */
export interface SealOptions extends CompressionOptions {
  /** Default 0; a broker writes the offset it gave. */
  readonly baseOffset?: number
  /** Default -1. */
  readonly leaderEpoch?: number
  /** Default -1: not idempotent. */
  readonly producerId?: number
  readonly producerEpoch?: number
  readonly baseSequence?: number
  readonly transactional?: boolean
  readonly control?: boolean
  readonly logAppendTime?: boolean
}

/** What the records themselves say. */
interface Contents {
  readonly compression: CompressionType
  readonly count: number
  readonly baseTimestamp: number
  readonly maxTimestamp: number
}

/** Writes the header of the batch that ends at `end` and returns the batch, a view. */
export function stampHeader(b: Buffer, end: number, options: SealOptions, contents: Contents): Buffer {
  const attributes =
    contents.compression |
    (options.transactional ? TRANSACTIONAL : 0) |
    (options.control ? CONTROL : 0) |
    (options.logAppendTime ? LOG_APPEND_TIME : 0)
  writeInt64(b, AT_BASE_OFFSET, options.baseOffset ?? 0)
  b.writeInt32BE(end - BATCH_OVERHEAD, AT_LENGTH)
  b.writeInt32BE(options.leaderEpoch ?? -1, AT_LEADER_EPOCH)
  b[AT_MAGIC] = MAGIC_V2
  b.writeInt16BE(attributes, AT_ATTRIBUTES)
  b.writeInt32BE(contents.count - 1, AT_LAST_OFFSET_DELTA)
  writeInt64(b, AT_BASE_TIMESTAMP, contents.baseTimestamp)
  writeInt64(b, AT_MAX_TIMESTAMP, contents.maxTimestamp)
  writeInt64(b, AT_PRODUCER_ID, options.producerId ?? -1)
  b.writeInt16BE(options.producerEpoch ?? -1, AT_PRODUCER_EPOCH)
  b.writeInt32BE(options.baseSequence ?? -1, AT_BASE_SEQUENCE)
  b.writeInt32BE(contents.count, AT_RECORD_COUNT)
  b.writeUInt32BE(crc32c(b.subarray(AT_ATTRIBUTES, end)), AT_CRC)
  return b.subarray(0, end)
}
