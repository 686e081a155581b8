// Commits a sink task's offsets: when, which, and what a failure means.
import { errorMessage, type Logger, type OffsetsByPartition, type SinkTask, type TopicPartition } from '@millrace/api'
import type { Consumer } from '@millrace/kafka'
import type { Tolerance } from './errors/tolerance.ts'
import type { ProgressMarks } from './progress/marks.ts'
import type { SinkMetrics } from './sink-metrics.ts'
import type { SinkOffsets } from './sink-offsets.ts'

/** What commits are made with. */
export interface CommitParts {
  readonly task: SinkTask
  readonly consumer: Consumer
  readonly offsets: SinkOffsets
  readonly tolerance: Tolerance
  readonly metrics: SinkMetrics
  readonly marks: ProgressMarks
  /** Reads on from these offsets, and drops what was read beyond them. */
  readonly rewind: (to: readonly (TopicPartition & { readonly offset: number })[]) => void
  readonly log: Logger
}

/** The committer of one sink task. */
export class SinkCommits {
  readonly #parts: CommitParts
  readonly #intervalMs: number
  readonly #timeoutMs: number
  #next: number
  #sequence = 0
  #underWay = false
  #failing: { readonly since: number; error: string } | null = null
  /** True when the task is ending: then a failed preCommit is logged and no more. */
  closing = false
  /** True when the task did not stop in time: then nothing is committed any more. */
  cancelled = false

  constructor(parts: CommitParts, intervalMs: number, timeoutMs: number) {
    this.#parts = parts
    this.#intervalMs = intervalMs
    this.#timeoutMs = timeoutMs
    this.#next = performance.now() + intervalMs
  }

  /** Why commits fail, and since when (performance.now()); null while they do not. */
  get failing(): { readonly since: number; readonly error: string } | null {
    return this.#failing
  }
  get underWay(): boolean {
    return this.#underWay
  }
  get due(): boolean {
    return performance.now() >= this.#next
  }
  get untilDueMs(): number {
    return Math.max(0, this.#underWay ? this.#timeoutMs : this.#next - performance.now())
  }

  /**
   * Commits what the task says is safe of these partitions. `wait` is for partitions that go away: the commit is awaited.
   * Otherwise it goes on beside the loop, and its end is told in metrics and log.
   */
  async commit(partitions: readonly TopicPartition[], wait: boolean): Promise<void> {
    const { offsets, metrics } = this.#parts
    this.#next = performance.now() + this.#intervalMs
    if (this.cancelled) return
    const returned = await this.#preCommit(partitions, wait)
    if (returned === null) return
    const accepted = offsets.accept(returned)
    if (accepted.size === 0) {
      metrics.commitSuccesses++
      this.#failing = null
      return
    }
    const sent = this.#send(accepted)
    if (wait) await sent
  }

  async #preCommit(partitions: readonly TopicPartition[], closing: boolean): Promise<OffsetsByPartition | null> {
    const { task, tolerance, offsets, metrics, log } = this.#parts
    try {
      await tolerance.settled()
      this.#parts.marks.at('preparing a commit')
      return await task.preCommit(offsets.of(partitions))
    } catch (error) {
      metrics.commitFailures++
      this.#failed(error)
      if (closing || this.closing) {
        log.error(
          'The task failed to prepare a commit while it was being closed: what it had not made safe will be read again',
          { error },
        )
      } else {
        log.error('The task failed to prepare a commit: reading goes back to the last committed offsets', { error })
        this.#parts.rewind(offsets.uncommittedPositions())
      }
      return null
    }
  }

  #failed(error: unknown): void {
    this.#failing ??= { since: performance.now(), error: '' }
    this.#failing.error = errorMessage(error)
  }

  async #send(accepted: OffsetsByPartition): Promise<void> {
    const { consumer, offsets, metrics, log } = this.#parts
    const sequence = ++this.#sequence
    metrics.commitSequence = sequence
    const began = performance.now()
    this.#underWay = true
    try {
      await consumer.commit([...accepted], { timeoutMs: this.#timeoutMs })
      if (sequence !== this.#sequence) {
        metrics.commitSkips++
        return
      }
      offsets.remember(accepted)
      this.#failing = null
      metrics.commitSuccesses++
      metrics.commitMs.add(performance.now() - began)
    } catch (error) {
      metrics.commitFailures++
      this.#failed(error)
      log.warn('Offsets could not be committed; they are committed with the next ones', { error })
    } finally {
      if (sequence === this.#sequence) this.#underWay = false
    }
  }
}
