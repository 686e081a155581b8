// A source task at work: poll, transform, convert, send. When offsets are stored is its delivery's business.
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import {
  type ConnectorProps,
  isRetriable,
  type Logger,
  type MaybePromise,
  type OffsetReader,
  type SourceRecord,
  type SourceTask,
} from '@millrace/api'
import { Producer, type SharedClusters } from '@millrace/kafka'
import type { ProgressPolicy } from '../config/progress-config.ts'
import type { MetricSample, TaskId } from '../plane/messages.ts'
import { isPromise, type TransformationChain } from './chain.ts'
import { closeConverters, type TaskConverters } from './converters.ts'
import type { SourceDeadLetters } from './errors/source-dead-letters.ts'
import type { Tolerance } from './errors/tolerance.ts'
import type { ProgressMarks } from './progress/marks.ts'
import { SourceProgress } from './progress/source-progress.ts'
import type { Verdict } from './progress/verdict.ts'
import type { RateLimiter } from './rate-limiter.ts'
import type { DeliveryParts, SourceDelivery } from './source-delivery.ts'
import { SourceMetrics } from './source-metrics.ts'
import { SourceWriter } from './source-writer.ts'
import type { TaskGate, TaskWork } from './task-runner.ts'
import { type SourceSamples, sourceSamples } from './task-samples.ts'

/** What a source task is made of. */
export interface SourceParts {
  readonly id: TaskId
  readonly task: SourceTask
  readonly taskProps: ConnectorProps
  readonly producerProps: Record<string, string>
  readonly clusters: SharedClusters
  readonly converters: TaskConverters
  readonly chain: TransformationChain | null
  readonly tolerance: Tolerance
  /** The queue of what fails, made with the task's producer; null for none. */
  readonly deadLetters: ((producer: Producer) => SourceDeadLetters) | null
  readonly offsets: OffsetReader
  /** The guarantee with which it delivers. */
  readonly deliver: (parts: DeliveryParts) => SourceDelivery
  /** Makes sure that a topic exists as the connector wants it, before its first record. */
  readonly createTopic: ((topic: string) => Promise<void>) | null
  readonly topicUsed: (topic: string) => void
  readonly closeAdmin: () => Promise<void>
  readonly marks: ProgressMarks
  readonly limiter: RateLimiter
  readonly samples: Omit<SourceSamples, 'metrics' | 'producer'>
  readonly log: Logger
}

const PRODUCER_CLOSE_MS = 30_000
const SEND_RETRY_MS = 100
const LONGEST_HOLD_MS = 1_000

/** Makes the work of a source task. */
export function createSourceWork(parts: SourceParts): TaskWork {
  return new SourceWork(parts)
}

class SourceWork implements TaskWork {
  readonly #parts: SourceParts
  readonly #metrics = new SourceMetrics()
  readonly #producer: Producer
  readonly #delivery: SourceDelivery
  readonly #deadLetters: SourceDeadLetters | null
  readonly #writer: SourceWriter
  readonly #progress: SourceProgress
  readonly #topics = new Set<string>()
  readonly #stopping = new AbortController()
  #opened = false

