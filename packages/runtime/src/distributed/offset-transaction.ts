// Writes offsets that a user has changed the way exactly-once tasks write theirs: in one transaction, all or none, under the
// transactional id of the connector's first task, so that no such task can be in the middle of one (KIP-618, KIP-875).
import type { ConnectorProps, Logger, PartitionOffset } from '@millrace/api'
import { Producer } from '@millrace/kafka'
import { exactlyOnceProducerProps } from '../config/client-configs.ts'
import { OffsetRecords } from '../data/exactly-once/offset-records.ts'
import type { ConnectorStores } from '../topics/offset-topic/connector-stores.ts'
import { taskTransactionalId } from './zombie-fencing.ts'

/** What such writes need. */
export interface OffsetTransactionParts {
  readonly groupId: string
  readonly workerProps: ConnectorProps
  /** The worker's offset topic. */
  readonly workerTopic: string
  readonly stores: ConnectorStores
  readonly log: Logger
}

/** Somebody waits for the answer: a task's producer would wait for its broker without end. */
const LIMITS = { 'max.block.ms': '60000', 'delivery.timeout.ms': '60000' }
const CLOSE_MS = 5_000

/**
 * Writes offsets of a source connector; `connectorProps` are its configuration with references resolved.
 * @throws KafkaException when they could not be committed: then none of them is there
 */
export async function writeOffsetTransaction(
  { groupId, workerProps, workerTopic, stores, log }: OffsetTransactionParts,
  connector: string,
  connectorProps: ConnectorProps,
  offsets: readonly PartitionOffset[],
): Promise<void> {
  if (offsets.length === 0) return
  const topic = connectorProps['offsets.storage.topic'] ?? workerTopic
  const records = new OffsetRecords({
    topic,
    keysOf: (partitions) => stores.keys(connector, partitions),
    copy: topic === workerTopic ? null : (changed) => stores.copy(connector, changed),
    copyFailed: (error) =>
      log.warn(`Offsets of connector ${connector} are in its own topic '${topic}' but not in the worker's`, { error }),
  })
  const id = taskTransactionalId(groupId, connector, 0)
  const owner = { workerProps, connectorProps, connector, task: 0 }
  const producer = Producer.create({ ...exactlyOnceProducerProps(owner, id), ...LIMITS }, { log })
  try {
    await producer.initTransactions()
    await records.prepare(producer, AbortSignal.timeout(Number(LIMITS['max.block.ms'])))
    await records.beforeCommit(offsets)
    producer.beginTransaction()
    await records.write(producer, offsets)
    await producer.commitTransaction()
    records.afterCommit(offsets)
  } finally {
    await producer.close({ timeoutMs: CLOSE_MS })
  }
}
