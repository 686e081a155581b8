// One thing after another: what changes connectors runs in the order asked.

/** Runs functions one at a time, in order. A failure concerns only who asked. */
export class SerialQueue {
  #last: Promise<unknown> = Promise.resolve()
  #waiting = 0

  /** Number of functions that run or wait. */
  get size(): number {
    return this.#waiting
  }

  /** Runs `work` after all that was asked before. */
  run<T>(work: () => Promise<T>): Promise<T> {
    this.#waiting++
    const done = this.#last.then(work)
    this.#last = done.then(
      () => this.#waiting--,
      () => this.#waiting--,
    )
    return done
  }
}
