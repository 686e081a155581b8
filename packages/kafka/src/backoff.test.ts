import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { backoffMs, wait } from './backoff.ts'

const options = { initialMs: 100, maxMs: 1000 }

describe('backoff', () => {
  it('doubles up to its cap, a fifth up or down', () => {
    const middle = [0, 1, 2, 3, 4, 5].map((attempt) => backoffMs(options, attempt, () => 0.5))
    assert.deepEqual(middle, [100, 200, 400, 800, 1000, 1000])
    assert.equal(
      backoffMs(options, 0, () => 0),
      80,
    )
    assert.equal(backoffMs(options, 20, () => 0.999_999) < 1200, true)
  })
  it('stays at its cap however long something fails', () => {
    for (const attempt of [31, 64, 1025, 1e9])
      assert.equal(
        backoffMs(options, attempt, () => 0.5),
        1000,
      )
    assert.equal(backoffMs({ initialMs: 0, maxMs: 1000 }, 5), 0)
  })
  it('ends with its signal, for its reason', async () => {
    const reason = new Error('closing')
    const controller = new AbortController()
    const waiting = wait(60_000, controller.signal)
    controller.abort(reason)
    await assert.rejects(waiting, (error) => error === reason)
    await assert.rejects(wait(60_000, controller.signal), (error) => error === reason)
  })
})
