// What dashboards of Kafka's clients look for, under the Java clients' names, of the producers and consumers of tasks.
import type { TopicPartition } from '@millrace/api'
import type { Consumer, Producer } from '@millrace/kafka'
import type { MetricSample } from '../plane/messages.ts'
import { Rate } from './statistics.ts'

/** Lag in records by partition. */
type Lags = readonly { readonly one: TopicPartition; readonly lag: number }[]

const PRODUCED = 'producer-metrics'
const FETCHED = 'consumer-fetch-manager-metrics'

/** Rates of one client, kept from look to look. */
type Rates<K extends string> = Readonly<Record<K, Rate>>

const producers = new WeakMap<Producer, ReturnType<typeof producerRates>>()
const consumers = new WeakMap<Consumer, ReturnType<typeof consumerRates>>()

/** Samples of a producer. Rates and averages are those since the last look. */
export function producerSamples(producer: Producer): MetricSample[] {
  const { metrics, clientId } = producer
  const rates = kept(producers, producer, producerRates)
  const values = {
    'record-send-total': metrics.recordSendTotal,
    'record-send-rate': rates.records.perSecond,
    'record-error-total': metrics.recordErrorTotal,
    'record-error-rate': rates.errors.perSecond,
    'record-retry-total': metrics.recordRetryTotal,
    'record-retry-rate': rates.retries.perSecond,
    'outgoing-byte-total': metrics.byteTotal,
    'outgoing-byte-rate': rates.bytes.perSecond,
    'request-total': metrics.requestTotal,
    'request-rate': rates.requests.perSecond,
    'request-latency-avg': average(rates, 'latency', 'requests'),
    'request-latency-max': metrics.requestLatencyMaxMs,
    'batch-size-avg': average(rates, 'bytes', 'batches'),
    'batch-size-max': metrics.batchSizeMax,
    'batch-split-total': metrics.batchSplitTotal,
    'records-per-request-avg': average(rates, 'records', 'requests'),
    'record-queue-time-avg': average(rates, 'queued', 'batches'),
    'record-queue-time-max': metrics.recordQueueTimeMaxMs,
  }
  return samples(PRODUCED, { 'client-id': clientId }, values)
}

/** Samples of a consumer. Rates and averages are those since the last look. */
export function consumerSamples(consumer: Consumer, lags: Lags, lagMax: number): MetricSample[] {
  const client = { 'client-id': consumer.clientId }
  const { records, bytes, fetches, latencyMaxMs } = consumer.counters
  const rates = kept(consumers, consumer, consumerRates)
  const values = {
    'records-consumed-total': records,
    'records-consumed-rate': rates.records.perSecond,
    'bytes-consumed-total': bytes,
    'bytes-consumed-rate': rates.bytes.perSecond,
    'fetch-total': fetches,
    'fetch-rate': rates.fetches.perSecond,
    'fetch-latency-avg': average(rates, 'latency', 'fetches'),
    'fetch-latency-max': latencyMaxMs,
    'fetch-size-avg': average(rates, 'bytes', 'fetches'),
    'records-per-request-avg': average(rates, 'records', 'fetches'),
    'records-lag-max': lagMax,
  }
  return [
    ...samples(FETCHED, client, values),
    ...lags.flatMap(({ one: { topic, partition }, lag }) =>
      samples(FETCHED, { ...client, topic, partition: String(partition) }, { 'records-lag': lag }),
    ),
    ...samples('consumer-coordinator-metrics', client, {
      'assigned-partitions': lags.length,
      'rebalance-total': consumer.rebalances,
    }),
  ]
}

function producerRates({ metrics }: Producer) {
  return {
    records: new Rate(() => metrics.recordSendTotal),
    errors: new Rate(() => metrics.recordErrorTotal),
    retries: new Rate(() => metrics.recordRetryTotal),
    bytes: new Rate(() => metrics.byteTotal),
    batches: new Rate(() => metrics.batchTotal),
    requests: new Rate(() => metrics.requestTotal),
    latency: new Rate(() => metrics.requestLatencyTotalMs),
    queued: new Rate(() => metrics.recordQueueTimeTotalMs),
  }
}

function consumerRates({ counters }: Consumer) {
  return {
    records: new Rate(() => counters.records),
    bytes: new Rate(() => counters.bytes),
    fetches: new Rate(() => counters.fetches),
    latency: new Rate(() => counters.latencyMs),
  }
}

/** NaN when nothing was counted, as in the reference. */
function average<K extends string>(rates: Rates<K>, sum: K, count: K): number {
  return rates[sum].perSecond / (rates[count].perSecond || Number.NaN)
}

function kept<C extends object, R>(all: WeakMap<C, R>, client: C, make: (client: C) => R): R {
  const known = all.get(client)
  if (known !== undefined) return known
  const made = make(client)
  all.set(client, made)
  return made
}

function samples(
  group: string,
  labels: Readonly<Record<string, string>>,
  values: Readonly<Record<string, number>>,
): MetricSample[] {
  return Object.entries(values).map(([name, value]) => ({ group, name, labels, value }))
}
