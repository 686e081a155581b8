// What is told of a topic: what is in it and what of that may be read, who holds it back, who reads it.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Admin, Consumer, Producer } from '@millrace/kafka'
import { examineTopic, readTopic } from './examine.ts'
import { onEveryBroker } from './matrix.ts'

onEveryBroker('examining a topic', {}, (broker) => {
  it('tells what may be read from what is written, and who reads how far', async () => {
    const topic = `examined-${process.pid}`
    const props = { 'bootstrap.servers': broker().bootstrap }
    await using admin = Admin.create(props)
    await admin.createTopics([{ name: topic, numPartitions: 2, replicationFactor: 1 }])
    const producer = Producer.create({ ...props, 'transactional.id': topic })
    await producer.initTransactions()
    producer.beginTransaction()
    await producer.send({ topic, partition: 0, key: 'a', value: 'there' })
    await producer.commitTransaction()
    producer.beginTransaction()
    await producer.send({ topic, partition: 0, key: 'b', value: 'open' })
    await producer.flush()

    await using consumer = Consumer.create({
      ...props,
      'group.id': topic,
      'isolation.level': 'read_committed',
      'auto.offset.reset': 'earliest',
    })
    consumer.subscribe([topic])
    while ((await consumer.poll(1_000)).count === 0);
    await consumer.commit()

    const values = async (isolation: 'read_committed' | 'read_uncommitted') =>
      (await readTopic(broker().bootstrap, topic, isolation)).map((one) => `${one.partition} ${one.key} ${one.value}`)
    assert.deepEqual(await values('read_committed'), ['0 a there'])
    assert.deepEqual(await values('read_uncommitted'), ['0 a there', '0 b open'])
    const text = await examineTopic(broker().bootstrap, topic, [topic])
    assert.match(
      text,
      new RegExp(`${topic}-0: .* stable to 2, ends at 3, open transactions: producer \\d+ epoch \\d+ from 2`),
    )
    assert.match(text, new RegExp(`${topic}-1: .* stable to 0, ends at 0, open transactions: none`))
    assert.match(text, new RegExp(`transaction ${topic}: Ongoing .* in ${topic} 0`))
    assert.match(text, new RegExp(`group ${topic}: Stable\\n  member .* has ${topic}-0, ${topic}-1`))
    assert.match(text, new RegExp(`committed: .*${topic}-0: [12]`))
    await producer.abortTransaction()
    await producer.close()
    const after = await examineTopic(broker().bootstrap, topic)
    assert.match(after, new RegExp(`${topic}-0: .* stable to 4, ends at 4, open transactions: none`))
    assert.doesNotMatch(after, new RegExp(`transaction ${topic}`))
  })
})
