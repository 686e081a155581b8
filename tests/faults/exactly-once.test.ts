// kill -9 of workers and brokers in the middle of transactions, and a worker that stands still while another takes its work: nothing
// lost and nothing twice for readers of committed records. MILLRACE_FAULT_KILLS sets how often (2), MILLRACE_FAULT_SEED when.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { onEveryBroker, temporaryFolder } from '@millrace/testkit'
import { Flow, randomMoments } from './flow.ts'

const KILLS = Number(process.env.MILLRACE_FAULT_KILLS ?? 2)
const MOST_BETWEEN_MS = 1_500
const READ_COMMITTED = { 'consumer.override.isolation.level': 'read_committed' }
/** Transactions end after each batch, or stay open most of the time. */
const BOUNDARIES = {
  poll: { 'transaction.boundary': 'poll' },
  interval: { 'transaction.boundary': 'interval', 'transaction.boundary.interval.ms': 300 },
}

function options(boundary: keyof typeof BOUNDARIES) {
  return {
    distributed: true,
    worker: { 'exactly.once.source.support': 'enabled' },
    source: { 'exactly.once.support': 'required', ...BOUNDARIES[boundary] },
    sink: READ_COMMITTED,
  }
}

onEveryBroker('exactly once', { own: true }, (broker) => {
  const rounds = [
    ['worker', 'poll'],
    ['worker', 'interval'],
    ['broker', 'poll'],
    ['both', 'interval'],
  ] as const
  for (const [victim, boundary] of rounds) {
    it(`with kill -9 of the ${victim}, ${KILLS} times, transactions by ${boundary}`, async (test) => {
      await using folder = await temporaryFolder('millrace-once-')
      await using flow = await Flow.start(folder, broker().bootstrap, options(boundary))
      const moments = randomMoments()
      test.diagnostic(`seed ${moments.seed}`)
      await flow.flows()
      for (let kill = 0; kill < KILLS; kill++) {
        await moments.pause(MOST_BETWEEN_MS)
        if (victim !== 'worker') await broker().kill()
        if (victim !== 'broker') await flow.kill()
        if (victim !== 'worker') await broker().restart()
        if (victim !== 'broker') await flow.restart()
      }
      await flow.flows()
      const { problems, lost, duplicatesInKafka, ...counts } = await flow.finish()
      test.diagnostic(JSON.stringify(counts))
      assert.deepEqual([problems, lost, duplicatesInKafka], [[], [], 0])
      assert.ok(counts.acknowledged > 1_000, 'enough was sent for the check to mean something')
    })
  }

  it('with a worker that stands still, wakes up when others have its work, and goes on', async (test) => {
    await using folder = await temporaryFolder('millrace-zombie-')
    await using flow = await Flow.start(folder, broker().bootstrap, options('interval'))
    await flow.flows()
    flow.freeze()
    await flow.join('second')
    await flow.flows()
    flow.thaw()
    await flow.flows()
    const { problems, lost, duplicatesInKafka, ...counts } = await flow.finish()
    test.diagnostic(JSON.stringify(counts))
    assert.deepEqual([problems, lost, duplicatesInKafka], [[], [], 0])
  })
})
