// How a source task gets on: what it waits for, and for how long.
import type { Producer } from '@millrace/kafka'
import type { ProgressPolicy } from '../../config/progress-config.ts'
import type { SourceMetrics } from '../source-metrics.ts'
import type { ProgressMarks } from './marks.ts'
import { counted, duration, idle, Stillness, stalled, type Verdict } from './verdict.ts'

/** What is looked at. */
export interface SourceSigns {
  readonly marks: ProgressMarks
  readonly metrics: SourceMetrics
  readonly producer: Producer
  /** Why offsets cannot be stored, and since when; null while they can. */
  readonly storing: () => { readonly since: number; readonly error: string } | null
}

/** Judges one source task. Looked at every few seconds. */
export class SourceProgress {
  readonly #signs: SourceSigns
  readonly #moved = new Stillness()
  readonly #polled = new Stillness()

  constructor(signs: SourceSigns) {
    this.#signs = signs
  }

  look(policy: ProgressPolicy, now = performance.now()): Verdict {
    const { marks, metrics } = this.#signs
    const movedAt = this.#moved.since(metrics.polled + metrics.written - metrics.active, now)
    const polledAt = this.#polled.since(metrics.polled, now)
    return (
      this.#undelivered(policy, now) ??
      this.#unstored(policy, now) ??
      this.#stuck(policy, now, movedAt) ??
      (now - polledAt >= policy.idleMs
        ? idle(polledAt, 'poll() brings no records')
        : { state: 'running', since: marks.since, reason: '' })
    )
  }

  /** Records that the brokers do not take. */
  #undelivered({ stalledMs }: ProgressPolicy, now: number): Verdict | null {
    const oldest = this.#signs.producer.oldestUnfinished()
    if (oldest === null || oldest.ageMs < stalledMs) return null
    const { topic, partition, count, ageMs, attempts, error, unfinished } = oldest
    const why = error === null ? (attempts === 0 ? 'they could not be sent' : 'the broker has not answered') : error
    const others =
      unfinished > 1 ? `, and ${counted(unfinished - 1, 'other batch').replace(/batchs$/, 'batches')} wait` : ''
    return stalled(
      now - ageMs,
      `${counted(count, 'record')} for ${topic}-${partition} have not been acknowledged for ${duration(ageMs)} ` +
        `(sent ${counted(attempts, 'time')})${others}: ${why}`,
    )
  }
  #unstored({ stalledMs }: ProgressPolicy, now: number): Verdict | null {
    const failing = this.#signs.storing()
    if (failing === null || now - failing.since < stalledMs) return null
    return stalled(
      failing.since,
      `source offsets could not be stored for ${duration(now - failing.since)}: ${failing.error}`,
    )
  }
  #stuck({ stalledMs }: ProgressPolicy, now: number, movedAt: number): Verdict | null {
    const { step, since, trouble } = this.#signs.marks
    if (trouble !== null && now - trouble.since >= stalledMs) {
      const { error, times } = trouble
      return stalled(
        trouble.since,
        `a record has been tried again for ${duration(now - trouble.since)} (${counted(times, 'time')}): ${error}`,
      )
    }
    const still = Math.min(now - since, now - movedAt)
    if (still < stalledMs || step === 'waiting for its rate limit') return null
    const reason =
      step === 'poll()'
        ? `poll() has not returned for ${duration(now - since)}`
        : `${step} has not come to an end for ${duration(now - since)}`
    return stalled(since, reason)
  }
}
