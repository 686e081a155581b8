// One thing after another: what changes connectors runs in the order asked.

/** Runs functions one at a time, in order. A failure concerns only who asked. */
export class SerialQueue {
  #last: Promise<unknown> = Promise.resolve()
  #waiting = 0
  /** performance.now() of the start of what runs; 0 while nothing does. */
  #busySince = 0

  /** Number of functions that run or wait. */
  get size(): number {
    return this.#waiting
  }

  /** How long that what runs now has been running, in ms; 0 while nothing does. */
  get busyMs(): number {
    return this.#busySince === 0 ? 0 : performance.now() - this.#busySince
  }

  /** Runs `work` after all that was asked before. */
  run<T>(work: () => Promise<T>): Promise<T> {
    this.#waiting++
    const done = this.#last.then(() => {
      this.#busySince = performance.now()
      return work()
    })
    const over = () => {
      this.#waiting--
      this.#busySince = 0
    }
    this.#last = done.then(over, over)
    return done
  }
}
