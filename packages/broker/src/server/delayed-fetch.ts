// A fetch that waits: until enough bytes came, its time is up, or its connection is gone. Appends of one turn of the event
// loop wake it once.

import type { GrowthListener, PartitionLog } from '../storage/partition-log.ts'

/** See the head of this file. Calls `done` exactly once. */
export class DelayedFetch implements GrowthListener {
  readonly #logs: ReadonlySet<PartitionLog>
  readonly #committedOnly: boolean
  readonly #done: () => void
  readonly #timer: NodeJS.Timeout
  #missing: number
  #woken = false
  #over = false

  constructor(
    logs: ReadonlySet<PartitionLog>,
    missingBytes: number,
    committedOnly: boolean,
    waitMs: number,
    done: () => void,
  ) {
    this.#logs = logs
    this.#missing = missingBytes
    this.#committedOnly = committedOnly
    this.#done = done
    this.#timer = setTimeout(() => this.finish(), waitMs)
    this.#timer.unref()
    for (const log of logs) log.listen(this)
  }

  grown(bytes: number, stableBytes: number): void {
    this.#missing -= this.#committedOnly ? stableBytes : bytes
    if (this.#missing > 0 || this.#woken) return
    this.#woken = true
    setImmediate(() => this.finish())
  }

  /** Ends the wait now. */
  finish(): void {
    if (this.#over) return
    this.#over = true
    clearTimeout(this.#timer)
    for (const log of this.#logs) log.unlisten(this)
    this.#done()
  }
}
