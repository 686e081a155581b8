// What happens to a record that failed: tried again, skipped, or the end of the task (`errors.*` of a connector, KIP-298).
import { setTimeout as sleep } from 'node:timers/promises'
import { ConnectException, RetriableException } from '@millrace/api'
import type { ErrorMetrics } from './error-metrics.ts'
import type { Reporter } from './reporters.ts'
import type { Failure } from './stages.ts'

/** Settings of {@link Tolerance}; times in milliseconds. */
export interface ToleranceOptions {
  /** `errors.tolerance=all` */
  readonly tolerateAll: boolean
  /** `errors.retry.timeout`; -1 for ever. */
  readonly retryTimeoutMs: number
  /** `errors.retry.delay.max.ms` */
  readonly retryDelayMaxMs: number
}

const FIRST_DELAY_MS = 300
/** Beyond this many doublings every delay is at its maximum. */
const LAST_DOUBLING = 20

/** Decides, reports and counts, for one task. */
export class Tolerance {
  readonly #options: ToleranceOptions
  readonly #reporters: readonly Reporter[]
  readonly #metrics: ErrorMetrics
  readonly #onRetry: (error: unknown) => void
  readonly #pending = new Set<Promise<void>>()
  #reportFailure: unknown
  #errant: ConnectException | undefined

  /** @param onRetry told of each failure that may go away, before the wait */
  constructor(
    options: ToleranceOptions,
    reporters: readonly Reporter[],
    metrics: ErrorMetrics,
    onRetry: (error: unknown) => void = () => {},
  ) {
    this.#onRetry = onRetry
    this.#options = options
    this.#reporters = reporters
    this.#metrics = metrics
  }

  get tolerateAll(): boolean {
    return this.#options.tolerateAll
  }
  /** True when somebody is told: then sinks get an errant record reporter. */
  get hasReporters(): boolean {
    return this.#reporters.length > 0
  }

  /**
   * A failed attempt. Resolves with `retry` when the same record should be tried again (the delay has passed), `skip`, or
   * `stop` when the task was asked to stop while it waited: then nothing is decided about the record.
   *
   * Only a `RetriableException` is tried again, until `errors.retry.timeout` has passed since the first attempt. Then it is
   * an error like any other: the reference drops the record at that point even when nothing is tolerated; here it is not lost.
   * @param since performance.now() of the first attempt
   * @throws ConnectException `Tolerance exceeded in error handler` when errors are not tolerated
   */
  async failed(
    failure: Failure,
    attempt: number,
    since: number,
    signal: AbortSignal,
  ): Promise<'retry' | 'skip' | 'stop'> {
    this.#metrics.failures++
    if (failure.error instanceof RetriableException) this.#onRetry(failure.error)
    if (failure.error instanceof RetriableException && (await this.#waitForRetry(attempt, since, signal))) {
      if (signal.aborted) return 'stop'
      this.#metrics.retries++
      return 'retry'
    }
    this.report(failure)
    if (!this.#options.tolerateAll) {
      throw new ConnectException('Tolerance exceeded in error handler', { cause: failure.error })
    }
    this.#metrics.skipped++
    return 'skip'
  }

  /** Tells the reporters, whatever is tolerated. The promise settles when all reports are safe. */
  report(failure: Failure): Promise<void> {
    this.#metrics.errors++
    this.#metrics.lastErrorTimestamp = Date.now()
    const reports = this.#reporters.map((one) => one.report(failure)).filter((one) => one !== undefined)
    const all = Promise.all(reports).then(() => {})
    if (reports.length > 0) this.#await(all)
    return all
  }

  /** Reports and counts a failure that is tolerated. The promise settles when all reports are safe. */
  skip(failure: Failure): Promise<void> {
    this.#metrics.failures++
    this.#metrics.skipped++
    return this.report(failure)
  }

  /**
   * A sink task reports a record it could not deliver (KIP-610).
   * @throws ConnectException at once when nothing is tolerated; {@link throwIfFailed} then fails the task
   */
  reportErrant(failure: Failure): Promise<void> {
    if (this.#options.tolerateAll) return this.skip(failure)
    this.#metrics.failures++
    this.report(failure)
    this.#errant = new ConnectException('Tolerance exceeded in error handler', { cause: failure.error })
    throw this.#errant
  }
  /** @throws ConnectException when a sink reported a record that is not tolerated */
  throwIfFailed(): void {
    if (this.#errant !== undefined) throw this.#errant
  }

  /** Waits for the reports so far. @throws ConnectException when one could not be made */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#pending])
    if (this.#reportFailure !== undefined) {
      throw new ConnectException('A failed record could not be reported, so its offset must not be committed', {
        cause: this.#reportFailure,
      })
    }
  }
  async close(): Promise<void> {
    await Promise.allSettled(this.#reporters.map((one) => one.close?.()))
  }

  #await(report: Promise<void>): void {
    this.#pending.add(report)
    report
      .catch((error: unknown) => {
        this.#reportFailure ??= error
      })
      .finally(() => this.#pending.delete(report))
  }

  async #waitForRetry(attempt: number, since: number, signal: AbortSignal): Promise<boolean> {
    const { retryTimeoutMs, retryDelayMaxMs } = this.#options
    const left = retryTimeoutMs < 0 ? Number.POSITIVE_INFINITY : since + retryTimeoutMs - performance.now()
    if (left <= 0) return false
    const exact = FIRST_DELAY_MS * 2 ** Math.min(attempt, LAST_DOUBLING)
    const delay = exact > retryDelayMaxMs ? Math.random() * retryDelayMaxMs : exact
    await sleep(Math.min(delay, left), undefined, { signal }).catch(() => {})
    return true
  }
}
