// Stopped and started in good order, again and again, while numbered records flow both ways: nothing lost, and nothing twice.
// MILLRACE_FAULT_KILLS sets how often (4), MILLRACE_FAULT_SEED when.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { onEveryBroker, temporaryFolder } from '@millrace/testkit'
import { Flow, randomMoments } from './flow.ts'

const STOPS = Number(process.env.MILLRACE_FAULT_KILLS ?? 4)
const MOST_BETWEEN_MS = 1_000

onEveryBroker('a worker that is stopped in good order', {}, (broker) => {
  it(`${STOPS} times goes on where it was`, async (test) => {
    await using folder = await temporaryFolder('millrace-stop-')
    await using flow = await Flow.start(folder, broker().bootstrap)
    const moments = randomMoments()
    test.diagnostic(`seed ${moments.seed}`)
    for (let stop = 0; stop < STOPS; stop++) {
      await flow.flows()
      await moments.pause(MOST_BETWEEN_MS)
      assert.equal(await flow.stop(), 0, flow.lastOutput())
      await flow.restart()
    }
    await flow.flows()
    const { problems, lost, ...counts } = await flow.finish()
    test.diagnostic(JSON.stringify(counts))
    assert.deepEqual([problems, lost], [[], []])
    assert.deepEqual([counts.duplicatesInKafka, counts.redelivered], [0, 0], 'everything was committed before the end')
    assert.ok(counts.acknowledged > 1_000, 'enough was sent for the check to mean something')
  })
})
