// Offsets of records that the producer has accepted in the open transaction: the latest of each source partition.
import type { OffsetMap, PartitionOffset, SourceRecord } from '@millrace/api'
import { partitionKey } from '../submitted-records.ts'

interface Lane {
  readonly partition: OffsetMap
  offset: OffsetMap | null
}

/** What is to be written with the next commit. */
export class StagedOffsets {
  readonly #lanes = new Map<string, Lane>()
  /** The lane of a partition object that was seen: sources share one object among the records of a partition. */
  #byIdentity = new WeakMap<OffsetMap, Lane>()
  #lastPartition: OffsetMap | null = null
  #lastLane: Lane | null = null

  /** The record was accepted. One without a source partition has no offset to keep. */
  stage(record: SourceRecord): void {
    const partition = record.sourcePartition
    if (partition === null) return
    const lane = partition === this.#lastPartition ? (this.#lastLane as Lane) : this.#laneOf(partition)
    lane.offset = record.sourceOffset
  }
  get isEmpty(): boolean {
    return this.#lanes.size === 0
  }
  /** All of them; nothing is staged afterwards. */
  take(): PartitionOffset[] {
    const offsets = [...this.#lanes.values()]
    this.#lanes.clear()
    this.#byIdentity = new WeakMap()
    this.#lastPartition = this.#lastLane = null
    return offsets
  }

  #laneOf(partition: OffsetMap): Lane {
    let lane = this.#byIdentity.get(partition)
    if (lane === undefined) {
      const key = partitionKey(partition)
      lane = this.#lanes.get(key)
      if (lane === undefined) {
        lane = { partition, offset: null }
        this.#lanes.set(key, lane)
      }
      this.#byIdentity.set(partition, lane)
    }
    this.#lastPartition = partition
    this.#lastLane = lane
    return lane
  }
}
