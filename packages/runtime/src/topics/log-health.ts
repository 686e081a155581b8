// Whether an internal topic can be read and written, told by what its own clients meet: nothing is asked for it.
import { errorMessage, type TopicPartition } from '@millrace/api'
import type { Consumer, Producer } from '@millrace/kafka'

/** No answer for longer than this is a problem; shorter is a broker that was restarted. */
const SILENT_MS = 10_000
/** How long a failed write is held against the topic when none follows it. */
const REMEMBERED_MS = 60_000

/** Notes of one topic. */
export class LogHealth {
  #readError: string | null = null
  #writeError: { readonly at: number; readonly error: string } | null = null
  #behindSince: number | null = null
  #startedAt = performance.now()

  started(): void {
    this.#startedAt = performance.now()
  }
  readFailed(error: unknown): void {
    this.#readError = errorMessage(error)
  }
  /** A poll went well. */
  read(): void {
    this.#readError = null
  }
  wrote(): void {
    this.#writeError = null
  }
  writeFailed(error: unknown): void {
    this.#writeError = { at: performance.now(), error: errorMessage(error) }
  }

  /** What is wrong now, a sentence each. */
  problems(
    consumer: Consumer,
    producer: Producer | undefined,
    partitions: readonly TopicPartition[],
    now = performance.now(),
  ): string[] {
    const found: string[] = []
    const silentMs = now - Math.max(consumer.lastAnswerAt, this.#startedAt)
    const lag = partitions.reduce((sum, one) => sum + (consumer.lag(one) ?? 0), 0)
    if (lag === 0) this.#behindSince = null
    else this.#behindSince ??= now
    if (this.#readError !== null) found.push(`It cannot be read: ${this.#readError}`)
    else if (silentMs >= SILENT_MS + consumer.fetchWaitMs) {
      const why = consumer.lastError === null ? '' : `: ${consumer.lastError}`
      found.push(`No broker has answered a read for ${seconds(silentMs)} s${why}`)
    } else if (this.#behindSince !== null && now - this.#behindSince >= SILENT_MS) {
      found.push(`${lag} records of it were not read for ${seconds(now - this.#behindSince)} s`)
    }
    const oldest = producer?.oldestUnfinished() ?? null
    if (this.#writeError !== null && now - this.#writeError.at < REMEMBERED_MS) {
      found.push(`It could not be written ${seconds(now - this.#writeError.at)} s ago: ${this.#writeError.error}`)
    } else if (oldest !== null && oldest.ageMs >= SILENT_MS) {
      const why = oldest.error === null ? '' : `: ${oldest.error}`
      found.push(`A write was not acknowledged for ${seconds(oldest.ageMs)} s${why}`)
    }
    return found
  }
}

function seconds(ms: number): number {
  return Math.round(ms / 1000)
}
