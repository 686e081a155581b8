// The producer's settings, resolved: what its parts read instead of the configuration.

import { ConfigException, type Logger } from '@millrace/api'
import type { BackoffOptions } from '../backoff.ts'
import { type ProducerValues, producerRules } from '../config/producer.ts'
import { CompressionType } from '../records/index.ts'

/** Times in milliseconds, sizes in bytes. */
export interface ProducerOptions {
  readonly acks: -1 | 0 | 1
  readonly idempotent: boolean
  readonly transactionalId: string | null
  readonly transactionTimeoutMs: number
  readonly maxInFlight: number
  readonly batchSize: number
  readonly lingerMs: number
  readonly bufferMemory: number
  readonly maxRequestSize: number
  readonly maxBlockMs: number
  readonly deliveryTimeoutMs: number
  readonly requestTimeoutMs: number
  readonly retries: number
  readonly backoff: BackoffOptions
  readonly compression: CompressionType
  /** Undefined: the format's default. */
  readonly compressionLevel: number | undefined
  readonly roundRobin: boolean
  readonly ignoreKeys: boolean
  readonly adaptive: boolean
  readonly availabilityTimeoutMs: number
  readonly topicIdleMs: number
}

/** What the producer takes from the settings all clients share. */
export interface CommonSettings {
  readonly requestTimeoutMs: number
  readonly backoff: BackoffOptions
}

/** @throws ConfigException for keys that contradict each other */
export function resolveOptions(
  values: ProducerValues,
  given: ReadonlySet<string>,
  common: CommonSettings,
  log: Logger,
): ProducerOptions {
  const rules = producerRules(values, given, common.requestTimeoutMs)
  for (const note of rules.notes) log.warn(note)
  const type = values['compression.type']
  if (!(type in CompressionType)) throw ConfigException.invalidValue('compression.type', type)
  return Object.freeze({
    ...common,
    acks: rules.acks,
    idempotent: rules.idempotent,
    transactionalId: values['transactional.id'],
    transactionTimeoutMs: values['transaction.timeout.ms'],
    maxInFlight: values['max.in.flight.requests.per.connection'],
    batchSize: values['batch.size'],
    lingerMs: values['linger.ms'],
    bufferMemory: values['buffer.memory'],
    maxRequestSize: values['max.request.size'],
    maxBlockMs: values['max.block.ms'],
    deliveryTimeoutMs: rules.deliveryTimeoutMs,
    retries: values.retries,
    compression: CompressionType[type as keyof typeof CompressionType],
    compressionLevel: levelOf(type, values),
    roundRobin: Boolean(values['partitioner.class']),
    ignoreKeys: values['partitioner.ignore.keys'],
    adaptive: values['partitioner.adaptive.partitioning.enable'],
    availabilityTimeoutMs: values['partitioner.availability.timeout.ms'],
    topicIdleMs: values['metadata.max.idle.ms'],
  })
}

function levelOf(type: string, values: ProducerValues): number | undefined {
  if (type === 'gzip') return values['compression.gzip.level']
  if (type === 'zstd') return values['compression.zstd.level']
  return undefined
}
