// kafkajs against the embedded broker: admin, producer, groups, transactions.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startEmbeddedBroker, until } from '@millrace/testkit'
import { clientPackage } from './clients.ts'

test('kafkajs creates, produces, consumes in a group, commits, and runs transactions', async (t) => {
  const module = await clientPackage(t, 'kafkajs')
  if (module === undefined) return
  const { Kafka, logLevel, CompressionTypes } = module.default ?? module
  await using broker = await startEmbeddedBroker({ inProcess: true })
  const kafka = new Kafka({ clientId: 'interop', brokers: [broker.bootstrap], logLevel: logLevel.NOTHING })

  const admin = kafka.admin()
  await admin.connect()
  t.after(() => admin.disconnect())
  await admin.createTopics({
    topics: [{ topic: 'a', numPartitions: 3, configEntries: [{ name: 'retention.ms', value: '86400000' }] }],
  })
  assert.deepEqual(await admin.listTopics(), ['a'])
  const { topics } = await admin.fetchTopicMetadata({ topics: ['a'] })
  assert.equal(topics[0].partitions.length, 3)
  const { resources } = await admin.describeConfigs({ resources: [{ type: 2, name: 'a' }], includeSynonyms: false })
  const retention = resources[0].configEntries.find((e: { configName: string }) => e.configName === 'retention.ms')
  assert.equal(retention.configValue, '86400000')

  const producer = kafka.producer()
  await producer.connect()
  t.after(() => producer.disconnect())
  for (const compression of [CompressionTypes.None, CompressionTypes.GZIP]) {
    const messages = Array.from({ length: 100 }, (_, i) => ({
      key: `k${i}`,
      value: `v${i}`,
      headers: { h: 'x' },
    }))
    await producer.send({ topic: 'a', messages, compression })
  }

  const seen = new Map<string, number>()
  const consumer = kafka.consumer({ groupId: 'g', sessionTimeout: 10_000, maxWaitTimeInMs: 100 })
  await consumer.connect()
  await consumer.subscribe({ topic: 'a', fromBeginning: true })
  const eachMessage = async ({ message }: { message: { value: Buffer; headers: { h: Buffer } } }) => {
    assert.equal(message.headers.h.toString(), 'x')
    const value = message.value.toString()
    seen.set(value, (seen.get(value) ?? 0) + 1)
  }
  await consumer.run({ eachMessage })
  await until('all messages are consumed', () => [...seen.values()].reduce((a, b) => a + b, 0) === 200)
  assert.ok([...seen.values()].every((count) => count === 2))
  const { groups } = await admin.describeGroups(['g'])
  assert.deepEqual([groups[0].state, groups[0].protocolType, groups[0].members.length], ['Stable', 'consumer', 1])
  await consumer.disconnect()
  const committed = await admin.fetchOffsets({ groupId: 'g', topics: ['a'] })
  const sum = committed[0].partitions.reduce((a: number, p: { offset: string }) => a + Number(p.offset), 0)
  assert.equal(sum, 200)
  await admin.resetOffsets({ groupId: 'g', topic: 'a', earliest: true })
  await admin.deleteGroups(['g'])

  const transactional = kafka.producer({ transactionalId: 'tx', maxInFlightRequests: 1, idempotent: true })
  await transactional.connect()
  t.after(() => transactional.disconnect())
  await admin.createTopics({ topics: [{ topic: 'out' }] })
  for (const [value, commit] of [
    ['kept', true],
    ['dropped', false],
    ['kept too', true],
  ] as const) {
    const transaction = await transactional.transaction()
    await transaction.send({ topic: 'out', messages: [{ value }] })
    await transaction.sendOffsets({
      consumerGroupId: 'copy',
      topics: [{ topic: 'a', partitions: [{ partition: 0, offset: value === 'dropped' ? '99' : '7' }] }],
    })
    await (commit ? transaction.commit() : transaction.abort())
  }
  const copied = await admin.fetchOffsets({ groupId: 'copy', topics: ['a'] })
  assert.equal(copied[0].partitions.find((p: { partition: number }) => p.partition === 0).offset, '7')
  const values: string[] = []
  const reader = kafka.consumer({ groupId: 'reader', readUncommitted: false, maxWaitTimeInMs: 100 })
  await reader.connect()
  await reader.subscribe({ topic: 'out', fromBeginning: true })
  await reader.run({
    eachMessage: async ({ message }: { message: { value: Buffer } }) => void values.push(message.value.toString()),
  })
  await until('the committed messages are consumed', () => values.includes('kept too'))
  assert.deepEqual(values, ['kept', 'kept too'])
  await reader.disconnect()
  // kafkajs knows the leader only of topics it was asked about before.
  await admin.fetchTopicOffsets('out')
  await admin.deleteTopicRecords({ topic: 'out', partitions: [{ partition: 0, offset: '2' }] })
  await admin.deleteTopics({ topics: ['a', 'out'] })
  assert.deepEqual(
    (await admin.listTopics()).filter((name: string) => !name.startsWith('__')),
    [],
  )
})
