// One connection a node: shared attempts, backoff after failures, no connection to a node that moved.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { until } from '@millrace/testkit'
import { Connection } from '../network/connection.ts'
import { NodePool } from './node-pool.ts'

const BACKOFF = { initialMs: 60, maxMs: 60 }

describe('the pool of connections', () => {
  const connection = (maxIdleMs = 60_000) =>
    new Connection('h:1', { clientId: 'me', requestTimeoutMs: 1000, maxIdleMs })

  it('makes one connection for all who ask, and keeps it', async () => {
    let dialled = 0
    const pool = new NodePool(async () => {
      dialled++
      return connection()
    }, BACKOFF)
    assert.equal(pool.peek('1'), undefined)
    const [a, b] = await Promise.all([pool.get('1', 'h', 1), pool.get('1', 'h', 1)])
    assert.equal(a, b)
    assert.equal(await pool.get('1', 'h', 1), a)
    assert.equal(pool.peek('1'), a)
    assert.notEqual(await pool.get('2', 'h', 1), a)
    assert.equal(dialled, 2)
    pool.close()
    assert.equal(a.closed, true)
    await assert.rejects(pool.get('1', 'h', 1), /client is closed/)
  })

  it('leaves an address alone until its backoff has passed, and gives the last error meanwhile', async () => {
    let dialled = 0
    const pool = new NodePool(async () => {
      dialled++
      throw new Error(`refused ${dialled}`)
    }, BACKOFF)
    await assert.rejects(pool.get('1', 'h', 1), /refused 1/)
    await assert.rejects(pool.get('1', 'h', 1), /refused 1/)
    assert.equal(dialled, 1)
    await until('the backoff has passed', async () => pool.waitMs('1') === 0)
    await assert.rejects(pool.get('1', 'h', 1), { name: 'DisconnectException', message: /refused 2/ })
  })

  it('makes a new connection when a node moved, when the old one broke, and when it expired', async () => {
    const pool = new NodePool(async (_host, at) => connection(at === 3 ? 0 : 60_000), BACKOFF)
    const first = await pool.get('1', 'h', 1)
    const moved = await pool.get('1', 'h', 2)
    assert.notEqual(moved, first)
    assert.equal(first.closed, true)
    moved.close()
    await until('the backoff has passed', async () => pool.waitMs('1') === 0)
    assert.notEqual(await pool.get('1', 'h', 2), moved)
    const idle = await pool.get('3', 'h', 3)
    assert.equal(pool.peek('3'), undefined)
    // No backoff: it did not break.
    const next = await pool.get('3', 'h', 3)
    assert.notEqual(next, idle)
    assert.equal(idle.closed, true)
    assert.equal(pool.waitMs('3'), 0)
  })
})
