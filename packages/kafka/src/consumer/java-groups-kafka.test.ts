// One group of this client and the Java client, with each assignor: both lead, join, leave and die; no record is missed.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type BrokerService, findKafkaLib, startKafka, whyNoKafka } from '@millrace/testkit'
import type { ClusterClient } from '../cluster/index.ts'
import { fresh, pollOnce, pollUntil, type Seen, testCluster, testConsumer } from './testing/consumers.ts'
import { type JavaConsumer, startJavaConsumer } from './testing/java-consumer.ts'
import { newTopic, values, write } from './testing/records.ts'

const strict = process.env.MILLRACE_REQUIRE_SERVICES === '1'
const missing = strict ? undefined : ((await whyNoKafka()) ?? (await findKafkaLib().then(() => undefined, String)))
const PARTITIONS = 6
const JAVA: Readonly<Record<string, string>> = {
  range: 'RangeAssignor',
  roundrobin: 'RoundRobinAssignor',
  sticky: 'StickyAssignor',
  'cooperative-sticky': 'CooperativeStickyAssignor',
}

describe('a group with Java consumers on Apache Kafka', { skip: missing, timeout: 300_000 }, () => {
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

  for (const [name, simple] of Object.entries(JAVA)) {
    it(`${name}: shares with a Java member that joins, leads, and leaves or dies`, async () => {
      const topic = await newTopic(cluster, PARTITIONS)
      const group = fresh('mixed')
      const dies = name === 'range'
      const props = {
        'group.id': group,
        'partition.assignment.strategy': name,
        'session.timeout.ms': '6000',
        'heartbeat.interval.ms': '500',
      }
      const make = () => {
        const consumer = testConsumer(kafka.bootstrap, props)
        consumer.subscribe([topic], { onRevoked: () => consumer.commit() })
        return consumer
      }
      let round = 0
      const seen: Seen[] = []
      let java: JavaConsumer | undefined
      const missingNow = () => {
        const got = new Set([
          ...seen.map((one) => `${one.partition} ${one.value}`),
          ...(java?.lines() ?? []).map(fromJava),
        ])
        const all = Array.from({ length: PARTITIONS }, (_, partition) =>
          Array.from({ length: round }, (_, r) =>
            values(`r${r}-`, 20).map((one) => `${partition} ${String(one.value)}`),
          ).flat(),
        ).flat()
        return all.filter((one) => !got.has(one))
      }
      const putRound = async () => {
        for (let partition = 0; partition < PARTITIONS; partition++)
          await write(cluster, topic, partition, values(`r${round}-`, 20))
        round++
      }
      const ours = make()
      await using _first = ours
      // This client leads an empty group, then one with a Java member in it.
      await pollUntil(ours, () => ours.assignment().length === PARTITIONS)
      await using started = await startJavaConsumer(kafka.bootstrap, topic, group, {
        'partition.assignment.strategy': `org.apache.kafka.clients.consumer.${simple}`,
        'session.timeout.ms': '6000',
        'heartbeat.interval.ms': '500',
      })
      java = started
      seen.push(...(await pollUntil(ours, () => ours.assignment().length === PARTITIONS / 2, 60_000)))
      await putRound()
      seen.push(...(await pollUntilNone(ours, missingNow)))
      assert.ok(java.lines().length > 0, 'the Java member got nothing')
      await ours.commit()
      // The Java member leads, alone, and then with a member of this client.
      await ours.close()
      const second = make()
      await using _second = second
      seen.push(...(await pollUntil(second, () => second.assignment().length === PARTITIONS / 2, 60_000)))
      await putRound()
      seen.push(...(await pollUntilNone(second, missingNow)))
      await (dies ? java.kill() : java.stop())
      await putRound()
      seen.push(...(await pollUntil(second, () => second.assignment().length === PARTITIONS, 60_000)))
      seen.push(...(await pollUntilNone(second, missingNow)))
    })
  }

  async function pollUntilNone(consumer: ReturnType<typeof testConsumer>, missingNow: () => string[]): Promise<Seen[]> {
    const deadline = performance.now() + 30_000
    const seen: Seen[] = []
    for (;;) {
      const some = await pollOnce(consumer)
      seen.push(...some)
      const got = new Set(seen.map((one) => `${one.partition} ${one.value}`))
      const left = missingNow().filter((one) => !got.has(one))
      if (left.length === 0) return seen
      if (performance.now() > deadline) throw new Error(`${left.length} records are missed, such as ${left[0]}`)
    }
  }
})

/** `Partition:3\tvalue` as `3 value`. */
function fromJava(line: string): string {
  return line.slice('Partition:'.length).replace('\t', ' ')
}
