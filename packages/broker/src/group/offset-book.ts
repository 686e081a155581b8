// The committed offsets of one group, and those a transaction wrote that is not decided yet.

/** One committed offset. */
export interface CommittedOffset {
  readonly offset: number
  /** Leader epoch of the last record consumed, -1 when the client did not say. */
  readonly leaderEpoch: number
  readonly metadata: string
  /** ms */
  readonly commitTimestamp: number
}

/** Offsets by topic and partition. */
export type OffsetMap = Map<string, Map<number, CommittedOffset>>

function put(map: OffsetMap, topic: string, partition: number, offset: CommittedOffset): void {
  let partitions = map.get(topic)
  if (partitions === undefined) {
    partitions = new Map()
    map.set(topic, partitions)
  }
  partitions.set(partition, offset)
}

/** See the head of this file. */
export class OffsetBook {
  readonly committed: OffsetMap = new Map()
  /** By producer id. */
  readonly #pending = new Map<number, OffsetMap>()

  get isEmpty(): boolean {
    return this.committed.size === 0 && this.#pending.size === 0
  }

  get hasPending(): boolean {
    return this.#pending.size > 0
  }

  get(topic: string, partition: number): CommittedOffset | undefined {
    return this.committed.get(topic)?.get(partition)
  }

  set(topic: string, partition: number, offset: CommittedOffset): void {
    put(this.committed, topic, partition, offset)
  }

  delete(topic: string, partition: number): boolean {
    const partitions = this.committed.get(topic)
    if (partitions?.delete(partition) !== true) return false
    if (partitions.size === 0) this.committed.delete(topic)
    return true
  }

  /** A transaction wrote an offset; it counts when the transaction commits. */
  setPending(producerId: number, topic: string, partition: number, offset: CommittedOffset): void {
    let map = this.#pending.get(producerId)
    if (map === undefined) {
      map = new Map()
      this.#pending.set(producerId, map)
    }
    put(map, topic, partition, offset)
  }

  /** The transaction of `producerId` was decided. */
  decide(producerId: number, commit: boolean): void {
    const map = this.#pending.get(producerId)
    if (map === undefined) return
    this.#pending.delete(producerId)
    if (!commit) return
    for (const [topic, partitions] of map) for (const [p, offset] of partitions) this.set(topic, p, offset)
  }

  /** True while an undecided transaction has written an offset for the partition. */
  isPending(topic: string, partition: number): boolean {
    for (const map of this.#pending.values()) if (map.get(topic)?.has(partition) === true) return true
    return false
  }

  /** Every committed offset: topic, partition, offset. */
  *entries(): Generator<readonly [string, number, CommittedOffset]> {
    for (const [topic, partitions] of this.committed) {
      for (const [partition, offset] of partitions) yield [topic, partition, offset]
    }
  }
}
