// The queue between the reader of the log and the task's poll: bounded by records and by bytes, so that a slow Kafka stops the socket.
import type { SourceRecord } from '@millrace/api'

/** Bounds of a queue. */
export interface QueueLimits {
  /** `max.queue.size`: the queue is full from so many records on. */
  readonly records: number
  /** `max.queue.size.in.bytes`: and from so many bytes of input on; 0 for no such bound. */
  readonly bytes: number
  /** `max.batch.size`: the most records of one batch. */
  readonly batch: number
}

/**
 * One reader pushes, one task takes. A push never waits and never fails for want of room, as a chunk of input must be
 * taken whole: the reader asks {@link ChangeQueue.full} after each chunk, pauses its socket, and goes on once
 * {@link ChangeQueue.whenRoom} resolves. So the queue may exceed its bounds by one chunk.
 */
export class ChangeQueue {
  readonly limits: QueueLimits
  #records: SourceRecord[] = []
  #sizes: number[] = []
  /** Position of the next record to take: arrays are cut only when emptied or mostly taken. */
  #head = 0
  #bytes = 0
  #failure: { readonly error: unknown } | null = null
  #waitingTaker: (() => void) | null = null
  #waitingReaders: (() => void)[] = []

  constructor(limits: QueueLimits) {
    this.limits = limits
  }

  /** Records that wait. */
  get size(): number {
    return this.#records.length - this.#head
  }
  /** Bytes of input that the waiting records stand for. */
  get bytes(): number {
    return this.#bytes
  }
  /** Room left, in records; 0 when full. */
  get remaining(): number {
    return Math.max(0, this.limits.records - this.size)
  }
  get full(): boolean {
    return this.size >= this.limits.records || (this.limits.bytes > 0 && this.#bytes >= this.limits.bytes)
  }

  /** Adds a record that stands for so many bytes of input. */
  push(record: SourceRecord, bytes: number): void {
    this.#records.push(record)
    this.#sizes.push(bytes)
    this.#bytes += bytes
    if (this.#waitingTaker !== null) this.#waitingTaker()
  }

  /** Ends the queue with an error: it is thrown by {@link take} after what came before it was taken. The first one counts. */
  fail(error: unknown): void {
    this.#failure ??= { error }
    this.#waitingTaker?.()
    this.#release()
  }

  /** The next batch, or null when nothing waits. @throws the error of {@link fail} */
  take(): SourceRecord[] | null {
    const count = Math.min(this.size, this.limits.batch)
    if (count === 0) {
      if (this.#failure !== null) throw this.#failure.error
      return null
    }
    const end = this.#head + count
    for (let at = this.#head; at < end; at++) this.#bytes -= this.#sizes[at] as number
    const batch =
      this.#head === 0 && end === this.#records.length ? this.#records : this.#records.slice(this.#head, end)
    if (end === this.#records.length) {
      this.#records = []
      this.#sizes = []
      this.#head = 0
    } else {
      this.#head = end
      if (end > 4 * this.limits.batch) this.#cut()
    }
    if (!this.full) this.#release()
    return batch
  }

  /** Waits until there is a record or an error, for `ms` at most, and no longer once `signal` aborts; then as {@link take}. */
  async next(ms: number, signal: AbortSignal): Promise<SourceRecord[] | null> {
    if (this.size === 0 && this.#failure === null && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const done = () => {
          clearTimeout(timer)
          signal.removeEventListener('abort', done)
          this.#waitingTaker = null
          resolve()
        }
        const timer = setTimeout(done, ms)
        signal.addEventListener('abort', done)
        this.#waitingTaker = done
      })
    }
    return signal.aborted ? null : this.take()
  }

  /** Resolves once the queue is not full, or has failed, or `signal` aborts. */
  async whenRoom(signal?: AbortSignal): Promise<void> {
    if (!this.full || this.#failure !== null || signal?.aborted) return
    await new Promise<void>((resolve) => {
      const done = () => {
        signal?.removeEventListener('abort', done)
        resolve()
      }
      signal?.addEventListener('abort', done)
      this.#waitingReaders.push(done)
    })
  }

  #release(): void {
    if (this.#waitingReaders.length === 0) return
    const waiting = this.#waitingReaders
    this.#waitingReaders = []
    for (const go of waiting) go()
  }

  #cut(): void {
    this.#records = this.#records.slice(this.#head)
    this.#sizes = this.#sizes.slice(this.#head)
    this.#head = 0
  }
}
