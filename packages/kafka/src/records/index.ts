// Record batches (message format v2): what the broker, the consumer, the producer and the runtime import from here.
export { BatchBuilder } from './batch-builder.ts'
export { type BatchHeader, checkBatch, iterateBatches, readBatchHeader } from './batch-header.ts'
export {
  type CompressionOptions,
  CompressionType,
  compress,
  compressionName,
  decompress,
  MAX_DECOMPRESSED,
} from './compression.ts'
export { ControlType, controlBatch, type EndMarker, readControlType } from './control.ts'
export { type Crc32c, crc32c, crc32cTable } from './crc32c.ts'
export {
  CorruptRecordException,
  MalformedRecord,
  UnsupportedCompression,
  UnsupportedCompressionTypeException,
  UnsupportedForMessageFormatException,
  UnsupportedFormat,
} from './errors.ts'
export { encodeHeaders, type RecordHeader } from './headers.ts'
export * from './layout.ts'
export {
  type DecodedRecord,
  decodeRecords,
  type EncodeOptions,
  encodeBatch,
  type RecordInput,
} from './object-form.ts'
export { type AbortedTransaction, type FetchedBytes, RecordReader } from './record-reader.ts'
export type { SealOptions } from './stamp.ts'
export { VarintCursor, varintSize, writeVarint, writeVarlong } from './varint.ts'
