// A few kills in the suite; hundreds by the program: `node tests/jdbc-killed/killed.ts 100 SEED`.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { whyNoMysql, whyNoPostgres } from '@millrace/testkit'
import { killed, type Plan } from './killed.ts'

const KILLS = Number(process.env.MILLRACE_FAULT_KILLS ?? 2)
const SEED = Number(process.env.MILLRACE_FAULT_SEED ?? 6)

/** A sink of each kind; the program has all of them. */
const PLANS: readonly (Omit<Plan, 'kills' | 'seed'> & { readonly skip: string | undefined })[] = [
  { server: 'postgres-18', makes: ['confluent'], modes: ['delete', 'insert'], skip: whyNoPostgres(18) },
  { server: 'mariadb-10.11', makes: ['debezium'], modes: ['delete', 'update'], skip: whyNoMysql('mariadb-10.11') },
]

for (const { skip, ...plan } of PLANS) {
  describe(`a worker that writes to ${plan.server} and is killed`, { skip }, () => {
    it('leaves what the topic says', async (test) => {
      const often = { kills: KILLS, seed: SEED, killsASink: Math.ceil(KILLS / 2) }
      const verdict = await killed({ ...plan, ...often, steps: ['transaction', 'database commit', 'offset commit'] })
      test.diagnostic(JSON.stringify(verdict))
      assert.deepEqual(verdict.faults, [])
      assert.ok(verdict.sinks === 2 && verdict.records > verdict.sinks * 100 && verdict.rows > 100)
    })
  })
}
