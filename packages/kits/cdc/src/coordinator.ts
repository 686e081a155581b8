// Runs what a task does in the background: first the snapshot, then the log, until it is told to stop.
import type { Logger, OffsetMap } from '@millrace/api'
import type { ChangeQueue } from './events/change-queue.ts'

/** Outcome of a snapshot. */
export interface SnapshotResult {
  /** `completed`: the rows were read. `skipped`: the mode or the offset says that there is nothing to read. */
  readonly status: 'completed' | 'skipped'
  /** Where the log is to be read from; null for the log's present end. */
  readonly offset: OffsetMap | null
}

/** Reads what is there. */
export interface SnapshotSource {
  /**
   * Reads all rows into the queue, awaiting room there; nothing where the mode says so.
   * @param offset the last committed one, or null at the first start
   * @param signal aborted when the task stops: the snapshot then ends early by rejecting with the signal's reason
   */
  run(offset: OffsetMap | null, signal: AbortSignal): Promise<SnapshotResult>
}

/** Reads the log. */
export interface StreamingSource {
  /**
   * Reads the log from `offset` on into the queue until `signal` aborts; then resolves. An error that can be retried is
   * thrown as a RetriableException.
   */
  run(offset: OffsetMap | null, signal: AbortSignal): Promise<void>
  /** Offsets up to this one are stored: the log before them may be given up. */
  commit?(offset: OffsetMap): void
}

/** What a task runs. */
export interface Sources {
  readonly snapshot: SnapshotSource
  readonly streaming: StreamingSource
  /** False for `snapshot.mode=initial_only` and the like: after the snapshot the task rests. */
  readonly streams: boolean
  /** `streaming.delay.ms`. */
  readonly streamingDelayMs?: number
}

/** Snapshot, then log. Errors end up in the queue, where the task's poll throws them. */
export class Coordinator {
  readonly #sources: Sources
  readonly #queue: ChangeQueue
  readonly #log: Logger
  readonly #stop = new AbortController()
  #running: Promise<void> | null = null
  #phase: 'new' | 'snapshot' | 'streaming' | 'resting' | 'stopped' | 'failed' = 'new'

  constructor(sources: Sources, queue: ChangeQueue, log: Logger) {
    this.#sources = sources
    this.#queue = queue
    this.#log = log
  }

  get phase(): string {
    return this.#phase
  }

  /** Begins in the background. */
  start(offset: OffsetMap | null): void {
    if (this.#phase !== 'new') throw new Error(`A coordinator starts once; this one is ${this.#phase}`)
    this.#phase = 'snapshot'
    this.#running = this.#run(offset).catch((error: unknown) => {
      if (this.#stop.signal.aborted) return
      this.#phase = 'failed'
      this.#queue.fail(error)
    })
  }

  /** Tells the log's reader what is stored. */
  commit(offset: OffsetMap): void {
    if (this.#phase === 'streaming') this.#sources.streaming.commit?.(offset)
  }

  /** Stops and waits for the end. May be called twice, and before start. */
  async stop(): Promise<void> {
    this.#stop.abort(new Error('The task is stopping'))
    await this.#running
    this.#phase = 'stopped'
  }

  async #run(offset: OffsetMap | null): Promise<void> {
    const { signal } = this.#stop
    const { snapshot, streaming, streams, streamingDelayMs = 0 } = this.#sources
    const result = await snapshot.run(offset, signal)
    if (signal.aborted) return
    this.#log.info(`Snapshot ${result.status}`, { offset: result.offset })
    if (!streams) {
      this.#phase = 'resting'
      return
    }
    if (streamingDelayMs > 0) await pause(streamingDelayMs, signal)
    if (signal.aborted) return
    this.#phase = 'streaming'
    await streaming.run(result.offset, signal)
  }
}

/** Waits, no longer once the signal aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })
}
