// What workers say of their health, and of their tasks, while their broker goes away and comes back.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startEmbeddedBroker, until } from '@millrace/testkit'
import { busyHerder } from './control/health.ts'
import { TestCluster } from './testing/test-cluster.ts'
import { atEnd, startTestWorker } from './testing/test-worker.ts'

/** Brokers and workers that start on a loaded machine take their time. */
const PATIENT = { timeoutMs: 90_000 }

interface Report {
  readonly status: string
  readonly problems: readonly { readonly what: string; readonly reason: string }[]
}
interface Status {
  readonly tasks: readonly {
    readonly state: string
    readonly progress?: { readonly state: string; readonly reason: string }
  }[]
}

test('a step that takes long is told, and one that does not end', () => {
  assert.deepEqual(busyHerder('starting', 9_000), { dead: [], unready: [] })
  const long = busyHerder('starting what was assigned', 12_300)
  assert.deepEqual(long.dead, [])
  const reason = 'It has been starting what was assigned for 12 s, and serves no requests meanwhile'
  assert.deepEqual(long.unready, [{ what: 'herder', reason }])
  assert.equal(busyHerder('starting', 300_000).dead.length, 1)
})

test('a standalone worker is healthy, alive and ready', async (t) => {
  const { call } = await startTestWorker(t)
  assert.deepEqual((await call('GET', '/health/live')).body, { status: 'alive', problems: [] })
  assert.deepEqual((await call('GET', '/health/ready')).body, { status: 'ready', problems: [] })
  assert.equal((await call('GET', '/health')).status, 200)
})

test('a broker that goes away makes workers unready and tasks stalled, and nobody dead; all is well when it is back', async (t) => {
  const broker = await startEmbeddedBroker()
  atEnd(t, () => broker.stop())
  const cluster = new TestCluster(t, broker.bootstrap, {
    'progress.check.interval.ms': '20',
    'progress.stalled.ms': '1000',
  })
  const { call } = await cluster.start()
  const report = async (path: string) => {
    const { status, body } = await call('GET', path)
    return { code: status, ...(body as Report) }
  }
  const progress = async (name: string) =>
    ((await call('GET', `/connectors/${name}/status`)).body as Status).tasks?.[0]?.progress
  await call('PUT', '/connectors/in/config', { 'connector.class': 'FaultySource', topic: 'a' })
  await call('PUT', '/connectors/out/config', { 'connector.class': 'FaultySink', topics: 'a' })
  for (const name of ['in', 'out']) {
    await until(
      `${name} runs`,
      async () => {
        const { body } = await call('GET', `/connectors/${name}/status`)
        return (body as Status).tasks?.[0]?.state === 'RUNNING'
      },
      PATIENT,
    )
  }
  assert.deepEqual(await report('/health/ready'), { code: 200, status: 'ready', problems: [] })

  await broker.kill()
  const told = (what: RegExp) =>
    until(
      `unready: ${what}`,
      async () => {
        const { code, problems } = await report('/health/ready')
        return problems.some((one) => what.test(`${one.what}: ${one.reason}`)) && code === 503
      },
      PATIENT,
    )
  await told(/^group: Its coordinator has not answered for \d+ s$/)
  const health = call('GET', '/health')
  for (const kind of ['config', 'offset', 'status']) {
    await told(new RegExp(`^topic .*-${kind}: (No broker has answered a read for \\d+ s: |It c|A write )`))
  }
  assert.equal((await health).status, 500)
  assert.deepEqual(await report('/health/live'), { code: 200, status: 'alive', problems: [] })

  await broker.restart()
  await until('ready again', async () => (await report('/health/ready')).status === 'ready', PATIENT)
  assert.equal((await call('GET', '/health')).status, 200)
  for (const name of ['in', 'out']) {
    await until(
      `${name} gets on`,
      async () => {
        const { body } = await call('GET', `/connectors/${name}/status`)
        return (body as Status).tasks?.[0]?.state === 'RUNNING' && (await progress(name)) === undefined
      },
      PATIENT,
    )
  }
})

test('records that no broker acknowledges and fetches that none answers are stalls, with the place and the last problem', async (t) => {
  const broker = await startEmbeddedBroker()
  atEnd(t, () => broker.stop())
  const { call, until: ask } = await startTestWorker(
    t,
    { 'bootstrap.servers': broker.bootstrap, 'progress.check.interval.ms': '20', 'progress.stalled.ms': '1000' },
    {
      pluginModules: ['@millrace/converters', '@millrace/testkit/plugins'],
      logging: { format: 'json', target: { write: () => {} } },
    },
  )
  await call('PUT', '/connectors/in/config', { 'connector.class': 'FaultySource', topic: 'a' })
  await call('PUT', '/connectors/out/config', { 'connector.class': 'FaultySink', topics: 'a' })
  const text = async () => String((await call('GET', '/metrics')).body)
  await until('records flow', async () => /sink_task_sink_record_send_total\{[^}]*} [1-9]/.test(await text()))
  await broker.kill()
  const stalled = (name: string, reason: RegExp) =>
    ask(`/connectors/${name}/status`, ({ tasks }: Status) => reason.test(tasks[0]?.progress?.reason ?? ''))
  const source = (await stalled('in', /acknowledged/)) as Status
  assert.match(
    source.tasks[0]?.progress?.reason ?? '',
    /^[\d,]+ records? for a-0 have not been acknowledged for \d+ m?s/,
  )
  const sink = (await stalled('out', /fetch/)) as Status
  assert.match(sink.tasks[0]?.progress?.reason ?? '', /^no broker has answered a fetch for \d+ s/)
  await broker.restart()
  for (const name of ['in', 'out'])
    await ask(`/connectors/${name}/status`, ({ tasks }: Status) => tasks[0]?.progress === undefined)
  const after = (await call('GET', '/connectors/in/status')).body as Status
  assert.equal(after.tasks[0]?.progress, undefined)
})
