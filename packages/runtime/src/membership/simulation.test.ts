// Thousands of schedules of joins, stops, crashes, cut connections, lost messages and changed configurations, in simulated time.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { SimulatedCluster } from './testing/simulation/cluster.ts'

const SCHEDULES = Number(process.env.MILLRACE_SCHEDULES ?? 2_000)

it('no schedule gives a task two owners in one generation, or loses one', (test) => {
  const first = Number(process.env.MILLRACE_SEED ?? Math.floor(Math.random() * 2 ** 31))
  test.diagnostic(
    `seeds ${first} to ${first + SCHEDULES - 1}; to repeat one: MILLRACE_SEED=${first} MILLRACE_SCHEDULES=1`,
  )
  let generations = 0
  let incidents = 0
  for (let seed = first; seed < first + SCHEDULES; seed++) {
    try {
      const outcome = new SimulatedCluster(seed).run()
      generations += outcome.generations
      incidents += outcome.incidents
    } catch (error) {
      throw new Error(`Seed ${seed} (repeat it with MILLRACE_SEED=${seed} MILLRACE_SCHEDULES=1)`, { cause: error })
    }
  }
  test.diagnostic(`${SCHEDULES} schedules, ${incidents} incidents, ${generations} generations`)
  assert.ok(generations > SCHEDULES && incidents > SCHEDULES)
})
