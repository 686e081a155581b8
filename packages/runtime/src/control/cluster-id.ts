// The id of the Kafka cluster: asked for when first wanted, so that starting waits for no broker.
import { errorMessage, type Logger } from '@millrace/api'

const RETRY_MS = 500
const LONGEST_RETRY_MS = 5_000

/** Asks the brokers; rejects when none answers. */
export type FetchClusterId = (signal: AbortSignal) => Promise<string>

/** Finds the id out, and goes on trying in the background while brokers are away. */
export class ClusterId {
  readonly #fetch: FetchClusterId
  readonly #log: Logger
  readonly #abort = new AbortController()
  #known: Promise<string> | undefined
  #complained = false

  constructor(fetch: FetchClusterId, log: Logger) {
    this.#fetch = fetch
    this.#log = log
  }

  /** The id, or null when no broker gave it within `waitMs`. */
  async get(waitMs: number): Promise<string | null> {
    this.#known ??= this.#find()
    const late = Promise.withResolvers<null>()
    const timer = setTimeout(() => late.resolve(null), waitMs)
    try {
      return await Promise.race([this.#known.catch(() => null), late.promise])
    } finally {
      clearTimeout(timer)
    }
  }

  /** Begins to ask, so that a missing broker is heard of before something needs it. */
  seek(): void {
    this.#known ??= this.#find()
    this.#known.catch(() => {})
  }

  /** Stops trying. */
  close(): void {
    this.#abort.abort()
  }

  async #find(): Promise<string> {
    const { signal } = this.#abort
    for (let retryMs = RETRY_MS; ; retryMs = Math.min(2 * retryMs, LONGEST_RETRY_MS)) {
      try {
        const id = await this.#fetch(signal)
        this.#log.info(`Kafka cluster ID: ${id}`)
        return id
      } catch (error) {
        if (signal.aborted) throw error
        if (!this.#complained) {
          this.#complained = true
          this.#log.warn(`No broker answers yet; trying on. ${errorMessage(error)}`)
        }
        await pause(retryMs, signal)
      }
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    timer.unref()
    signal.addEventListener('abort', done)
  })
}
