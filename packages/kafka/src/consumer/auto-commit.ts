// The automatic commit: positions as they are when a poll begins, every so often, and once more before they are given up.
import { errorMessage, type Logger } from '@millrace/api'

export interface AutoCommitOptions {
  readonly intervalMs: number
  /** Commits the positions of all assigned partitions. */
  commit(): Promise<void>
  readonly log: Logger
}

/**
 * A poll counts everything that polls before it handed out as processed: so call {@link due} when one begins.
 * A commit that fails is logged; the next one makes up for it.
 */
export class AutoCommit {
  readonly #options: AutoCommitOptions
  #nextAt: number
  #running: Promise<void> | undefined

  constructor(options: AutoCommitOptions) {
    this.#options = options
    this.#nextAt = performance.now() + options.intervalMs
  }

  /** Commits in the background when the interval has passed. */
  due(): void {
    if (performance.now() < this.#nextAt || this.#running !== undefined) return
    void this.now()
  }

  /** Commits now, after a commit that is under way. Never rejects. */
  async now(): Promise<void> {
    await this.#running
    this.#nextAt = performance.now() + this.#options.intervalMs
    this.#running = this.#options
      .commit()
      .catch((error: unknown) => {
        this.#options.log.warn(`The automatic commit failed: ${errorMessage(error)}`)
      })
      .finally(() => {
        this.#running = undefined
      })
    await this.#running
  }
}
