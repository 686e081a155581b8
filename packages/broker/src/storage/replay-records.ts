// Reads every record of an internal topic's log from its start: how the coordinators find their state again after a restart.
import { bodyOf } from './batch-body.ts'
import * as batch from './batch-header.ts'
import { walkBatches } from './batch-walk.ts'
import { readMarker } from './control-batch.ts'
import type { PartitionLog } from './partition-log.ts'
import { walkRecords } from './record-walk.ts'

/** Told of each record in order, and of each end of a transaction. Buffers are copies and may be kept. */
export interface ReplayVisitor {
  /** `producerId` is -1 for a record outside of transactions. */
  record(key: Buffer | null, value: Buffer | null, producerId: number): void
  ended(producerId: number, commit: boolean): void
}

/** Walks the whole log. @throws BrokerError CORRUPT_MESSAGE */
export function replayRecords(log: PartitionLog, visitor: ReplayVisitor): void {
  for (const segment of log.segments) {
    walkBatches(segment, 0, segment.size, (buffer, at, size) => {
      const attributes = batch.attributes(buffer, at)
      const producerId = batch.isTransactional(attributes) ? batch.producerId(buffer, at) : -1
      if (batch.isControl(attributes)) {
        const marker = readMarker(buffer, at)
        if (marker !== undefined) visitor.ended(batch.producerId(buffer, at), marker.commit)
        return true
      }
      // A copy: the walk uses its buffer again, and what is told here may be kept.
      const body = Buffer.from(bodyOf(buffer, at, size))
      walkRecords(body, batch.recordCount(buffer, at), (record) => {
        const key = record.keyStart < 0 ? null : body.subarray(record.keyStart, record.keyEnd)
        const value = record.valueStart < 0 ? null : body.subarray(record.valueStart, record.valueEnd)
        visitor.record(key, value, producerId)
      })
      return true
    })
  }
}
