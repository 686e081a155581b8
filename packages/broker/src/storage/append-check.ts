// What a batch from a client must satisfy before it is stored, and the changes the broker makes to it. A batch is looked into
// (decompressed, its records walked) only where a rule needs it: keys on compacted topics, another compression than the producer's.

import { ErrorCode } from '@millrace/kafka/protocol'
import { type CompressionType, compress, crc32c } from '@millrace/kafka/records'
import type { TopicConfig } from '../config/topic-config.ts'
import { BrokerError } from '../errors.ts'
import { bodyOf } from './batch-body.ts'
import * as batch from './batch-header.ts'
import { walkRecords } from './record-walk.ts'

const CODECS: Readonly<Record<string, CompressionType>> = { uncompressed: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 }

/**
 * Checks the bytes of one partition of a produce request: exactly one whole batch of format v2, a checksum that fits, and
 * the limits of the topic. Returns the batch to store: the same bytes, or new ones when the topic demands another compression.
 * @throws BrokerError CORRUPT_MESSAGE, INVALID_RECORD, MESSAGE_TOO_LARGE, INVALID_TIMESTAMP, UNSUPPORTED_FOR_MESSAGE_FORMAT
 */
export function checkClientBatch(records: Buffer, config: TopicConfig, now: number): Buffer {
  if (records.length < batch.HEADER_SIZE) {
    throw new BrokerError(ErrorCode.CORRUPT_MESSAGE, `a record batch has at least 61 bytes, got ${records.length}`)
  }
  const magic = batch.magic(records, 0)
  if (magic < 2) {
    throw new BrokerError(
      ErrorCode.UNSUPPORTED_FOR_MESSAGE_FORMAT,
      `message format v${magic} is not accepted; use a producer that writes record batches (v2, Kafka 0.11 and later)`,
    )
  }
  if (magic > 2) throw new BrokerError(ErrorCode.CORRUPT_MESSAGE, `unknown message format v${magic}`)
  const size = batch.batchSize(records, 0)
  if (size < records.length && size >= batch.HEADER_SIZE) {
    throw new BrokerError(ErrorCode.INVALID_RECORD, 'a produce request may hold only one batch for each partition')
  }
  if (size !== records.length) {
    throw new BrokerError(ErrorCode.CORRUPT_MESSAGE, `the batch claims ${size} bytes, ${records.length} came`)
  }
  if (crc32c(records.subarray(batch.ATTRIBUTES)) >>> 0 !== batch.checksum(records, 0)) {
    throw new BrokerError(ErrorCode.CORRUPT_MESSAGE, 'the checksum of the batch does not fit its bytes')
  }
  const attributes = batch.attributes(records, 0)
  const count = batch.recordCount(records, 0)
  if (batch.isControl(attributes)) {
    throw new BrokerError(ErrorCode.INVALID_RECORD, 'clients may not write control batches')
  }
  if (count <= 0 || batch.lastOffsetDelta(records, 0) !== count - 1) {
    throw new BrokerError(ErrorCode.INVALID_RECORD, `a batch of ${count} records with a last offset delta of another`)
  }
  if (size > config.maxMessageBytes) {
    throw new BrokerError(
      ErrorCode.MESSAGE_TOO_LARGE,
      `the batch has ${size} bytes, max.message.bytes of the topic is ${config.maxMessageBytes}`,
    )
  }
  if (batch.producerId(records, 0) >= 0 && batch.producerEpoch(records, 0) < 0) {
    throw new BrokerError(ErrorCode.INVALID_RECORD, 'a producer id without a producer epoch')
  }
  checkTimestamps(records, attributes, config, now)
  if (config.compact) checkKeys(records)
  return recompressed(records, attributes, config.compressionType)
}

function checkTimestamps(records: Buffer, attributes: number, config: TopicConfig, now: number): void {
  if (config.logAppendTime) return
  if (batch.isLogAppendTime(attributes)) {
    throw new BrokerError(
      ErrorCode.INVALID_TIMESTAMP,
      'the batch carries log append times, but the topic keeps the times of the producer',
    )
  }
  const max = batch.maxTimestamp(records, 0)
  const base = batch.baseTimestamp(records, 0)
  if (max - now > config.timestampAfterMaxMs || (base >= 0 && now - base > config.timestampBeforeMaxMs)) {
    throw new BrokerError(
      ErrorCode.INVALID_TIMESTAMP,
      `timestamps ${base}..${max} are too far from the broker's ${now} for this topic ` +
        '(message.timestamp.before.max.ms, message.timestamp.after.max.ms)',
    )
  }
}

function checkKeys(records: Buffer): void {
  const body = bodyOf(records, 0, records.length)
  let keyless = -1
  walkRecords(body, batch.recordCount(records, 0), (record) => {
    if (record.keyStart < 0 && keyless < 0) keyless = record.offsetDelta
  })
  if (keyless >= 0) {
    throw new BrokerError(ErrorCode.INVALID_RECORD, `record ${keyless} has no key, which a compacted topic needs`)
  }
}

function recompressed(records: Buffer, attributes: number, wanted: string): Buffer {
  const codec = CODECS[wanted]
  if (codec === undefined || codec === batch.codecOf(attributes)) return records
  const plain = bodyOf(records, 0, records.length)
  const body = codec === 0 ? plain : compress(codec, plain)
  const result = Buffer.allocUnsafe(batch.HEADER_SIZE + body.length)
  records.copy(result, 0, 0, batch.HEADER_SIZE)
  body.copy(result, batch.HEADER_SIZE)
  batch.setBatchSize(result, 0, result.length)
  batch.setAttributes(result, 0, batch.withCodec(attributes, codec))
  batch.setChecksum(result, 0, crc32c(result.subarray(batch.ATTRIBUTES)))
  return result
}