  constructor(parts: SourceParts) {
    this.#parts = parts
    const { task, topicUsed, log, clusters } = parts
    this.#producer = Producer.create(parts.producerProps, { log, clusters })
    const deadLetters = parts.deadLetters?.(this.#producer) ?? null
    this.#deadLetters = deadLetters
    const common = { task, producer: this.#producer, metrics: this.#metrics, topicUsed, deadLetters, log }
    const delivery = parts.deliver(common)
    this.#delivery = delivery
    this.#producer.onBatch = (sent, error) => delivery.outcome(sent, error)
    this.#writer = new SourceWriter({
      producer: this.#producer,
      chain: parts.chain,
      converters: parts.converters,
      submitted: delivery.submissions,
      dropped: (record) => delivery.dropped(record),
      prepareTopic: (topic) => this.#prepareTopic(topic),
    })
    this.#progress = new SourceProgress({
      marks: parts.marks,
      metrics: this.#metrics,
      producer: this.#producer,
      storing: () => delivery.storing?.() ?? null,
    })
  }

  get version(): string {
    return this.#parts.task.version
  }

  async open(stopping: AbortSignal): Promise<void> {
    const { task, taskProps, offsets, log, samples } = this.#parts
    stopping.addEventListener('abort', () => this.#stopping.abort(), { once: true })
    if (!(await this.#delivery.prepare(stopping))) return
    const { signal } = this.#stopping
    const { transaction } = this.#delivery
    task.initialize({ log, configs: taskProps, offsets, transaction, signal, metrics: samples.own })
    this.#opened = true
    this.#parts.marks.at('start()')
    await task.start(taskProps)
    this.#delivery.started()
  }

  async run(gate: TaskGate): Promise<void> {
    const delivery = this.#delivery
    const { marks, limiter } = this.#parts
    while (!gate.stopping) {
      if (gate.wantsPause) {
        await delivery.pausing()
        gate.paused(true)
        await gate.unpaused()
        if (gate.stopping) return
        gate.paused(false)
        delivery.resumed()
      }
      delivery.throwFailure()
      if (limiter.active && limiter.room() === 0) {
        await this.#held(gate)
        const done = delivery.batchDone()
        if (done !== undefined) await done
        continue
      }
      const told = delivery.beforePoll()
      if (told !== undefined) {
        marks.at('committing')
        await told
      }
      const began = performance.now()
      marks.at('poll()', began)
      const polled = this.#poll()
      const waited = isPromise(polled)
      marks.yields()
      const records = waited ? await polled : polled
      let whole = true
      if (records !== null && records.length > 0) {
        const now = performance.now()
        this.#metrics.polledBatch(records.length, now - began)
        marks.at('sending records', now)
        whole = await this.#sendAll(records, gate)
      }
      if (whole) {
        const done = delivery.batchDone()
        if (done !== undefined) {
          marks.at('committing')
          await done
        }
      }
      marks.yields()
      // Lets acknowledgements in even when neither poll nor producer ever had to wait; and a poll that answers "nothing" at
      // once must not keep the thread from everything else.
      if (!waited) await setImmediate()
    }
  }

  async close(failed: boolean): Promise<void> {
    const { task, converters, chain, tolerance, log } = this.#parts
    this.#stopping.abort()
    let flushed = false
    try {
      if (this.#opened) flushed = await this.#delivery.finish(failed)
    } finally {
      // What was not acknowledged in time is not committed: it is read and sent again, and need not be waited for.
      await this.#producer.close({ timeoutMs: flushed ? PRODUCER_CLOSE_MS : 0 }).catch((error: unknown) => {
        log.warn('The producer could not be closed as it should', { error })
      })
      try {
        if (this.#opened) await task.stop()
      } finally {
        await chain?.close()
        await this.#deadLetters?.close(flushed ? undefined : 0)
        await closeConverters(converters)
        await tolerance.close()
        await this.#parts.closeAdmin()
      }
    }
  }

  /** Sends and commits nothing more, whatever the task is still doing. */
  abandon(): void {
    this.#delivery.abandon()
    this.#producer.destroy().catch((error: unknown) => {
      this.#parts.log.error('The producer of an abandoned task could not be closed as it should', { error })
    })
  }

  metrics(): MetricSample[] {
    return sourceSamples({ ...this.#parts.samples, metrics: this.#metrics, producer: this.#producer })
  }

  /**
   * Where the next slice of a batch ends, as the limit allows. A transaction is not held open for it: what is polled is
   * written, and the next poll waits for longer. Nor does a pause wait for it.
   */
  #upTo(at: number, end: number, gate: TaskGate): number {
    const { limiter } = this.#parts
    this.#writer.meter = limiter.countsBytes ? limiter : null
    return this.#delivery.inTransactions || gate.wantsPause ? end : Math.min(end, at + limiter.room())
  }
  /** Waits for the limit, a second at most: then the loop looks whether something else is wanted of it. */
  async #held(gate: TaskGate): Promise<void> {
    const { marks, limiter } = this.#parts
    marks.at('waiting for its rate limit')
    marks.yields()
    await limiter.wait(gate.signal, LONGEST_HOLD_MS)
  }

  progress(policy: ProgressPolicy): Verdict {
    return this.#progress.look(policy)
  }

  #poll(): MaybePromise<SourceRecord[] | null> {
    try {
      const polled = this.#parts.task.poll()
      return isPromise(polled) ? polled.then(undefined, nothingIfRetriable) : polled
    } catch (error) {
      return nothingIfRetriable(error)
    }
  }

  /**
   * Sends a batch: waits where it must, tries again what may be tried again, skips what is tolerated. False when the task
   * is to stop before all of it was sent: what is not sent is not committed either, it is read again.
   */
  async #sendAll(records: readonly SourceRecord[], gate: TaskGate): Promise<boolean> {
    const delivery = this.#delivery
    let at = 0
    let attempt = 0
    let since = 0
    let end = delivery.until(records, 0)
    this.#writer.now = Date.now()
    const { limiter } = this.#parts
    while (at < records.length) {
      const to = limiter.active ? this.#upTo(at, end, gate) : end
      if (to === at) {
        await this.#held(gate)
        // What was polled is sent before the loop rests; what is not sent is not committed.
        if (gate.stopping) return false
        delivery.throwFailure()
        continue
      }
      delivery.begin()
      try {
        const written = this.#writer.write(records, at, to)
        const reached = isPromise(written) ? await written : written
        if (limiter.active) limiter.took(reached - at)
        if (reached > at) {
          attempt = 0
          this.#parts.marks.worked()
        }
        at = reached
        if (at < end && this.#producer.full) {
          await untilStop(this.#producer.drained(), gate)
          if (gate.stopping) return false
        }
      } catch (error) {
        const place = this.#writer.failed()
        if (place.index !== at) attempt = 0
        at = place.index
        const record = records[at] as SourceRecord
        if (attempt === 0) since = performance.now()
        if (place.stage === 'KAFKA_PRODUCE') {
          if (isTooLarge(error)) {
            await untilStop(delivery.refused(record, error), gate)
            at++
          } else {
            if (!isRetriable(error)) throw delivery.unsendable(error)
            delivery.throwFailure()
            if (gate.stopping) return false
            this.#parts.marks.failing(error)
            await sleep(SEND_RETRY_MS)
          }
        } else {
          const { stage, className } = place
          const failure = {
            stage,
            className,
            error,
            source: `SourceRecord{topic='${record.topic}', sourcePartition=${JSON.stringify(record.sourcePartition)}, sourceOffset=${text(record.sourceOffset)}}`,
          }
          const decision = await this.#parts.tolerance.failed(failure, attempt++, since, gate.signal)
          // Nothing behind it may be committed.
          if (decision === 'stop') return false
          if (decision === 'skip') {
            await untilStop(delivery.failed(record, failure), gate)
            at++
            attempt = 0
            this.#parts.marks.worked()
          }
        }
      }
      delivery.throwFailure()
      if (at < end) continue
      const done = delivery.reached(records[at - 1] as SourceRecord)
      if (done !== undefined) await done
      end = delivery.until(records, at)
    }
    return true
  }

  async #prepareTopic(topic: string): Promise<void> {
    if (!this.#topics.has(topic)) {
      this.#delivery.checkTopic(topic)
      await this.#parts.createTopic?.(topic)
      this.#topics.add(topic)
    }
    if (!this.#producer.ready(topic)) await this.#producer.awaitReady(topic, { signal: this.#stopping.signal })
  }
}

function nothingIfRetriable(error: unknown): null {
  if (isRetriable(error)) return null
  throw error
}

/** Waits for room, or for the end of the task. */
async function untilStop(room: Promise<void> | undefined, gate: TaskGate): Promise<void> {
  if (room === undefined) return
  const { promise, resolve } = Promise.withResolvers<void>()
  const stop = () => resolve()
  if (gate.signal.aborted) return
  gate.signal.addEventListener('abort', stop, { once: true })
  await Promise.race([room, promise])
  gate.signal.removeEventListener('abort', stop)
}

function isTooLarge(error: unknown): error is Error {
  return error instanceof Error && error.name === 'RecordTooLargeException'
}

function text(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) => (typeof one === 'bigint' ? one.toString() : one))
}
