// A standalone worker as its users meet it: pipelines run, failures are told, secrets are not.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references to config providers look like this
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { startStandalone } from './standalone.ts'
import { atEnd, startTestWorker, temporaryFolder, workerOptions } from './testing/test-worker.ts'

interface Status {
  readonly connector: { readonly state: string; readonly trace?: string; readonly version?: string }
  readonly tasks: readonly { readonly id: number; readonly state: string; readonly trace?: string }[]
}
const NOWHERE = 'localhost:1'
const told = (more: Record<string, string> = {}) => ({ 'connector.class': 'ToldSource', ...more })
const allRunning = (count: number) => (status: Status) =>
  status.tasks?.length === count && status.tasks.every((one) => one.state === 'RUNNING')

test('a file goes through Kafka to a file, and on after a restart of the worker', async (t) => {
  const { folder, bootstrap, call, until, worker } = await startTestWorker(t)
  const source = { name: 'in', 'connector.class': 'FileStreamSource', file: join(folder, 'in.txt'), topic: 'lines' }
  writeFileSync(source.file, 'one\ntwo\n')
  assert.equal((await call('PUT', '/connectors/in/config', source)).status, 201)
  const sink = { 'connector.class': 'FileStreamSink', file: join(folder, 'out.txt'), topics: 'lines' }
  assert.equal((await call('PUT', '/connectors/out/config', sink)).status, 201)
  await until('/connectors/out/offsets', (body: { offsets: unknown[] }) => body.offsets.length > 0)
  await until(
    '/connectors/in/offsets',
    (body: { offsets: { offset: { position: number } }[] }) => body.offsets[0]?.offset.position === 8,
  )
  assert.equal(readFileSync(sink.file, 'utf8'), 'one\ntwo\n')
  await worker.stop()

  writeFileSync(source.file, 'one\ntwo\nthree\n')
  const again = await startStandalone({
    ...workerOptions(folder, bootstrap),
    connectors: [
      { name: 'in', config: source },
      { name: 'out', config: { ...sink, name: 'out' } },
    ],
  })
  atEnd(t, () => again.stop())
  const end = performance.now() + 10_000
  while (readFileSync(sink.file, 'utf8') !== 'one\ntwo\nthree\n' && performance.now() < end)
    await new Promise((r) => setTimeout(r, 20))
  assert.equal(readFileSync(sink.file, 'utf8'), 'one\ntwo\nthree\n')
})

test('connectors of files are created at the start: properties, settings as JSON, a create request', async (t) => {
  const files = temporaryFolder(t)
  const write = (name: string, text: string) => {
    writeFileSync(join(files, name), text)
    return join(files, name)
  }
  const connectorFiles = [
    write('a.properties', 'name=a\nconnector.class=ToldSource\n'),
    write('b.json', JSON.stringify({ name: 'b', ...told(), plans: 1 })),
    write('c.json', JSON.stringify({ name: 'c', config: told(), initial_state: 'stopped', comment: 'kept' })),
  ]
  const { call, until } = await startTestWorker(t, {}, { connectorFiles })
  assert.deepEqual((await call('GET', '/connectors')).body, ['a', 'b', 'c'])
  assert.ok(allRunning(1)((await until('/connectors/b/status', allRunning(1))) as Status))
  const stopped = (await call('GET', '/connectors/c/status')).body as Status
  assert.equal(stopped.connector.state, 'STOPPED')
  assert.equal((await call('GET', '/health')).status, 200)
})

test('what is wrong at the start is one clear error, and nothing keeps running', async (t) => {
  const folder = temporaryFolder(t)
  const start = (props: Record<string, string>, more: object = {}) =>
    startStandalone({ ...workerOptions(folder, NOWHERE, props), ...more })
  const taken = createServer()
  const port = await new Promise<number>((resolve) =>
    taken.listen(0, 'localhost', () => resolve((taken.address() as { port: number }).port)),
  )
  atEnd(t, () => taken.close())
  await assert.rejects(start({ listeners: `http://localhost:${port}` }), {
    name: 'ConnectException',
    message: `Cannot listen on http://localhost:${port}: the port is in use. Stop what uses it, or choose another port in listeners.`,
  })
  await assert.rejects(
    start({ 'key.converter': 'StringConvertor' }),
    /Invalid value StringConvertor for configuration key\.converter: Class .* Did you mean .*StringConverter/,
  )
  await assert.rejects(
    start({ 'offset.flush.interval.ms': 'soon' }),
    /Invalid value soon for configuration offset\.flush\.interval\.ms: Not a number of type LONG/,
  )
  await assert.rejects(start({ listeners: 'ftp://x:1' }), /Listener protocol must be either "http" or "https"\./)
  await assert.rejects(
    start({ 'config.providers': 'p' }),
    /The config provider 'p' has no class: set config\.providers\.p\.class/,
  )
  await assert.rejects(
    start({}, { connectorFiles: ['/no/such.json'] }),
    /Cannot read the connector configuration \/no\/such\.json: there is no such file/,
  )
  await assert.rejects(
    start({}, { connectors: [{ name: 'x', config: { name: 'x', 'connector.class': 'ToldSorce' } }] }),
    /ToldSorce.*Did you mean test\.ToldSourceConnector/,
  )
  const { 'key.converter': _none, ...incomplete } = workerOptions(folder, NOWHERE).workerProps
  await assert.rejects(
    startStandalone({ ...workerOptions(folder, NOWHERE), workerProps: incomplete }),
    /Missing required configuration "key\.converter" which has no default value\./,
  )
})

