// The configuration of a topic: Kafka's own keys, their defaults, and the broker key each takes its default from.

import { ErrorCode } from '@millrace/kafka/protocol'
import { BrokerError } from '../errors.ts'
import { type ConfigEntryDef, parseConfigValue } from './config-entry.ts'

/** Largest value of an int64 that is a safe number; stands for Kafka's `Long.MAX_VALUE` in comparisons. */
const NEVER = Number.MAX_SAFE_INTEGER
const LONG_MAX = '9223372036854775807'

/** Every key a topic may set, in the order DescribeConfigs lists them. */
export const TOPIC_CONFIG = {
  'cleanup.policy': { type: 'list', default: 'delete', broker: 'log.cleanup.policy', oneOf: ['compact', 'delete'] },
  'compression.gzip.level': { type: 'int', default: '-1', broker: 'compression.gzip.level' },
  'compression.lz4.level': { type: 'int', default: '9', broker: 'compression.lz4.level' },
  'compression.type': {
    type: 'string',
    default: 'producer',
    broker: 'compression.type',
    oneOf: ['uncompressed', 'zstd', 'lz4', 'snappy', 'gzip', 'producer'],
  },
  'compression.zstd.level': { type: 'int', default: '3', broker: 'compression.zstd.level' },
  'delete.retention.ms': { type: 'long', default: '86400000', broker: 'log.cleaner.delete.retention.ms', min: 0 },
  'file.delete.delay.ms': { type: 'long', default: '60000', broker: 'log.segment.delete.delay.ms', min: 0 },
  'flush.messages': { type: 'long', default: LONG_MAX, broker: 'log.flush.interval.messages', min: 1 },
  'flush.ms': { type: 'long', default: LONG_MAX, broker: 'log.flush.interval.ms', min: 0 },
  'follower.replication.throttled.replicas': { type: 'list', default: '' },
  'index.interval.bytes': { type: 'int', default: '4096', broker: 'log.index.interval.bytes', min: 0 },
  'leader.replication.throttled.replicas': { type: 'list', default: '' },
  'local.retention.bytes': { type: 'long', default: '-2', broker: 'log.local.retention.bytes', min: -2 },
  'local.retention.ms': { type: 'long', default: '-2', broker: 'log.local.retention.ms', min: -2 },
  'max.compaction.lag.ms': { type: 'long', default: LONG_MAX, broker: 'log.cleaner.max.compaction.lag.ms', min: 1 },
  'max.message.bytes': { type: 'int', default: '1048588', broker: 'message.max.bytes', min: 0 },
  'message.timestamp.after.max.ms': {
    type: 'long',
    default: '3600000',
    broker: 'log.message.timestamp.after.max.ms',
    min: 0,
  },
  'message.timestamp.before.max.ms': {
    type: 'long',
    default: LONG_MAX,
    broker: 'log.message.timestamp.before.max.ms',
    min: 0,
  },
  'message.timestamp.type': {
    type: 'string',
    default: 'CreateTime',
    broker: 'log.message.timestamp.type',
    oneOf: ['CreateTime', 'LogAppendTime'],
  },
  'min.cleanable.dirty.ratio': {
    type: 'double',
    default: '0.5',
    broker: 'log.cleaner.min.cleanable.ratio',
    min: 0,
    max: 1,
  },
  'min.compaction.lag.ms': { type: 'long', default: '0', broker: 'log.cleaner.min.compaction.lag.ms', min: 0 },
  'min.insync.replicas': { type: 'int', default: '1', broker: 'min.insync.replicas', min: 1 },
  preallocate: { type: 'boolean', default: 'false', broker: 'log.preallocate' },
  'remote.storage.enable': { type: 'boolean', default: 'false' },
  'retention.bytes': { type: 'long', default: '-1', broker: 'log.retention.bytes' },
  'retention.ms': { type: 'long', default: '604800000', broker: 'log.retention.ms', min: -1 },
  'segment.bytes': { type: 'int', default: '1073741824', broker: 'log.segment.bytes', min: 14 },
  'segment.index.bytes': { type: 'int', default: '10485760', broker: 'log.index.size.max.bytes', min: 4 },
  'segment.jitter.ms': { type: 'long', default: '0', broker: 'log.roll.jitter.ms', min: 0 },
  'segment.ms': { type: 'long', default: '604800000', broker: 'log.roll.ms', min: 1 },
  'unclean.leader.election.enable': {
    type: 'boolean',
    default: 'false',
    broker: 'unclean.leader.election.enable',
  },
} as const satisfies Record<string, ConfigEntryDef>

