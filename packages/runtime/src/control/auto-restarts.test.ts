// Restarts by the worker itself: when, how often, for which errors, and what is shown of them.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type Logger, silentLogger } from '@millrace/api'
import { AutoRestarts, type Failing } from './auto-restarts.ts'
import type { ConfigReader } from './config-store.ts'

const ID = { connector: 'c', task: 0 }
const KEY = 'errors.auto.restart'
const TRACE =
  'org.apache.kafka.connect.errors.ConnectException: tolerance exceeded\n\tat x\nCaused by: org.apache.kafka.connect.errors.DataException: bad'

function setUp(t: TestContext, config: Record<string, string>, workerProps: Record<string, string> = {}) {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] })
  t.mock.method(Math, 'random', () => 0.5)
  const restarted: Failing[] = []
  const wanted = { state: 'STARTED' }
  const configs = { connectorConfig: () => config, targetState: () => wanted.state } as unknown as ConfigReader
  const lines: string[] = []
  const tell = (message: string) => lines.push(message)
  const log: Logger = { ...silentLogger, warn: tell, error: tell }
  const restarts = new AutoRestarts({
    configs,
    workerProps,
    restart: async (what) => {
      restarted.push(what)
    },
    log,
  })
  return { restarts, restarted, wanted, lines, tick: (ms: number) => t.mock.timers.tick(ms) }
}

test('nothing is restarted that is not told to', (t) => {
  const { restarts, restarted, tick } = setUp(t, {})
  restarts.failed(ID, TRACE)
  tick(1e9)
  assert.deepEqual(restarted, [])
  assert.equal(restarts.note(ID), undefined)
  assert.deepEqual(restarts.samples(), [])
})

test('the wait doubles up to its bound, until there are no restarts left', (t) => {
  const { restarts, restarted, tick, lines } = setUp(t, {
    [`${KEY}.max.retries`]: '3',
    [`${KEY}.backoff.ms`]: '100',
    [`${KEY}.backoff.max.ms`]: '250',
  })
  for (const waitMs of [100, 200, 250]) {
    restarts.failed(ID, TRACE)
    const before = restarted.length
    assert.equal(restarts.note(ID)?.next, new Date(Date.now() + waitMs).toISOString())
    tick(waitMs - 1)
    assert.equal(restarted.length, before)
    tick(1)
    assert.equal(restarted.length, before + 1)
    restarts.running(ID)
  }
  restarts.failed(ID, TRACE)
  tick(1e6)
  assert.equal(restarted.length, 3)
  const note = restarts.note(ID)
  assert.deepEqual([note?.attempts, note?.max_attempts, note?.next, note?.history.length], [3, 3, undefined, 4])
  assert.match(lines.join('\n'), /Task c-0 failed after 3 restarts and is not restarted by itself any more/)
  const values = Object.fromEntries(restarts.samples().map(({ name, value }) => [name, value]))
  assert.deepEqual(values, { 'auto-restarts-total': 3, 'auto-restarts-given-up-total': 1, 'auto-restarts-waiting': 0 })
})

test('what ran long enough is counted anew; what is configured anew is forgotten', (t) => {
  const { restarts, restarted, tick } = setUp(t, {}, { [`${KEY}.max.retries`]: '1', [`${KEY}.reset.ms`]: '60000' })
  const again = (ranMs: number) => {
    restarts.running('c')
    tick(ranMs)
    restarts.failed('c', TRACE)
    tick(10_000)
    return restarted.length
  }
  assert.deepEqual([again(10), again(10), again(60_000), again(10)], [1, 1, 2, 2])
  restarts.forgetAll('c')
  assert.equal(restarts.note('c'), undefined)
  assert.equal(again(10), 3)
})

test('errors are told apart by their classes, causes among them', (t) => {
  const wait = { [`${KEY}.max.retries`]: '-1' }
  for (const [config, expected] of [
    [{}, 1],
    [{ [`${KEY}.except`]: 'DataException' }, 0],
    [{ [`${KEY}.only`]: 'org.apache.kafka.connect.errors.DataException,Other' }, 1],
    [{ [`${KEY}.only`]: 'RetriableException' }, 0],
  ] as const) {
    const { restarts, restarted, tick } = setUp(t, { ...wait, ...config })
    restarts.failed(ID, TRACE)
    tick(10_000)
    assert.equal(restarted.length, expected, JSON.stringify(config))
    t.mock.timers.reset()
  }
})

test('a connector that is paused waits; one that is configured wrongly is told so', (t) => {
  const { restarts, restarted, wanted, tick } = setUp(t, {
    [`${KEY}.max.retries`]: '5',
    [`${KEY}.backoff.max.ms`]: '5000',
  })
  wanted.state = 'PAUSED'
  restarts.failed(ID, TRACE)
  tick(20_000)
  assert.deepEqual(restarted, [])
  wanted.state = 'STARTED'
  tick(5_000)
  assert.deepEqual(restarted, [ID])
  t.mock.timers.reset()
  const wrong = setUp(t, { [`${KEY}.max.retries`]: 'often' })
  wrong.restarts.failed(ID, TRACE)
  assert.match(wrong.lines.join(), /not restarted by itself: Invalid value often/)
})
