// How a worker's group rebalances: the reference's `connect-worker-rebalance-metrics`, and its coordinator metrics.
import { MaxAverage } from '../data/statistics.ts'
import type { Work } from '../membership/index.ts'
import type { MetricSample } from '../plane/messages.ts'
import { samplesOf } from './samples.ts'

const PROTOCOLS = ['EAGER', 'COMPATIBLE', 'SESSIONED'] as const

/** What is asked when somebody looks. */
export interface RebalanceFacts {
  /** Version of the protocol spoken: 0 to 2. */
  readonly protocolVersion: number
  readonly leaderUrl: string | null
  /** Generation of the group, -1 for none. */
  readonly generation: number
  readonly running: Work
  /** Of the calls to the coordinator. */
  readonly calls: Readonly<Record<string, number>>
}

/** Counts the rebalances of one worker. */
export class RebalanceMetrics {
  readonly #facts: () => RebalanceFacts
  readonly #clientId: string
  readonly #times = new MaxAverage()
  #startedAt: number | null = null
  #lastAt: number | null = null
  #completed = 0
  #totalMs = 0

  constructor(clientId: string, facts: () => RebalanceFacts) {
    this.#clientId = clientId
    this.#facts = facts
  }

  /** Work is taken away, or an assignment came. */
  began(): void {
    this.#startedAt ??= performance.now()
  }
  /** What was assigned is started. */
  completed(): void {
    if (this.#startedAt === null) return
    const now = performance.now()
    this.#times.add(now - this.#startedAt)
    this.#totalMs += now - this.#startedAt
    this.#startedAt = null
    this.#lastAt = now
    this.#completed++
  }

  samples(): MetricSample[] {
    const { protocolVersion, leaderUrl, generation, running, calls } = this.#facts()
    const sinceMs = this.#lastAt === null ? Number.POSITIVE_INFINITY : performance.now() - this.#lastAt
    const labels = { 'client-id': this.#clientId }
    return [
      ...samplesOf(
        'connect-worker-rebalance-metrics',
        {},
        {
          'connect-protocol': PROTOCOLS[protocolVersion] ?? 'EAGER',
          'leader-name': leaderUrl ?? '',
          epoch: generation,
          'completed-rebalances-total': this.#completed,
          rebalancing: this.#startedAt === null ? 0 : 1,
          'rebalance-max-time-ms': this.#times.max,
          'rebalance-avg-time-ms': this.#times.average,
          'time-since-last-rebalance-ms': sinceMs,
        },
      ),
      ...samplesOf('connect-coordinator-metrics', labels, {
        ...calls,
        'assigned-connectors': running.connectors.length,
        'assigned-tasks': running.tasks.length,
        'rebalance-total': this.#completed,
        'rebalance-latency-total': this.#totalMs,
        'rebalance-latency-avg': this.#times.average,
        'rebalance-latency-max': this.#times.max,
        'last-rebalance-seconds-ago': this.#lastAt === null ? -1 : Math.floor(sinceMs / 1000),
      }),
    ]
  }
}
