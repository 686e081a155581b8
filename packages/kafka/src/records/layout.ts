// Where the fields of a record batch (message format v2) lie, and what its attribute bits mean.
// Source of the layout: Kafka protocol documentation, "Record Batch" (KIP-98).

/** Bytes of a batch before its first record. */
export const BATCH_HEADER_SIZE = 61
/** Bytes before the part that the batch length field counts: base offset and the length itself. */
export const BATCH_OVERHEAD = 12

export const AT_BASE_OFFSET = 0
export const AT_LENGTH = 8
export const AT_LEADER_EPOCH = 12
export const AT_MAGIC = 16
export const AT_CRC = 17
/** The checksum covers everything from here on. */
export const AT_ATTRIBUTES = 21
export const AT_LAST_OFFSET_DELTA = 23
export const AT_BASE_TIMESTAMP = 27
export const AT_MAX_TIMESTAMP = 35
export const AT_PRODUCER_ID = 43
export const AT_PRODUCER_EPOCH = 51
export const AT_BASE_SEQUENCE = 53
export const AT_RECORD_COUNT = 57

/** The only message format written and read here; formats 0 and 1 left Kafka with version 4. */
export const MAGIC_V2 = 2

export const COMPRESSION_MASK = 0x07
export const LOG_APPEND_TIME = 0x08
export const TRANSACTIONAL = 0x10
export const CONTROL = 0x20

/** Who set a batch's timestamps: the producer, or the broker when it appended. */
export type BatchTimestampType = 'CreateTime' | 'LogAppendTime'

/** Smallest size of a record on the wire: length, attributes, two deltas, key and value length, header count, a byte each. */
export const MIN_RECORD_SIZE = 7

const TWO_32 = 4294967296

/**
 * Reads an int64 as a number: exact for every offset, producer id and timestamp up to 2^53 - 1, and rounded beyond.
 */
export function readInt64(buffer: Buffer, at: number): number {
  return buffer.readInt32BE(at) * TWO_32 + buffer.readUInt32BE(at + 4)
}

/** Writes a safe integer as an int64. */
export function writeInt64(buffer: Buffer, at: number, value: number): void {
  const high = Math.floor(value / TWO_32)
  buffer.writeInt32BE(high, at)
  buffer.writeUInt32BE(value - high * TWO_32, at + 4)
}
