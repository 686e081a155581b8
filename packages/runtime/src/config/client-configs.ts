// Settings of the Kafka clients that a worker makes for its connectors: layers, the later wins. Beyond these layers the
// clients' own defaults hold.
import type { ConnectorProps } from '@millrace/api'
import { isClientSetting } from './worker-config.ts'

/** Whose client it is. */
export interface ClientOwner {
  /** Worker configuration as given, references resolved. */
  readonly workerProps: ConnectorProps
  /** Connector configuration, references resolved. */
  readonly connectorProps: ConnectorProps
  readonly connector: string
  /** Undefined for clients that serve a connector as a whole. */
  readonly task?: number
}

/** Producer of a source task: never loses or reorders by default. */
export function sourceProducerProps(owner: ClientOwner): Record<string, string> {
  return producerProps(owner, `connector-producer-${taskName(owner)}`)
}

/** Producer of an exactly-once source task (KIP-618): what it needs for transactions cannot be set otherwise. */
export function exactlyOnceProducerProps(owner: ClientOwner, transactionalId: string): Record<string, string> {
  return { ...sourceProducerProps(owner), 'enable.idempotence': 'true', 'transactional.id': transactionalId }
}

/** Producer of a sink task's dead letter queue. */
export function dlqProducerProps(owner: ClientOwner): Record<string, string> {
  return producerProps(owner, `connector-dlq-producer-${taskName(owner)}`)
}

/** Consumer of a sink task. */
export function sinkConsumerProps(owner: ClientOwner): Record<string, string> {
  return {
    'group.id': sinkGroupId(owner),
    'client.id': `connector-consumer-${taskName(owner)}`,
    'bootstrap.servers': bootstrapServers(owner),
    'enable.auto.commit': 'false',
    'auto.offset.reset': 'earliest',
    ...withPrefix(owner.workerProps, 'consumer.'),
    ...withPrefix(owner.connectorProps, 'consumer.override.'),
  }
}

/** Consumer group of a sink connector. */
export function sinkGroupId(owner: Pick<ClientOwner, 'connector' | 'connectorProps' | 'workerProps'>): string {
  return (
    owner.connectorProps['consumer.override.group.id'] ??
    owner.workerProps['consumer.group.id'] ??
    `connect-${owner.connector}`
  )
}

/** What an admin client is for; it decides its client id. */
export type AdminPurpose = 'topics' | 'dlq' | 'offsets'

/** Admin client of a task (topic creation, dead letter queue), or of the worker for a connector's offsets. */
export function adminProps(owner: ClientOwner, purpose: AdminPurpose): Record<string, string> {
  return {
    'bootstrap.servers': bootstrapServers(owner),
    'client.id': adminClientId(owner, purpose),
    ...unprefixed(owner.workerProps),
    ...withPrefix(owner.workerProps, 'admin.'),
    ...withPrefix(owner.connectorProps, 'admin.override.'),
  }
}

/** Client settings that stand in a worker's configuration without a prefix. What only the worker reads, or nobody, is left out. */
function unprefixed(workerProps: ConnectorProps): Record<string, string> {
  return Object.fromEntries(Object.entries(workerProps).filter(([key]) => isClientSetting(key)))
}

/** Settings of the worker's own clients. */
export function workerClientProps(workerProps: ConnectorProps): Record<string, string> {
  return {
    'bootstrap.servers': workerProps['bootstrap.servers'] ?? 'localhost:9092',
    'client.id': 'connect-shared-admin',
    ...unprefixed(workerProps),
    ...withPrefix(workerProps, 'admin.'),
  }
}

/** Keys under a prefix, prefix removed. */
export function withPrefix(props: ConnectorProps, prefix: string): Record<string, string> {
  const found: Record<string, string> = {}
  for (const [key, value] of Object.entries(props)) {
    if (key.startsWith(prefix) && key.length > prefix.length) found[key.slice(prefix.length)] = value
  }
  return found
}

function producerProps(owner: ClientOwner, clientId: string): Record<string, string> {
  return {
    'bootstrap.servers': bootstrapServers(owner),
    // Retry without end: a source must neither lose nor reorder because a broker was away. The reference's choice,
    // as is leaving idempotence off, for brokers whose ACLs do not allow it.
    'max.block.ms': '9223372036854775807',
    'enable.idempotence': 'false',
    acks: 'all',
    'max.in.flight.requests.per.connection': '1',
    'delivery.timeout.ms': '2147483647',
    // Larger than the client's 16 KiB: see docs/decisions/0003.
    'batch.size': '262144',
    'buffer.memory': '8388608',
    'client.id': clientId,
    ...withPrefix(owner.workerProps, 'producer.'),
    ...withPrefix(owner.connectorProps, 'producer.override.'),
  }
}

function adminClientId(owner: ClientOwner, purpose: AdminPurpose): string {
  if (purpose === 'offsets') return `connector-worker-adminclient-${owner.connector}`
  // The reference's id of this one has nothing behind the dash.
  return purpose === 'dlq' ? 'connector-dlq-adminclient-' : `connector-adminclient-${taskName(owner)}`
}

function taskName(owner: ClientOwner): string {
  return owner.task === undefined ? owner.connector : `${owner.connector}-${owner.task}`
}

function bootstrapServers(owner: ClientOwner): string {
  return owner.workerProps['bootstrap.servers'] ?? 'localhost:9092'
}
