// Groups whose coordinator divides the partitions, with Java consumers in them and on the way there from the classic protocol.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type BrokerService, findKafkaLib, QUICK_GROUPS, startKafka, until, whyNoKafka } from '@millrace/testkit'
import { Admin } from '../admin/admin.ts'
import type { ClusterClient } from '../cluster/index.ts'
import { fresh, testCluster, testConsumer } from './testing/consumers.ts'
import { startJavaConsumer } from './testing/java-consumer.ts'
import { newTopic } from './testing/records.ts'
import { Rounds } from './testing/rounds.ts'

const strict = process.env.MILLRACE_REQUIRE_SERVICES === '1'
const missing = strict ? undefined : (whyNoKafka() ?? (await findKafkaLib().then(() => undefined, String)))
const PARTITIONS = 6
const CLASSIC = { 'session.timeout.ms': '6000', 'heartbeat.interval.ms': '500' }
const CONSUMER = { 'group.protocol': 'consumer' }

describe('groups divided by the coordinator, with Java consumers', { skip: missing, timeout: 300_000 }, () => {
  let kafka: BrokerService
  let cluster: ClusterClient
  let admin: Admin
  before(async () => {
    kafka = await startKafka({ own: true, properties: QUICK_GROUPS })
    cluster = testCluster(kafka.bootstrap)
    admin = Admin.create({ 'bootstrap.servers': kafka.bootstrap })
  })
  after(async () => {
    await admin?.close()
    await cluster?.close()
    await kafka?.stop()
  })

  const member = (topic: string, group: string, props: Readonly<Record<string, string>>) => {
    const consumer = testConsumer(kafka.bootstrap, { 'group.id': group, ...props })
    consumer.subscribe([topic], { onRevoked: () => consumer.commit() })
    return consumer
  }
  /** How the members of a group take part, as the coordinator sees it. */
  const protocols = async (group: string) => {
    const [described] = await admin.describeConsumerGroups([group])
    if (described!.error !== null) throw described!.error
    return described!.members.map((one) => one.protocol).sort()
  }

  it('shares with a Java member that joins and dies, of either protocol', async () => {
    const topic = await newTopic(cluster, PARTITIONS)
    const group = fresh('mixed')
    const rounds = new Rounds(cluster, topic, PARTITIONS)
    await using ours = member(topic, group, CONSUMER)
    rounds.ours = [ours]
    await rounds.shared(PARTITIONS)
    await using java = await startJavaConsumer(kafka.bootstrap, topic, group, CONSUMER)
    await using classic = await startJavaConsumer(kafka.bootstrap, topic, group, CLASSIC)
    rounds.java = [java, classic]
    await rounds.shared(PARTITIONS / 3)
    await rounds.round()
    assert.deepEqual(await protocols(group), ['classic', 'consumer', 'consumer'])
    for (const one of rounds.java) assert.ok(one.lines().length > 0, 'a Java member got nothing')
    await java.kill()
    await rounds.round()
    await rounds.shared(PARTITIONS / 2)
    await classic.stop()
    await rounds.shared(PARTITIONS)
    await rounds.round()
  })

  it('a group moves from the classic protocol member by member, and back', async () => {
    const topic = await newTopic(cluster, PARTITIONS)
    const group = fresh('moves')
    const rounds = new Rounds(cluster, topic, PARTITIONS)
    const half = PARTITIONS / 2
    await using java = await startJavaConsumer(kafka.bootstrap, topic, group, CLASSIC)
    rounds.java = [java]
    rounds.ours = [member(topic, group, CLASSIC)]
    await rounds.shared(half)
    await rounds.round()
    const replace = async (index: number, props: Readonly<Record<string, string>>) => {
      await rounds.ours[index]!.close()
      rounds.ours[index] = member(topic, group, props)
    }
    // The first member of the new protocol brings the group with it.
    await replace(0, CONSUMER)
    await rounds.shared(half)
    await rounds.round()
    assert.deepEqual(await protocols(group), ['classic', 'consumer'])
    rounds.ours.push(member(topic, group, CLASSIC))
    await rounds.shared(PARTITIONS / 3, PARTITIONS / 3)
    await rounds.round()
    await replace(1, CONSUMER)
    await java.stop()
    await rounds.shared(half, half)
    await rounds.round()
    assert.deepEqual(await protocols(group), ['consumer', 'consumer'])
    await replace(0, CLASSIC)
    await rounds.shared(half, half)
    await rounds.round()
    // The last of the new protocol takes the group back with it.
    await replace(1, CLASSIC)
    await rounds.shared(half, half)
    await rounds.round()
    await until('the group is a classic one', async () => {
      const [described] = await admin.describeGroups([group])
      return described!.error === null && described!.protocolType === 'consumer' && described!.members.length === 2
    })
    for (const one of rounds.ours) await one.close()
  })
})
