// Control batches: the markers that end a transaction in a partition. Key: int16 version, int16 type; value of an end
// marker: int16 version, int32 coordinator epoch. Source: Kafka protocol documentation, "Control Batches"; KIP-98.
import { BatchBuilder } from './batch-builder.ts'
import { MalformedRecord } from './errors.ts'

/** Types of control records that concern a client; others exist inside the metadata log. */
export const ControlType = Object.freeze({ abort: 0, commit: 1 } as const)

/** The type of a control record, from its key: see {@link ControlType}; other numbers are not for clients. */
export function readControlType(buffer: Buffer, keyStart: number, keyEnd: number): number {
  if (keyEnd - keyStart < 4) throw new MalformedRecord('a control record has a key of less than 4 bytes')
  return buffer.readInt16BE(keyStart + 2)
}

/** What an end-of-transaction marker says. */
export interface EndMarker {
  readonly commit: boolean
  readonly producerId: number
  readonly producerEpoch: number
  readonly coordinatorEpoch: number
  /** Milliseconds since the epoch. */
  readonly timestamp: number
  readonly baseOffset?: number
  readonly leaderEpoch?: number
}

/** The control batch with one end-of-transaction marker, as a broker appends it. */
export function controlBatch(marker: EndMarker): Buffer {
  const builder = new BatchBuilder(256)
  builder.begin(marker.timestamp)
  builder.openKey()
  builder.int16(0)
  builder.int16(marker.commit ? ControlType.commit : ControlType.abort)
  builder.closeKey()
  builder.openValue()
  builder.int16(0)
  builder.int32(marker.coordinatorEpoch)
  builder.closeValue()
  builder.end()
  return builder.close({
    producerId: marker.producerId,
    producerEpoch: marker.producerEpoch,
    transactional: true,
    control: true,
    ...(marker.baseOffset === undefined ? {} : { baseOffset: marker.baseOffset }),
    ...(marker.leaderEpoch === undefined ? {} : { leaderEpoch: marker.leaderEpoch }),
  })
}
