// The batches of a producer and the memory they take: recycled, counted in bytes, with a bell for those who wait.
import { OutgoingBatch } from './outgoing-batch.ts'

/** First size of a batch's buffer: a producer of many quiet partitions does not take batch.size for each. */
const FIRST_CAPACITY = 16_384
/** Room for the record that goes beyond the limit and is then moved to the next batch. */
const SLACK = 512
/** Waiters wake when this share of the memory is free again: not one batch at a time. */
const WAKE_BELOW = 0.75

export class BufferPool {
  readonly limit: number
  readonly #capacity: number
  readonly #keepUpTo: number
  readonly #free: OutgoingBatch[] = []
  #freeBytes = 0
  #used = 0
  #waiters: (() => void)[] = []

  /** @param limit bytes: `buffer.memory` */
  constructor(limit: number, batchSize: number) {
    this.limit = limit
    this.#capacity = Math.min(batchSize, FIRST_CAPACITY) + SLACK
    this.#keepUpTo = Math.max(batchSize, FIRST_CAPACITY) * 2 + SLACK
  }

  /** Bytes of the batches in use. */
  get used(): number {
    return this.#used
  }

  get full(): boolean {
    return this.#used >= this.limit
  }

  /** An empty batch. Memory may go over the limit: whoever writes asks {@link full} first. */
  take(): OutgoingBatch {
    const recycled = this.#free.pop()
    const batch = recycled ?? new OutgoingBatch(this.#capacity)
    if (recycled !== undefined) this.#freeBytes -= recycled.capacity
    batch.accounted = 0
    this.account(batch)
    return batch
  }

  /** Counts what a batch grew by. */
  account(batch: OutgoingBatch): void {
    this.#used += batch.capacity - batch.accounted
    batch.accounted = batch.capacity
  }

  /** Takes a batch back. @param recycle false when somebody may still read its bytes */
  release(batch: OutgoingBatch, recycle: boolean): void {
    this.#used -= batch.accounted
    batch.accounted = 0
    // Kept ones and those in use stay within the limit together.
    if (recycle && batch.capacity <= this.#keepUpTo && this.#used + this.#freeBytes + batch.capacity <= this.limit) {
      batch.reset()
      this.#free.push(batch)
      this.#freeBytes += batch.capacity
    }
    if (this.#waiters.length > 0 && this.#used < this.limit * WAKE_BELOW) this.wake()
  }

  /** Resolves when there is room again; at once when there is. */
  drained(): Promise<void> {
    if (!this.full) return Promise.resolve()
    return new Promise((resolve) => this.#waiters.push(resolve))
  }

  /** Wakes all who wait, whatever the memory: the producer ends. */
  wake(): void {
    for (const resolve of this.#waiters.splice(0)) resolve()
  }
}
