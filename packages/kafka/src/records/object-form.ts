// Batches as plain objects, for tests, internal topics and tools. The data path uses BatchBuilder and RecordReader.
import { BatchBuilder } from './batch-builder.ts'
import { iterateBatches } from './batch-header.ts'
import type { RecordHeader } from './headers.ts'
import type { BatchTimestampType } from './layout.ts'
import { RecordReader } from './record-reader.ts'
import type { SealOptions } from './stamp.ts'

/** A record to encode. Text becomes UTF-8; what is left out is null, or for the timestamp -1. */
export interface RecordInput {
  readonly key?: Uint8Array | string | null
  readonly value?: Uint8Array | string | null
  /** Milliseconds since the epoch. */
  readonly timestamp?: number
  readonly headers?: readonly { readonly key: string; readonly value: Uint8Array | string | null }[]
}

export type EncodeOptions = SealOptions

/** A record decoded to an object; key, value and headers are copies or views that stay valid. */
export interface DecodedRecord {
  readonly offset: number
  readonly timestamp: number
  readonly timestampType: BatchTimestampType
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly RecordHeader[]
  /** True for a transaction marker. */
  readonly control: boolean
}

/** One batch with these records, at `options.baseOffset` (default 0). */
export function encodeBatch(records: readonly RecordInput[], options: EncodeOptions = {}): Buffer {
  const builder = new BatchBuilder(1024)
  for (const record of records) {
    builder.begin(record.timestamp ?? -1)
    builder.key(toBytes(record.key))
    builder.value(toBytes(record.value))
    for (const header of record.headers ?? []) builder.header(header.key, toBytes(header.value))
    builder.end()
  }
  return Buffer.from(builder.close(options))
}

/** Every record of every whole batch in `buffer`, control records too, checksums checked. Throws as RecordReader. */
export function decodeRecords(buffer: Buffer, topic = '', partition = 0): DecodedRecord[] {
  const first = iterateBatches(buffer).next()
  if (first.done) return []
  const reader = new RecordReader({
    topic,
    partition,
    buffer,
    fetchOffset: first.value.baseOffset,
    includeControl: true,
  })
  const records: DecodedRecord[] = []
  while (reader.next()) {
    records.push({
      offset: reader.offset,
      timestamp: reader.timestamp,
      timestampType: reader.timestampType,
      key: reader.keyEnd < 0 ? null : reader.key.bytes(),
      value: reader.valueEnd < 0 ? null : reader.value.bytes(),
      headers: reader.headers(),
      control: reader.control,
    })
  }
  return records
}

function toBytes(value: Uint8Array | string | null | undefined): Uint8Array | null {
  return value === undefined || value === null ? null : typeof value === 'string' ? Buffer.from(value) : value
}
