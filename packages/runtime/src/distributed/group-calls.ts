// The worker's calls to the coordinator of its group, counted and timed: what the reference's AbstractCoordinator measures.
import type { GroupChannel } from '@millrace/kafka/group'
import { MaxAverage, Rate } from '../data/statistics.ts'

const HOUR_S = 3600

/** Good answers of one kind of request. */
class Calls {
  total = 0
  lastAt: number | null = null
  readonly times = new MaxAverage()
  readonly #rate = new Rate(() => this.total)

  get perSecond(): number {
    return this.#rate.perSecond
  }
  answered(ms: number): void {
    this.total++
    this.lastAt = performance.now()
    this.times.add(ms)
  }
}

/** A channel to the coordinator that measures another one. */
export class MeasuredChannel implements GroupChannel {
  readonly #inner: GroupChannel
  readonly #joins = new Calls()
  readonly #syncs = new Calls()
  readonly #heartbeats = new Calls()
  #failed = 0
  readonly #failures = new Rate(() => this.#failed)
  readonly #rebalances = new Rate(() => this.#syncs.total)

  constructor(inner: GroupChannel) {
    this.#inner = inner
  }

  join(...args: Parameters<GroupChannel['join']>): ReturnType<GroupChannel['join']> {
    return this.#round(this.#joins, () => this.#inner.join(...args))
  }
  sync(...args: Parameters<GroupChannel['sync']>): ReturnType<GroupChannel['sync']> {
    return this.#round(this.#syncs, () => this.#inner.sync(...args))
  }
  async heartbeat(...args: Parameters<GroupChannel['heartbeat']>): Promise<number> {
    const began = performance.now()
    const errorCode = await this.#inner.heartbeat(...args)
    this.#heartbeats.answered(performance.now() - began)
    return errorCode
  }
  leave(...args: Parameters<GroupChannel['leave']>): Promise<number> {
    return this.#inner.leave(...args)
  }
  forgetCoordinator(): void {
    this.#inner.forgetCoordinator()
  }

  /** By the names of the reference's coordinator metrics. */
  values(): Record<string, number> {
    const { lastAt } = this.#heartbeats
    return {
      'heartbeat-rate': this.#heartbeats.perSecond,
      'heartbeat-total': this.#heartbeats.total,
      'heartbeat-response-time-max': this.#heartbeats.times.max,
      'last-heartbeat-seconds-ago': lastAt === null ? -1 : Math.floor((performance.now() - lastAt) / 1000),
      ...timed('join', this.#joins),
      ...timed('sync', this.#syncs),
      'rebalance-rate-per-hour': this.#rebalances.perSecond * HOUR_S,
      'failed-rebalance-total': this.#failed,
      'failed-rebalance-rate-per-hour': this.#failures.perSecond * HOUR_S,
    }
  }

  /** A step of a rebalance: one that is not answered, or with an error, fails it. */
  async #round<A extends { readonly errorCode: number }>(calls: Calls, ask: () => Promise<A>): Promise<A> {
    const began = performance.now()
    let isGood = false
    try {
      const answer = await ask()
      isGood = answer.errorCode === 0
      return answer
    } finally {
      if (isGood) calls.answered(performance.now() - began)
      else this.#failed++
    }
  }
}

function timed(name: string, calls: Calls): Record<string, number> {
  return {
    [`${name}-rate`]: calls.perSecond,
    [`${name}-total`]: calls.total,
    [`${name}-time-avg`]: calls.times.average,
    [`${name}-time-max`]: calls.times.max,
  }
}
