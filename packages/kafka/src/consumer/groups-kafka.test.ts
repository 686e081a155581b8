// Groups on Apache Kafka: members of this client among themselves, and what they owe each other.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TopicPartition } from '@millrace/api'
import { type BrokerService, startKafka, until, whyNoKafka } from '@millrace/testkit'
import type { ClusterClient } from '../cluster/index.ts'
import { CreatePartitions } from '../protocol/index.ts'
import type { Consumer } from './consumer.ts'
import { fresh, pollOnce, pollUntil, type Seen, testCluster, testConsumer } from './testing/consumers.ts'
import { newTopic, values, write } from './testing/records.ts'

const missing = process.env.MILLRACE_REQUIRE_SERVICES === '1' ? undefined : await whyNoKafka()

/** Polls all in turn until `done`. */
async function pollAll(consumers: readonly Consumer[], done: () => boolean, timeoutMs = 30_000): Promise<Seen[]> {
  const seen: Seen[] = []
  const deadline = performance.now() + timeoutMs
  while (!done()) {
    if (performance.now() > deadline)
      throw new Error(`Polled ${timeoutMs} ms in vain: ${consumers.map((one) => one.assignment().length)}`)
    for (const consumer of consumers) seen.push(...(await pollOnce(consumer, 20)))
  }
  return seen
}

function numbers(partitions: readonly TopicPartition[]): number[] {
  return partitions.map((one) => one.partition).sort((a, b) => a - b)
}

