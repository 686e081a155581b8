// How many records may go now, for a steady rate.

/** A token bucket that holds a second's worth: after a stall, no more than that is made up for. */
export class Pace {
  readonly #rate: number
  readonly #most: number
  #tokens = 1
  #at: number

  /** @param rate records a second, above 0 */
  constructor(rate: number, nowMs: number) {
    this.#rate = rate
    this.#most = Math.max(1, rate)
    this.#at = nowMs
  }

  /** Takes at most `most` tokens. */
  take(most: number, nowMs: number): number {
    this.#tokens = Math.min(this.#most, this.#tokens + ((nowMs - this.#at) * this.#rate) / 1000)
    this.#at = nowMs
    const taken = Math.min(most, Math.floor(this.#tokens))
    this.#tokens -= taken
    return taken
  }

  /** Milliseconds until there is a token, as of the last {@link take}; at least one, so that a few are taken together. */
  get waitMs(): number {
    return Math.max(1, Math.ceil(((1 - this.#tokens) * 1000) / this.#rate))
  }
}
