// A few kills in the suite; hundreds by the program: `node tests/debezium-postgres/killed.ts 200 SEED`.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { whyNoPostgres } from '@millrace/testkit'
import { killed } from './killed.ts'

describe('a worker that captures and is killed', { skip: whyNoPostgres(18) }, () => {
  it('loses no change, and keeps those of a row in order', async () => {
    const verdict = await killed(3, 11)
    assert.deepEqual(verdict.faults, [])
    assert.ok(verdict.changes > 0 && verdict.records > verdict.changes)
  })
})
