// What a sink task is offered, and what it asked for since the last turn of its loop.
import {
  type ConnectorProps,
  type ErrantRecordReporter,
  IllegalWorkerStateException,
  type Logger,
  type MetricRegistry,
  type SinkTaskContext,
  type TopicPartition,
} from '@millrace/api'
import type { Consumer } from '@millrace/kafka'
import type { SinkOffsets } from './sink-offsets.ts'

/** The context of one sink task. The loop reads and clears what was asked. */
export class SinkContext implements SinkTaskContext {
  readonly log: Logger
  readonly configs: ConnectorProps
  readonly signal: AbortSignal
  readonly errantRecordReporter: ErrantRecordReporter | null
  readonly metrics: MetricRegistry
  readonly #offsets: SinkOffsets
  readonly #consumer: Consumer
  readonly #onCommitRequest: () => void
  /** Paused by the task itself: stays so over a pause of the connector. */
  readonly #paused = new Map<string, TopicPartition>()
  #rewinds: (TopicPartition & { readonly offset: number })[] = []
  #timeoutMs: number | null = null
  #commitRequested = false
  /** True while the connector is paused: then nothing is resumed. */
  connectorPaused = false

  constructor(
    consumer: Consumer,
    offsets: SinkOffsets,
    configs: ConnectorProps,
    signal: AbortSignal,
    reporter: ErrantRecordReporter | null,
    log: Logger,
    onCommitRequest: () => void,
    metrics: MetricRegistry,
  ) {
    this.metrics = metrics
    this.#consumer = consumer
    this.#offsets = offsets
    this.configs = configs
    this.signal = signal
    this.errantRecordReporter = reporter
    this.log = log
    this.#onCommitRequest = onCommitRequest
  }

  get assignment(): readonly TopicPartition[] {
    return this.#offsets.assignment
  }
  offset(topic: string, partition: number, offset: number): void {
    this.#rewinds.push({ topic, partition, offset })
  }
  timeout(ms: number): void {
    this.#timeoutMs = ms
  }
  pause(...partitions: readonly TopicPartition[]): void {
    this.#mustBeAssigned(partitions, 'pause')
    for (const one of partitions) this.#paused.set(`${one.topic}-${one.partition}`, one)
    this.#consumer.pause(partitions)
  }
  resume(...partitions: readonly TopicPartition[]): void {
    this.#mustBeAssigned(partitions, 'resume')
    for (const one of partitions) this.#paused.delete(`${one.topic}-${one.partition}`)
    if (!this.connectorPaused) this.#consumer.resume(partitions)
  }
  requestCommit(): void {
    this.#commitRequested = true
    this.#onCommitRequest()
  }

  /** Partitions that the task has paused, of those assigned. */
  get ownPauses(): TopicPartition[] {
    return [...this.#paused.values()].filter((one) => this.#offsets.isAssigned(one))
  }
  takeRewinds(): readonly (TopicPartition & { readonly offset: number })[] {
    const rewinds = this.#rewinds
    this.#rewinds = []
    return rewinds
  }
  takeTimeout(): number | null {
    const ms = this.#timeoutMs
    this.#timeoutMs = null
    return ms
  }
  takeCommitRequest(): boolean {
    const requested = this.#commitRequested
    this.#commitRequested = false
    return requested
  }

  #mustBeAssigned(partitions: readonly TopicPartition[], what: string): void {
    if (partitions.every((one) => this.#offsets.isAssigned(one))) return
    throw new IllegalWorkerStateException(
      `SinkTasks may not ${what} partitions that are not currently assigned to them.`,
    )
  }
}
