// What is fetched and waits to be polled: partitions take turns, and positions move on over what is handed out.
import type { RecordReader } from '../records/index.ts'
import type { FetchedPartition } from './fetched-partition.ts'
import type { PartitionState } from './partition-state.ts'

/** Records of one partition that a poll hands out. */
export interface PolledChunk {
  readonly topic: string
  readonly partition: number
  /** Stands before the first record: call `next()` {@link count} times, before the next poll. */
  readonly reader: RecordReader
  readonly count: number
}

/** Of one consumer. */
export class BufferedRecords {
  /** Partitions with something buffered, in order of arrival. */
  readonly ready: PartitionState[] = []
  /** What the last poll handed out. */
  readonly #handedOut: { readonly state: PartitionState; readonly fetched: FetchedPartition }[] = []
  readonly #usedUp: () => void

  /** @param usedUp a partition's part of an answer is done: there may be room for more */
  constructor(usedUp: () => void) {
    this.#usedUp = usedUp
  }

  /** True when nothing of it can be handed out now: all belongs to partitions that are paused. */
  get isHeldBack(): boolean {
    return this.ready.every((state) => state.paused || state.buffered.length === 0)
  }

  /**
   * Hands out up to `most` records of what is buffered; positions move on over them.
   * @throws the fault of a batch that cannot be read, once it is next in its partition
   */
  collect(most: number): { count: number; chunks: PolledChunk[] } {
    this.#passUnread()
    const chunks: PolledChunk[] = []
    let left = most
    let at = 0
    while (left > 0 && at < this.ready.length) {
      const state = this.ready[at]!
      const fetched = state.buffered[0]
      if (fetched === undefined) {
        this.ready.splice(at, 1)
        state.queued = false
        continue
      }
      if (state.paused || state.phase !== 'fetching') {
        at++
        continue
      }
      const count = this.#take(state, fetched, left, chunks.length > 0)
      if (count < 0) break
      if (count > 0) {
        chunks.push({ topic: state.topic, partition: state.partition, reader: fetched.reader, count })
        this.#handedOut.push({ state, fetched })
        left -= count
        // The rest of the partition waits for the next poll: only then is it known that all of this could be read.
        at++
      } else {
        this.#pass(state, fetched, at)
      }
    }
    return { count: most - left, chunks }
  }

  /** What the last poll handed out and nobody read is passed over; a fault that reading met is thrown again. */
  #passUnread(): void {
    for (let one = this.#handedOut[0]; one !== undefined; one = this.#handedOut[0]) {
      const { state, fetched } = one
      try {
        // Not so when it was sought or given up since.
        if (state.buffered[0] === fetched) fetched.passUnread()
        this.#handedOut.shift()
      } catch (error) {
        state.position = fetched.position
        throw error
      }
    }
  }

  /** @returns -1 when the batch is faulty but records before it are to be handed out first */
  #take(state: PartitionState, fetched: FetchedPartition, most: number, others: boolean): number {
    try {
      const count = fetched.take(most)
      state.position = fetched.position
      return count
    } catch (error) {
      state.position = fetched.position
      if (others) return -1
      throw error
    }
  }

  /** Partitions take turns, answer by answer. */
  #pass(state: PartitionState, fetched: FetchedPartition, at: number): void {
    state.position = fetched.end
    state.buffered.shift()
    this.ready.splice(at, 1)
    state.queued = state.buffered.length > 0
    if (state.queued) this.ready.push(state)
    state.bufferedBytes -= fetched.bytes
    fetched.release()
    this.#usedUp()
  }
}
