// Puts records into topics of a real broker by plain requests, so that a consumer's tests depend on no producer.
import { backoffMs, wait } from '../../backoff.ts'
import type { ClusterClient } from '../../cluster/index.ts'
import { brokerError, isRetriable } from '../../errors.ts'
import {
  AddPartitionsToTxn,
  CreateTopics,
  DeleteRecords,
  EndTxn,
  ErrorCode,
  InitProducerId,
  Produce,
} from '../../protocol/index.ts'
import { encodeBatch, type RecordInput, type SealOptions } from '../../records/index.ts'

const TIMEOUT_MS = 30_000

function check(code: number, what: string): void {
  if (code !== 0) throw brokerError(code, what)
}

/** A new topic's leader, and a coordinator on a new broker, need a moment before they answer. */
async function again<T>(cluster: ClusterClient, work: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (!isRetriable(error) || attempt === 50) throw error
      await wait(backoffMs({ initialMs: 20, maxMs: 200 }, attempt))
      await cluster.refresh()
    }
  }
}

const RUN = `${process.pid}-${Date.now()}`
let counter = 0

/** A new topic, with a name of its own if none is given. */
export async function newTopic(cluster: ClusterClient, partitions: number, name = `consumer-test-${RUN}-${counter++}`) {
  const answer = await cluster.send(-1, CreateTopics, {
    topics: [
      {
        name,
        numPartitions: partitions,
        replicationFactor: 1,
        assignments: [],
        // Times of records are small numbers, chosen by the tests: by them a broker would delete the records when it next looks.
        configs: [{ name: 'retention.ms', value: '-1' }],
      },
    ],
    timeoutMs: TIMEOUT_MS,
    validateOnly: false,
  })
  check(answer.topics[0]!.errorCode, `Creating ${name}`)
  await cluster.ensureTopics([name])
  return name
}

/** Writes one batch and returns the offset of its first record. */
export async function write(
  cluster: ClusterClient,
  topic: string,
  partition: number,
  records: readonly RecordInput[],
  options: SealOptions & { readonly transactionalId?: string } = {},
): Promise<number> {
  const { transactionalId = null, ...seal } = options
  const bytes = encodeBatch(records, { ...seal, transactional: transactionalId !== null })
  await cluster.ensureTopics([topic])
  const topicData = [{ name: topic, partitionData: [{ index: partition, records: bytes }] }]
  return await again(cluster, async () => {
    const request = { transactionalId, acks: -1, timeoutMs: TIMEOUT_MS, topicData }
    const answer = await cluster.send(cluster.leader(topic, partition), Produce, request)
    const one = answer.responses[0]!.partitionResponses[0]!
    check(one.errorCode, `Writing to ${topic}-${partition}`)
    return one.baseOffset
  })
}

/** `count` records with the values `PREFIX0`, `PREFIX1`, ... */
export function values(prefix: string, count: number): RecordInput[] {
  return Array.from({ length: count }, (_, index) => ({ value: `${prefix}${index}`, timestamp: 1_000_000 + index }))
}

/** A transaction over partition 0 of `topic`: `work` writes, then it is committed or aborted. */
export async function transaction(
  cluster: ClusterClient,
  topic: string,
  end: 'commit' | 'abort' | 'leave open',
  work: (write: (records: readonly RecordInput[]) => Promise<number>) => Promise<void>,
): Promise<() => Promise<void>> {
  const transactionalId = `tx-${process.pid}-${Date.now()}-${counter++}`
  const { producerId, producerEpoch } = await again(cluster, async () => {
    cluster.forgetCoordinator('transaction', transactionalId)
    const node = await cluster.coordinator('transaction', transactionalId)
    const init = await cluster.send(node, InitProducerId, { transactionalId, transactionTimeoutMs: 60_000 })
    check(init.errorCode, 'InitProducerId')
    return init
  })
  const coordinator = await cluster.coordinator('transaction', transactionalId)
  const topics = [{ name: topic, partitions: [0] }]
  const request = {
    v3AndBelowTransactionalId: transactionalId,
    v3AndBelowProducerId: producerId,
    v3AndBelowProducerEpoch: producerEpoch,
    v3AndBelowTopics: topics,
  }
  const connection = await cluster.connection(coordinator)
  // Version 3: version 4 and later are for brokers among themselves.
  for (let code = -1; code !== 0; ) {
    const added = await connection.send(AddPartitionsToTxn, request, { version: 3 })
    code = added.resultsByTopicV3AndBelow[0]!.resultsByPartition[0]!.partitionErrorCode
    // The coordinator may still be busy with the end of the transaction before.
    if (code !== ErrorCode.CONCURRENT_TRANSACTIONS) check(code, 'AddPartitionsToTxn')
  }
  let baseSequence = 0
  await work(async (records) => {
    const offset = await write(cluster, topic, 0, records, { producerId, producerEpoch, baseSequence, transactionalId })
    baseSequence += records.length
    return offset
  })
  const finish = async (committed: boolean) => {
    const answer = await connection.send(
      EndTxn,
      { transactionalId, producerId, producerEpoch, committed },
      { version: 3 },
    )
    check(answer.errorCode, 'EndTxn')
  }
  if (end !== 'leave open') await finish(end === 'commit')
  return () => finish(true)
}

/** Removes the records before `offset`. */
export async function deleteRecords(cluster: ClusterClient, topic: string, partition: number, offset: number) {
  const topics = [{ name: topic, partitions: [{ partitionIndex: partition, offset }] }]
  await cluster.send(cluster.leader(topic, partition), DeleteRecords, { topics, timeoutMs: TIMEOUT_MS })
}
