// Configuration of a distributed worker: its group, its topics, and how workers trust one another.
import { atLeast, between, defineConfig, type InferConfig, oneOfIgnoringCase, satisfies } from '@millrace/api'
import { INTER_WORKER_CONFIG } from '../membership/inter-worker-config.ts'
import { WORKER_CONFIG } from './worker-config.ts'

const INT_MAX = 2 ** 31 - 1

/** -1 leaves it to the broker. */
const countOrDefault = satisfies('positive number, or -1 for the default of the broker', (value) =>
  value === -1 || Number(value) >= 1
    ? undefined
    : 'Value must be greater than 0, or -1 to use the default of the broker',
)

/** All keys of a distributed worker. */
export const DISTRIBUTED_CONFIG = WORKER_CONFIG.merge(INTER_WORKER_CONFIG).merge(
  defineConfig({
    'group.id': { type: 'string', importance: 'high', doc: 'Name of the Connect cluster that this worker belongs to.' },
    'session.timeout.ms': {
      type: 'int',
      default: 10_000,
      importance: 'high',
      doc: 'Milliseconds without a heartbeat after which the group takes a worker for dead.',
    },
    'heartbeat.interval.ms': {
      type: 'int',
      default: 300,
      importance: 'high',
      doc: 'Milliseconds between heartbeats: at most a third of session.timeout.ms. A worker hears of a rebalance in the answer to its next one.',
    },
    'rebalance.timeout.ms': {
      type: 'int',
      default: 60_000,
      importance: 'high',
      doc: 'Milliseconds that a worker may take to stop what it must give up, and to join.',
    },
    'worker.sync.timeout.ms': {
      type: 'int',
      default: 3_000,
      importance: 'medium',
      doc: 'Milliseconds to wait for the end of the config topic when this worker lags behind the others.',
    },
    'worker.unsync.backoff.ms': {
      type: 'int',
      default: 300_000,
      importance: 'medium',
      doc: 'Milliseconds to stay out of the group when the end of the config topic was not reached in time.',
    },
    'connect.protocol': {
      type: 'string',
      default: 'sessioned',
      importance: 'low',
      doc: 'Newest group protocol to speak: sessioned, compatible (both incremental cooperative) or eager.',
      validator: oneOfIgnoringCase('eager', 'compatible', 'sessioned'),
    },
    'scheduled.rebalance.max.delay.ms': {
      type: 'int',
      default: 300_000,
      importance: 'low',
      doc: 'Milliseconds that the work of a worker which left waits for its return before others get it.',
      validator: between(0, INT_MAX),
    },
    'exactly.once.source.support': {
      type: 'string',
      default: 'disabled',
      importance: 'high',
      doc: 'Whether source connectors write records and offsets in transactions: disabled, preparing (first on all workers) or enabled (then).',
      validator: oneOfIgnoringCase('disabled', 'preparing', 'enabled'),
    },
    'config.storage.topic': {
      type: 'string',
      importance: 'high',
      doc: 'Topic of connector and task configurations. Any other config.storage.* key is a setting of the topic when it is created.',
    },
    'config.storage.replication.factor': {
      type: 'short',
      default: 3,
      importance: 'low',
      doc: 'Replicas of that topic when it is created; -1 for the default of the broker.',
      validator: countOrDefault,
    },
    'offset.storage.topic': {
      type: 'string',
      importance: 'high',
      doc: 'Topic of source offsets. Any other offset.storage.* key is a setting of the topic when it is created.',
    },
    'offset.storage.partitions': {
      type: 'int',
      default: 25,
      importance: 'low',
      doc: 'Partitions of that topic when it is created; -1 for the default of the broker.',
      validator: countOrDefault,
    },
    'offset.storage.replication.factor': {
      type: 'short',
      default: 3,
      importance: 'low',
      doc: 'Replicas of that topic when it is created; -1 for the default of the broker.',
      validator: countOrDefault,
    },
    'status.storage.topic': {
      type: 'string',
      importance: 'high',
      doc: 'Topic of states of connectors and tasks. Any other status.storage.* key is a setting of the topic when it is created.',
    },
    'status.storage.partitions': {
      type: 'int',
      default: 5,
      importance: 'low',
      doc: 'Partitions of that topic when it is created; -1 for the default of the broker.',
      validator: countOrDefault,
    },
    'status.storage.replication.factor': {
      type: 'short',
      default: 3,
      importance: 'low',
      doc: 'Replicas of that topic when it is created; -1 for the default of the broker.',
      validator: countOrDefault,
    },
    'group.instance.id': {
      type: 'string',
      default: null,
      importance: 'low',
      doc: 'Name under which this worker keeps its place in the group over a restart. A key of this project; the reference has no static members.',
    },
    'rest.rebalance.wait.ms': {
      type: 'int',
      default: 30_000,
      importance: 'low',
      doc: 'Milliseconds that a request may wait for the group to settle before it is answered with 409. A key of this project; 0 answers as the reference does.',
      validator: atLeast(0),
    },
  }),
)
export type DistributedConfig = InferConfig<typeof DISTRIBUTED_CONFIG>

/** Prefixes whose keys are settings of the internal topics. */
export const TOPIC_PREFIXES = ['config.storage.', 'offset.storage.', 'status.storage.'] as const
