// Three workers under each of the reference's protocols, bounced in good order and killed: nothing lost, no task restarted by hand.
// Without MILLRACE_FAULT_KILLS each protocol meets one stop and one kill; with it, that many of each in a run of its own.
// MILLRACE_FAULT_SEED sets when.
import assert from 'node:assert/strict'
import { readFileSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { check } from '@millrace/connector-verifiable/checker'
import { type BrokerService, startKafka, temporaryFolder, until, whyNoKafka } from '@millrace/testkit'
import { randomMoments } from '../faults/flow.ts'
import { ask, Cluster } from './cluster.ts'

const FAULTS = Number(process.env.MILLRACE_FAULT_KILLS ?? 0)
type Fault = 'stop' | 'kill'
const ROWS: readonly (readonly Fault[])[] =
  FAULTS === 0 ? [['stop', 'kill']] : [Array(FAULTS).fill('stop'), Array(FAULTS).fill('kill')]
const MOST_BETWEEN_MS = 1_500
const DRAIN_MS = 90_000
const missing = process.env.MILLRACE_REQUIRE_SERVICES === '1' ? undefined : whyNoKafka()

// Side by side when short: most of the time passes in waiting for sessions to end.
describe('three workers', { skip: missing, concurrency: FAULTS === 0 }, () => {
  let kafka: BrokerService
  before(async () => {
    kafka = await startKafka()
  })
  after(() => kafka?.stop())

  for (const protocol of ['sessioned', 'compatible', 'eager']) {
    for (const faults of ROWS) {
      const title = FAULTS === 0 ? faults.join(' and ') : `${faults[0]}, ${FAULTS} times`
      it(`${protocol}: ${title}`, async (test) => {
        await using folder = await temporaryFolder('millrace-cluster-')
        const moments = randomMoments()
        test.diagnostic(`seed ${moments.seed}`)
        const properties = {
          'connect.protocol': protocol,
          'key.converter': 'org.apache.kafka.connect.converters.IntegerConverter',
          'value.converter': 'org.apache.kafka.connect.converters.LongConverter',
        }
        await using cluster = await Cluster.create(folder, kafka.bootstrap, { millrace: 3, properties })
        await Promise.all(cluster.members.map((one) => one.start()))
        const id = basename(folder.path)
        const [sent, received] = [folder.file('sent.jsonl'), folder.file('received.jsonl')]
        const tasks = { [`${id}-numbers`]: 3, [`${id}-check`]: 3 }
        await cluster.configure(cluster.members[0]!, {
          [`${id}-numbers`]: {
            'connector.class': 'VerifiableSource',
            'tasks.max': '3',
            topic: id,
            throughput: '300',
            partitions: '3',
            file: sent,
            'topic.creation.default.partitions': '3',
            'topic.creation.default.replication.factor': '1',
          },
        })
        // Else the sink's consumer may be first to ask for the topic, and the broker creates it with one partition.
        await until('the topic is there', () => readFileSync(sent, 'utf8').includes('"committed":true'))
        await cluster.configure(cluster.members[0]!, {
          [`${id}-check`]: {
            'connector.class': 'VerifiableSink',
            'tasks.max': '3',
            topics: id,
            file: received,
            'consumer.override.session.timeout.ms': '6000',
            'consumer.override.heartbeat.interval.ms': '500',
            'consumer.override.metadata.max.age.ms': '2000',
          },
        })
        await cluster.settled(tasks)
        const flows = () => {
          const before = [sent, received].map(size)
          return until('records flow both ways', () => [sent, received].every((file, i) => size(file) > before[i]!), {
            timeoutMs: DRAIN_MS,
            everyMs: 50,
          })
        }
        await flows()
        for (const fault of faults) {
          await moments.pause(MOST_BETWEEN_MS)
          const victim = cluster.members[Math.floor(moments.next() * cluster.members.length)]!
          await victim[fault]()
          await moments.pause(MOST_BETWEEN_MS)
          await victim.start()
        }
        await cluster.settled(tasks)
        await flows()
        const source = `/connectors/${id}-numbers`
        await until(
          'the source stops',
          async () => {
            const { status } = await ask(cluster.members[0]!, 'PUT', `${source}/stop`)
            const { body } = await ask(cluster.members[0]!, 'GET', `${source}/status`)
            return status === 204 && (body as { tasks: unknown[] }).tasks.length === 0
          },
          { everyMs: 200 },
        )
        const verdict = () => check({ source: [sent], sink: [received], gapless: true })
        await until('the sink has all', async () => (await verdict()).lostCount === 0, {
          timeoutMs: DRAIN_MS,
          everyMs: 200,
        }).catch(() => undefined)
        const { problems, lost, ...counts } = await verdict()
        test.diagnostic(JSON.stringify(counts))
        assert.deepEqual([problems, lost], [[], []], cluster.lastOutput())
        assert.ok(counts.acknowledged > 500, 'enough was sent for the check to mean something')
      })
    }
  }
})

function size(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}