test('unknown keys are warned of, for the worker and for connectors', async (t) => {
  const { call, logged } = await startTestWorker(t, { 'offset.flush.intervall.ms': '1', 'producer.linger.ms': '1' })
  await call('POST', '/connectors', { name: 'a', config: told({ topik: 't', 'task.isolation': 'shared' }) })
  const warnings = logged
    .map((line) => JSON.parse(line) as { level: string; message: string })
    .filter((one) => one.level === 'WARN')
  assert.deepEqual(
    warnings.map((one) => one.message),
    [
      "The configuration of the worker has the key 'offset.flush.intervall.ms', which is not known and has no effect. Did you mean 'offset.flush.interval.ms'?",
      "The configuration of connector a has the key 'topik', which is not known and has no effect. Did you mean 'topic'?",
    ],
  )
})

test('a connector that cannot start is FAILED, without its secrets, and can be mended', async (t) => {
  const { call, logged } = await startTestWorker(t)
  const failed = await call('POST', '/connectors', {
    name: 'a',
    config: told({ fail: 'start', password: 'hunter2-hunter2' }),
  })
  assert.deepEqual(failed, {
    ...failed,
    status: 500,
    body: { error_code: 500, message: 'told to fail, knowing [hidden]' },
  })
  const status = (await call('GET', '/connectors/a/status')).body as Status
  assert.equal(status.connector.state, 'FAILED')
  assert.match(
    status.connector.trace ?? '',
    /^org\.apache\.kafka\.connect\.errors\.ConnectException: told to fail, knowing \[hidden\]/,
  )
  assert.equal(logged.join('').includes('hunter2'), false)
  assert.deepEqual((await call('GET', '/connectors/a/config')).body, {
    ...told({ fail: 'start', password: 'hunter2-hunter2' }),
    name: 'a',
  })
  assert.equal((await call('PUT', '/connectors/a/config', told())).status, 200)
})

test('bad plans are told: an exception, more tasks than allowed', async (t) => {
  const { call } = await startTestWorker(t)
  const thrown = await call('POST', '/connectors', { name: 'a', config: told({ fail: 'plan' }) })
  assert.deepEqual([thrown.status, (thrown.body as { message: string }).message], [500, 'told to plan badly'])
  const many = await call('POST', '/connectors', { name: 'b', config: told({ plans: '3', 'tasks.max': '2' }) })
  assert.match(
    (many.body as { message: string }).message,
    /^The connector b has generated 3 tasks, which is greater than 2/,
  )
  assert.equal(((await call('GET', '/connectors/b/status')).body as Status).connector.state, 'FAILED')
  const permitted = await call(
    'PUT',
    '/connectors/b/config',
    told({ plans: '3', 'tasks.max': '2', 'tasks.max.enforce': 'false' }),
  )
  assert.equal((permitted.body as { tasks: unknown[] }).tasks.length, 3)
})

test('failed tasks are shown with their trace, counted, and restarted alone', async (t) => {
  const { call, until } = await startTestWorker(t)
  const failed = (state: Status) => state.tasks?.[0]?.state === 'FAILED'
  await call('POST', '/connectors', { name: 'a', config: told({ fail: 'poll', password: 'hunter2-hunter2' }) })
  const status = (await until('/connectors/a/status', failed)) as Status
  assert.equal(status.connector.state, 'RUNNING')
  assert.match(status.tasks[0]?.trace ?? '', /told to fail, knowing \[hidden\]/)
  const metrics = String((await call('GET', '/metrics')).body)
  assert.match(metrics, /^kafka_connect_connector_task_metrics_status\{connector="a",task="0",status="failed"\} 1$/m)
  assert.match(metrics, /^kafka_connect_connector_status\{connector="a",task="0",status="failed"\} 1$/m)
  assert.match(metrics, /^kafka_connect_source_task_metrics_source_record_write_total\{connector="a",task="0"\} 0$/m)
  assert.match(metrics, /^kafka_connect_worker_connector_failed_task_count\{connector="a"\} 1$/m)
  const restarted = await call('POST', '/connectors/a/restart?includeTasks=true&onlyFailed=true')
  assert.equal(restarted.status, 202)
  assert.deepEqual(
    (restarted.body as Status).tasks.map((one) => one.state),
    ['RESTARTING'],
  )
  assert.equal((restarted.body as Status).connector.state, 'RUNNING')
  assert.equal(((await until('/connectors/a/status', failed)) as Status).tasks[0]?.state, 'FAILED')
})

