// The beat of a group membership: it tells the coordinator that the member lives, and watches the member's own progress.
import { type BackoffOptions, backoffMs } from '../backoff.ts'

export interface HeartbeatOptions {
  readonly intervalMs: number
  readonly sessionTimeoutMs: number
  readonly maxPollIntervalMs: number
  readonly backoff: BackoffOptions
  /** One heartbeat. False: not answered well, try again soon. A rejection counts as false. */
  send(): Promise<boolean>
  /** No good answer for the session timeout. Called once per such time. */
  sessionExpired(): void
  /** The owner did not poll for the longest allowed time. The beat has stopped. */
  pollExpired(): void
}

/** Beats between {@link start} and {@link stop}; one heartbeat is under way at a time. */
export class Heartbeat {
  readonly #options: HeartbeatOptions
  #timer: NodeJS.Timeout | undefined
  #run = 0
  #failures = 0
  #polledAt = performance.now()
  #goodAt = 0
  lastAnsweredAt = 0

  constructor(options: HeartbeatOptions) {
    this.#options = options
  }

  polled(): void {
    this.#polledAt = performance.now()
  }

  start(): void {
    this.stop()
    this.#goodAt = performance.now()
    this.#failures = 0
    this.#schedule(this.#run)
  }

  stop(): void {
    this.#run++
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #schedule(run: number): void {
    const { intervalMs, maxPollIntervalMs, backoff } = this.#options
    const untilPoll = this.#polledAt + maxPollIntervalMs - performance.now()
    const next = this.#failures === 0 ? intervalMs : Math.min(intervalMs, backoffMs(backoff, this.#failures - 1))
    this.#timer = setTimeout(() => void this.#beat(run), Math.max(1, Math.min(next, untilPoll + 1)))
  }

  async #beat(run: number): Promise<void> {
    const now = performance.now()
    if (now - this.#polledAt > this.#options.maxPollIntervalMs) {
      this.stop()
      this.#options.pollExpired()
      return
    }
    if (now - this.#goodAt > this.#options.sessionTimeoutMs) {
      this.#goodAt = now
      this.#options.sessionExpired()
    }
    let good = false
    try {
      good = await this.#options.send()
    } catch {
      // Not answered: counted below; the session timeout decides when that matters.
    }
    if (run !== this.#run) return
    if (good) {
      this.#goodAt = performance.now()
      this.lastAnsweredAt = Date.now()
      this.#failures = 0
    } else {
      this.#failures++
    }
    this.#schedule(run)
  }
}
