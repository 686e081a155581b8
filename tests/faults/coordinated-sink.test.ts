// A sink whose group is divided by the coordinator (group.protocol=consumer): worker and broker are killed, nothing is lost; its
// offsets are read, changed and reset over REST as those of any sink. MILLRACE_FAULT_KILLS and MILLRACE_FAULT_SEED as in kill.test.ts.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type BrokerService, QUICK_GROUPS, startKafka, temporaryFolder, until, whyNoKafka } from '@millrace/testkit'
import { Flow, randomMoments } from './flow.ts'

/** A killed broker is away for ten seconds. */
const KILLS = {
  worker: Number(process.env.MILLRACE_FAULT_KILLS ?? 3),
  broker: Number(process.env.MILLRACE_FAULT_KILLS ?? 1),
}
const MOST_BETWEEN_MS = 1_500
const SINK = { 'consumer.override.group.protocol': 'consumer' }
const missing = process.env.MILLRACE_REQUIRE_SERVICES === '1' ? undefined : whyNoKafka()

interface Offsets {
  readonly offsets: readonly { readonly partition: SinkPartition; readonly offset: { readonly kafka_offset: number } }[]
}
interface SinkPartition {
  readonly kafka_topic: string
  readonly kafka_partition: number
}

describe('a sink in a group that the coordinator divides', { skip: missing, timeout: 600_000 }, () => {
  let kafka: BrokerService
  before(async () => {
    kafka = await startKafka({ own: true, properties: QUICK_GROUPS })
  })
  after(() => kafka?.stop())

  for (const victim of ['worker', 'broker'] as const) {
    it(`kill -9 of the ${victim}, times ${KILLS[victim]}`, async (test) => {
      await using folder = await temporaryFolder('millrace-kill-')
      await using flow = await Flow.start(folder, kafka.bootstrap, { sink: SINK })
      const moments = randomMoments()
      test.diagnostic(`seed ${moments.seed}`)
      await flow.flows()
      for (let kill = 0; kill < KILLS[victim]; kill++) {
        await moments.pause(MOST_BETWEEN_MS)
        const one = victim === 'worker' ? flow : kafka
        await one.kill()
        await one.restart()
      }
      await flow.flows()
      const { problems, lost, ...counts } = await flow.finish()
      test.diagnostic(JSON.stringify(counts))
      assert.deepEqual([problems, lost], [[], []])
      assert.ok(counts.acknowledged > 1_000, 'enough was sent for the check to mean something')
    })
  }

  it('offsets: read while it runs, refused to change until it is stopped, then changed and reset', async () => {
    await using folder = await temporaryFolder('millrace-offsets-')
    await using flow = await Flow.start(folder, kafka.bootstrap, { sink: SINK })
    await flow.flows()
    const read = async () => JSON.parse(await flow.offsets('sink')) as Offsets
    await until('offsets of all partitions are committed', async () => (await read()).offsets.length === 3)
    const { offsets } = await read()
    const wanted = { offsets: [{ partition: offsets[0]!.partition, offset: { kafka_offset: 5 } }] }
    const early = await flow.ask('sink', 'PATCH', '/offsets', wanted)
    assert.equal(early.status, 400)
    assert.match(await early.text(), /STOPPED state/)
    await flow.ask('sink', 'PUT', '/stop')
    await until('the sink is stopped', async () => {
      const status = (await (await flow.ask('sink', 'GET', '/status')).json()) as { tasks: unknown[] }
      return status.tasks.length === 0
    })
    const altered = await flow.ask('sink', 'PATCH', '/offsets', wanted)
    assert.deepEqual([altered.status, await altered.text()], [200, ALTERED])
    assert.deepEqual((await read()).offsets.find((one) => same(one.partition, offsets[0]!.partition))?.offset, {
      kafka_offset: 5,
    })
    const reset = await flow.ask('sink', 'DELETE', '/offsets')
    assert.deepEqual([reset.status, await reset.text()], [200, ALTERED.replace('altered', 'reset')])
    assert.deepEqual((await read()).offsets, [])
    await flow.ask('sink', 'PUT', '/resume')
    await flow.flows()
    await until('it reads from the start, and commits', async () => (await read()).offsets.length === 3)
  })
})

const ALTERED = JSON.stringify({ message: 'The offsets for this connector have been altered successfully' })

function same(a: SinkPartition, b: SinkPartition): boolean {
  return a.kafka_topic === b.kafka_topic && a.kafka_partition === b.kafka_partition
}
