// Which source offsets may be committed: those behind an unbroken run of acknowledged records of their source partition.
// (The reference's SubmittedRecords, but bookkeeping is per batch and not per record.)
import type { OffsetMap, PartitionOffset, SourceRecord } from '@millrace/api'

/**
 * Records of one source partition that went into one batch of the producer, one after another: acknowledged together, so
 * only the offset of the last one is needed, and the others may be forgotten while the records are under way.
 */
interface Run {
  readonly tag: number
  lane: Lane | null
  /** The batch, by identity. */
  batch: object | null
  offset: OffsetMap | null
  count: number
  acked: number
  /** Records whose outcome was told, when they are kept: they may wait on for their acknowledgement. */
  told: number
  /** The records, when they are wanted back. */
  records: SourceRecord[] | null
  next: Run | null
}

/** One source partition: its runs in the order of submission, as a chain. */
interface Lane {
  readonly partition: OffsetMap
  head: Run | null
  tail: Run | null
  /** Offset behind the acknowledged runs; undefined when there is nothing new to commit. */
  committable: OffsetMap | null | undefined
}

/** Records that were given to the producer and what became of them. */
export class SubmittedRecords {
  readonly #lanes = new Map<string, Lane>()
  /** The lane of a partition object that was seen: sources share one object among the records of a partition. */
  readonly #byIdentity = new WeakMap<OffsetMap, Lane>()
  readonly #changed = new Set<Lane>()
  /** By tag; free ones are used again. */
  readonly #runs: Run[] = []
  readonly #free: Run[] = []
  readonly #keepRecords: boolean
  #waiting = 0
  #lastPartition: OffsetMap | null = null
  #lastLane: Lane | null = null
  /** The run that took the last record without a source partition: those are in no lane. */
  #stray: Run | null = null

  /** @param keepRecords whether records are wanted back at their acknowledgement, for `commitRecord` */
  constructor(keepRecords: boolean) {
    this.#keepRecords = keepRecords
  }

  /** Records without an acknowledgement yet. */
  get waiting(): number {
    return this.#waiting
  }

  /**
   * The tag for a record that has just been written to a batch, to be given to the producer before {@link submit}. A tag
   * that is not submitted after all does no harm.
   * @param batch identity of the batch; `first` when this is its first record: batches are recycled
   */
  tag(record: SourceRecord, batch: object, first: boolean): number {
    const partition = record.sourcePartition
    const lane = partition === this.#lastPartition ? this.#lastLane : this.#laneFor(partition)
    const tail = lane === null ? this.#stray : lane.tail
    if (tail !== null) {
      if (tail.batch === batch && !first) return tail.tag
      if (tail.count === 0) {
        tail.batch = batch
        return tail.tag
      }
    }
    return this.#newRun(lane, batch).tag
  }
  /** The record was taken by the producer under this tag. */
  submit(record: SourceRecord, tag: number): void {
    const run = this.#runs[tag] as Run
    run.count++
    run.offset = record.sourceOffset
    if (this.#keepRecords) (run.records ??= []).push(record)
    this.#waiting++
  }
  /** The record of a tag whose outcome is told now, when records are kept: each once, in their order. */
  next(tag: number): SourceRecord | null {
    const run = this.#runs[tag] as Run
    return run.records?.[run.told++] ?? null
  }
  /** The next `count` records of a tag are safe (or were given up and reported): moves their partition on. */
  ack(tag: number, count = 1): void {
    const run = this.#runs[tag] as Run
    this.#waiting -= count
    run.acked += count
    if (run.acked < run.count) return
    const { lane } = run
    if (lane === null) {
      if (this.#stray === run) this.#stray = null
      this.#release(run)
    } else if (lane.head === run) this.#advance(lane)
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

  /** Takes the acknowledged runs off the head of a lane. */
  #advance(lane: Lane): void {
    let head = lane.head
    while (head !== null && head.count > 0 && head.acked === head.count) {
      lane.committable = head.offset
      const next: Run | null = head.next
      this.#release(head)
      head = next
    }
    lane.head = head
    if (head === null) lane.tail = null
    this.#changed.add(lane)
  }
  #laneFor(partition: OffsetMap | null): Lane | null {
    if (partition === null) return null
    let lane = this.#byIdentity.get(partition)
    if (lane === undefined) {
      const key = partitionKey(partition)
      lane = this.#lanes.get(key)
      if (lane === undefined) {
        lane = { partition, head: null, tail: null, committable: undefined }
        this.#lanes.set(key, lane)
      }
      this.#byIdentity.set(partition, lane)
    }
    this.#lastPartition = partition
    this.#lastLane = lane
    return lane
  }

  #newRun(lane: Lane | null, batch: object): Run {
    const run = this.#free.pop() ?? this.#moreRuns()
    run.lane = lane
    run.batch = batch
    if (lane === null) this.#stray = run
    else {
      if (lane.tail === null) lane.head = run
      else lane.tail.next = run
      lane.tail = run
    }
    return run
  }
  #moreRuns(): Run {
    const tag = this.#runs.length
    const run = { tag, lane: null, batch: null, offset: null, count: 0, acked: 0, told: 0, records: null, next: null }
    this.#runs.push(run)
    return run
  }
  #release(run: Run): void {
    run.lane = run.batch = run.offset = run.records = run.next = null
    run.count = run.acked = run.told = 0
    this.#free.push(run)
  }
}

/** Equal partitions have equal keys, whatever the order of their entries. */
export function partitionKey(partition: OffsetMap): string {
  const entries = Object.entries(partition).sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify(entries, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value))
}
