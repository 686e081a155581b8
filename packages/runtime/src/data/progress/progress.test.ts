// What the watch says of tasks: figures of one second made up, and tasks that misbehave on a real worker.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '@millrace/testkit'
import { startFaultyWorker } from '../../testing/faulty-worker.ts'
import { LagTrend } from './lag-trend.ts'
import { ProgressMarks } from './marks.ts'
import { duration, suspects } from './verdict.ts'

const FAST = { 'progress.check.interval.ms': '20', 'progress.stalled.ms': '300', 'progress.idle.ms': '200' }

interface Progress {
  readonly state: string
  readonly since: string
  readonly reason?: string
}
const progressOf = (body: unknown, task = 0) =>
  (body as { readonly tasks: readonly { readonly id: number; readonly progress?: Progress }[] }).tasks[task]?.progress

test('a lag that grows is behind, one that shrinks or is gone is not', () => {
  const trend = new LagTrend()
  const one = { topic: 't', partition: 1 }
  const look = (now: number, lag: number, read: number) =>
    trend.look({ lags: [{ one, lag }], read, spanMs: 1000, now: now + 1e6 })
  assert.equal(look(0, 500_000, 0), null)
  // The first reading of a long topic: a lag, but a shrinking one.
  assert.equal(look(1000, 400_000, 1000), null)
  assert.equal(look(2000, 300_000, 2000), null)
  look(2500, 300_000, 2500)
  assert.equal(look(3000, 300_500, 3000), null, 'the lowest of the span counts')
  look(3500, 300_600, 3500)
  const behind = look(4000, 301_000, 4000)
  assert.equal(behind?.state, 'behind')
  assert.match(behind?.reason ?? '', /301,000 records behind, \d+ more than 1 s ago: it reads 1000\/s, and \d+\/s come/)
  assert.equal(look(4500, 290_000, 9000)?.state, 'behind', 'said until a span is over')
  assert.equal(look(5000, 250_000, 14_000), null)
  assert.equal(look(6000, 300, 15_000), null, 'less than a second of work')
  assert.equal(look(7000, 400, 16_000), null)
})

test('a silent thread tells who ran last, or whose call is open', () => {
  const cells = new Int32Array(8)
  const [a, b] = [new ProgressMarks(cells, 1), new ProgressMarks(cells, 2)]
  a.at('put()')
  assert.deepEqual(suspects(cells, [1, 2]), [{ slot: 1, step: 'put()' }])
  a.yields()
  b.at('reading')
  b.yields()
  assert.deepEqual(suspects(cells, [1, 2]), [{ slot: 1, step: 'put()' }])
  a.ended()
  assert.deepEqual(suspects(cells, [1, 2]), [])
  // Without a slot nothing is written.
  new ProgressMarks(cells, 99).at('put()')
  assert.equal(cells[0], 0)
})

test('durations read like durations', () => {
  assert.deepEqual([300, 2400, 90_000, 120_000, 3_660_000].map(duration), [
    '300 ms',
    '2 s',
    '1 min 30 s',
    '2 min',
    '1 h 1 min',
  ])
})

