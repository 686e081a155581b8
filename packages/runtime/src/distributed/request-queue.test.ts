// The order in which requests are served.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RequestQueue } from './request-queue.ts'

function setUp() {
  const clock = { now: 1000 }
  const served: string[] = []
  let wakes = 0
  const queue = new RequestQueue(
    () => clock.now,
    () => wakes++,
  )
  return {
    clock,
    served,
    queue,
    wakes: () => wakes,
    ask: (name: string, delayMs = 0) => queue.run(() => served.push(name), delayMs),
  }
}

test('requests are served in the order of their times, then in that of asking', async () => {
  const { clock, served, queue, wakes, ask } = setUp()
  const all = [ask('late', 50), ask('first'), ask('second'), ask('later', 60), ask('third')]
  assert.equal(wakes(), 2)
  assert.equal(await queue.serve(), 1050)
  assert.deepEqual(served, ['first', 'second', 'third'])
  clock.now = 1060
  assert.equal(await queue.serve(), undefined)
  assert.deepEqual(served, ['first', 'second', 'third', 'late', 'later'])
  await Promise.all(all)
})

test('one is served after another, and what comes meanwhile too', async () => {
  const { served, queue, ask } = setUp()
  const slow = queue.run(async () => {
    void ask('asked meanwhile')
    await Promise.resolve()
    served.push('slow')
    return 7
  })
  await queue.serve()
  assert.deepEqual(served, ['slow', 'asked meanwhile'])
  assert.equal(await slow, 7)
})

test('a failure is that of who asked', async () => {
  const { queue, served, ask } = setUp()
  const failing = queue.run(() => {
    throw new Error('no')
  })
  const other = ask('other')
  await Promise.all([queue.serve(), assert.rejects(failing, /no/)])
  await other
  assert.deepEqual(served, ['other'])
})

test('a closed queue fails what waits and what comes', async () => {
  const { queue, ask } = setUp()
  const waiting = ask('waiting')
  queue.close(new Error('Worker is shutting down'))
  await assert.rejects(waiting, /shutting down/)
  await assert.rejects(ask('new'), /shutting down/)
  assert.equal(await queue.serve(), undefined)
})
