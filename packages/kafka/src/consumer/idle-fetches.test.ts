// Consumers that wait together: how few requests that takes, that records come as soon as they are there, to whom they belong, and
// that nothing is lost or doubled on the way between waiting together and fetching alone.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { silentLogger } from '@millrace/api'
import { type BrokerService, onEveryBroker, until } from '@millrace/testkit'
import { Admin } from '../admin/index.ts'
import { SharedClusters } from '../cluster/index.ts'
import { Producer } from '../producer/index.ts'
import { Consumer } from './index.ts'

const CONSUMERS = 8

let names = 0
const unique = (what: string) => `idle-${what}-${process.pid}-${names++}`

onEveryBroker('consumers that share a cluster', {}, (broker) => {
  it('wait in one request', async () => {
    await using some = await several(broker(), unique('wait'))
    const fetches = () => some.consumers.reduce((sum, one) => sum + one.counters.fetches, 0)
    // Alone each would ask three times at least in that time, however often one looks.
    await until('nearly nobody asks by itself for a while', async () => {
      const before = fetches()
      await sleep(1_500)
      return before >= CONSUMERS && fetches() - before <= 2
    })
  })

  it('get records as soon as they are there', async () => {
    await using some = await several(broker(), unique('soon'), undefined, { 'fetch.max.wait.ms': '4000' })
    const { producer, topics } = some
    await some.idle()
    const began = performance.now()
    await producer.send({ topic: topics[3]!, value: 'news' })
    assert.deepEqual(await some.received(3, 1), ['news'])
    assert.ok(performance.now() - began < 2_000, `took ${performance.now() - began} ms`)
  })

  it('lose and double nothing on the way between waiting and fetching', async () => {
    await using some = await several(broker(), unique('flow'))
    const { producer, topics } = some
    await some.idle()
    const rounds = 12
    for (let round = 0; round < rounds; round++) {
      for (let i = 0; i < CONSUMERS; i++) {
        // Some are busy, some see a record now and then.
        const count = i % 3 === 0 ? 50 : round % 4 === 0 ? 1 : 0
        for (let n = 0; n < count; n++) void producer.send({ topic: topics[i]!, value: `${round}-${n}` })
      }
      await producer.flush()
      await sleep(round % 3 === 0 ? 700 : 20)
    }
    for (let i = 0; i < CONSUMERS; i++) {
      const expected: string[] = []
      for (let round = 0; round < rounds; round++) {
        const count = i % 3 === 0 ? 50 : round % 4 === 0 ? 1 : 0
        for (let n = 0; n < count; n++) expected.push(`${round}-${n}`)
      }
      assert.deepEqual(await some.received(i, expected.length), expected)
    }
  })

  it('may wait for the same partition, and go on when others are closed or seek', async () => {
    const topic = unique('same')
    await using some = await several(broker(), topic, topic)
    const { consumers, producer } = some
    await producer.send({ topic, value: 'first' })
    for (let i = 0; i < CONSUMERS; i++) assert.deepEqual(await some.received(i, 1), ['first'])
    await some.idle()
    await consumers[0]!.close()
    consumers[1]!.seek({ topic, partition: 0 }, 0)
    assert.deepEqual(await some.received(1, 2), ['first', 'first'])
    await some.idle()
    await producer.send({ topic, value: 'second' })
    assert.deepEqual(await some.received(1, 3), ['first', 'first', 'second'])
    for (let i = 2; i < CONSUMERS; i++) assert.deepEqual(await some.received(i, 2), ['first', 'second'])
  })

  it('take up again what is paused and resumed', async () => {
    await using some = await several(broker(), unique('pause'))
    const { consumers, producer, topics } = some
    await some.idle()
    const partition = { topic: topics[0]!, partition: 0 }
    consumers[0]!.pause([partition])
    await producer.send({ topic: topics[0]!, value: 'while paused' })
    await producer.send({ topic: topics[1]!, value: 'meanwhile' })
    assert.deepEqual(await some.received(1, 1), ['meanwhile'])
    assert.deepEqual(some.got[0], [])
    consumers[0]!.resume([partition])
    assert.deepEqual(await some.received(0, 1), ['while paused'])
  })
})

/** Consumers with a topic each (or one for all), polled all the time, and what each received. */
async function several(broker: BrokerService, name: string, same?: string, more: Record<string, string> = {}) {
  const props = { 'bootstrap.servers': broker.bootstrap }
  const topics = Array.from({ length: CONSUMERS }, (_, i) => same ?? `${name}-${i}`)
  {
    await using admin = Admin.create(props)
    await admin.createTopics([...new Set(topics)].map((one) => ({ name: one, numPartitions: 1, replicationFactor: 1 })))
  }
  const clusters = new SharedClusters(silentLogger)
  const producer = Producer.create(props)
  await Promise.all(topics.map((topic) => producer.awaitReady(topic)))
  const got: string[][] = topics.map(() => [])
  const stopping = new AbortController()
  const consumers = topics.map((topic, i) => {
    const one = Consumer.create(
      { ...props, ...more, 'client.id': `c${i}`, 'auto.offset.reset': 'earliest' },
      { clusters },
    )
    one.assign([{ topic, partition: 0 }])
    return one
  })
  const loops = consumers.map((one, i) => poll(one, got[i]!, stopping.signal))
  return {
    topics,
    producer,
    consumers,
    got,
    received: async (i: number, count: number) => {
      await until(`consumer ${i} has ${count} records`, () => got[i]!.length >= count, { timeoutMs: 10_000 })
      return got[i]!
    },
    /** Resolves when no consumer fetches by itself any more. */
    idle: async () => {
      const counts = () => consumers.map((one) => one.counters.fetches).join()
      for (let last = ''; last !== counts(); ) {
        last = counts()
        await sleep(700)
      }
    },
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await Promise.all(loops)
      await Promise.all(consumers.map((one) => one.close()))
      await producer.close()
    },
  }
}

async function poll(consumer: Consumer, into: string[], stopping: AbortSignal): Promise<void> {
  while (!stopping.aborted) {
    let polled: Awaited<ReturnType<Consumer['poll']>>
    try {
      polled = await consumer.poll(50)
    } catch {
      return
    }
    for (const { reader, count } of polled.chunks) {
      for (let i = 0; i < count; i++) {
        reader.next()
        into.push(reader.value.text())
      }
    }
  }
}
