// What is asked of the herder, in the order of its time: served by the herder's loop, one after another.

interface Entry {
  readonly at: number
  readonly run: () => Promise<void>
  readonly fail: (error: Error) => void
}

/** Requests of users, of tasks and of the herder itself. */
export class RequestQueue {
  readonly #now: () => number
  readonly #wake: () => void
  /** In the order of their times; those of one time in the order asked. */
  readonly #entries: Entry[] = []
  #closed: Error | undefined

  /** @param wake called when something is to be served sooner than all that was there */
  constructor(now: () => number, wake: () => void) {
    this.#now = now
    this.#wake = wake
  }

  /** Runs `work` in the herder's loop. Settles as it does; rejects when the queue is closed first. */
  run<T>(work: () => Promise<T> | T, delayMs = 0): Promise<T> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed)
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const run = async () => {
      try {
        resolve(await work())
      } catch (error) {
        reject(error as Error)
      }
    }
    const entry = { at: this.#now() + delayMs, run, fail: reject }
    let place = this.#entries.length
    while (place > 0 && (this.#entries[place - 1] as Entry).at > entry.at) place--
    this.#entries.splice(place, 0, entry)
    if (place === 0) this.#wake()
    return promise
  }

  /** Serves all whose time has come, those that come meanwhile too. @returns the time of the next one */
  async serve(): Promise<number | undefined> {
    for (;;) {
      const next = this.#entries[0]
      if (next === undefined || next.at > this.#now()) return next?.at
      this.#entries.shift()
      await next.run()
    }
  }

  /** Fails what waits, and what comes. */
  close(reason: Error): void {
    this.#closed = reason
    for (const { fail } of this.#entries.splice(0)) fail(reason)
  }
}
