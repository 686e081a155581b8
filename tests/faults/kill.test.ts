// kill -9 of worker and broker at random moments, while numbered records flow both ways: nothing lost, order kept, duplicates counted.
// MILLRACE_FAULT_KILLS sets how often (4), MILLRACE_FAULT_SEED when.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { onEveryBroker, temporaryFolder } from '@millrace/testkit'
import { Flow, randomMoments } from './flow.ts'

const KILLS = Number(process.env.MILLRACE_FAULT_KILLS ?? 4)
const MOST_BETWEEN_MS = 1_500

onEveryBroker('kill -9', { own: true }, (broker) => {
  for (const victim of ['worker', 'broker', 'both'] as const) {
    it(`of the ${victim}, ${KILLS} times`, async (test) => {
      await using folder = await temporaryFolder('millrace-kill-')
      await using flow = await Flow.start(folder, broker().bootstrap)
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
      const { problems, lost, ...counts } = await flow.finish()
      test.diagnostic(JSON.stringify(counts))
      assert.deepEqual([problems, lost], [[], []])
      assert.ok(counts.acknowledged > 1_000, 'enough was sent for the check to mean something')
    })
  }
})
