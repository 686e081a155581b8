// The progress line of a terminal: what the worker moves now. Nothing is shown where the output is not a terminal.
import type { MetricSample } from '@millrace/runtime'

const EVERY_MS = 1000
const CLEAR_LINE = '\r\x1b[K'

/** A worker whose figures are shown. */
export interface ShowsMetrics {
  metrics(): Promise<readonly MetricSample[]>
}

/** Counters of a worker at one moment, summed over its tasks. */
export interface Totals {
  readonly written: number
  readonly delivered: number
  readonly lag: number
  readonly running: number
  readonly failed: number
}

/** Sums what the progress line shows. */
export function totals(samples: readonly MetricSample[]): Totals {
  const sum = (group: string, name: string) =>
    samples
      .filter((one) => one.group === group && one.name === name)
      .reduce((total, one) => total + (typeof one.value === 'number' ? one.value : 0), 0)
  const inState = (state: string) =>
    samples.filter((one) => one.group === 'connector-task-metrics' && one.name === 'status' && one.value === state)
      .length
  return {
    written: sum('source-task-metrics', 'source-record-write-total'),
    delivered: sum('sink-task-metrics', 'sink-record-send-total'),
    lag: sum('sink-task-metrics', 'consumer-lag'),
    running: inState('running'),
    failed: inState('failed'),
  }
}

/** The text of the line. Rates are records per second since `before`. */
export function progressText(before: Totals, now: Totals, seconds: number): string {
  const rate = (from: number, to: number) => Math.max(0, Math.round((to - from) / seconds)).toLocaleString('en')
  const failed = now.failed > 0 ? `, ${now.failed} FAILED` : ''
  return (
    `tasks: ${now.running} running${failed} | into Kafka ${rate(before.written, now.written)} records/s` +
    ` | out of Kafka ${rate(before.delivered, now.delivered)} records/s | lag ${now.lag.toLocaleString('en')}`
  )
}

/** Shows the line until it is stopped. */
export function showProgress(worker: ShowsMetrics, out: NodeJS.WriteStream = process.stderr): { stop(): void } {
  if (!out.isTTY || process.env.TERM === 'dumb') return { stop() {} }
  let before: Totals | undefined
  let at = performance.now()
  let stopped = false
  const timer = setInterval(async () => {
    const now = totals(await worker.metrics().catch(() => []))
    if (stopped) return
    const seconds = (performance.now() - at) / 1000
    at = performance.now()
    // A line that wraps could not be cleared.
    if (before !== undefined) out.write(CLEAR_LINE + progressText(before, now, seconds).slice(0, out.columns - 1))
    before = now
  }, EVERY_MS)
  timer.unref()
  return {
    stop: () => {
      stopped = true
      clearInterval(timer)
      out.write(CLEAR_LINE)
    },
  }
}
