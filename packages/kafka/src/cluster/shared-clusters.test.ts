// Clients that share: how many connections there are, in whose name requests go out, what is forgotten and closed, and when.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { silentLogger } from '@millrace/api'
import { type BrokerService, FaultProxy, startEmbeddedBroker, until } from '@millrace/testkit'
import { Admin } from '../admin/index.ts'
import { Consumer } from '../consumer/index.ts'
import { Producer } from '../producer/index.ts'
import { SharedClusters } from './index.ts'

describe('shared clusters', () => {
  let broker: BrokerService
  let proxy: FaultProxy
  let props: Record<string, string>
  before(async () => {
    proxy = await FaultProxy.start()
    broker = await startEmbeddedBroker({ advertised: proxy.address })
    const [host, port] = broker.address.split(':') as [string, string]
    proxy.target = { host, port: Number(port) }
    props = { 'bootstrap.servers': broker.bootstrap }
    await using admin = Admin.create(props)
    await admin.createTopics(['a', 'b', 'c'].map((name) => ({ name, numPartitions: 2, replicationFactor: 1 })))
  })
  after(async () => {
    await proxy.close()
    await broker.stop()
  })

  it('give clients of the same settings two connections for all, and one each for records', async () => {
    const clusters = new SharedClusters(silentLogger)
    const before = proxy.connections
    const producers = Array.from({ length: 10 }, (_, i) =>
      Producer.create({ ...props, 'client.id': `p${i}` }, { clusters }),
    )
    await Promise.all(producers.map((one) => one.awaitReady('a')))
    assert.equal(clusters.size, 1)
    // The one of the bootstrap list; metadata then names the broker.
    assert.ok(proxy.connections - before <= 2, `${proxy.connections - before} connections`)
    await Promise.all(producers.map((one) => one.send({ topic: 'a', value: 'x' })))
    assert.ok(proxy.connections - before <= 12, `${proxy.connections - before} connections`)
    await Promise.all(producers.map((one) => one.close()))
    assert.equal(clusters.size, 0)
    await until('all are closed', () => proxy.connections <= before)
  })

  it('keep clients apart whose settings differ', async () => {
    const clusters = new SharedClusters(silentLogger)
    await using one = Producer.create({ ...props, 'client.id': 'one' }, { clusters })
    await using two = Producer.create({ ...props, 'client.id': 'two', 'request.timeout.ms': '20000' }, { clusters })
    await using transactional = Producer.create({ ...props, 'transactional.id': 't' }, { clusters })
    await Promise.all([one.awaitReady('a'), two.awaitReady('a'), transactional.awaitReady('a')])
    assert.equal(clusters.size, 2)
  })

  it('let each consumer have its own group and records', async () => {
    const clusters = new SharedClusters(silentLogger)
    await using producer = Producer.create(props, { clusters })
    const topics = ['b', 'c']
    for (const topic of topics) {
      for (let i = 0; i < 100; i++) await producer.send({ topic, value: `${topic}${i}` })
    }
    const consumers = topics.map((topic) =>
      Consumer.create({ ...props, 'group.id': `g-${topic}`, 'auto.offset.reset': 'earliest' }, { clusters }),
    )
    try {
      consumers.forEach((one, i) => {
        one.subscribe([topics[i]!])
      })
      const counts = await Promise.all(consumers.map((one) => countOf(one, 100)))
      assert.deepEqual(counts, [100, 100])
      // What one closes leaves the other alone.
      await consumers[0]!.close()
      await producer.send({ topic: 'c', value: 'more' })
      assert.equal(await countOf(consumers[1]!, 1), 1)
    } finally {
      await Promise.all(consumers.map((one) => one.close()))
    }
  })

  it('see a topic as it is when they begin, however long others have known it', async () => {
    const clusters = new SharedClusters(silentLogger)
    await using admin = Admin.create(props)
    await admin.createTopics([{ name: 'grows', numPartitions: 1, replicationFactor: 1 }])
    await using early = Producer.create(props, { clusters })
    await early.awaitReady('grows')
    await admin.createPartitions({ grows: 3 })
    await using late = Producer.create(props, { clusters })
    await late.awaitReady('grows')
    assert.equal(late.partitionCount('grows'), 3)
  })

  it('reject what a closed client still waits for, and only that', async () => {
    const clusters = new SharedClusters(silentLogger)
    await using stays = Producer.create(props, { clusters })
    const goes = Producer.create(props, { clusters })
    await stays.awaitReady('a')
    const waits = goes.awaitReady('no such topic!', { timeoutMs: 60_000 })
    const missing = assert.rejects(waits)
    await goes.destroy()
    await missing
    await stays.send({ topic: 'a', value: 'still here' })
  })

  it('come back together when the connections break', async () => {
    const clusters = new SharedClusters(silentLogger)
    const producers = [0, 1, 2].map(() => Producer.create(props, { clusters }))
    try {
      await Promise.all(producers.map((one) => one.send({ topic: 'a', value: '1' })))
      proxy.cut()
      await Promise.all(producers.map((one) => one.send({ topic: 'a', value: '2' })))
    } finally {
      await Promise.all(producers.map((one) => one.close()))
    }
  })
})

async function countOf(consumer: Consumer, most: number): Promise<number> {
  let count = 0
  const deadline = performance.now() + 20_000
  while (count < most && performance.now() < deadline) {
    const polled = await consumer.poll(200)
    for (const { reader, count: inChunk } of polled.chunks) {
      for (let i = 0; i < inChunk; i++) reader.next()
    }
    count += polled.count
  }
  return count
}
