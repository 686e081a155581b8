// Groups whose coordinator divides the partitions (KIP-848), on Apache Kafka: members of this client among themselves.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { TopicPartition } from '@millrace/api'
import { type BrokerService, QUICK_GROUPS, startEmbeddedBroker, startKafka, until, whyNoKafka } from '@millrace/testkit'
import { Admin } from '../admin/admin.ts'
import type { ClusterClient } from '../cluster/index.ts'
import { commitOnce } from './committed-offsets.ts'
import type { Consumer } from './consumer.ts'
import { fresh, pollOnce, pollUntil, type Seen, testCluster, testConsumer } from './testing/consumers.ts'
import { newTopic, values, write } from './testing/records.ts'

const missing = process.env.MILLRACE_REQUIRE_SERVICES === '1' ? undefined : whyNoKafka()

describe('groups divided by the coordinator, on Apache Kafka', { skip: missing, timeout: 180_000 }, () => {
  let kafka: BrokerService
  let cluster: ClusterClient
  before(async () => {
    kafka = await startKafka({ own: true, properties: QUICK_GROUPS })
    cluster = testCluster(kafka.bootstrap)
  })
  after(async () => {
    await cluster?.close()
    await kafka?.stop()
  })

  const member = (props: Record<string, string>) =>
    testConsumer(kafka.bootstrap, { 'group.protocol': 'consumer', 'metadata.max.age.ms': '300', ...props })

  it('two, then three members share; each gives up only what moves; one leaves, and nothing is lost or read twice', async () => {
    const topic = await newTopic(cluster, 6)
    const group = fresh('g')
    const told: string[] = []
    const members: Consumer[] = []
    const join = (who: string) => {
      const consumer = member({ 'group.id': group })
      const tell = (sign: string) => (list: readonly TopicPartition[]) => {
        told.push(`${who} ${sign} ${list.length}`)
      }
      const onRevoked = async (list: readonly TopicPartition[]) => {
        tell('-')(list)
        const offsets = list.flatMap((one) => {
          const offset = consumer.position(one)
          return offset === undefined ? [] : [{ ...one, offset }]
        })
        await consumer.commit(offsets)
      }
      consumer.subscribe([topic], { onAssigned: tell('+'), onRevoked, onLost: tell('lost') })
      members.push(consumer)
      return consumer
    }
    const seen: Seen[] = []
    const pollAll = async (done: () => boolean) => {
      const deadline = performance.now() + 30_000
      while (!done()) {
        if (performance.now() > deadline) throw new Error(`in vain: ${members.map((one) => one.assignment().length)}`)
        for (const one of members) seen.push(...(await pollOnce(one, 20)))
      }
    }
    let written = 0
    const round = async () => {
      for (let partition = 0; partition < 6; partition++)
        await write(cluster, topic, partition, values(`${written}-`, 20))
      written++
    }
    const share = (...counts: number[]) => {
      const have = members.map((one) => one.assignment().length)
      return have.length === counts.length && have.every((one, index) => one === counts[index])
    }
    const a = join('a')
    await pollAll(() => share(6))
    await round()
    await pollAll(() => seen.length === 120)
    join('b')
    await pollAll(() => share(3, 3))
    await round()
    await pollAll(() => seen.length === 240)
    const c = join('c')
    await pollAll(() => share(2, 2, 2))
    await round()
    await pollAll(() => seen.length === 360)
    members.splice(members.indexOf(c), 1)
    await c.close()
    await pollAll(() => share(3, 3))
    await round()
    await pollAll(() => seen.length === 480)
    assert.equal(new Set(seen.map((one) => `${one.partition}/${one.offset}`)).size, 480, 'a record came twice')
    assert.deepEqual(
      told.filter((one) => one.includes('lost')),
      [],
    )
    // Six were taken, three given up for b, one for c; one came back.
    assert.deepEqual(
      told.filter((one) => one.startsWith('a') && one !== 'a + 0'),
      ['a + 6', 'a - 3', 'a - 1', 'a + 1'],
    )
    assert.ok(a.groupMetadata().generationId >= 3)
    for (const one of members) await one.close()
  })

  it('takes over from a member that is gone without a word', async () => {
    const topic = await newTopic(cluster, 4)
    const props = { 'group.id': fresh('g') }
    await using a = member(props)
    const b = member({ ...props, 'internal.leave.group.on.close': 'false' })
    a.subscribe([topic])
    b.subscribe([topic])
    await pollBoth(a, b, () => a.assignment().length === 2 && b.assignment().length === 2)
    await b.close()
    await pollUntil(a, () => a.assignment().length === 4)
  })

  it('takes on partitions that are added, a topic that is made after subscribing, and another subscription', async () => {
    const topic = fresh('late')
    const other = await newTopic(cluster, 2)
    await using a = member({ 'group.id': fresh('g'), 'allow.auto.create.topics': 'false' })
    await using admin = Admin.create({ 'bootstrap.servers': kafka.bootstrap })
    a.subscribe([topic])
    await pollUntil(a, () => a.groupMetadata().generationId > 0)
    await newTopic(cluster, 1, topic)
    await pollUntil(a, () => a.assignment().length === 1)
    await admin.createPartitions({ [topic]: 3 })
    await pollUntil(a, () => a.assignment().length === 3)
    await write(cluster, topic, 2, values('v', 5))
    await pollUntil(a, (seen) => seen.length === 5)
    a.subscribe([topic, other])
    await pollUntil(a, () => a.assignment().length === 5)
    a.subscribe([other])
    await pollUntil(a, () => a.assignment().every((one) => one.topic === other) && a.assignment().length === 2)
    await a.unsubscribe()
    assert.deepEqual(a.assignment(), [])
  })

  it('a regular expression is evaluated by the coordinator where it can be, and here where not; both find new topics', async () => {
    const prefix = fresh('rx')
    await newTopic(cluster, 1, `${prefix}.one`)
    await using admin = Admin.create({ 'bootstrap.servers': kafka.bootstrap })
    for (const pattern of [new RegExp(`${prefix}\\..*`), new RegExp(`(?=rx)${prefix}\\..*`)]) {
      const group = fresh('g')
      await using a = member({ 'group.id': group })
      a.subscribe(pattern)
      await pollUntil(a, () => a.assignment().length > 0)
      const before = a.assignment().length
      const name = fresh(`${prefix}.new`)
      await newTopic(cluster, 1, name)
      await pollUntil(a, () => a.assignment().length === before + 1, 60_000)
      const [described] = await admin.describeConsumerGroups([group])
      const byCoordinator = described!.members[0]!.topicRegex
      assert.equal(byCoordinator, pattern.source.startsWith('(') ? null : pattern.source)
    }
  })

  it('leaves when it does not poll for max.poll.interval.ms: others take over, its part is lost, and it comes back', async () => {
    const topic = await newTopic(cluster, 2)
    const id = fresh('g')
    const lost: TopicPartition[] = []
    await using slow = member({ 'group.id': id, 'max.poll.interval.ms': '1000' })
    slow.subscribe([topic], { onLost: (partitions) => void lost.push(...partitions) })
    await pollUntil(slow, () => slow.assignment().length === 2)
    await using quick = member({ 'group.id': id })
    quick.subscribe([topic])
    await pollUntil(quick, () => quick.assignment().length === 2)
    await assert.rejects(slow.commit(slow.assignment().map((one) => ({ ...one, offset: 0 }))), {
      name: 'CommitFailedException',
      message: /max.poll.interval.ms/,
    })
    await pollBoth(quick, slow, () => quick.assignment().length === 1 && slow.assignment().length === 1)
    assert.equal(lost.length, 2)
  })

  it('a static member comes back to its partitions; a second one with its name is refused', async () => {
    const topic = await newTopic(cluster, 4)
    const id = fresh('g')
    const named = (instance: string) => {
      const consumer = member({ 'group.id': id, 'group.instance.id': instance })
      consumer.subscribe([topic])
      return consumer
    }
    await using other = named('other')
    const first = named('first')
    await pollBoth(other, first, () => other.assignment().length === 2 && first.assignment().length === 2)
    const numbers = () => first.assignment().map((one) => one.partition)
    const had = numbers().sort()
    await first.close()
    await using again = named('first')
    await pollBoth(other, again, () => again.assignment().length === 2)
    assert.deepEqual(
      again
        .assignment()
        .map((one) => one.partition)
        .sort(),
      had,
    )
    assert.equal(other.assignment().length, 2)
    await using thief = named('first')
    await assert.rejects(
      pollUntil(thief, () => false),
      { name: 'UnreleasedInstanceIdException', message: /group.instance.id/ },
    )
  })

  it('says what is wrong with an assignor that the broker does not have', async () => {
    const topic = await newTopic(cluster, 1)
    await using a = member({ 'group.id': fresh('g'), 'group.remote.assignor': 'mine' })
    a.subscribe([topic])
    await assert.rejects(
      pollUntil(a, () => false),
      { name: 'UnsupportedAssignorException', message: /group\.remote\.assignor.*group\.consumer\.assignors/ },
    )
  })

  it('commits by itself, and refuses a commit under an epoch that is over', async () => {
    const topic = await newTopic(cluster, 1)
    await write(cluster, topic, 0, values('v', 10))
    const one = { topic, partition: 0 }
    const props = { 'group.id': fresh('g'), 'enable.auto.commit': 'true', 'auto.commit.interval.ms': '50' }
    await using a = member(props)
    a.subscribe([topic])
    await pollUntil(a, (all) => all.length === 10)
    await until('the position is committed', async () => {
      await pollOnce(a, 20)
      return (await a.committed([one]))[0]?.offset === 10
    })
    const { memberId, generationId } = a.groupMetadata()
    const stranger = { memberId, generationId: generationId + 7, groupInstanceId: null }
    await assert.rejects(commitOnce(cluster, props['group.id'], stranger, [{ ...one, offset: 3 }], 5_000), {
      name: 'CommitFailedException',
      message: /epoch is over/,
    })
  })

  async function pollBoth(a: Consumer, b: Consumer, done: () => boolean): Promise<void> {
    await until('both have their share', async () => {
      await pollOnce(a, 20)
      await pollOnce(b, 20)
      return done()
    })
  }
})

describe('a broker that does not offer the consumer group protocol', () => {
  it('is named, with its features and what to do', async () => {
    await using broker = await startEmbeddedBroker()
    await using a = testConsumer(broker.bootstrap, { 'group.protocol': 'consumer', 'group.id': fresh('g') })
    a.subscribe([fresh('t')])
    await assert.rejects(
      pollUntil(a, () => false),
      {
        name: 'UnsupportedVersionException',
        message: /group\.protocol=consumer.*127\.0\.0\.1.*group\.version.*group\.protocol=classic/,
      },
    )
  })
})
