// Rates that tasks are held to, and that change under them while they run.
import assert from 'node:assert/strict'
import { describe, it, test } from 'node:test'
import { startBroker } from '@millrace/broker'
import { until } from '@millrace/testkit'
import { rateLimit, withoutRateLimit } from '../config/rate-limit-config.ts'
import { startFaultyWorker } from '../testing/faulty-worker.ts'
import { TestCluster } from '../testing/test-cluster.ts'
import { atEnd, temporaryFolder } from '../testing/test-worker.ts'
import { RateLimiter } from './rate-limiter.ts'

const RECORDS = 'rate.limit.records.per.second'
const BYTES = 'rate.limit.bytes.per.second'

test('tasks share a limit; without one there is none', () => {
  assert.deepEqual(rateLimit({ [RECORDS]: '100', [BYTES]: '1e6' }, 4), {
    recordsPerSecond: 25,
    bytesPerSecond: 250_000,
  })
  assert.deepEqual(rateLimit({ [RECORDS]: '0.5' }, 0), { recordsPerSecond: 0.5, bytesPerSecond: null })
  for (const props of [{}, { [RECORDS]: '0' }, { [BYTES]: 'Infinity' }]) assert.equal(rateLimit(props, 1), null)
  assert.throws(() => rateLimit({ [RECORDS]: '-1' }, 1), /rate.limit.records.per.second/)
  assert.deepEqual(withoutRateLimit({ a: '1', [RECORDS]: '5' }), { a: '1' })
})

test('no more than the rate goes, in steps of a tenth of a second; what was overdrawn is waited for', () => {
  const limiter = new RateLimiter({ recordsPerSecond: 100, bytesPerSecond: null })
  let now = performance.now()
  assert.equal(limiter.room(now), 10)
  let went = 0
  for (const end = now + 10_000; now < end; ) {
    const room = limiter.room(now)
    if (room > 0) {
      limiter.took(room)
      went += room
    } else now += limiter.waitMs(now)
  }
  assert.ok(went >= 990 && went <= 1020, `${went} in 10 s`)
  limiter.took(500)
  assert.equal(limiter.room(now), 0)
  const waitMs = limiter.waitMs(now)
  assert.ok(waitMs > 4_900 && waitMs < 5_300, `${waitMs} ms`)
  limiter.set(null)
  assert.equal(limiter.active, false)
})

test('bytes are held to by the average size of records', () => {
  const limiter = new RateLimiter({ recordsPerSecond: null, bytesPerSecond: 10_000 })
  let now = performance.now()
  let bytes = 0
  for (const end = now + 20_000; now < end; ) {
    const room = limiter.room(now)
    if (room > 0) {
      limiter.took(room)
      limiter.bytes += room * 1000
      bytes += room * 1000
    } else now += limiter.waitMs(now)
  }
  assert.ok(bytes >= 195_000 && bytes <= 220_000, `${bytes} in 20 s`)
})

test('a limit that is changed ends the wait for the old one', async () => {
  const limiter = new RateLimiter({ recordsPerSecond: 0.001, bytesPerSecond: null })
  limiter.took(100)
  const waiting = limiter.wait(new AbortController().signal)
  limiter.set({ recordsPerSecond: 1000, bytesPerSecond: null })
  await waiting
  // A tenth of a second's worth, and what came since.
  assert.ok(limiter.room() >= 100)
})

