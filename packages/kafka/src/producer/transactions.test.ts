// Transactions on every broker: all or nothing, one producer per id, offsets with the records.
import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { onEveryBroker } from '@millrace/testkit'
import type { ClusterClient } from '../cluster/index.ts'
import { fresh, testCluster, testConsumer } from '../consumer/testing/consumers.ts'
import type { Producer } from './producer.ts'
import { makeTopic, readAll, testProducer } from './testing/readback.ts'

onEveryBroker('transactions', {}, (broker) => {
  let cluster: ClusterClient
  before(() => {
    cluster = testCluster(broker().bootstrap)
  })
  after(() => cluster.close())
  const values = async (topic: string, partitions = 1) =>
    (await readAll(broker().bootstrap, topic, partitions)).map((record) => record.value)

  async function make(id: string, props: Readonly<Record<string, string>> = {}): Promise<Producer> {
    const producer = testProducer(broker().bootstrap, { 'transactional.id': id, ...props })
    await producer.initTransactions()
    return producer
  }

  it('what is committed is seen, what is aborted is not, over several partitions and transactions', async () => {
    const topic = await makeTopic(cluster, 3)
    await using producer = await make(fresh('tx'))
    for (const [round, commit] of [true, false, true, false, true].entries()) {
      producer.beginTransaction()
      const sent = [0, 1, 2].map((partition) => producer.send({ topic, partition, value: `${round}-${partition}` }))
      await Promise.all(sent)
      if (commit) await producer.commitTransaction()
      else await producer.abortTransaction()
    }
    const expected = [0, 1, 2].flatMap((partition) => [0, 2, 4].map((round) => `${round}-${partition}`))
    assert.deepEqual(await values(topic, 3), expected)
  })

  it('a commit waits for what was written; an abort drops it', async () => {
    const topic = await makeTopic(cluster, 1)
    await using producer = await make(fresh('tx'), { 'linger.ms': '30000', 'delivery.timeout.ms': '120000' })
    await producer.awaitReady(topic)
    const outcomes: string[] = []
    producer.onBatch = (sent, error) => outcomes.push(`${sent.tags.join()} ${error?.name ?? 'written'}`)
    const write = (tag: number) => {
      const builder = producer.open(topic, 0)
      builder.appendUtf8(1, null, String(tag))
      producer.wrote(builder, tag)
    }
    producer.beginTransaction()
    write(1)
    write(2)
    await producer.abortTransaction()
    producer.beginTransaction()
    write(3)
    write(4)
    await producer.commitTransaction()
    assert.deepEqual(outcomes, ['1,2 TransactionAbortedException', '3,4 written'])
    assert.deepEqual(await values(topic), ['3', '4'])
  })

  it('an empty transaction commits and aborts without a word to anybody', async () => {
    await using producer = await make(fresh('tx'))
    producer.beginTransaction()
    await producer.commitTransaction()
    producer.beginTransaction()
    await producer.abortTransaction()
  })

  it('a newer producer of the same id fences the older one and ends what it left open', async () => {
    const topic = await makeTopic(cluster, 1)
    const id = fresh('tx')
    await using older = await make(id)
    older.beginTransaction()
    await older.send({ topic, value: 'of the older' })
    await using newer = await make(id)
    newer.beginTransaction()
    await newer.send({ topic, value: 'of the newer' })
    await newer.commitTransaction()
    await assert.rejects(older.commitTransaction(), {
      name: 'ProducerFencedException',
      message: new RegExp(`another producer with transactional\\.id ${id} has taken over`),
    })
    await assert.rejects(older.send({ topic, value: 'too late' }), { name: 'ProducerFencedException' })
    await assert.rejects(older.abortTransaction(), { name: 'ProducerFencedException' })
    assert.deepEqual(await values(topic), ['of the newer'])
  })

  it('a fenced producer that goes on writing is told by the partition, too', async () => {
    const topic = await makeTopic(cluster, 1)
    const id = fresh('tx')
    await using older = await make(id)
    older.beginTransaction()
    await older.send({ topic, value: 'of the older' })
    await using newer = await make(id)
    newer.beginTransaction()
    await newer.send({ topic, value: 'of the newer' })
    await assert.rejects(older.send({ topic, value: 'too late' }), { name: /Fenced|InvalidProducerEpoch/ })
    await assert.rejects(older.commitTransaction(), /fail/)
    await newer.commitTransaction()
    assert.deepEqual(await values(topic), ['of the newer'])
  })

  it('a record that fails fails the transaction; after an abort the next one works', async () => {
    const topic = await makeTopic(cluster, 1, { 'max.message.bytes': '2000' })
    await using producer = await make(fresh('tx'))
    producer.beginTransaction()
    await producer.send({ topic, value: 'fine by itself' })
    await assert.rejects(producer.send({ topic, value: 'x'.repeat(5000) }), { name: 'RecordTooLargeException' })
    await assert.rejects(producer.commitTransaction(), {
      name: 'RecordTooLargeException',
      message: /^The transaction has failed, abort the transaction: /,
    })
    await assert.rejects(producer.send({ topic, value: 'not before the abort' }), { name: 'RecordTooLargeException' })
    await producer.abortTransaction()
    producer.beginTransaction()
    await producer.send({ topic, value: 'again' })
    await producer.commitTransaction()
    assert.deepEqual(await values(topic), ['again'])
  })

  it('consumer offsets are committed with the records, or not at all', async () => {
    const topic = await makeTopic(cluster, 2)
    const group = fresh('group')
    await using producer = await make(fresh('tx'))
    const committed = async () => {
      await using consumer = testConsumer(broker().bootstrap, { 'group.id': group })
      const found = await consumer.committed([0, 1].map((partition) => ({ topic, partition })))
      return [...found.values()].map((one) => one?.offset ?? null)
    }
    producer.beginTransaction()
    await producer.send({ topic, partition: 0, value: 'a' })
    await producer.sendOffsetsToTransaction([{ topic, partition: 0, offset: 41 }], { groupId: group })
    await producer.abortTransaction()
    producer.beginTransaction()
    await producer.sendOffsetsToTransaction(
      [
        { topic, partition: 0, offset: 42, metadata: 'here' },
        { topic, partition: 1, offset: 7 },
      ],
      { groupId: group },
    )
    await producer.commitTransaction()
    // Offsets count when the coordinator has read the marker, a moment after the commit was answered.
    let offsets = await committed()
    for (let tries = 0; tries < 50 && offsets[0] !== 42; tries++) offsets = await committed()
    assert.deepEqual(offsets, [42, 7])
    producer.beginTransaction()
    await assert.rejects(
      producer.sendOffsetsToTransaction([{ topic, partition: 0, offset: 1 }], {
        groupId: group,
        generationId: 5,
        memberId: 'nobody',
      }),
      { name: /UnknownMemberId|IllegalGeneration/ },
    )
    await producer.abortTransaction()
  })

  it('calls out of order are told', async () => {
    const topic = await makeTopic(cluster, 1)
    await using producer = testProducer(broker().bootstrap, { 'transactional.id': fresh('tx') })
    assert.throws(
      () => producer.beginTransaction(),
      /beginTransaction\(\) is not possible while the producer is uninitialized/,
    )
    await producer.initTransactions()
    await assert.rejects(producer.initTransactions(), /while the producer is ready/)
    await assert.rejects(
      producer.send({ topic, value: 'v' }),
      /only between beginTransaction\(\) and its commit or abort/,
    )
    await assert.rejects(producer.commitTransaction(), /while the producer is ready/)
    await using plain = testProducer(broker().bootstrap)
    assert.throws(() => plain.beginTransaction(), /need transactional\.id/)
  })
})
