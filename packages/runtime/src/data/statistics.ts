// Minimum, maximum and average over a sliding time: two windows, of which the older is forgotten as a whole.

const WINDOW_MS = 30_000

interface Window {
  start: number
  max: number
  sum: number
  count: number
}

const empty = (start: number): Window => ({ start, max: Number.NEGATIVE_INFINITY, sum: 0, count: 0 })

/** The reference's Max and Avg over `metrics.sample.window.ms` times two samples, with their defaults. */
export class MaxAverage {
  #now = empty(performance.now())
  #before = empty(0)

  add(value: number): void {
    this.#roll()
    const window = this.#now
    if (value > window.max) window.max = value
    window.sum += value
    window.count++
  }
  /** NaN when there was nothing lately, as in the reference. */
  get max(): number {
    this.#roll()
    const max = Math.max(this.#now.max, this.#before.max)
    return max === Number.NEGATIVE_INFINITY ? Number.NaN : max
  }
  get average(): number {
    this.#roll()
    const count = this.#now.count + this.#before.count
    return count === 0 ? Number.NaN : (this.#now.sum + this.#before.sum) / count
  }

  #roll(): void {
    const now = performance.now()
    const age = now - this.#now.start
    if (age < WINDOW_MS) return
    this.#before = age < 2 * WINDOW_MS ? this.#now : empty(0)
    this.#now = empty(now)
  }
}

/** As {@link MaxAverage}, with the reference's Min. */
export class MinMaxAverage extends MaxAverage {
  readonly #negative = new MaxAverage()

  override add(value: number): void {
    super.add(value)
    this.#negative.add(-value)
  }
  /** NaN when there was nothing lately. */
  get min(): number {
    return -this.#negative.max
  }
}

/** Events per second of a counter, between two looks at least a second apart. */
export class Rate {
  readonly #count: () => number
  #at = performance.now()
  #seen = 0
  #rate = 0

  constructor(count: () => number) {
    this.#count = count
  }
  get perSecond(): number {
    const now = performance.now()
    const seconds = (now - this.#at) / 1000
    if (seconds >= 1) {
      const count = this.#count()
      this.#rate = (count - this.#seen) / seconds
      this.#seen = count
      this.#at = now
    }
    return this.#rate
  }
}
