import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { checkArrival } from './check.ts'

async function check(ids: readonly number[], expected: number) {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-check-'))
  const file = join(folder, 'orders.jsonl')
  writeFileSync(file, ids.map((orderid) => `${JSON.stringify({ orderid })}\n`).join(''))
  try {
    return await checkArrival(file, expected)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test('all there, in order', async () => {
  assert.deepEqual(await check([0, 1, 2], 3), { lines: 3, missing: 0, duplicates: 0, outOfOrder: 0 })
})

test('missing, repeated and swapped orders are each counted', async () => {
  assert.deepEqual(await check([0, 0, 3, 1], 5), { lines: 4, missing: 2, duplicates: 1, outOfOrder: 1 })
})
