// A few kills in the suite; hundreds by the program: `node tests/debezium-mysql/killed.ts 100 SEED`.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { whyNoMysql } from '@millrace/testkit'
import { killed } from './killed.ts'

describe('a worker that captures MariaDB and is killed', { skip: whyNoMysql('mariadb-10.11') }, () => {
  it('loses no change, and keeps those of a row in order, through alterations and purged files', async () => {
    const verdict = await killed(3, 11)
    assert.deepEqual(verdict.faults, [])
    assert.ok(verdict.changes > 0 && verdict.records > verdict.changes && verdict.altered > 0)
  })
})
