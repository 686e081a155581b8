// Topics over the wire: create, describe, configure, extend, delete, and what produce says of what it does not take.
import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  AlterConfigs,
  CreatePartitions,
  CreateTopics,
  DeleteRecords,
  DeleteTopics,
  DescribeCluster,
  DescribeConfigs,
  DescribeLogDirs,
  DescribeTopicPartitions,
  ErrorCode,
  IncrementalAlterConfigs,
  InitProducerId,
  ListOffsets,
  Metadata,
  OffsetForLeaderEpoch,
} from '@millrace/kafka/protocol'
import { CompressionType, encodeBatch } from '@millrace/kafka/records'
import { createTopic, fetchOne, produce, startHarness } from '../testing/harness.ts'
import type { RawClient } from '../testing/raw-client.ts'

const TOPIC = 2
const BROKER = 4

async function configOf(client: RawClient, name: string, key: string, type = TOPIC) {
  const { results } = await client.send(DescribeConfigs, {
    resources: [{ resourceType: type, resourceName: name, configurationKeys: [key] }],
    includeSynonyms: true,
  })
  return results[0]!.configs[0]
}

const created = async (client: RawClient, topic: Record<string, unknown>, validateOnly = false) => {
  const base = { name: 'x', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }
  const { topics } = await client.send(CreateTopics, { topics: [{ ...base, ...topic }], validateOnly })
  return topics[0]!.errorCode
}

test('says what is wrong with a topic that cannot be created', async (t) => {
  const { client } = await startHarness(t)
  const c = await client()
  await createTopic(c, 'a.b')
  const cases: [Record<string, unknown>, number][] = [
    [{ name: '' }, ErrorCode.INVALID_TOPIC_EXCEPTION],
    [{ name: '..' }, ErrorCode.INVALID_TOPIC_EXCEPTION],
    [{ name: 'a b' }, ErrorCode.INVALID_TOPIC_EXCEPTION],
    [{ name: 'x'.repeat(250) }, ErrorCode.INVALID_TOPIC_EXCEPTION],
    [{ name: 'a_b' }, ErrorCode.INVALID_TOPIC_EXCEPTION],
    [{ name: 'a.b' }, ErrorCode.TOPIC_ALREADY_EXISTS],
    [{ numPartitions: 0 }, ErrorCode.INVALID_PARTITIONS],
    [{ replicationFactor: 3 }, ErrorCode.INVALID_REPLICATION_FACTOR],
    [{ configs: [{ name: 'retention.ms', value: 'soon' }] }, ErrorCode.INVALID_CONFIG],
    [{ configs: [{ name: 'no.such.key', value: '1' }] }, ErrorCode.INVALID_CONFIG],
    [{ assignments: [{ partitionIndex: 0, brokerIds: [1] }] }, ErrorCode.INVALID_REQUEST],
    [
      { numPartitions: -1, replicationFactor: -1, assignments: [{ partitionIndex: 1, brokerIds: [1] }] },
      ErrorCode.INVALID_REPLICA_ASSIGNMENT,
    ],
  ]
  for (const [topic, code] of cases) assert.equal(await created(c, topic), code, JSON.stringify(topic))
  assert.equal(await created(c, {}, true), ErrorCode.NONE)
  const { topics } = await c.send(Metadata, { topics: null })
  assert.deepEqual(
    topics.map((x) => x.name),
    ['a.b'],
  )
})

