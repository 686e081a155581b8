// Which source offsets may be committed: those behind an unbroken run of acknowledged records of their source partition.
// (The reference's SubmittedRecords, without an object per record: slots in arrays, chained per partition.)
import type { OffsetMap, PartitionOffset, SourceRecord } from '@millrace/api'

/** One source partition: its records in the order of submission, as a chain of slots. */
interface Lane {
  readonly partition: OffsetMap
  head: number
  tail: number
  /** Offset behind the run of acknowledged records; undefined when there is nothing new to commit. */
  committable: OffsetMap | null | undefined
}

const NONE = -1
const ACKED = 1
const WAITING = 0

/** Records that were given to the producer and what became of them. A slot is the tag of its record. */
export class SubmittedRecords {
  readonly #lanes = new Map<string, Lane>()
  /** The lane of a partition object that was seen: sources share one object among the records of a partition. */
  readonly #byIdentity = new WeakMap<OffsetMap, Lane>()
  readonly #changed = new Set<Lane>()
  readonly #laneOf: (Lane | null)[] = []
  readonly #offsetOf: (OffsetMap | null)[] = []
  readonly #recordOf: (SourceRecord | null)[] = []
  readonly #nextOf: number[] = []
  readonly #stateOf: number[] = []
  readonly #free: number[] = []
  readonly #keepRecords: boolean
  #waiting = 0
  #lastPartition: OffsetMap | null = null
  #lastLane: Lane | null = null

  /** @param keepRecords whether records are wanted back at their acknowledgement, for `commitRecord` */
  constructor(keepRecords: boolean) {
    this.#keepRecords = keepRecords
  }

  /** Records without an acknowledgement yet. */
  get waiting(): number {
    return this.#waiting
  }

  /** Takes a record that is about to be sent; returns its tag. */
  submit(record: SourceRecord): number {
    const partition = record.sourcePartition
    const lane = partition === this.#lastPartition ? this.#lastLane : this.#laneFor(partition)
    const slot = this.#free.pop() ?? this.#stateOf.length
    this.#laneOf[slot] = lane
    this.#offsetOf[slot] = record.sourceOffset
    this.#recordOf[slot] = this.#keepRecords ? record : null
    this.#nextOf[slot] = NONE
    this.#stateOf[slot] = WAITING
    this.#waiting++
    if (lane !== null) {
      if (lane.tail === NONE) lane.head = slot
      else this.#nextOf[lane.tail] = slot
      lane.tail = slot
    }
    return slot
  }
  /** The record of a tag, when records are kept. */
  record(tag: number): SourceRecord | null {
    return this.#recordOf[tag] ?? null
  }
  /** A record is safe (or was given up and reported): moves its partition's run on. */
  ack(tag: number): void {
    this.#waiting--
    const lane = this.#laneOf[tag] as Lane | null
    if (lane === null) {
      this.#release(tag)
      return
    }
    this.#stateOf[tag] = ACKED
    let head = lane.head
    if (head !== tag) return
    while (head !== NONE && this.#stateOf[head] === ACKED) {
      lane.committable = this.#offsetOf[head]
      const next = this.#nextOf[head] as number
      this.#release(head)
      head = next
    }
    lane.head = head
    if (head === NONE) lane.tail = NONE
    this.#changed.add(lane)
  }
  /** The record submitted last was not sent after all: takes it out again. */
  withdraw(tag: number): void {
    const lane = this.#laneOf[tag] as Lane | null
    this.#waiting--
    if (lane !== null) {
      if (lane.head === tag) lane.head = lane.tail = NONE
      else {
        let before = lane.head
        while (this.#nextOf[before] !== tag) before = this.#nextOf[before] as number
        this.#nextOf[before] = NONE
        lane.tail = before
      }
    }
    this.#release(tag)
  }

  /** Offsets that became committable since the last call, the latest of each partition. */
  takeCommittable(): PartitionOffset[] {
    const offsets: PartitionOffset[] = []
    for (const lane of this.#changed) {
      if (lane.committable !== undefined) offsets.push({ partition: lane.partition, offset: lane.committable })
      lane.committable = undefined
    }
    this.#changed.clear()
    return offsets
  }
  /** Offsets that could not be stored: committable again, unless newer ones have come. */
  giveBack(offsets: readonly PartitionOffset[]): void {
    for (const { partition, offset } of offsets) {
      const lane = this.#laneFor(partition)
      if (lane === null || lane.committable !== undefined) continue
      lane.committable = offset
      this.#changed.add(lane)
    }
  }

  #laneFor(partition: OffsetMap | null): Lane | null {
    if (partition === null) return null
    let lane = this.#byIdentity.get(partition)
    if (lane === undefined) {
      const key = partitionKey(partition)
      lane = this.#lanes.get(key)
      if (lane === undefined) {
        lane = { partition, head: NONE, tail: NONE, committable: undefined }
        this.#lanes.set(key, lane)
      }
      this.#byIdentity.set(partition, lane)
    }
    this.#lastPartition = partition
    this.#lastLane = lane
    return lane
  }
  #release(slot: number): void {
    this.#laneOf[slot] = null
    this.#offsetOf[slot] = null
    this.#recordOf[slot] = null
    this.#free.push(slot)
  }
}

/** Equal partitions have equal keys, whatever the order of their entries. */
export function partitionKey(partition: OffsetMap): string {
  const entries = Object.entries(partition).sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify(entries, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value))
}
