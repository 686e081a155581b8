// Puts stores of source offsets together: the worker's, and those of connectors with a topic of their own.
import type { Logger } from '@millrace/api'
import { Admin } from '@millrace/kafka'
import { adminProps, type ClientOwner, sourceProducerProps, withPrefix } from '../../config/client-configs.ts'
import type { OffsetStore } from '../../control/offset-store.ts'
import type { StorageOptions } from '../config-topic/open-config-topic.ts'
import { ensureInternalTopic } from '../internal-topics.ts'
import { KafkaBasedLog, type LogParts } from '../kafka-based-log.ts'
import {
  clientIdBase,
  exactlyOnceSupport,
  type InternalTopic,
  internalTopic,
  storageConsumerProps,
  storageProducerProps,
} from '../settings.ts'
import { ConnectorOffsetStore } from './connector-offset-store.ts'
import type { KeyedOffsetStore } from './keyed-offset-store.ts'
import { OffsetTopicStore } from './offset-topic-store.ts'

/** The store over the worker's offset topic, not started. @throws ConfigException for settings that do not fit */
export function openOffsetTopic({ workerProps, admin, log, opened }: StorageOptions): OffsetTopicStore {
  const clientId = `${clientIdBase(workerProps)}offsets`
  const clients = {
    consumerProps: storageConsumerProps(workerProps, clientId, exactlyOnceSupport(workerProps) === 'enabled'),
    producerProps: storageProducerProps(workerProps, clientId),
  }
  return openStore(internalTopic('offset', workerProps), admin, log, clients, opened)
}

/** What {@link openConnectorOffsetTopic} takes. */
export interface ConnectorOffsetOptions {
  readonly owner: ClientOwner
  /** `offsets.storage.topic` of the connector. */
  readonly topic: string
  /** The worker's store, started. */
  readonly worker: OffsetStore
  readonly log: Logger
}

/**
 * The store over a connector's own topic, not started; its clients are the connector's, overrides included. The topic is
 * made like the worker's. @throws ConfigException for settings that do not fit
 */
export function openConnectorOffsetTopic({ owner, topic, worker, log }: ConnectorOffsetOptions): KeyedOffsetStore {
  const { workerProps, connectorProps, connector } = owner
  const admin = Admin.create(adminProps(owner, 'topics'), { log })
  const readCommitted = exactlyOnceSupport(workerProps) === 'enabled'
  const clientId = `${connector}-offsets`
  const like = { ...internalTopic('offset', workerProps), name: topic, key: 'offsets.storage.topic' }
  const own = openStore(like, admin, log, {
    consumerProps: {
      ...storageConsumerProps(workerProps, clientId, readCommitted),
      ...withPrefix(workerProps, 'consumer.'),
      ...withPrefix(connectorProps, 'consumer.override.'),
      'auto.offset.reset': 'earliest',
      'enable.auto.commit': 'false',
      ...(readCommitted && { 'isolation.level': 'read_committed' }),
    },
    producerProps: {
      ...sourceProducerProps(owner),
      'client.id': clientId,
      'linger.ms': '0',
      'buffer.memory': '1048576',
    },
  })
  const store = new ConnectorOffsetStore(own, worker, log)
  return {
    start: () => store.start(),
    read: (name, partitions) => store.read(name, partitions),
    list: (name) => store.list(name),
    write: (name, offsets) => store.write(name, offsets),
    keys: (name, partition) => own.keys(name, partition),
    stop: async () => {
      await store.stop()
      await admin.close()
    },
  }
}

function openStore(
  topic: InternalTopic,
  admin: Admin,
  log: Logger,
  clients: Pick<LogParts, 'consumerProps' | 'producerProps'>,
  opened?: StorageOptions['opened'],
): OffsetTopicStore {
  const topicLog: KafkaBasedLog = new KafkaBasedLog({
    ...clients,
    topic: topic.name,
    admin,
    onRecord: (record) => store.accept(record),
    prepare: () => ensureInternalTopic(admin, topic, log),
    log,
  })
  opened?.(topicLog)
  const store = new OffsetTopicStore({ topic: topic.name, topicLog, log })
  return store
}
