// What the worker's configuration says about its internal topics and the clients that serve them.
import { ConfigException, type ConnectorProps } from '@millrace/api'
import { withPrefix, workerClientProps } from '../config/client-configs.ts'

/** The three internal topics, by the beginning of their keys. */
export type StorageKind = 'config' | 'offset' | 'status'

/** An internal topic as it is to be. */
export interface InternalTopic {
  readonly name: string
  /** -1: the broker's default. */
  readonly partitions: number
  /** -1: the broker's default. */
  readonly replicationFactor: number
  /** Settings of the topic; `cleanup.policy` is compact. */
  readonly configs: Readonly<Record<string, string>>
  /** Key of the worker's configuration that names the topic, for messages. */
  readonly key: string
  /** What the topic keeps, for messages. */
  readonly purpose: string
}

const PURPOSES: Readonly<Record<StorageKind, string>> = {
  config: 'connector configurations',
  offset: 'source connector offsets',
  status: 'connector and task statuses',
}
const DEFAULT_PARTITIONS: Readonly<Record<StorageKind, string>> = { config: '1', offset: '25', status: '5' }
/** Keys under the prefix that are not settings of the topic. */
const OWN_KEYS: ReadonlySet<string> = new Set(['topic', 'partitions', 'replication.factor', 'cleanup.policy'])

/** The internal topic of a kind. @throws ConfigException without its name, or for numbers that are none */
export function internalTopic(kind: StorageKind, workerProps: ConnectorProps): InternalTopic {
  const prefix = `${kind}.storage.`
  const key = `${prefix}topic`
  const name = workerProps[key]?.trim() ?? ''
  if (name === '') {
    throw new ConfigException(`Must specify topic for ${PURPOSES[kind]}: '${key}' is not set.`, { configKey: key })
  }
  const settings = Object.entries(withPrefix(workerProps, prefix)).filter(([one]) => !OWN_KEYS.has(one))
  return Object.freeze({
    name,
    key,
    purpose: PURPOSES[kind],
    // The order of configurations is their meaning: more than one partition is never asked for.
    partitions: kind === 'config' ? 1 : count(workerProps, `${prefix}partitions`, DEFAULT_PARTITIONS[kind]),
    replicationFactor: count(workerProps, `${prefix}replication.factor`, '3'),
    configs: Object.freeze({ ...Object.fromEntries(settings), 'cleanup.policy': 'compact' }),
  })
}

/** Client ids of the worker begin with its group, then its own client id. */
export function clientIdBase(workerProps: ConnectorProps): string {
  const own = workerProps['client.id']?.trim() ?? ''
  return `${workerProps['group.id'] ?? 'connect'}-${own === '' ? '' : `${own}-`}`
}

/** Admin client for the internal topics. */
export function storageAdminProps(workerProps: ConnectorProps): Record<string, string> {
  return { ...workerClientProps(workerProps), 'client.id': `${clientIdBase(workerProps)}shared-admin` }
}

/** Consumer of an internal topic: all partitions, no group, from the beginning. */
export function storageConsumerProps(
  workerProps: ConnectorProps,
  clientId: string,
  readCommitted: boolean,
): Record<string, string> {
  return {
    ...worker(workerProps),
    'client.id': clientId,
    'auto.offset.reset': 'earliest',
    'enable.auto.commit': 'false',
    'isolation.level': readCommitted ? 'read_committed' : 'read_uncommitted',
  }
}

/** Producer of an internal topic: waits for all replicas, keeps the order, tries without end within the caller's time. */
export function storageProducerProps(workerProps: ConnectorProps, clientId: string): Record<string, string> {
  return {
    ...worker(workerProps),
    'client.id': clientId,
    acks: 'all',
    'enable.idempotence': 'false',
    'max.in.flight.requests.per.connection': '1',
    'delivery.timeout.ms': '2147483647',
    'linger.ms': '0',
    'buffer.memory': '1048576',
  }
}

/** The leader's producer: one transaction for each write, fenced by the next leader (KIP-618). */
export function leaderProducerProps(workerProps: ConnectorProps): Record<string, string> {
  return {
    ...worker(workerProps),
    'client.id': `${clientIdBase(workerProps)}configs-leader`,
    'transactional.id': `connect-cluster-${workerProps['group.id'] ?? ''}`,
    'enable.idempotence': 'true',
    acks: 'all',
    'max.in.flight.requests.per.connection': '5',
    'delivery.timeout.ms': '2147483647',
    'linger.ms': '0',
    'buffer.memory': '1048576',
  }
}

/** How far exactly-once source support goes. */
export type ExactlyOnceSupport = 'disabled' | 'preparing' | 'enabled'

/** `exactly.once.source.support` of a worker. @throws ConfigException for another value */
export function exactlyOnceSupport(workerProps: ConnectorProps): ExactlyOnceSupport {
  const key = 'exactly.once.source.support'
  const value = (workerProps[key] ?? 'disabled').toLowerCase()
  if (value === 'disabled' || value === 'preparing' || value === 'enabled') return value
  throw ConfigException.invalidValue(key, value)
}

function worker(workerProps: ConnectorProps): Record<string, string> {
  return workerClientProps(Object.fromEntries(Object.entries(workerProps).filter(([key]) => !key.startsWith('admin.'))))
}

function count(props: ConnectorProps, key: string, fallback: string): number {
  const text = props[key]?.trim() ?? fallback
  const value = Number(text)
  if (/^-?\d+$/.test(text) && (value >= 1 || value === -1)) return value
  throw ConfigException.invalidValue(key, text)
}
