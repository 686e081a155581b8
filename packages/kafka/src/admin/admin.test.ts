// The admin client against every broker.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { silentLogger } from '@millrace/api'
import { onEveryBroker, until } from '@millrace/testkit'
import { createCluster } from '../cluster/index.ts'
import { InitProducerId } from '../protocol/index.ts'
import { PLAINTEXT } from '../security/security.ts'
import { Admin } from './admin.ts'

onEveryBroker('admin', {}, (broker) => {
  let admin: Admin
  const topic = `admin-${randomUUID()}`
  before(() => {
    admin = Admin.create({ 'bootstrap.servers': broker().bootstrap, 'default.api.timeout.ms': '20000' })
  })
  after(() => admin?.close())
  const described = async (name: string) => (await admin.describeTopics([name]))[0]

  it('describes the cluster', async () => {
    const cluster = await admin.describeCluster()
    assert.equal(cluster.clusterId.length, 22)
    assert.ok(cluster.nodes.length >= 1)
    assert.ok(cluster.nodes.some((node) => node.id === cluster.controllerId))
  })

  it('creates topics, with an outcome for each', async () => {
    const tried = await admin.createTopics([{ name: topic, numPartitions: 2 }], { validateOnly: true })
    assert.equal(tried[0]?.error, null)
    assert.equal((await described(topic))?.error?.name, 'UnknownTopicOrPartitionException')

    const wanted = [
      { name: topic, numPartitions: 2, replicationFactor: 1, configs: { 'cleanup.policy': 'compact' } },
      { name: 'not a name', numPartitions: 1 },
    ]
    const [good, bad] = await admin.createTopics(wanted)
    assert.equal(good?.error, null)
    assert.equal(good?.numPartitions, 2)
    assert.equal(bad?.error?.name, 'InvalidTopicException')
    assert.match(bad?.error?.message ?? '', /^Creating topic not a name failed: .*INVALID_TOPIC_EXCEPTION \(17\): .+/)

    const [again] = await admin.createTopics([{ name: topic, numPartitions: 2 }])
    assert.equal(again?.error?.name, 'TopicExistsException')
    assert.equal(again?.error?.className, 'org.apache.kafka.common.errors.TopicExistsException')
    assert.equal(again?.error?.retriable, false)
  })

  it('describes and lists topics', async () => {
    await until('the topic has leaders', async () => {
      return (await described(topic))?.partitions.filter((one) => one.leader >= 0).length === 2
    })
    const [one, none] = await admin.describeTopics([topic, 'there-is-none'])
    assert.deepEqual(
      one?.partitions.map(({ partition, replicas, isr }) => ({
        partition,
        replicas: replicas.length,
        isr: isr.length,
      })),
      [
        { partition: 0, replicas: 1, isr: 1 },
        { partition: 1, replicas: 1, isr: 1 },
      ],
    )
    assert.equal(none?.error?.errorCode, 3)
    const listed = (await admin.listTopics()).find((topicOfAll) => topicOfAll.name === topic)
    assert.deepEqual(listed, { name: topic, topicId: one?.topicId, isInternal: false })
  })

  it('adds partitions', async () => {
    const [good] = await admin.createPartitions({ [topic]: 3 })
    assert.equal(good?.error, null)
    await until('the topic has three partitions', async () => (await described(topic))?.partitions.length === 3)
    const [bad] = await admin.createPartitions({ [topic]: 1 })
    assert.equal(bad?.error?.name, 'InvalidPartitionsException')
  })

  it('describes and changes configurations, one key at a time', async () => {
    const resource = { type: 'topic', name: topic } as const
    const [changed] = await admin.alterConfigs([
      {
        resource,
        changes: [
          { name: 'retention.ms', operation: 'set', value: '1234567' },
          { name: 'cleanup.policy', operation: 'append', value: 'delete' },
        ],
      },
    ])
    assert.equal(changed?.error, null)
    const value = async (name: string) => {
      const [all] = await admin.describeConfigs([resource])
      assert.equal(all?.error, null)
      const { value: text, source, isDefault } = all?.entries.find((entry) => entry.name === name) ?? {}
      return { text, source, isDefault }
    }
    await until('the change is seen', async () => (await value('retention.ms')).text === '1234567')
    assert.deepEqual(await value('retention.ms'), { text: '1234567', source: 'topic', isDefault: false })
    assert.equal((await value('cleanup.policy')).text, 'compact,delete')
    assert.equal((await value('max.message.bytes')).isDefault, true)

    await admin.alterConfigs([{ resource, changes: [{ name: 'retention.ms', operation: 'delete' }] }])
    await until('the default is back', async () => (await value('retention.ms')).source === 'default')

    const [bad] = await admin.alterConfigs([
      { resource, changes: [{ name: 'retention.ms', operation: 'set', value: 'soon' }] },
    ])
    assert.equal(bad?.error?.name, 'InvalidConfigurationException')
    const [broker] = await admin.describeConfigs([
      { type: 'broker', name: String((await admin.describeCluster()).nodes[0]?.id) },
    ])
    assert.ok(broker?.entries.some((entry) => entry.name === 'auto.create.topics.enable'))
  })

  it('lists offsets', async () => {
    const [start, end, newest] = await admin.listOffsets([
      { topic, partition: 0, at: 'earliest' },
      { topic, partition: 1, at: 'latest' },
      { topic, partition: 2, at: 0 },
    ])
    assert.deepEqual([start?.offset, end?.offset, newest?.offset], [0, 0, -1])
  })

  it('sets, reads and deletes offsets of a group, and the group', async () => {
    const groupId = `group-${randomUUID()}`
    const set = await admin.alterGroupOffsets(groupId, [
      { topic, partition: 0, offset: 7, metadata: 'note' },
      { topic, partition: 1, offset: 8 },
      { topic: 'there-is-none', partition: 0, offset: 1 },
    ])
    assert.deepEqual(
      set.map((one) => one.error?.name ?? null),
      [null, null, 'UnknownTopicOrPartitionException'],
    )
    assert.deepEqual(await admin.groupOffsets(groupId), [
      { topic, partition: 0, offset: 7, leaderEpoch: -1, metadata: 'note' },
      { topic, partition: 1, offset: 8, leaderEpoch: -1, metadata: '' },
    ])
    const some = [
      { topic, partition: 1 },
      { topic, partition: 2 },
    ]
    assert.deepEqual(
      (await admin.groupOffsets(groupId, { partitions: some })).map(({ partition, offset }) => [partition, offset]),
      [[1, 8]],
    )
    const listed = (await admin.listGroups({ states: ['Empty'] })).find((group) => group.groupId === groupId)
    assert.equal(listed?.state, 'Empty')
    const [about] = await admin.describeGroups([groupId])
    assert.deepEqual([about?.error, about?.state, about?.members], [null, 'Empty', []])

    const [gone] = await admin.deleteGroupOffsets(groupId, [{ topic, partition: 0 }])
    assert.equal(gone?.error, null)
    assert.equal((await admin.groupOffsets(groupId)).length, 1)
    const [deleted] = await admin.deleteGroups([groupId])
    assert.equal(deleted?.error, null)
    assert.deepEqual(await admin.groupOffsets(groupId), [])
    const [never] = await admin.deleteGroups([groupId])
    assert.equal(never?.error?.name, 'GroupIdNotFoundException')
  })

  it('deletes records', async () => {
    const [deleted] = await admin.deleteRecords([{ topic, partition: 0, beforeOffset: -1 }])
    assert.deepEqual(deleted, { topic, partition: 0, lowWatermark: 0, error: null })
    const [bad] = await admin.deleteRecords([{ topic, partition: 0, beforeOffset: 5 }])
    assert.equal(bad?.error?.name, 'OffsetOutOfRangeException')
  })

  it('fences producers: the next epoch is above the one before', async () => {
    const transactionalId = `tx-${randomUUID()}`
    const [host, port] = broker().bootstrap.split(':') as [string, string]
    const cluster = createCluster({
      bootstrap: [{ host, port: Number(port) }],
      clientId: 'producer',
      requestTimeoutMs: 10_000,
      connectTimeoutMs: 10_000,
      metadataMaxAgeMs: 300_000,
      retryBackoff: { initialMs: 50, maxMs: 500 },
      reconnectBackoff: { initialMs: 50, maxMs: 500 },
      security: PLAINTEXT,
      log: silentLogger,
    })
    try {
      const [first] = await admin.fenceProducers([transactionalId])
      assert.equal(first?.error, null)
      const [second] = await admin.fenceProducers([transactionalId])
      assert.equal(second?.producerId, first?.producerId)
      assert.equal(second?.producerEpoch, (first?.producerEpoch ?? 0) + 1)
      // A broker takes the epoch before the newest for a repeated request; one that is two behind is fenced for sure.
      await admin.fenceProducers([transactionalId])
      const node = await cluster.coordinator('transaction', transactionalId)
      const fenced = await cluster.send(node, InitProducerId, {
        transactionalId,
        transactionTimeoutMs: 1000,
        producerId: first?.producerId ?? -1,
        producerEpoch: first?.producerEpoch ?? -1,
      })
      assert.equal(fenced.errorCode, 90)
    } finally {
      await cluster.close()
    }
  })

  it('deletes topics', async () => {
    const name = `${topic}-2`
    await admin.createTopics([{ name, numPartitions: 1 }])
    const [deleted, none] = await admin.deleteTopics([name, `${topic}-3`])
    assert.equal(deleted?.error, null)
    assert.equal(none?.error?.name, 'UnknownTopicOrPartitionException')
    assert.equal((await admin.deleteTopics([topic]))[0]?.error, null)
    await until('the topic is gone', async () => (await described(name))?.error?.errorCode === 3)
  })
})

describe('admin without a broker', () => {
  it('gives up when its time is over, and says which address did not answer and why', async () => {
    await using admin = Admin.create({ 'bootstrap.servers': '127.0.0.1:1', 'default.api.timeout.ms': '300' })
    await assert.rejects(admin.describeCluster(), (error: Error) => {
      assert.equal(error.name, 'TimeoutException')
      assert.match(error.message, /^Describing the cluster was not done within 300 ms: .*127\.0\.0\.1:1.*ECONNREFUSED/)
      return true
    })
  })
})