export type TopicConfigKey = keyof typeof TOPIC_CONFIG

/** A topic's configuration as the log reads it. Times are in ms, sizes in bytes; "never" is a very large number. */
export interface TopicConfig {
  readonly compact: boolean
  readonly delete: boolean
  readonly compressionType: string
  readonly deleteRetentionMs: number
  readonly flushMessages: number
  readonly flushMs: number
  readonly indexIntervalBytes: number
  readonly maxCompactionLagMs: number
  readonly maxMessageBytes: number
  readonly timestampAfterMaxMs: number
  readonly timestampBeforeMaxMs: number
  readonly logAppendTime: boolean
  readonly minCleanableRatio: number
  readonly minCompactionLagMs: number
  readonly minInsyncReplicas: number
  readonly retentionBytes: number
  readonly retentionMs: number
  readonly segmentBytes: number
  readonly segmentMs: number
}

/** True when `name` is a key a topic may set. */
export function isTopicConfigKey(name: string): name is TopicConfigKey {
  return Object.hasOwn(TOPIC_CONFIG, name)
}

/**
 * Checks what a client set on a topic.
 * @throws BrokerError INVALID_CONFIG naming the key, the value and what is allowed
 */
export function checkTopicConfig(set: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(set)) {
    if (!isTopicConfigKey(name)) {
      throw new BrokerError(ErrorCode.INVALID_CONFIG, `Unknown topic config name: ${name}`)
    }
    const problem = parseConfigValue(name, TOPIC_CONFIG[name], value).problem
    if (problem !== undefined) throw new BrokerError(ErrorCode.INVALID_CONFIG, problem)
  }
}

/** The value that counts for `name`: the topic's own, else the broker's, else Kafka's default. */
export function effectiveTopicValue(
  name: TopicConfigKey,
  set: Readonly<Record<string, string>>,
  broker: (name: string) => string | undefined,
): string {
  const own = set[name]
  if (own !== undefined) return own
  const def: ConfigEntryDef = TOPIC_CONFIG[name]
  return (def.broker === undefined ? undefined : broker(def.broker)) ?? def.default
}

/** Builds the form the log reads from what is set on the topic and on the broker. */
export function resolveTopicConfig(
  set: Readonly<Record<string, string>>,
  broker: (name: string) => string | undefined,
): TopicConfig {
  const text = (name: TopicConfigKey): string => effectiveTopicValue(name, set, broker)
  const number = (name: TopicConfigKey): number => Math.min(Number(text(name)), NEVER)
  const policy = text('cleanup.policy')
    .split(',')
    .map((p) => p.trim())
  return Object.freeze({
    compact: policy.includes('compact'),
    delete: policy.includes('delete'),
    compressionType: text('compression.type'),
    deleteRetentionMs: number('delete.retention.ms'),
    flushMessages: number('flush.messages'),
    flushMs: number('flush.ms'),
    indexIntervalBytes: number('index.interval.bytes'),
    maxCompactionLagMs: number('max.compaction.lag.ms'),
    maxMessageBytes: number('max.message.bytes'),
    timestampAfterMaxMs: number('message.timestamp.after.max.ms'),
    timestampBeforeMaxMs: number('message.timestamp.before.max.ms'),
    logAppendTime: text('message.timestamp.type') === 'LogAppendTime',
    minCleanableRatio: number('min.cleanable.dirty.ratio'),
    minCompactionLagMs: number('min.compaction.lag.ms'),
    minInsyncReplicas: number('min.insync.replicas'),
    retentionBytes: number('retention.bytes'),
    retentionMs: number('retention.ms'),
    segmentBytes: number('segment.bytes'),
    segmentMs: number('segment.ms'),
  })
}