test('metadata knows topics by name and by id, and makes them when allowed', async (t) => {
  const { client, broker } = await startHarness(t, { config: { 'num.partitions': 3, 'broker.id': 7 } })
  const c = await client()
  const id = await createTopic(c, 'a', 2)
  const byId = await c.send(Metadata, { topics: [{ topicId: id, name: null }] })
  assert.deepEqual([byId.topics[0]?.name, byId.topics[0]?.partitions.length, byId.controllerId], ['a', 2, 7])
  const unknown = await c.send(Metadata, { topics: [{ topicId: 'AAAAAAAAAAAAAAAAAAAAAQ', name: null }] })
  assert.equal(unknown.topics[0]?.errorCode, ErrorCode.UNKNOWN_TOPIC_ID)
  const refused = await c.send(Metadata, { topics: [{ name: 'auto' }], allowAutoTopicCreation: false })
  assert.equal(refused.topics[0]?.errorCode, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  const made = await c.send(Metadata, { topics: [{ name: 'auto' }] })
  assert.deepEqual([made.topics[0]?.errorCode, made.topics[0]?.partitions.length], [ErrorCode.NONE, 3])
  const bad = await c.send(Metadata, { topics: [{ name: 'not good' }] })
  assert.equal(bad.topics[0]?.errorCode, ErrorCode.INVALID_TOPIC_EXCEPTION)
  for (let version = 0; version <= Metadata.maxVersion; version++) {
    const all = await c.send(Metadata, { topics: version === 0 ? [] : null }, version)
    assert.deepEqual(
      all.topics.map((x) => x.name),
      ['a', 'auto'],
    )
    assert.deepEqual([all.brokers[0]?.nodeId, all.brokers[0]?.port], [7, broker.port])
  }
  const cluster = await c.send(DescribeCluster, { includeClusterAuthorizedOperations: true })
  assert.deepEqual([cluster.clusterId, cluster.controllerId], [broker.clusterId, 7])
})

test('pages through partitions', async (t) => {
  const { client } = await startHarness(t)
  const c = await client()
  await createTopic(c, 'a', 3)
  await createTopic(c, 'b', 2)
  const seen: string[] = []
  let cursor: { topicName: string; partitionIndex: number } | null = null
  do {
    const page: Awaited<ReturnType<typeof ask>> = await ask(cursor)
    for (const x of page.topics) for (const p of x.partitions) seen.push(`${x.name}-${p.partitionIndex}`)
    cursor = page.nextCursor
  } while (cursor !== null)
  assert.deepEqual(seen, ['a-0', 'a-1', 'a-2', 'b-0', 'b-1'])
  function ask(from: typeof cursor) {
    return c.send(DescribeTopicPartitions, { topics: [], responsePartitionLimit: 2, cursor: from })
  }
})

test('configurations: described with their sources, altered whole or by key, kept over a restart', async (t) => {
  const first = await startHarness(t, { config: { 'log.retention.hours': 1 } })
  const c = await first.client()
  await createTopic(c, 'a', 1, { 'cleanup.policy': 'compact' })
  assert.deepEqual((await configOf(c, 'a', 'retention.ms'))?.value, '3600000')
  const change = (name: string, configOperation: number, value: string | null, type = TOPIC, resource = 'a') =>
    c
      .send(IncrementalAlterConfigs, {
        resources: [{ resourceType: type, resourceName: resource, configs: [{ name, configOperation, value }] }],
        validateOnly: false,
      })
      .then((answer) => answer.responses[0]!.errorCode)
  assert.equal(await change('cleanup.policy', 2, 'delete'), ErrorCode.NONE)
  assert.equal((await configOf(c, 'a', 'cleanup.policy'))?.value, 'compact,delete')
  assert.equal(await change('cleanup.policy', 3, 'compact'), ErrorCode.NONE)
  assert.equal(await change('retention.ms', 0, '5'), ErrorCode.NONE)
  assert.equal(await change('retention.ms', 0, 'x'), ErrorCode.INVALID_CONFIG)
  assert.equal(await change('retention.ms', 2, '7'), ErrorCode.INVALID_CONFIG)
  assert.equal(await change('retention.ms', 0, '5', TOPIC, 'none'), ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  assert.equal(await change('log.retention.ms', 0, '99', BROKER, ''), ErrorCode.NONE)
  const described = await configOf(c, 'a', 'retention.ms')
  assert.deepEqual(
    described?.synonyms.map((s) => [s.name, s.value, s.source]),
    [
      ['retention.ms', '5', 1],
      ['log.retention.ms', '99', 2],
      ['log.retention.ms', '604800000', 5],
    ],
  )
  await first.broker.close()

  const second = await startHarness(t, { dataDir: first.dataDir })
  const d = await second.client()
  assert.equal((await configOf(d, 'a', 'cleanup.policy'))?.value, 'delete')
  assert.equal((await configOf(d, 'a', 'retention.ms'))?.value, '5')
  await d.send(AlterConfigs, {
    resources: [{ resourceType: TOPIC, resourceName: 'a', configs: [{ name: 'segment.bytes', value: '5000' }] }],
    validateOnly: false,
  })
  assert.equal((await configOf(d, 'a', 'retention.ms'))?.value, '99')
  assert.equal((await configOf(d, 'a', 'segment.bytes'))?.value, '5000')
})

test('partitions can be added, and a deleted topic is gone with its files', async (t) => {
  const { client, dataDir, broker } = await startHarness(t)
  const c = await client()
  const id = await createTopic(c, 'a', 2)
  const extend = async (count: number) => {
    const { results } = await c.send(CreatePartitions, {
      topics: [{ name: 'a', count, assignments: null }],
      timeoutMs: 1,
      validateOnly: false,
    })
    return results[0]!.errorCode
  }
  assert.equal(await extend(2), ErrorCode.INVALID_PARTITIONS)
  assert.equal(await extend(4), ErrorCode.NONE)
  assert.equal((await produce(c, 'a', [{ value: 'x' }], { index: 3 })).baseOffset, 0)
  const dirs = await c.send(DescribeLogDirs, { topics: null })
  assert.deepEqual([dirs.results[0]?.logDir, dirs.results[0]?.topics[0]?.partitions.length], [dataDir, 4])
  assert.ok((dirs.results[0]?.totalBytes ?? 0) > 0)
  const gone = await c.send(DeleteTopics, { topics: [{ name: null, topicId: id }, { name: 'none' }], timeoutMs: 1 })
  assert.deepEqual(
    gone.responses.map((r) => [r.name, r.errorCode]),
    [
      ['a', ErrorCode.NONE],
      ['none', ErrorCode.UNKNOWN_TOPIC_OR_PARTITION],
    ],
  )
  assert.deepEqual(
    readdirSync(dataDir).filter((name) => name.startsWith('a-')),
    [],
  )
  assert.equal((await fetchOne(c, 'a')).errorCode, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  assert.notEqual(await createTopic(c, 'a'), id)
  assert.deepEqual((await fetchOne(c, 'a')).highWatermark, 0)
  await broker.close()
  assert.ok(existsSync(join(dataDir, 'a-0')))
})

test('produce takes what is right and says what is wrong with the rest', async (t) => {
  const { client } = await startHarness(t)
  const c = await client()
  await createTopic(c, 'plain', 1, { 'max.message.bytes': '2000' })
  await createTopic(c, 'compact', 1, { 'cleanup.policy': 'compact' })
  const good = encodeBatch([{ key: 'k', value: 'v', timestamp: Date.now() }])
  const flipped = Buffer.from(good)
  flipped[good.length - 1]! ^= 1
  const old = Buffer.from(good)
  old[16] = 1
  const control = encodeBatch([{ key: 'k', value: 'v', timestamp: Date.now() }], { control: true })
  const cases: [string, Buffer, number][] = [
    ['plain', flipped, ErrorCode.CORRUPT_MESSAGE],
    ['plain', good.subarray(0, 40), ErrorCode.CORRUPT_MESSAGE],
    ['plain', good.subarray(0, good.length - 1), ErrorCode.CORRUPT_MESSAGE],
    ['plain', Buffer.concat([good, good]), ErrorCode.INVALID_RECORD],
    ['plain', control, ErrorCode.INVALID_RECORD],
    ['plain', old, ErrorCode.UNSUPPORTED_FOR_MESSAGE_FORMAT],
    ['plain', encodeBatch([{ value: 'x'.repeat(3000), timestamp: Date.now() }]), ErrorCode.MESSAGE_TOO_LARGE],
    ['plain', encodeBatch([{ value: 'x', timestamp: Date.now() + 7_200_000 }]), ErrorCode.INVALID_TIMESTAMP],
    ['compact', encodeBatch([{ value: 'x', timestamp: Date.now() }]), ErrorCode.INVALID_RECORD],
    ['none', good, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION],
    ['__consumer_offsets', good, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION],
  ]
  for (const [topic, bytes, code] of cases) {
    assert.equal((await produce(c, topic, [], { bytes })).errorCode, code, `${topic} ${code}`)
  }
  assert.equal((await produce(c, 'plain', [], { bytes: good, acks: 2 })).errorCode, ErrorCode.INVALID_REQUIRED_ACKS)
  assert.equal((await produce(c, 'plain', [], { bytes: good, acks: 1 })).baseOffset, 0)
  assert.equal((await produce(c, 'compact', [], { bytes: good })).baseOffset, 0)
})

test('recognizes retries of the last five batches of a producer, and gaps', async (t) => {
  const { client } = await startHarness(t)
  const c = await client()
  await createTopic(c, 'a')
  const { producerId, producerEpoch } = await c.send(InitProducerId, { transactionalId: null, transactionTimeoutMs: 0 })
  const send = (baseSequence: number, epoch = producerEpoch) =>
    produce(c, 'a', [{ value: `${baseSequence}` }, { value: 'x' }], { producerId, producerEpoch: epoch, baseSequence })
  for (let i = 0; i < 12; i += 2) assert.equal((await send(i)).baseOffset, i)
  for (let i = 2; i < 12; i += 2) assert.deepEqual([(await send(i)).errorCode, (await send(i)).baseOffset], [0, i])
  assert.equal((await send(0)).errorCode, ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
  assert.equal((await send(14)).errorCode, ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
  assert.equal((await send(1, producerEpoch + 1)).errorCode, ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
  assert.equal((await send(0, producerEpoch + 1)).baseOffset, 12)
  assert.equal((await send(12)).errorCode, ErrorCode.INVALID_PRODUCER_EPOCH)
  assert.equal((await fetchOne(c, 'a')).highWatermark, 14)
})

test('stores batches in the compression the topic asks for', async (t) => {
  const { client } = await startHarness(t)
  const c = await client()
  for (const [name, type] of Object.entries(CompressionType)) {
    const wanted = name === 'none' ? 'uncompressed' : name
    await createTopic(c, `to-${name}`, 1, { 'compression.type': wanted })
    for (const compression of [CompressionType.none, CompressionType.gzip]) {
      await produce(c, `to-${name}`, [{ value: 'a'.repeat(100) }, { value: 'b' }], { compression })
    }
    const { records, values } = await fetchOne(c, `to-${name}`)
    assert.equal(records!.readInt16BE(21) & 7, type)
    assert.deepEqual(values, ['a'.repeat(100), 'b', 'a'.repeat(100), 'b'])
  }
})

test('offsets by time, deletion of records, and epochs over restarts', async (t) => {
  const first = await startHarness(t)
  const c = await first.client()
  await createTopic(c, 'a')
  const now = Date.now()
  for (let i = 0; i < 5; i++) await produce(c, 'a', [{ value: `${i}`, timestamp: now + i }])
  const list = async (client: RawClient, timestamp: number, currentLeaderEpoch = -1) => {
    const { topics } = await client.send(ListOffsets, {
      replicaId: -1,
      topics: [{ name: 'a', partitions: [{ partitionIndex: 0, timestamp, currentLeaderEpoch }] }],
    })
    const p = topics[0]!.partitions[0]!
    return p.errorCode === ErrorCode.NONE ? p.offset : `error ${p.errorCode}`
  }
  assert.deepEqual(
    [await list(c, -1), await list(c, -2), await list(c, -3), await list(c, now + 2), await list(c, now + 9)],
    [5, 0, 4, 2, -1],
  )
  const drop = async (client: RawClient, offset: number) => {
    const { topics } = await client.send(DeleteRecords, {
      topics: [{ name: 'a', partitions: [{ partitionIndex: 0, offset }] }],
      timeoutMs: 1,
    })
    const p = topics[0]!.partitions[0]!
    return p.errorCode === ErrorCode.NONE ? p.lowWatermark : `error ${p.errorCode}`
  }
  assert.equal(await drop(c, 2), 2)
  assert.equal(await drop(c, 9), `error ${ErrorCode.OFFSET_OUT_OF_RANGE}`)
  assert.equal((await fetchOne(c, 'a')).errorCode, ErrorCode.OFFSET_OUT_OF_RANGE)
  await first.broker.close()

  const { client } = await startHarness(t, { dataDir: first.dataDir })
  const d = await client()
  await produce(d, 'a', [{ value: 'later' }])
  assert.deepEqual([await list(d, -2), await list(d, -1)], [2, 6])
  assert.equal(await list(d, -1, 0), `error ${ErrorCode.FENCED_LEADER_EPOCH}`)
  assert.equal(await list(d, -1, 2), `error ${ErrorCode.UNKNOWN_LEADER_EPOCH}`)
  const { topics } = await d.send(OffsetForLeaderEpoch, {
    topics: [{ topic: 'a', partitions: [{ partition: 0, currentLeaderEpoch: 1, leaderEpoch: 0 }] }],
  })
  assert.deepEqual([topics[0]?.partitions[0]?.leaderEpoch, topics[0]?.partitions[0]?.endOffset], [0, 5])
  assert.equal(await drop(d, -1), 6)
})
