// Puts the config topic's store together from a worker's configuration.
import type { ConnectorProps, Logger } from '@millrace/api'
import type { Admin } from '@millrace/kafka'
import { ensureInternalTopic } from '../internal-topics.ts'
import { KafkaBasedLog } from '../kafka-based-log.ts'
import {
  clientIdBase,
  exactlyOnceSupport,
  internalTopic,
  leaderProducerProps,
  storageConsumerProps,
  storageProducerProps,
} from '../settings.ts'
import { ConfigReader } from './config-reader.ts'
import { type ConfigBackingStore, ConfigTopicStore } from './config-topic-store.ts'
import { FencableWriter, plainWriter } from './privileged-writer.ts'

/** What every store over an internal topic is opened with. */
export interface StorageOptions {
  /** Worker configuration, references resolved. */
  readonly workerProps: ConnectorProps
  /** Shared by the stores; closed by who made it (`storageAdminProps`). */
  readonly admin: Admin
  readonly log: Logger
  /** Told of the topic, for looks at its health. */
  readonly opened?: (topicLog: KafkaBasedLog) => void
}

/** The config topic's store, not started. @throws ConfigException for settings that do not fit */
export function openConfigTopic({ workerProps, admin, log, opened }: StorageOptions): ConfigBackingStore {
  const topic = internalTopic('config', workerProps)
  const clientId = `${clientIdBase(workerProps)}configs`
  const support = exactlyOnceSupport(workerProps)
  const reader = new ConfigReader(log)
  const topicLog = new KafkaBasedLog({
    topic: topic.name,
    admin,
    consumerProps: storageConsumerProps(workerProps, clientId, support === 'enabled'),
    producerProps: storageProducerProps(workerProps, clientId),
    onRecord: (record) => reader.read(record),
    prepare: () => ensureInternalTopic(admin, topic, log),
    log,
  })
  opened?.(topicLog)
  const writer =
    support === 'disabled'
      ? plainWriter(topicLog)
      : new FencableWriter(topic.name, leaderProducerProps(workerProps), log)
  return new ConfigTopicStore({ topic, topicLog, reader, writer, log })
}