test('a source whose poll() does not return is stalled until it does; one that brings nothing is idle', async (t) => {
  const worker = await startFaultyWorker(t, { ...FAST, 'worker.threads': '1' })
  const source = { 'connector.class': 'FaultySource', topic: 'a' }
  await worker.put('stuck', { ...source, 'fault.at': 'task.poll', 'fault.kind': 'block', 'fault.times': '1' })
  await worker.put('done', { ...source, count: '3', 'progress.watch': 'all' })
  await worker.put('off', { ...source, 'fault.at': 'task.poll', 'fault.kind': 'block', 'progress.watch': 'off' })
  const stuck = progressOf(await worker.until('/connectors/stuck/status', (body) => progressOf(body) !== undefined))
  assert.equal(stuck?.state, 'stalled')
  assert.match(stuck?.reason ?? '', /^poll\(\) has not returned for /)
  assert.ok(Math.abs(Date.now() - Date.parse(stuck?.since ?? '')) < 60_000)
  const done = progressOf(await worker.until('/connectors/done/status', (body) => progressOf(body)?.state === 'idle'))
  assert.equal(done?.reason, 'poll() brings no records')
  assert.equal(progressOf((await worker.call('GET', '/connectors/off/status')).body), undefined)

  const text = String((await worker.call('GET', '/metrics')).body)
  for (const line of [
    'kafka_connect_task_progress_metrics_progress{connector="stuck",task="0",progress="stalled"} 1',
    'kafka_connect_task_progress_metrics_stalled{connector="stuck",task="0"} 1',
    'kafka_connect_task_progress_metrics_progress{connector="done",task="0",progress="idle"} 1',
  ])
    assert.ok(text.includes(line), line)
  worker.release('stuck')
  worker.release('off')
  await worker.until('/connectors/stuck/status', (body) => progressOf(body) === undefined)
})

test('a sink is stalled by a put that hangs, by batches refused again and again, and by commits held back', async (t) => {
  const worker = await startFaultyWorker(t, { ...FAST, 'offset.flush.interval.ms': '50' })
  await worker.send('in', ['1', '2'])
  const sink = { 'connector.class': 'FaultySink', topics: 'in', 'consumer.override.auto.offset.reset': 'earliest' }
  await worker.put('hangs', { ...sink, 'fault.at': 'task.put', 'fault.kind': 'block' })
  await worker.put('refuses', { ...sink, 'fault.at': 'task.put', 'fault.kind': 'retriable' })
  await worker.put('unsafe', { ...sink, 'fault.at': 'task.preCommit', 'fault.kind': 'throw' })
  await worker.put('starts', { ...sink, 'fault.at': 'task.start', 'fault.kind': 'block' })
  // What is stalled first may be the consumer, which is joining its group.
  const says = (name: string, reason: RegExp) =>
    until(`${name} is stalled: ${reason}`, async () => {
      const progress = progressOf((await worker.call('GET', `/connectors/${name}/status`)).body)
      return progress?.state === 'stalled' && reason.test(progress.reason ?? '')
    })
  await says('hangs', /^put\(\) has not returned for /)
  await says('refuses', /^the same records have been tried again for .*A fault was asked for at task.put/)
  await says('unsafe', /^offsets could not be committed for .*A fault was asked for at task.preCommit/)
  await says('starts', /^start\(\) has not come to an end for /)
  for (const name of ['hangs', 'refuses', 'starts']) worker.release(name)
})

test('a task that keeps a thread busy is named, on itself and on those that suffer', async (t) => {
  const worker = await startFaultyWorker(t, { ...FAST, 'worker.threads': '1' })
  const source = { 'connector.class': 'FaultySource', topic: 'a' }
  await worker.put('good', source)
  await worker.status('good', ({ tasks }) => tasks[0]?.state === 'RUNNING')
  await worker.put('frozen', { ...source, 'fault.at': 'task.poll', 'fault.kind': 'freeze', 'fault.times': '1' })
  const reason = async (name: string) => {
    const body = await until(`${name} is stalled`, async () => {
      const { body: now } = await worker.call('GET', `/connectors/${name}/status`)
      return progressOf(now)?.state === 'stalled' && now
    })
    return progressOf(body)?.reason ?? ''
  }
  assert.match(await reason('frozen'), /^it keeps its thread busy at poll\(\), and the thread has not answered since /)
  assert.match(await reason('good'), /^its thread is kept busy by task frozen-0 at poll\(\), and/)
  worker.release('frozen')
  await worker.until('/connectors/good/status', (body) => progressOf(body) === undefined)
  await worker.until('/connectors/frozen/status', (body) => progressOf(body) === undefined)
})
