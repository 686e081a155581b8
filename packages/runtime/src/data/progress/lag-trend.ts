// Whether a sink's lag grows. Looked at by its lowest value over a span: one who keeps up comes near the end now and then.
import type { TopicPartition } from '@millrace/api'
import { counted, duration, type Verdict } from './verdict.ts'

/** One look at a task's lag. */
export interface LagLook {
  readonly lags: readonly { readonly one: TopicPartition; readonly lag: number }[]
  /** Records read so far. */
  readonly read: number
  readonly spanMs: number
  /** performance.now() */
  readonly now: number
}

/** Follows the lag of one task. */
export class LagTrend {
  #start = Number.NaN
  #lowest = Number.POSITIVE_INFINITY
  #readAtStart = 0
  #before = Number.POSITIVE_INFINITY
  #behind: Verdict | null = null

  /** Behind, or null when the task keeps up or catches up. */
  look({ lags, read, spanMs, now }: LagLook): Verdict | null {
    const lag = lags.reduce((sum, one) => sum + one.lag, 0)
    if (Number.isNaN(this.#start)) this.#begin(now, read)
    this.#lowest = Math.min(this.#lowest, lag)
    if (now - this.#start < spanMs) return this.#behind
    const seconds = (now - this.#start) / 1000
    const perSecond = (read - this.#readAtStart) / seconds
    const grown = this.#lowest - this.#before
    // Less than a second of work is no lag to speak of.
    const near = this.#lowest <= perSecond
    if (near || grown < 0) this.#behind = null
    else if (grown > 0) {
      const worst = lags.reduce((most, one) => (one.lag > most.lag ? one : most))
      const place = lags.length > 1 ? `, ${worst.lag} of them in ${worst.one.topic}-${worst.one.partition}` : ''
      this.#behind = {
        state: 'behind',
        since: this.#behind?.since ?? this.#start,
        reason:
          `${counted(lag, 'record')} behind${place}, ${grown} more than ${duration(now - this.#start)} ago: ` +
          `it reads ${rounded(perSecond)}/s, and ${rounded(perSecond + grown / seconds)}/s come`,
      }
    }
    this.#before = this.#lowest
    this.#begin(now, read)
    return this.#behind
  }

  #begin(now: number, read: number): void {
    this.#start = now
    this.#lowest = Number.POSITIVE_INFINITY
    this.#readAtStart = read
  }
}

function rounded(value: number): number {
  return value < 10 ? Math.round(value * 10) / 10 : Math.round(value)
}
