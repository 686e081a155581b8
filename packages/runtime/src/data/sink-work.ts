// A sink task at work: consume, convert, transform, put, and commit what the task says is safe.
import {
  ConnectException,
  type ConnectorProps,
  type ErrantRecordReporter,
  type Logger,
  RetriableException,
  type SinkRecord,
  type SinkTask,
  type TopicPartition,
} from '@millrace/api'
import { Consumer, isWakeup, type PolledRecords, type SharedClusters } from '@millrace/kafka'
import type { ProgressPolicy } from '../config/progress-config.ts'
import type { SinkTopics } from '../config/sink-config.ts'
import type { MetricSample, TaskId } from '../plane/messages.ts'
import { isPromise, type TransformationChain } from './chain.ts'
import { closeConverters, type TaskConverters } from './converters.ts'
import type { Tolerance } from './errors/tolerance.ts'
import type { ProgressMarks } from './progress/marks.ts'
import { SinkProgress } from './progress/sink-progress.ts'
import type { Verdict } from './progress/verdict.ts'
import type { RateLimiter } from './rate-limiter.ts'
import { SinkCommits } from './sink-commits.ts'
import { SinkContext } from './sink-context.ts'
import { SinkConversion } from './sink-conversion.ts'
import { SinkMetrics } from './sink-metrics.ts'
import { SinkOffsets } from './sink-offsets.ts'
import type { TaskGate, TaskWork } from './task-runner.ts'
import { type SinkSamples, sinkSamples } from './task-samples.ts'

/** What a sink task is made of. */
export interface SinkParts {
  readonly id: TaskId
  readonly task: SinkTask
  readonly taskProps: ConnectorProps
  readonly topics: SinkTopics
  readonly consumerProps: Record<string, string>
  readonly clusters: SharedClusters
  readonly converters: TaskConverters
  readonly chain: TransformationChain | null
  readonly tolerance: Tolerance
  readonly commitIntervalMs: number
  readonly commitTimeoutMs: number
  readonly topicUsed: (topic: string) => void
  readonly marks: ProgressMarks
  readonly limiter: RateLimiter
  readonly samples: Omit<SinkSamples, 'metrics' | 'consumer' | 'lags'>
  readonly log: Logger
}

/** How long a batch that the task could not take waits for its next try, when the task did not say. */
const REDELIVERY_MS = 1_000
const CONSUMER_CLOSE_MS = 30_000
/** How long an abandoned task tries to tell its group that it is gone. */
const LEAVE_MS = 1_000

/** Makes the work of a sink task. */
export function createSinkWork(parts: SinkParts): TaskWork {
  return new SinkWork(parts)
}

class SinkWork implements TaskWork {
  readonly #parts: SinkParts
  readonly #metrics = new SinkMetrics()
  readonly #consumer: Consumer
  readonly #offsets: SinkOffsets
  readonly #conversion: SinkConversion
  readonly #commits: SinkCommits
  readonly #stopping = new AbortController()
  readonly #context: SinkContext
  readonly #progress: SinkProgress
  readonly #topics = new Set<string>()
  #opened = false
  /** The batch that is being delivered is waiting for its next try: nothing else is delivered meanwhile. */
  #redelivering = false
  #polling = false

