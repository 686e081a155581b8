// What is known of a topic and of those who read and write it, asked of the brokers and not of whoever is under test: for the
// message of a test that misses records, to tell those that are lost from those that nobody has read.
import type { TopicPartition } from '@millrace/api'
import { Admin, Consumer, decodeAssignment } from '@millrace/kafka'
import { type ClusterClient, openCluster } from '@millrace/kafka/cluster'
import { DescribeProducers, DescribeTransactions, errorCodeInfo, ListTransactions } from '@millrace/kafka/protocol'

/** A record as {@link readTopic} finds it. */
export interface FoundRecord extends TopicPartition {
  readonly offset: number
  readonly key: Buffer | null
  readonly value: Buffer | null
}

const LOOK_MS = 20_000
/** States of a transaction in which nothing is open. */
const AT_REST = ['Empty', 'CompleteCommit', 'CompleteAbort', 'Dead']

/**
 * Reads a topic from its beginning to its end as of now, by a consumer of its own: without a group, sharing nothing.
 * @throws Error saying how far it came when that takes more than 20 s
 */
export async function readTopic(
  bootstrap: string,
  topic: string,
  isolation: 'read_committed' | 'read_uncommitted' = 'read_committed',
): Promise<FoundRecord[]> {
  const props = { 'bootstrap.servers': bootstrap, 'isolation.level': isolation, 'auto.offset.reset': 'earliest' }
  const partitions = await partitionsOf(bootstrap, topic)
  const consumer = Consumer.create(props)
  try {
    const ends = await consumer.endOffsets(partitions)
    consumer.assign(partitions)
    const isRead = () => ends.every((end) => (consumer.position(end) ?? 0) >= end.offset)
    const found: FoundRecord[] = []
    const deadline = performance.now() + LOOK_MS
    while (!isRead()) {
      if (performance.now() > deadline) {
        const stand = ends.map((end) => `${end.partition}: ${consumer.position(end)} of ${end.offset}`).join(', ')
        throw new Error(`Topic ${topic} cannot be read to its end in ${LOOK_MS} ms. Partitions: ${stand}`)
      }
      for (const { reader, partition, count } of (await consumer.poll(100)).chunks) {
        for (let i = 0; i < count; i++) {
          reader.next()
          const key = reader.keyEnd < 0 ? null : Buffer.from(reader.key.bytes())
          const value = reader.valueEnd < 0 ? null : Buffer.from(reader.value.bytes())
          found.push({ topic, partition, offset: reader.offset, key, value })
        }
      }
    }
    return found
  } finally {
    await consumer.close()
  }
}

/**
 * Offsets and open transactions of each partition of a topic, all transactions that are not at rest, and of each group its
 * members with what they are assigned and what is committed. Lines of text; what cannot be learnt is a line that says why.
 */
export async function examineTopic(bootstrap: string, topic: string, groups: readonly string[] = []): Promise<string> {
  const props = { 'bootstrap.servers': bootstrap }
  const admin = Admin.create(props)
  const cluster = openCluster(props)
  try {
    await cluster.refresh()
    const parts = [
      partitionLines(admin, cluster, topic),
      transactionLines(cluster),
      ...groups.map((group) => groupLines(admin, group)),
    ]
    const texts = await Promise.all(parts.map((part) => part.catch((error) => [`not to be learnt: ${error}`])))
    return texts.flat().join('\n')
  } catch (error) {
    return `nothing is to be learnt of ${topic}: ${error}`
  } finally {
    await Promise.all([admin.close(), cluster.close()])
  }
}

async function partitionsOf(bootstrap: string, topic: string): Promise<TopicPartition[]> {
  await using admin = Admin.create({ 'bootstrap.servers': bootstrap })
  const [described] = await admin.describeTopics([topic])
  return (described?.partitions ?? []).map(({ partition }) => ({ topic, partition }))
}

async function partitionLines(admin: Admin, cluster: ClusterClient, topic: string): Promise<string[]> {
  await cluster.ensureTopics([topic], { timeoutMs: LOOK_MS })
  const partitions = (cluster.topic(topic)?.partitions ?? []).map((_, partition) => ({ topic, partition }))
  const ask = (at: 'earliest' | 'latest', isolation: 'read_committed' | 'read_uncommitted') =>
    admin.listOffsets(
      partitions.map((one) => ({ ...one, at })),
      { isolation },
    )
  const [starts, stable, ends] = await Promise.all([
    ask('earliest', 'read_uncommitted'),
    ask('latest', 'read_committed'),
    ask('latest', 'read_uncommitted'),
  ])
  return Promise.all(
    partitions.map(async ({ partition }) => {
      const leader = cluster.leader(topic, partition)
      const topics = [{ name: topic, partitionIndexes: [partition] }]
      const answer = await cluster.send(leader, DescribeProducers, { topics })
      const open = answer.topics
        .flatMap((one) => one.partitions)
        .flatMap((one) => one.activeProducers)
        .filter((one) => Number(one.currentTxnStartOffset) >= 0)
        .map((one) => `producer ${one.producerId} epoch ${one.producerEpoch} from ${one.currentTxnStartOffset}`)
      return (
        `${topic}-${partition}: leader ${leader}, begins at ${starts[partition]?.offset}, ` +
        `stable to ${stable[partition]?.offset}, ends at ${ends[partition]?.offset}, ` +
        `open transactions: ${open.join(', ') || 'none'}`
      )
    }),
  )
}

async function transactionLines(cluster: ClusterClient): Promise<string[]> {
  const lines: string[] = []
  for (const node of cluster.nodes()) {
    const listed = await cluster.send(node, ListTransactions, { stateFilters: [], producerIdFilters: [] })
    if (listed.errorCode !== 0) lines.push(`transactions of broker ${node}: ${errorCodeInfo(listed.errorCode).name}`)
    for (const { transactionalId, transactionState } of listed.transactionStates) {
      if (!AT_REST.includes(transactionState)) lines.push(await transactionLine(cluster, transactionalId))
    }
  }
  return lines.length > 0 ? lines : ['all transactions are at rest']
}

async function transactionLine(cluster: ClusterClient, id: string): Promise<string> {
  const node = await cluster.coordinator('transaction', id)
  const answer = await cluster.send(node, DescribeTransactions, { transactionalIds: [id] })
  const one = answer.transactionStates[0]
  if (one === undefined || one.errorCode !== 0) return `transaction ${id}: not described`
  const age = Date.now() - Number(one.transactionStartTimeMs)
  const topics = one.topics.map(({ topic, partitions }) => `${topic} ${partitions.join(' ')}`).join('; ')
  return (
    `transaction ${id}: ${one.transactionState} for ${age} ms, timeout ${one.transactionTimeoutMs} ms, ` +
    `producer ${one.producerId} epoch ${one.producerEpoch}, in ${topics || 'no partition'}`
  )
}

async function groupLines(admin: Admin, group: string): Promise<string[]> {
  const [described] = await admin.describeGroups([group])
  const offsets = await admin.groupOffsets(group)
  const lines = (described?.members ?? []).map((member) => {
    const partitions = decodeAssignment(member.assignment).partitions
    return `  member ${member.memberId} has ${partitions.map((one) => `${one.topic}-${one.partition}`).join(', ') || 'nothing'}`
  })
  const committed = offsets.map((one) => `${one.topic}-${one.partition}: ${one.offset}`).join(', ')
  return [`group ${group}: ${described?.state}`, ...lines, `  committed: ${committed || 'nothing'}`]
}
