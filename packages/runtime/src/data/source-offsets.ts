// Stores source offsets: at an interval and at the end, what became committable since, one store at a time.

import { setTimeout as sleep } from 'node:timers/promises'
import { errorMessage, type Logger, type PartitionOffset } from '@millrace/api'
import type { SourceMetrics } from './source-metrics.ts'
import type { SubmittedRecords } from './submitted-records.ts'

/** Makes offsets durable. */
export type WriteOffsets = (offsets: readonly PartitionOffset[]) => Promise<void>

/** The committer of one source task. */
export class SourceOffsets {
  readonly #submitted: SubmittedRecords
  readonly #write: WriteOffsets
  readonly #timeoutMs: number
  readonly #metrics: SourceMetrics
  readonly #log: Logger
  #underWay: Promise<void> = Promise.resolve()
  /** The commit that waits for the one under way. */
  #next: Promise<void> | null = null
  /** True when the task did not stop in time: then nothing is stored any more. */
  #cancelled = false
  #committed = false
  #failing: { readonly since: number; error: string } | null = null

  constructor(
    submitted: SubmittedRecords,
    write: WriteOffsets,
    timeoutMs: number,
    metrics: SourceMetrics,
    log: Logger,
  ) {
    this.#submitted = submitted
    this.#write = write
    this.#timeoutMs = timeoutMs
    this.#metrics = metrics
    this.#log = log
  }

  /** Why offsets cannot be stored, and since when (performance.now()); null while they can. */
  get failing(): { readonly since: number; readonly error: string } | null {
    return this.#failing
  }
  /** True once after each successful commit, also one without news: the task is told between its polls. */
  takeCommitted(): boolean {
    const committed = this.#committed
    this.#committed = false
    return committed
  }
  /** Commits what may be committed, after a commit under way. What cannot be stored is kept for the next time. */
  commit(): Promise<void> {
    this.#next ??= this.#underWay.then(() => {
      this.#next = null
      this.#underWay = this.#commit()
      return this.#underWay
    })
    return this.#next
  }
  /** Another instance may run already, and be further: nothing is stored any more. */
  cancel(): void {
    this.#cancelled = true
  }

  async #commit(): Promise<void> {
    if (this.#cancelled) return
    const offsets = this.#submitted.takeCommittable()
    const began = performance.now()
    const timer = new AbortController()
    try {
      if (offsets.length > 0) await Promise.race([this.#write(offsets), this.#late(timer.signal)])
      this.#committed = true
      this.#failing = null
      this.#metrics.commitSuccesses++
      this.#metrics.commitMs.add(performance.now() - began)
    } catch (error) {
      this.#submitted.giveBack(offsets)
      this.#failing ??= { since: began, error: '' }
      this.#failing.error = errorMessage(error)
      this.#metrics.commitFailures++
      this.#log.error('Source offsets could not be committed; they are tried again at the next interval', { error })
    } finally {
      timer.abort()
    }
  }
  async #late(signal: AbortSignal): Promise<never> {
    await sleep(this.#timeoutMs, undefined, { signal })
    throw new Error(`not stored within offset.flush.timeout.ms (${this.#timeoutMs} ms)`)
  }
}
