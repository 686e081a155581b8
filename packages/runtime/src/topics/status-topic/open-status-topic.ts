// Puts the status topic's store together from a worker's configuration.
import type { StorageOptions } from '../config-topic/open-config-topic.ts'
import { ensureInternalTopic } from '../internal-topics.ts'
import { KafkaBasedLog } from '../kafka-based-log.ts'
import { clientIdBase, internalTopic, storageConsumerProps, storageProducerProps } from '../settings.ts'
import { type StatusBackingStore, StatusTopicStore } from './status-topic-store.ts'

/** The status topic's store, not started. @throws ConfigException for settings that do not fit */
export function openStatusTopic({ workerProps, admin, log, opened }: StorageOptions): StatusBackingStore {
  const topic = internalTopic('status', workerProps)
  const clientId = `${clientIdBase(workerProps)}statuses`
  const topicLog: KafkaBasedLog = new KafkaBasedLog({
    topic: topic.name,
    admin,
    consumerProps: storageConsumerProps(workerProps, clientId, false),
    // The store tries again itself: what became out of date meanwhile is not written after all.
    producerProps: { ...storageProducerProps(workerProps, clientId), retries: '0', 'delivery.timeout.ms': '120000' },
    onRecord: (record) => store.read(record),
    prepare: () => ensureInternalTopic(admin, topic, log),
    log,
  })
  opened?.(topicLog)
  const store = new StatusTopicStore({ topicLog, log })
  return store
}
