// Where the fields of a record batch (format v2) lie, read and patched in place. A batch is never decoded to be stored:
// the broker reads the 61 bytes of its header and writes base offset and leader epoch, which the checksum leaves out.
// Source of the layout: the Kafka protocol documentation, "Record Batch".

import {
  AT_ATTRIBUTES,
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
  COMPRESSION_MASK,
  CONTROL,
  LOG_APPEND_TIME,
  readInt64,
  TRANSACTIONAL,
  writeInt64,
} from '@millrace/kafka/records'

export { AT_ATTRIBUTES as ATTRIBUTES, BATCH_HEADER_SIZE as HEADER_SIZE, readInt64, writeInt64 }

/** The batch's base timestamp is the time from which its tombstones may go (KIP-534). */
const DELETE_HORIZON = 0x40

export const baseOffset = (b: Buffer, at: number): number => readInt64(b, at)
/** Bytes of the whole batch, header included. */
export const batchSize = (b: Buffer, at: number): number => b.readInt32BE(at + AT_LENGTH) + BATCH_OVERHEAD
export const leaderEpoch = (b: Buffer, at: number): number => b.readInt32BE(at + AT_LEADER_EPOCH)
export const magic = (b: Buffer, at: number): number => b.readInt8(at + AT_MAGIC)
export const checksum = (b: Buffer, at: number): number => b.readUInt32BE(at + AT_CRC)
export const attributes = (b: Buffer, at: number): number => b.readInt16BE(at + AT_ATTRIBUTES)
export const lastOffsetDelta = (b: Buffer, at: number): number => b.readInt32BE(at + AT_LAST_OFFSET_DELTA)
export const lastOffset = (b: Buffer, at: number): number => baseOffset(b, at) + lastOffsetDelta(b, at)
export const baseTimestamp = (b: Buffer, at: number): number => readInt64(b, at + AT_BASE_TIMESTAMP)
export const maxTimestamp = (b: Buffer, at: number): number => readInt64(b, at + AT_MAX_TIMESTAMP)
export const producerId = (b: Buffer, at: number): number => readInt64(b, at + AT_PRODUCER_ID)
export const producerEpoch = (b: Buffer, at: number): number => b.readInt16BE(at + AT_PRODUCER_EPOCH)
export const baseSequence = (b: Buffer, at: number): number => b.readInt32BE(at + AT_BASE_SEQUENCE)
export const recordCount = (b: Buffer, at: number): number => b.readInt32BE(at + AT_RECORD_COUNT)

export const codecOf = (attrs: number): number => attrs & COMPRESSION_MASK
export const isLogAppendTime = (attrs: number): boolean => (attrs & LOG_APPEND_TIME) !== 0
export const isTransactional = (attrs: number): boolean => (attrs & TRANSACTIONAL) !== 0
export const isControl = (attrs: number): boolean => (attrs & CONTROL) !== 0
export const hasDeleteHorizon = (attrs: number): boolean => (attrs & DELETE_HORIZON) !== 0
export const withDeleteHorizon = (attrs: number): number => attrs | DELETE_HORIZON
export const withCodec = (attrs: number, codec: number): number => (attrs & ~COMPRESSION_MASK) | codec

export function setBaseOffset(b: Buffer, at: number, offset: number): void {
  writeInt64(b, at, offset)
}

export function setLeaderEpoch(b: Buffer, at: number, epoch: number): void {
  b.writeInt32BE(epoch, at + AT_LEADER_EPOCH)
}

export function setChecksum(b: Buffer, at: number, crc: number): void {
  b.writeUInt32BE(crc >>> 0, at + AT_CRC)
}

export function setAttributes(b: Buffer, at: number, attrs: number): void {
  b.writeInt16BE(attrs, at + AT_ATTRIBUTES)
}

/** Marks the batch as stamped by the broker at `now` (ms). The checksum must be set anew afterwards. */
export function setLogAppendTime(b: Buffer, at: number, now: number): void {
  setAttributes(b, at, attributes(b, at) | LOG_APPEND_TIME)
  writeInt64(b, at + AT_MAX_TIMESTAMP, now)
}

export function setTimestamps(b: Buffer, at: number, base: number, max: number): void {
  writeInt64(b, at + AT_BASE_TIMESTAMP, base)
  writeInt64(b, at + AT_MAX_TIMESTAMP, max)
}

export function setRecordCount(b: Buffer, at: number, count: number): void {
  b.writeInt32BE(count, at + AT_RECORD_COUNT)
}

export function setBatchSize(b: Buffer, at: number, size: number): void {
  b.writeInt32BE(size - BATCH_OVERHEAD, at + AT_LENGTH)
}