describe('limits of running tasks', () => {
  for (const [kind, limit] of [
    ['records', { [RECORDS]: '40' }],
    ['bytes', { [BYTES]: '1000' }],
  ] as const) {
    it(`of ${kind}, of a source and a sink, change without a start of anything`, async (t) => {
      const worker = await startFaultyWorker(t, { 'progress.check.interval.ms': '50' })
      const source = { 'connector.class': 'FaultySource', topic: 'a', 'batch.size': '100', 'poll.ms': '1' }
      const sink = { 'connector.class': 'FaultySink', topics: 'a', 'consumer.override.auto.offset.reset': 'earliest' }
      await worker.put('in', { ...source, ...limit })
      await worker.put('out', { ...sink, ...limit })
      const total = { in: 'source-record-write-total', out: 'sink-record-send-total' }
      for (const name of ['in', 'out'] as const) {
        const seen = () => worker.metric(name, '0', total[name]).then((value) => value || 0)
        await until(`${name} works`, async () => (await seen()) > 0)
        const [began, before] = [performance.now(), await seen()]
        await until(`${name} waited`, async () => (await worker.metric(name, '0', 'wait-time-ms-total')) > 600)
        const rate = ((await seen()) - before) / ((performance.now() - began) / 1000)
        // A batch of 100 a millisecond would be a hundred thousand.
        assert.ok(rate < 200, `${name}: ${rate}/s`)
        const { body } = await worker.call('GET', `/connectors/${name}/tasks`)
        assert.ok(!JSON.stringify(body).includes('rate.limit'), 'tasks are not told')
      }
      for (const name of ['in', 'out'] as const) {
        const faster = Object.fromEntries(Object.keys(limit).map((key) => [key, '1e9']))
        const patched = await worker.call('PATCH', `/connectors/${name}/config`, faster)
        assert.equal(patched.status, 200)
        assert.deepEqual((patched.body as { config: object }).config, {
          ...((await worker.call('GET', `/connectors/${name}/config`)).body as object),
          ...faster,
        })
        const before = await worker.metric(name, '0', total[name])
        await until(`${name} is fast`, async () => (await worker.metric(name, '0', total[name])) > before + 1000)
      }
      const off = Object.fromEntries(Object.keys(limit).map((key) => [key, null]))
      await worker.call('PATCH', '/connectors/in/config', off)
      for (const name of ['in', 'out']) {
        assert.equal(worker.calls(name, 'task.start').length, 1, name)
        assert.equal(worker.calls(name, 'connector.start').length, 1, name)
      }
      // Another key is another matter.
      await worker.call('PATCH', '/connectors/in/config', { ...limit, 'poll.ms': '2' })
      await until('the task is started anew', () => worker.calls('in', 'task.start').length === 2)
    })
  }

  it('change on every worker of a cluster, without a start of anything', async (t) => {
    const folder = temporaryFolder(t)
    const broker = await startBroker({ dataDir: `${folder}/broker`, port: 0, host: '127.0.0.1' })
    atEnd(t, () => broker.close())
    const cluster = new TestCluster(t, broker.bootstrap)
    const workers = [await cluster.start(), await cluster.start()]
    const [one] = workers
    const config = {
      'connector.class': 'FaultySource',
      topic: 'b',
      'tasks.max': '4',
      'batch.size': '1',
      'poll.ms': '1',
    }
    await one!.call('PUT', '/connectors/c/config', { ...config, [RECORDS]: '4' })
    type Status = { readonly tasks: readonly { readonly state: string; readonly worker_id: string }[] }
    await until('two run on each', async () => {
      const { tasks } = (await one!.call('GET', '/connectors/c/status')).body as Status
      const ids = new Set(tasks?.map((task) => task.worker_id))
      return tasks?.length === 4 && tasks.every((task) => task.state === 'RUNNING') && ids.size === 2
    })
    const samples = async () => (await Promise.all(workers.map(({ worker }) => worker.metrics()))).flat()
    const of = async (name: string) => (await samples()).filter((each) => each.name === name).map((each) => each.value)
    const starts = async () => (await of('task-startup-attempts-total')).reduce<number>((sum, n) => sum + Number(n), 0)
    await until('all have a share', async () => (await of('records-per-second-limit')).join() === '1,1,1,1')
    const before = await starts()
    await one!.call('PATCH', '/connectors/c/config', { [RECORDS]: '4e6' })
    await until(
      'all have the new share',
      async () => (await of('records-per-second-limit')).join() === '1000000,1000000,1000000,1000000',
    )
    await until('all are fast', async () =>
      (await of('source-record-write-total')).every((value) => Number(value) > 50),
    )
    assert.equal(await starts(), before)
  })
})
