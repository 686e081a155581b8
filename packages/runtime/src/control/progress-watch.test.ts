// What is told of the progress of tasks: each change once, and not more often than every sixth look.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type Logger, silentLogger } from '@millrace/api'
import type { TaskId, TaskProgress } from '../plane/messages.ts'
import type { ConfigReader } from './config-store.ts'
import { ProgressWatch } from './progress-watch.ts'

const ID = { connector: 'c', task: 0 }
const progress = (state: TaskProgress['state'], reason = ''): TaskProgress => ({ state, since: 1000, reason })

function setUp(t: TestContext, config: Record<string, string> = {}, workerProps: Record<string, string> = {}) {
  t.mock.timers.enable({ apis: ['setInterval', 'Date'], now: 1_000_000 })
  const published: TaskId[] = []
  const lines: string[] = []
  const tell = (level: string) => (message: string) => void lines.push(`${level} ${message}`)
  const log: Logger = { ...silentLogger, warn: tell('warn'), info: tell('info') }
  const present = new Set(['c-0'])
  const looks = { count: 0 }
  const watch = new ProgressWatch({
    configs: { connectorConfig: () => config } as unknown as ConfigReader,
    workerProps,
    runs: ({ connector, task }) => present.has(`${connector}-${task}`),
    check: () => {
      looks.count++
    },
    publish: (id) => void published.push(id),
    log,
  })
  t.after(() => watch.close())
  watch.state(ID, 'RUNNING')
  return { watch, published, lines, present, looks, tick: (ms: number) => t.mock.timers.tick(ms) }
}

test('a problem is told once, and once more when it is over; quick changes wait for a later look', (t) => {
  const { watch, published, lines, tick, looks } = setUp(t)
  watch.progress(ID, progress('stalled', 'no answer'))
  const note = { state: 'stalled', since: new Date(1000).toISOString(), reason: 'no answer' }
  assert.deepEqual(watch.note(ID), note)
  assert.deepEqual(lines, ['warn Task c-0 is stalled: no answer'])
  watch.progress(ID, progress('running'))
  assert.deepEqual(watch.note(ID), note, 'told a moment ago')
  tick(25_000)
  assert.equal(published.length, 1)
  tick(10_000)
  assert.equal(watch.note(ID), undefined)
  assert.equal(published.length, 2)
  assert.deepEqual(lines.slice(1), ['info Task c-0 gets on again'])
  assert.equal(looks.count, 7)
})

test('idle and running are told where that is wanted, and nothing where it is not', (t) => {
  const all = setUp(t, { 'progress.watch': 'all' })
  all.watch.progress(ID, progress('idle', 'nothing comes'))
  assert.equal(all.watch.note(ID)?.state, 'idle')
  assert.equal(all.published.length, 1)
  assert.deepEqual(all.lines, [])
  t.mock.timers.reset()
  const problems = setUp(t)
  problems.watch.progress(ID, progress('idle', 'nothing comes'))
  assert.equal(problems.watch.note(ID), undefined)
  assert.deepEqual(problems.published, [])
  const [shown] = problems.watch.samples()
  assert.deepEqual([shown?.name, shown?.value], ['progress', 'idle'])
})

test('a state that is reported ends what was known; a failed task keeps its series, one that is gone has none', (t) => {
  const { watch, present } = setUp(t)
  watch.progress(ID, progress('stalled', 'no answer'))
  watch.state(ID, 'FAILED')
  assert.equal(watch.note(ID), undefined)
  const values = () => watch.samples().map(({ name, value }) => [name, value])
  assert.deepEqual(values().slice(0, 2), [
    ['progress', 'failed'],
    ['stalled', 0],
  ])
  present.clear()
  assert.deepEqual(values(), [])
})

test('a silent thread is a stall of its tasks once it is silent for long, and over when it answers', (t) => {
  const { watch, tick } = setUp(t, {}, { 'progress.stalled.ms': '1000' })
  const silent = (silentMs: number) =>
    watch.silent({
      event: 'threadSilent',
      tasks: [ID],
      silentMs,
      suspects: silentMs === 0 ? [] : [{ id: { connector: 'd', task: 3 }, at: 'put()' }],
    })
  silent(900)
  assert.equal(watch.note(ID), undefined)
  silent(1900)
  assert.match(watch.note(ID)?.reason ?? '', /^its thread is kept busy by task d-3 at put\(\), and the thread/)
  silent(0)
  tick(40_000)
  assert.equal(watch.note(ID), undefined)
})
