// The bell: rung before, rung while waiting, aborted, and run out.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Bell } from './bell.ts'

describe('bell', () => {
  it('keeps one ring that nobody waited for', async () => {
    const bell = new Bell()
    bell.ring()
    bell.ring()
    await bell.wait(60_000)
    let heard = false
    const waiting = bell.wait(60_000).then(() => {
      heard = true
    })
    await new Promise(setImmediate)
    assert.equal(heard, false)
    bell.ring()
    await waiting
  })

  it('ends when the time is up and when the signal aborts, and leaves no listener behind', async () => {
    const bell = new Bell()
    await bell.wait(1)
    const controller = new AbortController()
    let listeners = 0
    const { signal } = controller
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners++
      add(...args)
    }
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners--
      remove(...args)
    }
    const waiting = bell.wait(60_000, signal)
    controller.abort()
    await waiting
    assert.equal(listeners, 0)
    await bell.wait(60_000, signal)
  })
})
