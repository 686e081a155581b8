// The producer on every broker: what it is given arrives, once, in order, where it belongs.
import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { onEveryBroker } from '@millrace/testkit'
import type { ClusterClient } from '../cluster/index.ts'
import { testCluster } from '../consumer/testing/consumers.ts'
import type { KafkaException } from '../errors.ts'
import type { SentBatch } from './deliveries.ts'
import { partitionOfKey } from './partitioner.ts'
import type { Producer } from './producer.ts'
import { makeTopic, readAll, testProducer } from './testing/readback.ts'

/** Writes `count` records as a source task does; values are their numbers. */
async function writeNumbers(producer: Producer, topic: string, count: number, pad = 0): Promise<void> {
  await producer.awaitReady(topic)
  const now = Date.now()
  for (let i = 0; i < count; i++) {
    if (producer.full) await producer.drained()
    const builder = producer.open(topic, producer.partition(topic, null))
    builder.appendUtf8(now, null, String(i).padEnd(pad, '.'))
    producer.wrote(builder, i)
  }
}

onEveryBroker('producer', {}, (broker) => {
  let cluster: ClusterClient
  before(() => {
    cluster = testCluster(broker().bootstrap)
  })
  after(() => cluster.close())
  const make = (props: Readonly<Record<string, string>> = {}): Producer => testProducer(broker().bootstrap, props)
  const read = (topic: string, partitions = 1) => readAll(broker().bootstrap, topic, partitions)

  it('writes keys, values, headers, timestamps and nulls in every compression', async () => {
    const topic = await makeTopic(cluster, 1)
    let at = 0
    for (const compression of ['none', 'gzip', 'snappy', 'lz4', 'zstd']) {
      await using producer = make({ 'compression.type': compression })
      const sent = await Promise.all([
        producer.send({ topic, key: 'k', value: `${compression} ${'x'.repeat(500)}`, timestamp: 1_700_000_000_000 }),
        producer.send({ topic, key: 'tombstone', value: null, timestamp: 1_600_000_000_000 }),
        producer.send({
          topic,
          value: 'grüße €',
          headers: [
            { key: 'a', value: 'one' },
            { key: 'a', value: null },
          ],
        }),
      ])
      assert.deepEqual(
        sent.map((one) => one.offset),
        [at, at + 1, at + 2],
      )
      assert.equal(sent[0]!.timestamp, 1_700_000_000_000)
      at += 3
    }
    const landed = await read(topic)
    assert.equal(landed.length, 15)
    assert.equal(landed[3]!.value, `gzip ${'x'.repeat(500)}`)
    assert.equal(landed[3]!.timestamp, 1_700_000_000_000)
    assert.deepEqual([landed[4]!.key, landed[4]!.value], ['tombstone', null])
    assert.deepEqual([landed[5]!.key, landed[5]!.value], [null, 'grüße €'])
    assert.deepEqual(landed[5]!.headers, [
      { key: 'a', value: Buffer.from('one') },
      { key: 'a', value: null },
    ])
  })

  for (const [name, props] of [
    ['idempotent, five in flight', {}],
    ['as a source task has it', { 'enable.idempotence': 'false', 'max.in.flight.requests.per.connection': '1' }],
    ['one acknowledgement', { acks: '1' }],
    ['tiny batches', { 'batch.size': '1' }],
    ['compressed', { 'compression.type': 'zstd', 'batch.size': '2000' }],
    ['round robin', { 'partitioner.class': 'org.apache.kafka.clients.producer.RoundRobinPartitioner' }],
  ] as const) {
    it(`keeps the order of each partition and tells every outcome once: ${name}`, async () => {
      const count = name === 'tiny batches' ? 600 : 20_000
      const topic = await makeTopic(cluster, 3)
      await using producer = make(props)
      const outcomes = new Map<number, { partition: number; offset: number }>()
      producer.onBatch = (sent: SentBatch, error: KafkaException | null) => {
        assert.equal(error, null)
        assert.equal(sent.tags.length, sent.count)
        sent.tags.forEach((tag, index) => {
          assert.ok(!outcomes.has(tag), 'told once')
          outcomes.set(tag, { partition: sent.partition, offset: sent.baseOffset + index })
        })
      }
      await writeNumbers(producer, topic, count, 100)
      await producer.flush()
      assert.equal(outcomes.size, count)
      assert.equal(producer.bufferedBytes, 0)
      assert.equal(producer.metrics.recordSendTotal, count)
      const landed = await read(topic, 3)
      assert.equal(landed.length, count)
      for (const record of landed) {
        assert.deepEqual(outcomes.get(Number.parseInt(record.value!, 10)), {
          partition: record.partition,
          offset: record.offset,
        })
      }
      for (let partition = 0; partition < 3; partition++) {
        const own = landed
          .filter((record) => record.partition === partition)
          .map((record) => Number.parseInt(record.value!, 10))
        assert.ok(own.length > 0, `partition ${partition} got nothing`)
        assert.deepEqual(
          own,
          own.toSorted((a, b) => a - b),
        )
      }
    })
  }

  it('puts records with the same key into the same partition as the Java client', async () => {
    const topic = await makeTopic(cluster, 4)
    await using producer = make()
    const keys = Array.from({ length: 40 }, (_, i) => `key-${i % 10}`)
    const sent = await Promise.all(keys.map((key) => producer.send({ topic, key, value: 'v' })))
    sent.forEach((one, index) => {
      assert.equal(one.partition, partitionOfKey(Buffer.from(keys[index]!), keys[index]!.length, 4))
    })
    await assert.rejects(producer.send({ topic, partition: 4, value: 'v' }), /has no partition 4: it has 4/)
  })

  it('acks=0 asks for no answers and still writes', async () => {
    const topic = await makeTopic(cluster, 1)
    {
      await using producer = make({ acks: '0' })
      assert.deepEqual((await producer.send({ topic, value: 'first' })).offset, -1)
      await writeNumbers(producer, topic, 5000, 100)
      await producer.flush()
      // A broker gives no sign; an answered request behind it on the same connections tells that all were read.
      await using witness = make()
      await witness.send({ topic, value: 'witness' })
    }
    const seen = new Set<string | null>()
    while (seen.size < 5002) for (const record of await read(topic)) seen.add(record.value)
    assert.ok(seen.has('first') && seen.has('4999'.padEnd(100, '.')))
  })

  it('refuses a record beyond max.request.size and keeps those around it', async () => {
    const topic = await makeTopic(cluster, 1)
    await using producer = make({ 'max.request.size': '10000', 'linger.ms': '50' })
    const results = await Promise.allSettled([
      producer.send({ topic, value: 'before' }),
      producer.send({ topic, value: 'x'.repeat(10_000) }),
      producer.send({ topic, value: 'after' }),
    ])
    assert.deepEqual(
      results.map((one) => one.status),
      ['fulfilled', 'rejected', 'fulfilled'],
    )
    const { reason } = results[1] as PromiseRejectedResult
    assert.equal(reason.name, 'RecordTooLargeException')
    assert.match(reason.message, /max\.request\.size \(10000\)/)
    assert.deepEqual(
      (await read(topic)).map((record) => record.value),
      ['before', 'after'],
    )
  })

  it('splits a batch that the topic finds too large, and fails only the record that is', async () => {
    const topic = await makeTopic(cluster, 1, { 'max.message.bytes': '3000' })
    await using producer = make({ 'batch.size': '100000', 'linger.ms': '20' })
    const values = Array.from({ length: 40 }, (_, i) => (i === 17 ? 'y'.repeat(4000) : `${i}-${'x'.repeat(300)}`))
    const results = await Promise.allSettled(values.map((value) => producer.send({ topic, value })))
    const failed = results.flatMap((one, index) => (one.status === 'rejected' ? [index] : []))
    assert.deepEqual(failed, [17])
    const { reason } = results[17] as PromiseRejectedResult
    assert.equal(reason.name, 'RecordTooLargeException')
    assert.match(reason.message, /message\.max\.bytes/)
    const expected = values.filter((_, index) => index !== 17)
    assert.deepEqual(
      (await read(topic)).map((record) => record.value),
      expected,
    )
    assert.ok(producer.metrics.batchSplitTotal > 0)
  })

  it('a topic that cannot be is an error that names it', async () => {
    await using producer = make({ 'max.block.ms': '2000' })
    await assert.rejects(producer.send({ topic: 'no such topic!', value: 'v' }), /no such topic!/)
  })

  it('close() sends what waits, and after it nothing can be written', async () => {
    const topic = await makeTopic(cluster, 1)
    const producer = make({ 'linger.ms': '60000', 'delivery.timeout.ms': '120000' })
    const sent = producer.send({ topic, value: 'late' })
    await producer.awaitReady(topic)
    await new Promise((resolve) => setImmediate(resolve))
    await producer.close()
    assert.equal((await sent).offset, 0)
    await assert.rejects(producer.send({ topic, value: 'too late' }), /closed/)
    await producer.close()
  })

  it('destroy() fails what waits', async () => {
    const topic = await makeTopic(cluster, 1)
    const producer = make({ 'linger.ms': '60000', 'delivery.timeout.ms': '120000' })
    await producer.awaitReady(topic)
    const outcomes: (string | undefined)[] = []
    producer.onBatch = (sent, error) => outcomes.push(`${sent.tags.join()} ${error?.message}`)
    await writeNumbers(producer, topic, 3)
    await producer.destroy()
    assert.deepEqual(outcomes, ['0,1,2 The producer was closed'])
  })
})
