// @platformatic/kafka against the embedded broker: admin, producer, consumer groups, transactions.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startEmbeddedBroker } from '@millrace/testkit'
import { clientPackage } from './clients.ts'

test('@platformatic/kafka creates, produces, consumes in a group and commits', async (t) => {
  const module = await clientPackage(t, '@platformatic/kafka')
  if (module === undefined) return
  const { Admin, Consumer, Producer, stringSerializers, stringDeserializers, MessagesStreamModes } = module
  await using broker = await startEmbeddedBroker({ inProcess: true })
  const base = { clientId: 'interop', bootstrapBrokers: [broker.bootstrap] }

  const admin = new Admin(base)
  t.after(() => admin.close())
  const [created] = await admin.createTopics({ topics: ['a'], partitions: 2, replicas: 1 })
  assert.deepEqual([created.name, created.partitions], ['a', 2])
  assert.deepEqual(await admin.listTopics(), ['a'])

  const producer = new Producer({ ...base, serializers: stringSerializers })
  t.after(() => producer.close())
  for (const compression of ['none', 'gzip', 'zstd']) {
    const messages = Array.from({ length: 50 }, (_, i) => ({ topic: 'a', key: `k${i}`, value: `${compression}-${i}` }))
    const { offsets } = await producer.send({ messages, compression })
    assert.equal(offsets.length, 2)
  }

  const consumer = new Consumer({ ...base, groupId: 'g', deserializers: stringDeserializers })
  t.after(() => consumer.close(true))
  const stream = await consumer.consume({
    topics: ['a'],
    mode: MessagesStreamModes.EARLIEST,
    autocommit: false,
    sessionTimeout: 10_000,
    maxWaitTime: 200,
  })
  const values = new Set<string>()
  for await (const message of stream) {
    values.add(message.value)
    await message.commit()
    if (values.size === 150) break
  }
  const groups = await admin.describeGroups({ groups: ['g'] })
  assert.deepEqual([groups.get('g').state, groups.get('g').members.size], ['Stable', 1])
  await consumer.close(true)
  const listed = await admin.listGroups()
  assert.equal(listed.get('g').state, 'Empty')
  await admin.deleteGroups({ groups: ['g'] })
  await admin.deleteTopics({ topics: ['a'] })
  assert.ok(!(await admin.listTopics()).includes('a'))
})

test('@platformatic/kafka runs transactions that read-committed consumers see whole or not at all', async (t) => {
  const module = await clientPackage(t, '@platformatic/kafka')
  if (module === undefined) return
  const { Consumer, Producer, FetchIsolationLevels, MessagesStreamModes, stringSerializers, stringDeserializers } =
    module
  await using broker = await startEmbeddedBroker({ inProcess: true })
  const base = { clientId: 'interop', bootstrapBrokers: [broker.bootstrap] }
  const producer = new Producer({
    ...base,
    serializers: stringSerializers,
    idempotent: true,
    transactionalId: 'tx',
    autocreateTopics: true,
  })
  t.after(() => producer.close())
  for (const [value, commit] of [
    ['kept', true],
    ['dropped', false],
    ['kept too', true],
  ] as const) {
    const transaction = await producer.beginTransaction()
    await transaction.send({ messages: [{ topic: 'out', key: 'k', value }] })
    await (commit ? transaction.commit() : transaction.abort())
  }
  const consumer = new Consumer({ ...base, groupId: 'r', deserializers: stringDeserializers })
  t.after(() => consumer.close(true))
  const stream = await consumer.consume({
    topics: ['out'],
    mode: MessagesStreamModes.EARLIEST,
    isolationLevel: FetchIsolationLevels.READ_COMMITTED,
    maxWaitTime: 200,
  })
  const values: string[] = []
  for await (const message of stream) {
    values.push(message.value)
    if (message.value === 'kept too') break
  }
  assert.deepEqual(values, ['kept', 'kept too'])
})
