// A small one in the suite; a gigabyte by the program: `node tests/debezium-postgres/large-transaction.ts 1000 streaming=on`.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { whyNoPostgres } from '@millrace/testkit'
import { largeTransaction } from './large-transaction.ts'

describe('a worker that is killed in the middle of a large transaction', { skip: whyNoPostgres(18) }, () => {
  for (const params of ['', 'streaming=on']) {
    it(`loses none of it (${params === '' ? 'sent at its commit' : params})`, async () => {
      const { missing, outOfOrder, records, rows } = await largeTransaction(20, params)
      assert.deepEqual({ missing, outOfOrder }, { missing: 0, outOfOrder: 0 })
      assert.ok(records >= rows)
    })
  }
})
