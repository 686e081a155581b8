// The batch that ends a transaction in a partition: one control record (commit or abort), KIP-98.
// Key: int16 version = 0 | int16 type (0 abort, 1 commit). Value: int16 version = 0 | int32 coordinator epoch.

import { crc32c } from '@millrace/kafka/records'
import * as batch from './batch-header.ts'
import { walkRecords } from './record-walk.ts'

const RECORD_SIZE = 17
const SIZE = batch.HEADER_SIZE + RECORD_SIZE
const ABORT = 0
const COMMIT = 1

/** What a marker says. */
export interface Marker {
  readonly producerId: number
  readonly epoch: number
  readonly commit: boolean
  readonly coordinatorEpoch: number
  /** ms */
  readonly timestamp: number
}

/** Encodes a marker; the log gives it its offset and leader epoch. */
export function controlBatch(marker: Marker): Buffer {
  const b = Buffer.alloc(SIZE)
  batch.setBatchSize(b, 0, SIZE)
  b.writeInt8(2, 16)
  b.writeInt16BE(0x10 | 0x20, batch.ATTRIBUTES)
  batch.setTimestamps(b, 0, marker.timestamp, marker.timestamp)
  batch.writeInt64(b, 43, marker.producerId)
  b.writeInt16BE(marker.epoch, 51)
  b.writeInt32BE(-1, 53)
  batch.setRecordCount(b, 0, 1)
  let at = batch.HEADER_SIZE
  b[at++] = 32 // record length 16, zig-zag
  at += 3 // attributes, timestamp delta, offset delta: 0
  b[at++] = 8 // key length 4
  at = b.writeInt16BE(0, at)
  at = b.writeInt16BE(marker.commit ? COMMIT : ABORT, at)
  b[at++] = 12 // value length 6
  at = b.writeInt16BE(0, at)
  b.writeInt32BE(marker.coordinatorEpoch, at)
  batch.setChecksum(b, 0, crc32c(b.subarray(batch.ATTRIBUTES)))
  return b
}

/** Reads the marker of a whole control batch; undefined when the control record is of another kind. */
export function readMarker(b: Buffer, at: number): { commit: boolean; coordinatorEpoch: number } | undefined {
  const body = b.subarray(at + batch.HEADER_SIZE, at + batch.batchSize(b, at))
  let marker: { commit: boolean; coordinatorEpoch: number } | undefined
  walkRecords(body, Math.min(1, batch.recordCount(b, at)), (record) => {
    if (record.keyEnd - record.keyStart < 4 || record.valueEnd - record.valueStart < 6) return
    const type = body.readInt16BE(record.keyStart + 2)
    if (type !== ABORT && type !== COMMIT) return
    marker = { commit: type === COMMIT, coordinatorEpoch: body.readInt32BE(record.valueStart + 2) }
  })
  return marker
}