test('a connector that asks for a new plan gets its tasks replaced', async (t) => {
  const { call, until } = await startTestWorker(t)
  await call('POST', '/connectors', { name: 'a', config: told({ again: 'true', 'tasks.max': '2' }) })
  assert.ok(allRunning(2)((await until('/connectors/a/status', allRunning(2))) as Status))
})

test('paused, stopped, resumed: states follow', async (t) => {
  const { call, until } = await startTestWorker(t)
  await call('POST', '/connectors', { name: 'a', config: told() })
  await until('/connectors/a/status', allRunning(1))
  assert.equal((await call('PUT', '/connectors/a/pause')).status, 202)
  const paused = (await until(
    '/connectors/a/status',
    (one: Status) => one.tasks[0]?.state === 'PAUSED' && one.connector.state === 'PAUSED',
  )) as Status
  assert.deepEqual([paused.connector.state, paused.tasks[0]?.state], ['PAUSED', 'PAUSED'])
  assert.equal((await call('PUT', '/connectors/a/stop')).status, 204)
  const stopped = (await call('GET', '/connectors/a/status')).body as Status
  assert.deepEqual([stopped.connector.state, stopped.tasks], ['STOPPED', []])
  await call('PUT', '/connectors/a/resume')
  assert.ok(allRunning(1)((await until('/connectors/a/status', allRunning(1))) as Status))
})

test('texts of providers are used, and shown nowhere', async (t) => {
  process.env.MILLRACE_TEST_SECRET = 'swordfish-swordfish'
  const { call, logged } = await startTestWorker(t, {
    'config.providers': 'env',
    'config.providers.env.class': 'EnvVarConfigProvider',
  })
  const config = told({ fail: 'start', password: '${env:MILLRACE_TEST_SECRET}', topic: '${env:MILLRACE_TEST_SECRET}' })
  const created = await call('POST', '/connectors', { name: 'a', config })
  assert.equal((created.body as { message: string }).message, 'told to fail, knowing [hidden]')
  assert.deepEqual((await call('GET', '/connectors/a/config')).body, { ...config, name: 'a' })
  const infos = JSON.stringify(
    (
      await call('PUT', '/connector-plugins/ToldSource/config/validate', {
        ...config,
        name: 'a',
        plans: 'swordfish-swordfish',
      })
    ).body,
  )
  assert.match(infos, /"name":"topic","value":"\$\{env:MILLRACE_TEST_SECRET\}"/)
  assert.match(infos, /Invalid value \[hidden\] for configuration plans/)
  assert.equal(
    (infos + logged.join('') + JSON.stringify((await call('GET', '/connectors/a/status')).body)).includes('swordfish'),
    false,
  )
})

test('a value that runs out restarts the connector', async (t) => {
  const { call, until, logged } = await startTestWorker(t, {
    'config.providers': 'f',
    'config.providers.f.class': 'FadingConfigProvider',
  })
  await call('POST', '/connectors', { name: 'a', config: told({ topic: '${f:50:x}' }) })
  await until('/connectors/a/status', () => logged.filter((line) => line.includes('Starting connector a')).length > 1)
  assert.ok(logged.filter((line) => line.includes('Starting connector a')).length > 1)
  await call('DELETE', '/connectors/a')
})

test('offsets of the data plane are in the file when the worker has stopped', async (t) => {
  const { call, until, worker, folder } = await startTestWorker(t, { 'offset.flush.interval.ms': '60000' })
  writeFileSync(join(folder, 'in.txt'), 'one\n')
  await call('POST', '/connectors', {
    name: 'in',
    config: { 'connector.class': 'FileStreamSource', file: join(folder, 'in.txt'), topic: 'lines' },
  })
  await until('/connectors/in/topics', (body: { in: { topics: string[] } }) => body.in.topics.length > 0)
  await worker.stop()
  assert.match(
    readFileSync(join(folder, 'connect.offsets'), 'utf8'),
    /\[\["in",\{"filename":"[^"]+in\.txt"\},\{"position":4\}\]\]\n$/,
  )
})