  constructor(parts: SinkParts) {
    const { log, task, tolerance, clusters } = parts
    this.#parts = parts
    this.#consumer = Consumer.create(parts.consumerProps, { log, clusters })
    this.#offsets = new SinkOffsets(log)
    this.#conversion = new SinkConversion(parts.chain, parts.converters, tolerance)
    const commits = {
      task,
      consumer: this.#consumer,
      offsets: this.#offsets,
      tolerance,
      metrics: this.#metrics,
      marks: parts.marks,
      rewind: this.#rewind.bind(this),
      log,
    }
    this.#commits = new SinkCommits(commits, parts.commitIntervalMs, parts.commitTimeoutMs)
    const reporter = tolerance.hasReporters ? this.#errantRecords() : null
    this.#context = new SinkContext(
      this.#consumer,
      this.#offsets,
      parts.taskProps,
      this.#stopping.signal,
      reporter,
      log,
      () => this.#wake(),
      parts.samples.own,
    )
    parts.limiter.onChange = () => this.#wake()
    this.#progress = new SinkProgress({
      marks: parts.marks,
      metrics: this.#metrics,
      consumer: this.#consumer,
      offsets: this.#offsets,
      commits: this.#commits,
      paused: () => this.#context.ownPauses,
    })
  }

  get version(): string {
    return this.#parts.task.version
  }

  async open(): Promise<void> {
    const { task, taskProps, topics } = this.#parts
    task.initialize(this.#context)
    this.#opened = true
    this.#parts.marks.at('start()')
    await task.start(taskProps)
    this.#consumer.subscribe('regex' in topics ? topics.regex : topics.topics, {
      onAssigned: (partitions) => this.#assigned(partitions),
      onRevoked: (partitions) => this.#revoked(partitions, true),
      onLost: (partitions) => this.#revoked(partitions, false),
    })
  }

  async run(gate: TaskGate): Promise<void> {
    gate.signal.addEventListener('abort', () => this.#stopping.abort(), { once: true })
    while (!gate.stopping) {
      this.#followPause(gate)
      if (!this.#commits.underWay && (this.#commits.due || this.#context.takeCommitRequest()))
        await this.#commits.commit(this.#offsets.assignment, false)
      this.#rewind(this.#context.takeRewinds())
      const polled = await this.#poll()
      if (polled === null) continue
      if (polled.count > 0 && !(await this.#convert(polled, gate))) return
      if (gate.wantsPause || gate.stopping) continue
      await this.#deliver()
    }
  }

  async close(failed: boolean): Promise<void> {
    const { task, converters, chain, tolerance, log } = this.#parts
    this.#stopping.abort()
    try {
      // Closing revokes everything: the listener commits what is safe and closes the partitions.
      this.#commits.closing = true
      await this.#consumer.close({ timeoutMs: CONSUMER_CLOSE_MS })
    } catch (error) {
      if (!failed) throw error
      log.warn('The consumer could not be closed as it should', { error })
    } finally {
      try {
        // The partitions of an abandoned task were given up without it.
        if (this.#commits.cancelled && this.#offsets.assignment.length > 0) await task.close?.(this.#offsets.assignment)
        if (this.#opened) await task.stop()
      } finally {
        await chain?.close()
        await closeConverters(converters)
        await tolerance.close()
      }
    }
  }

  /** The connector is to be paused or resumed: ends the poll under way. */
  targetChanged(): void {
    this.#consumer.wakeup()
  }
  /** Leaves the group, so that others can take the partitions over, whatever the task is still doing. */
  abandon(): void {
    this.#commits.cancelled = true
    this.#consumer.close({ timeoutMs: LEAVE_MS }).catch((error: unknown) => {
      this.#parts.log.warn('The consumer of an abandoned task could not be closed as it should', { error })
    })
  }

  metrics(): MetricSample[] {
    const metrics = this.#metrics
    metrics.partitions = this.#offsets.assignment.length
    metrics.active = this.#offsets.uncommitted
    metrics.activeMax = Math.max(metrics.activeMax, metrics.active)
    metrics.activeCount.add(metrics.active)
    const lags = this.#offsets.assignment.map((one) => ({ one, lag: this.#consumer.lag(one) ?? 0 }))
    metrics.lag = lags.reduce((sum, { lag }) => sum + lag, 0)
    metrics.lagMax = Math.max(0, ...lags.map(({ lag }) => lag))
    return sinkSamples({ ...this.#parts.samples, metrics, consumer: this.#consumer, lags })
  }

  progress(policy: ProgressPolicy): Verdict {
    return this.#progress.look(policy)
  }

  /** Waits for records; null when the wait was ended because something is to be done first. */
  async #poll(): Promise<PolledRecords | null> {
    const asked = this.#context.takeTimeout()
    const untilCommit = this.#commits.untilDueMs
    const timeout = Math.min(untilCommit, asked ?? (this.#redelivering ? REDELIVERY_MS : untilCommit))
    this.#polling = true
    try {
      if (this.#parts.limiter.active) return await this.#pollLimited(timeout)
      this.#reading()
      return await this.#consumer.poll(timeout, { signal: this.#stopping.signal })
    } catch (error) {
      if (isWakeup(error)) return null
      throw error
    } finally {
      this.#polling = false
    }
  }
  /** Takes no more than the limit allows. Membership, commits and pauses go on while there is no room. */
  async #pollLimited(timeout: number): Promise<PolledRecords> {
    const { limiter, marks } = this.#parts
    const { signal } = this.#stopping
    this.#conversion.countBytes(limiter.countsBytes ? limiter : null)
    const room = limiter.room()
    if (room > 0) {
      this.#reading()
      const polled = await this.#consumer.poll(timeout, { signal, maxRecords: room })
      limiter.took(polled.count)
      return polled
    }
    marks.at('waiting for its rate limit')
    marks.yields()
    const began = performance.now()
    try {
      return await this.#consumer.poll(Math.min(timeout, limiter.waitMs()), { signal, maxRecords: 0 })
    } finally {
      limiter.waited(performance.now() - began)
    }
  }
  /** The loop waits for Kafka: what is done there is not the task's. */
  #reading(): void {
    this.#parts.marks.at('reading')
    this.#parts.marks.yields()
  }
  /** Something is to be done before more is polled. */
  #wake(): void {
    if (this.#polling) this.#consumer.wakeup()
  }

  /** Takes what was polled into the batch. False when the task was asked to stop meanwhile: then it is not to be delivered. */
  async #convert(polled: PolledRecords, gate: TaskGate): Promise<boolean> {
    this.#parts.marks.at('converting records')
    for (const chunk of polled.chunks) {
      const first = chunk.reader.nextOffset
      if (!(await this.#conversion.convert(chunk, gate.signal))) return false
      this.#offsets.taken(chunk.topic, chunk.partition, first, chunk.reader.nextOffset)
      if (!this.#topics.has(chunk.topic)) {
        this.#topics.add(chunk.topic)
        this.#parts.topicUsed(chunk.topic)
      }
    }
    this.#metrics.read += polled.count
    this.#metrics.batchSize.add(polled.count)
    return true
  }

  /** Gives the batch to the task. A batch it cannot take now is kept, and nothing else is fetched meanwhile. */
  async #deliver(): Promise<void> {
    const batch = this.#conversion.batch
    const began = performance.now()
    const { marks } = this.#parts
    marks.at('put()', began)
    try {
      const put = this.#parts.task.put(batch)
      marks.yields()
      if (isPromise(put as Promise<void>)) await put
    } catch (error) {
      if (!(error instanceof RetriableException)) {
        throw new ConnectException('Exiting WorkerSinkTask due to unrecoverable exception.', { cause: error })
      }
      if (batch.length > 0) marks.failing(error)
      this.#parts.log.warn(`The task asks for a batch of ${batch.length} records to be delivered again`, { error })
      // A call without records is a chance to do something, not a delivery: there is nothing to hold the others for.
      if (batch.length > 0) this.#redeliver(true)
      return
    }
    this.#metrics.putBatchMs.add(performance.now() - began)
    this.#metrics.sent += batch.length
    if (marks.trouble !== null) marks.worked()
    this.#conversion.done()
    if (this.#redelivering) this.#redeliver(false)
    this.#parts.tolerance.throwIfFailed()
    this.#offsets.delivered()
  }
  #redeliver(on: boolean): void {
    if (on === this.#redelivering) return
    this.#redelivering = on
    if (on) this.#consumer.pause(this.#offsets.assignment)
    else this.#resumeAll()
  }

  #followPause(gate: TaskGate): void {
    if (gate.wantsPause === this.#context.connectorPaused) return
    this.#context.connectorPaused = gate.wantsPause
    if (gate.wantsPause) {
      this.#consumer.pause(this.#offsets.assignment)
      this.#context.requestCommit()
    } else if (!this.#redelivering) this.#resumeAll()
    gate.paused(gate.wantsPause)
  }
  #resumeAll(): void {
    if (this.#context.connectorPaused) return
    const own = new Set(this.#context.ownPauses.map((one) => `${one.topic}-${one.partition}`))
    this.#consumer.resume(this.#offsets.assignment.filter((one) => !own.has(`${one.topic}-${one.partition}`)))
  }
  /** Reads partitions again from these offsets on; what is in the batch of them is not delivered. */
  #rewind(to: readonly (TopicPartition & { readonly offset: number })[]): void {
    for (const { topic, partition, offset } of to) {
      if (!this.#offsets.isAssigned({ topic, partition })) continue
      this.#consumer.seek({ topic, partition }, offset)
      this.#offsets.rewind(topic, partition, offset)
      this.#conversion.dropPartition(topic, partition)
    }
  }

  async #assigned(partitions: readonly TopicPartition[]): Promise<void> {
    for (const one of partitions) this.#offsets.assign(one)
    if (partitions.length === 0) return
    if (this.#context.connectorPaused || this.#redelivering) this.#consumer.pause(partitions)
    this.#parts.marks.at('open()')
    await this.#parts.task.open?.(partitions)
    this.#reading()
    this.#rewind(this.#context.takeRewinds())
  }
  async #revoked(partitions: readonly TopicPartition[], commit: boolean): Promise<void> {
    if (partitions.length === 0 || this.#commits.cancelled) return
    try {
      if (commit) await this.#commits.commit(partitions, true)
      this.#parts.marks.at('close()')
      await this.#parts.task.close?.(partitions)
      this.#reading()
    } finally {
      for (const one of partitions) {
        this.#offsets.forget(one)
        this.#conversion.dropPartition(one.topic, one.partition)
      }
      if (this.#redelivering && this.#conversion.batch.length === 0) this.#redeliver(false)
    }
  }

  #errantRecords(): ErrantRecordReporter {
    const { tolerance } = this.#parts
    this.#conversion.keepOriginals()
    return {
      report: async (record: SinkRecord, error: unknown) => {
        const consumed = this.#conversion.original(record)
        const failure = { stage: 'TASK_PUT', className: 'org.apache.kafka.connect.sink.SinkTask', error } as const
        await tolerance.reportErrant(consumed === undefined ? failure : { ...failure, consumed })
      },
    }
  }
}