describe('consumer groups on Apache Kafka', { skip: missing, timeout: 180_000 }, () => {
  let kafka: BrokerService
  let cluster: ClusterClient
  before(async () => {
    kafka = await startKafka()
    cluster = testCluster(kafka.bootstrap)
  })
  after(async () => {
    await cluster?.close()
    await kafka?.stop()
  })

  it('shares partitions, commits, and the next member goes on from there', async () => {
    const topic = await newTopic(cluster, 4)
    const group = { 'group.id': fresh('g') }
    await using a = testConsumer(kafka.bootstrap, group)
    await using b = testConsumer(kafka.bootstrap, group)
    a.subscribe([topic])
    b.subscribe([topic])
    await pollAll([a, b], () => a.assignment().length === 2 && b.assignment().length === 2)
    for (const partition of [0, 1, 2, 3]) await write(cluster, topic, partition, values('v', 10))
    const seen: Seen[] = []
    while (seen.length < 40) for (const one of [a, b]) seen.push(...(await pollOnce(one, 20)))
    assert.equal(new Set(seen.map((one) => `${one.partition}/${one.offset}`)).size, 40)
    await a.commit()
    await b.commit()
    const all = [0, 1, 2, 3].map((partition) => ({ topic, partition }))
    assert.deepEqual(
      (await a.committed(all)).map((one) => one.offset),
      [10, 10, 10, 10],
    )
    await a.close()
    await pollAll([b], () => b.assignment().length === 4)
    await write(cluster, topic, 0, values('w', 1))
    const next = await pollUntil(b, (got) => got.length > 0)
    assert.deepEqual(
      next.map((one) => [one.partition, one.offset]),
      [[0, 10]],
    )
  })

  it('cooperative: gives up only what moves, and reads on the rest meanwhile', async () => {
    const topic = await newTopic(cluster, 4)
    const group = { 'group.id': fresh('g'), 'partition.assignment.strategy': 'cooperative-sticky' }
    const told: string[] = []
    const listener = (who: string) => ({
      onAssigned: (list: readonly TopicPartition[]) => void told.push(`${who} + ${list.length}`),
      onRevoked: (list: readonly TopicPartition[]) => void told.push(`${who} - ${list.length}`),
      onLost: () => void told.push(`${who} lost`),
    })
    await using a = testConsumer(kafka.bootstrap, group)
    await using b = testConsumer(kafka.bootstrap, group)
    a.subscribe([topic], listener('a'))
    await pollAll([a], () => a.assignment().length === 4)
    b.subscribe([topic], listener('b'))
    await pollAll([a, b], () => a.assignment().length === 2 && b.assignment().length === 2)
    assert.deepEqual(
      told.filter((one) => one === 'a - 2' || one === 'a - 4' || one === 'b + 2' || one.endsWith('lost')),
      ['a - 2', 'b + 2'],
    )
  })

  it('stays a member while it is paused and while it is busy beyond the session timeout', async () => {
    const topic = await newTopic(cluster, 2)
    const group = { 'group.id': fresh('g'), 'session.timeout.ms': '6000', 'heartbeat.interval.ms': '500' }
    await using a = testConsumer(kafka.bootstrap, group)
    a.subscribe([topic])
    await pollAll([a], () => a.assignment().length === 2)
    a.pause(a.assignment())
    const { generationId } = a.groupMetadata()
    await sleep(7_000)
    assert.deepEqual(await pollOnce(a), [])
    assert.equal(a.groupMetadata().generationId, generationId)
    assert.equal(a.paused().length, 2)
    await a.commit(a.assignment().map((one) => ({ ...one, offset: 0 })))
  })

  it('leaves when it does not poll for max.poll.interval.ms: others take over, its commit is refused, its part is lost', async () => {
    const topic = await newTopic(cluster, 2)
    const id = fresh('g')
    let lost: readonly TopicPartition[] = []
    await using slow = testConsumer(kafka.bootstrap, { 'group.id': id, 'max.poll.interval.ms': '1000' })
    slow.subscribe([topic], {
      onLost: (partitions) => {
        lost = partitions
      },
    })
    await pollAll([slow], () => slow.assignment().length === 2)
    await using quick = testConsumer(kafka.bootstrap, { 'group.id': id })
    quick.subscribe([topic])
    await pollAll([quick], () => quick.assignment().length === 2)
    await assert.rejects(slow.commit(slow.assignment().map((one) => ({ ...one, offset: 0 }))), {
      name: 'CommitFailedException',
      message: /max.poll.interval.ms/,
    })
    await pollAll([quick, slow], () => quick.assignment().length === 1 && slow.assignment().length === 1)
    assert.deepEqual(numbers(lost), [0, 1])
  })

  it('a static member comes back without a rebalance; a second one with its name fences the first', async () => {
    const topic = await newTopic(cluster, 4)
    const id = fresh('g')
    const member = (instance: string) => {
      const consumer = testConsumer(kafka.bootstrap, { 'group.id': id, 'group.instance.id': instance })
      consumer.subscribe([topic])
      return consumer
    }
    await using other = member('other')
    const first = member('first')
    await pollAll([other, first], () => other.assignment().length === 2 && first.assignment().length === 2)
    const had = numbers(first.assignment())
    const { rebalances } = other
    await first.close()
    await using again = member('first')
    await pollAll([other, again], () => again.assignment().length === 2)
    assert.deepEqual(numbers(again.assignment()), had)
    assert.equal(other.rebalances, rebalances)
    await using thief = member('first')
    await pollUntil(thief, () => thief.assignment().length === 2)
    await assert.rejects(
      pollUntil(again, () => false),
      { name: 'FencedInstanceIdException', message: /group.instance.id/ },
    )
  })

  it('says so when members have no assignor in common', async () => {
    const topic = await newTopic(cluster, 1)
    const id = fresh('g')
    await using a = testConsumer(kafka.bootstrap, { 'group.id': id, 'partition.assignment.strategy': 'range' })
    await using b = testConsumer(kafka.bootstrap, { 'group.id': id, 'partition.assignment.strategy': 'roundrobin' })
    a.subscribe([topic])
    await pollAll([a], () => a.assignment().length === 1)
    b.subscribe([topic])
    await assert.rejects(
      pollUntil(b, () => false),
      { name: 'InconsistentGroupProtocolException', message: /partition.assignment.strategy/ },
    )
  })

  it('takes on partitions that are added to a topic, and a topic that is made after subscribing', async () => {
    const topic = fresh('late')
    await using a = testConsumer(kafka.bootstrap, {
      'group.id': fresh('g'),
      'allow.auto.create.topics': 'false',
      'metadata.max.age.ms': '300',
    })
    a.subscribe([topic])
    await pollUntil(a, () => a.rebalances === 1)
    assert.deepEqual(a.assignment(), [])
    await newTopic(cluster, 1, topic)
    await pollUntil(a, () => a.assignment().length === 1)
    await addPartitions(cluster, topic, 3)
    await pollUntil(a, () => a.assignment().length === 3)
  })

  it('commits by itself: every interval, and before partitions are given up', async () => {
    const topic = await newTopic(cluster, 1)
    await write(cluster, topic, 0, values('v', 10))
    const one = { topic, partition: 0 }
    const props = { 'group.id': fresh('g'), 'enable.auto.commit': 'true', 'auto.commit.interval.ms': '50' }
    await using a = testConsumer(kafka.bootstrap, props)
    a.subscribe([topic])
    await pollUntil(a, (all) => all.length === 10)
    // The first commit may be of the position before any record.
    await until('the position is committed', async () => {
      await pollOnce(a, 20)
      return (await a.committed([one]))[0]?.offset === 10
    })
    await write(cluster, topic, 0, values('w', 5))
    await pollUntil(a, (all) => all.length === 5)
    await a.close()
    await using b = testConsumer(kafka.bootstrap, props)
    assert.equal((await b.committed([one]))[0]!.offset, 15)
  })

  it('throws what a listener threw, and the rebalance is done all the same', async () => {
    const topic = await newTopic(cluster, 1)
    await using a = testConsumer(kafka.bootstrap, { 'group.id': fresh('g') })
    a.subscribe([topic], {
      onAssigned: () => {
        throw new Error('not ready')
      },
    })
    await assert.rejects(
      pollUntil(a, () => false),
      /not ready/,
    )
    assert.equal(a.assignment().length, 1)
    await write(cluster, topic, 0, values('v', 1))
    await pollUntil(a, (all) => all.length === 1)
    await a.unsubscribe()
    assert.deepEqual(a.assignment(), [])
    await assert.rejects(a.poll(0), /not subscribed/)
  })
})

async function addPartitions(cluster: ClusterClient, name: string, count: number): Promise<void> {
  const topics = [{ name, count, assignments: null }]
  await cluster.send(-1, CreatePartitions, { topics, timeoutMs: 10_000, validateOnly: false })
}
