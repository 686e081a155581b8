// How a sink task gets on: what it waits for, whether it keeps up, whether it commits.
import type { TopicPartition } from '@millrace/api'
import type { Consumer } from '@millrace/kafka'
import type { ProgressPolicy } from '../../config/progress-config.ts'
import type { SinkCommits } from '../sink-commits.ts'
import type { SinkMetrics } from '../sink-metrics.ts'
import type { SinkOffsets } from '../sink-offsets.ts'
import { LagTrend } from './lag-trend.ts'
import type { ProgressMarks } from './marks.ts'
import { counted, duration, idle, Lasting, Stillness, stalled, type Verdict } from './verdict.ts'

/** What is looked at. */
export interface SinkSigns {
  readonly marks: ProgressMarks
  readonly metrics: SinkMetrics
  readonly consumer: Consumer
  readonly offsets: SinkOffsets
  readonly commits: SinkCommits
  /** Partitions that the task itself has paused. */
  readonly paused: () => readonly TopicPartition[]
}

/** Judges one sink task. Looked at every few seconds. */
export class SinkProgress {
  readonly #signs: SinkSigns
  readonly #moved = new Stillness()
  readonly #read = new Stillness()
  readonly #asking = new Lasting()
  readonly #committed = new Stillness()
  readonly #paused = new Lasting()
  readonly #apart = new Lasting()
  readonly #holding = new Lasting()
  readonly #trend = new LagTrend()

  constructor(signs: SinkSigns) {
    this.#signs = signs
  }

  look(policy: ProgressPolicy, now = performance.now()): Verdict {
    const { metrics, marks, consumer, offsets } = this.#signs
    const movedAt = this.#moved.since(metrics.read + metrics.sent, now)
    const readAt = this.#read.since(metrics.read, now)
    const lags = offsets.assignment.map((one) => ({ one, lag: consumer.lag(one) ?? 0 }))
    const behind = this.#trend.look({ lags, read: metrics.read, spanMs: policy.behindMs, now })
    return (
      this.#stuck(policy, now, movedAt) ??
      this.#uncommitted(policy, now) ??
      this.#unread(policy, now) ??
      (behind !== null ? { ...behind, reason: behind.reason + this.#held() } : null) ??
      this.#idle(policy, now, readAt) ?? { state: 'running', since: marks.since, reason: '' }
    )
  }

  /** The task, or what is done for it, does not come to an end. */
  #stuck({ stalledMs }: ProgressPolicy, now: number, movedAt: number): Verdict | null {
    const { step, since, trouble } = this.#signs.marks
    if (trouble !== null && now - trouble.since >= stalledMs) {
      return stalled(
        trouble.since,
        `the same records have been tried again for ${duration(now - trouble.since)} ` +
          `(${counted(trouble.times, 'time')}): ${trouble.error}`,
      )
    }
    if (step === 'reading' || step === 'waiting for its rate limit') return null
    if (Math.min(now - since, now - movedAt) < stalledMs) return null
    const verb = step.endsWith('()') ? 'has not returned' : 'has not come to an end'
    return stalled(since, `${step} ${verb} for ${duration(now - since)}`)
  }

  /** What the task was given is not committed. */
  #uncommitted({ stalledMs, uncommittedMs }: ProgressPolicy, now: number): Verdict | null {
    const { offsets, commits, metrics } = this.#signs
    const { failing } = commits
    if (failing !== null && now - failing.since >= stalledMs) {
      return stalled(
        failing.since,
        `offsets could not be committed for ${duration(now - failing.since)}: ${failing.error}`,
      )
    }
    const { uncommitted } = offsets
    const held = this.#holding.since(now, uncommitted > 0)
    const since = Math.max(held ?? now, this.#committed.since(metrics.commitSequence, now))
    if (held === null || now - since < uncommittedMs) return null
    return stalled(
      since,
      `no offset was committed for ${duration(now - since)}, though ${counted(uncommitted, 'record')} ` +
        'were given to the task: its preCommit() holds them back',
    )
  }

  /** Nothing comes from Kafka, and not because there is nothing. */
  #unread({ stalledMs }: ProgressPolicy, now: number): Verdict | null {
    const { consumer, marks, offsets } = this.#signs
    const apart = this.#apart.since(now, consumer.isMember === false)
    if (apart !== null && now - apart >= stalledMs) {
      return stalled(apart, `its consumer has not been a member of its group for ${duration(now - apart)}`)
    }
    const paused = this.#signs.paused()
    const pausedSince = this.#paused.since(now, paused.length > 0)
    if (pausedSince !== null && now - pausedSince >= stalledMs) {
      const names = paused.slice(0, 3).map(({ topic, partition }) => `${topic}-${partition}`)
      const more = paused.length > names.length ? ` and ${paused.length - names.length} more` : ''
      return stalled(pausedSince, `the task has paused ${names.join(', ')}${more} for ${duration(now - pausedSince)}`)
    }
    const asking = this.#asking.since(now, offsets.assignment.length > consumer.paused().length)
    const fetchedAt = Math.max(asking ?? now, consumer.lastAnswerAt)
    if (marks.step !== 'reading' || consumer.bufferedBytes > 0 || now - fetchedAt < stalledMs + consumer.fetchWaitMs)
      return null
    const why = consumer.lastError === null ? '' : `: ${consumer.lastError}`
    return stalled(fetchedAt, `no broker has answered a fetch for ${duration(now - fetchedAt)}${why}`)
  }

  #idle({ idleMs }: ProgressPolicy, now: number, readAt: number): Verdict | null {
    if (now - readAt < idleMs) return null
    return this.#signs.offsets.assignment.length === 0
      ? idle(readAt, 'no partition is assigned to it')
      : idle(readAt, 'there are no records to read')
  }
  #held(): string {
    return this.#signs.marks.step === 'waiting for its rate limit' ? '; its rate limit holds it back' : ''
  }
}
