// The metrics of a task as samples, under the reference's groups and attributes.
import type { TopicPartition } from '@millrace/api'
import type { Consumer, Producer } from '@millrace/kafka'
import type { MetricSample, TaskId } from '../plane/messages.ts'
import type { TransformationChain } from './chain.ts'
import { consumerSamples, producerSamples } from './client-samples.ts'
import type { ErrorMetrics } from './errors/error-metrics.ts'
import type { PluginMetrics } from './plugin-metrics.ts'
import type { RateLimiter } from './rate-limiter.ts'
import type { SinkMetrics } from './sink-metrics.ts'
import type { SourceMetrics } from './source-metrics.ts'
import type { TaskStateMachine } from './task-state.ts'

/** What every task shows beside its own counters. */
export interface TaskFacts {
  readonly id: TaskId
  readonly errors: ErrorMetrics
  readonly chain: TransformationChain | null
  readonly limiter: RateLimiter
  /** What the plugin counts. */
  readonly own: PluginMetrics
  /** Set once the runner exists. */
  readonly state: () => TaskStateMachine
  /** Classes and versions of connector, task and converters, by attribute. */
  readonly about: Readonly<Record<string, string>>
}
export interface SourceSamples extends TaskFacts {
  readonly metrics: SourceMetrics
  readonly producer: Producer
}
export interface SinkSamples extends TaskFacts {
  readonly metrics: SinkMetrics
  readonly consumer: Consumer
  /** By partition; 0 where nothing was fetched yet. */
  readonly lags: readonly { readonly one: TopicPartition; readonly lag: number }[]
}

type Values = Readonly<Record<string, number | string>>

/** Samples of a source task. */
export function sourceSamples({ metrics, producer, ...facts }: SourceSamples): MetricSample[] {
  const source: Values = {
    'source-record-poll-total': metrics.polled,
    'source-record-poll-rate': metrics.pollRate.perSecond,
    'source-record-write-total': metrics.written,
    'source-record-write-rate': metrics.writeRate.perSecond,
    'poll-batch-max-time-ms': metrics.pollBatchMs.max,
    'poll-batch-avg-time-ms': metrics.pollBatchMs.average,
    'source-record-active-count': metrics.active,
    'source-record-active-count-max': metrics.activeMax,
    'source-record-active-count-avg': metrics.activeCount.average,
    // Only exactly-once tasks have transactions; the reference shows these attributes for all.
    'transaction-size-min': metrics.transactionSize.min,
    'transaction-size-max': metrics.transactionSize.max,
    'transaction-size-avg': metrics.transactionSize.average,
  }
  return [...common(facts, metrics), ...samples('source-task-metrics', facts.id, source), ...producerSamples(producer)]
}

/** Samples of a sink task. */
export function sinkSamples({ metrics, consumer, lags, ...facts }: SinkSamples): MetricSample[] {
  const sink: Values = {
    'sink-record-read-total': metrics.read,
    'sink-record-read-rate': metrics.readRate.perSecond,
    'sink-record-send-total': metrics.sent,
    'sink-record-send-rate': metrics.sendRate.perSecond,
    'sink-record-lag-max': metrics.lagMax,
    'consumer-lag': metrics.lag,
    'partition-count': metrics.partitions,
    'offset-commit-seq-no': metrics.commitSequence,
    'offset-commit-completion-total': metrics.commitSuccesses,
    'offset-commit-completion-rate': metrics.commitRate.perSecond,
    'offset-commit-skip-total': metrics.commitSkips,
    'offset-commit-skip-rate': metrics.skipRate.perSecond,
    'put-batch-max-time-ms': metrics.putBatchMs.max,
    'put-batch-avg-time-ms': metrics.putBatchMs.average,
    'sink-record-active-count': metrics.active,
    'sink-record-active-count-max': metrics.activeMax,
    'sink-record-active-count-avg': metrics.activeCount.average,
  }
  const labels = { connector: facts.id.connector, task: String(facts.id.task) }
  return [
    ...common(facts, metrics),
    ...samples('sink-task-metrics', facts.id, sink),
    ...lags.map(({ one: { topic, partition }, lag }) => ({
      group: 'sink-task-metrics',
      name: 'partition-lag',
      labels: { ...labels, topic, partition: String(partition) },
      value: lag,
    })),
    ...consumerSamples(consumer, lags, metrics.lagMax),
  ]
}

function common(facts: TaskFacts, metrics: SourceMetrics | SinkMetrics): MetricSample[] {
  const state = facts.state()
  const { errors } = facts
  const commits = metrics.commitSuccesses + metrics.commitFailures
  const task: Values = {
    status: state.reported.toLowerCase(),
    'running-ratio': state.ratio('running'),
    'pause-ratio': state.ratio('paused'),
    'offset-commit-max-time-ms': metrics.commitMs.max,
    'offset-commit-avg-time-ms': metrics.commitMs.average,
    'offset-commit-failure-percentage': commits === 0 ? 0 : metrics.commitFailures / commits,
    'offset-commit-success-percentage': commits === 0 ? 0 : metrics.commitSuccesses / commits,
    'batch-size-max': metrics.batchSize.max,
    'batch-size-avg': metrics.batchSize.average,
    ...facts.about,
  }
  const failures: Values = {
    'total-record-failures': errors.failures,
    'total-record-errors': errors.errors,
    'total-records-skipped': errors.skipped,
    'total-retries': errors.retries,
    'total-errors-logged': errors.logged,
    'deadletterqueue-produce-requests': errors.dlqRequests,
    'deadletterqueue-produce-failures': errors.dlqFailures,
    'last-error-timestamp': errors.lastErrorTimestamp,
  }
  return [
    ...samples('connector-task-metrics', facts.id, task),
    ...samples('task-error-metrics', facts.id, failures),
    ...(facts.chain?.samples(facts.id) ?? []),
    ...limits(facts),
    ...facts.own.samples(),
  ]
}

/** Only of tasks that have a limit, or had one. */
function limits({ id, limiter }: TaskFacts): MetricSample[] {
  if (!limiter.active && limiter.waitedMs === 0) return []
  return samples('task-rate-limit-metrics', id, {
    'records-per-second-limit': limiter.limit?.recordsPerSecond ?? 0,
    'bytes-per-second-limit': limiter.limit?.bytesPerSecond ?? 0,
    'wait-time-ms-total': Math.round(limiter.waitedMs),
  })
}

function samples(group: string, id: TaskId, values: Values): MetricSample[] {
  const labels = { connector: id.connector, task: String(id.task) }
  return Object.entries(values).map(([name, value]) => ({ group, name, labels, value }))
}
