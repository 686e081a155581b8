// One secret in a password key, one that a config provider resolved, and plugins that tell both wherever they can: neither is to be
// seen in any answer, log, state, metric or header.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Admin, Consumer } from '@millrace/kafka'
import {
  distributedProps,
  freePorts,
  ServiceProcess,
  startEmbeddedBroker,
  temporaryFolder,
  until,
} from '@millrace/testkit'

const ROOT = new URL('../..', import.meta.url).pathname
const MILLRACE = join(ROOT, 'packages/cli/bin/millrace')
const TYPED = 'hunter2-typed-by-hand'
const PROVIDED = 'swordfish-of-the-provider'
const HIDDEN = '[hidden]'

const SOURCE = 'test.GossipSourceConnector'
const SINK = 'test.GossipSinkConnector'
// biome-ignore lint/suspicious/noTemplateCurlyInString: a reference to a config provider
const NOTE = '${env:GOSSIP_NOTE}'
const KNOWS = { password: TYPED, note: NOTE }
const GOSSIP = {
  transforms: 'tell',
  'transforms.tell.type': 'test.Gossip',
  'transforms.tell.password': TYPED,
  'transforms.tell.note': NOTE,
  'errors.tolerance': 'all',
  'errors.log.enable': 'true',
  'errors.log.include.messages': 'true',
  'errors.deadletterqueue.topic.replication.factor': '1',
  'errors.deadletterqueue.context.headers.enable': 'true',
}
/** By name: whether its status tells of an error. */
const CONNECTORS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'fails-at-start': { 'connector.class': SOURCE, tells: 'start', ...KNOWS },
  'fails-to-plan': { 'connector.class': SOURCE, tells: 'plan', ...KNOWS },
  'fails-in-task': {
    'connector.class': SOURCE,
    tells: 'task-start',
    'errors.auto.restart.enable': 'true',
    'errors.auto.restart.max.retries': '1',
    'errors.auto.restart.backoff.ms': '1',
    ...KNOWS,
  },
  'fails-in-poll': { 'connector.class': SOURCE, tells: 'poll', ...KNOWS },
  'fails-in-put': { 'connector.class': SINK, tells: 'put', topics: 'lines', ...KNOWS },
  'source-refuses': { 'connector.class': SOURCE, 'errors.deadletterqueue.topic.name': 'dead', ...KNOWS, ...GOSSIP },
  'sink-refuses': { 'connector.class': SINK, topics: 'lines', 'errors.deadletterqueue.topic.name': 'dead', ...GOSSIP },
  'asks-again': { 'connector.class': SINK, tells: 'retry', topics: 'lines', ...KNOWS },
}
const FAILED = ['fails-at-start', 'fails-to-plan', 'fails-in-task', 'fails-in-poll', 'fails-in-put']

test('no secret leaves the worker, whoever tells it', async (t) => {
  await using folder = await temporaryFolder('millrace-secrets-')
  const broker = await startEmbeddedBroker()
  const { bootstrap } = broker
  const [port] = (await freePorts(1)) as [number]
  const props = {
    ...distributedProps(bootstrap, 'secrets', port),
    'plugin.path': join(ROOT, 'tests/secrets/gossip.ts'),
    'config.providers': 'env',
    'config.providers.env.class': 'org.apache.kafka.common.config.provider.EnvVarConfigProvider',
    'progress.check.interval.ms': '50',
    'progress.stalled.ms': '300',
  }
  const file = folder.file('worker.properties')
  writeFileSync(
    file,
    Object.entries(props)
      .map(([key, value]) => `${key}=${value}\n`)
      .join(''),
  )
  const log = folder.file('worker.log')
  const worker = new ServiceProcess({
    command: [MILLRACE, 'distributed', file],
    logFile: log,
    env: { GOSSIP_NOTE: PROVIDED },
  })
  t.after(async () => {
    await worker.end('SIGKILL')
    await broker.stop()
  })
  worker.start()
  const url = `http://127.0.0.1:${port}`
  const get = async (path: string) => (await fetch(url + path)).text()
  const put = async (path: string, body: unknown) => {
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(url + path, { method: 'PUT', headers, body: JSON.stringify(body) })
    return { status: answer.status, text: await answer.text() }
  }
  await until('the worker answers', async () => (await fetch(`${url}/health/ready`)).ok)
  await using admin = Admin.create({ 'bootstrap.servers': bootstrap })
  await admin.createTopics([{ name: 'lines', numPartitions: 1, replicationFactor: 1 }])

  /** What came out, by way. */
  const seen = new Map<string, string>()
  for (const [name, config] of Object.entries(CONNECTORS)) {
    const { status } = await put(`/connectors/${name}/config`, config)
    assert.equal(status, 201, name)
  }
  await put('/connectors/feeds/config', { 'connector.class': SOURCE, topic: 'lines' })
  const wrong = { ...CONNECTORS['sink-refuses'], 'errors.retry.timeout': KNOWS.note, 'tasks.max': KNOWS.note }
  seen.set('validation', (await put(`/connector-plugins/${SINK}/config/validate`, { name: 'x', ...wrong })).text)
  seen.set('refusal', (await put('/connectors/wrong/config', wrong)).text)

  for (const name of FAILED) {
    const path = `/connectors/${name}/status`
    await until(`${name} has failed`, async () => (await get(path)).includes('"state":"FAILED"'))
    seen.set(path, await get(path))
  }
  await until('the only restart failed too', async () => {
    const status = await get('/connectors/fails-in-task/status')
    seen.set('restart history', status)
    return /"auto_restart":\{[^}]*"(given_up|last_error|reason|history)/.test(status)
  })
  const asks = '/connectors/asks-again/status'
  await until('why it stands still is told', async () => {
    seen.set(asks, await get(asks))
    return /"progress":\{[^}]*"reason"/.test(seen.get(asks)!)
  })
  const dead = await until('both dead letters', async () => {
    const texts = await lettersOf(bootstrap, 'dead')
    const all = texts.join('\n')
    return all.includes('source-refuses') && all.includes('sink-refuses') ? all : undefined
  })
  seen.set('dead letters', dead)
  const states = (await lettersOf(bootstrap, 'secrets-status')).join('\n')
  seen.set('status topic', states)
  seen.set('log', readFileSync(log, 'utf8'))
  for (const path of [
    '/',
    '/connectors?expand=status&expand=info',
    '/connectors/source-refuses/offsets',
    '/connectors/fails-in-poll/tasks',
    '/connectors/fails-in-poll/tasks-config',
    '/connector-plugins?connectorsOnly=false',
    '/admin/loggers',
    '/health',
    '/health/ready',
    '/health/live',
    '/metrics',
  ]) {
    seen.set(path, await get(path))
  }
  for (const args of [
    ['logs', 'fails-in-poll'],
    ['describe', 'fails-in-poll'],
    ['dlq', 'list', 'sink-refuses'],
  ]) {
    const { stdout, stderr } = spawnSync(MILLRACE, [...args, '--url', url], { encoding: 'utf8' })
    seen.set(`millrace ${args.join(' ')}`, stdout + stderr)
  }

  for (const [way, text] of seen) {
    assert.ok(!text.includes(PROVIDED), `${way} shows what a provider resolved: ${around(text, PROVIDED)}`)
    // What was typed into a configuration is given back with it, as the reference does: use a provider for secrets.
    if (!givesConfigurations(way)) assert.ok(!text.includes(TYPED), `${way} shows a password: ${around(text, TYPED)}`)
  }
  // What was to be told was told, without the secrets: otherwise this test would prove nothing.
  for (const way of [
    ...FAILED.map((name) => `/connectors/${name}/status`),
    asks,
    'dead letters',
    'status topic',
    'log',
  ]) {
    assert.ok(seen.get(way)!.includes(`it knows ${HIDDEN} and ${HIDDEN}`), `${way}: ${seen.get(way)!.slice(0, 500)}`)
  }
})

function givesConfigurations(way: string): boolean {
  return /expand=info|\/tasks|^validation|^refusal|describe/.test(way)
}

/** Keys, values and headers of all records of a topic as text; nothing while it is not there. */
async function lettersOf(bootstrap: string, topic: string): Promise<string[]> {
  await using admin = Admin.create({ 'bootstrap.servers': bootstrap })
  if (!(await admin.listTopics()).some(({ name }) => name === topic)) return []
  await using consumer = Consumer.create({ 'bootstrap.servers': bootstrap })
  const [described] = await admin.describeTopics([topic])
  const partitions = described!.partitions.map(({ partition }) => ({ topic, partition }))
  consumer.assign(partitions)
  consumer.seekToBeginning(partitions)
  const ends = await consumer.endOffsets(partitions)
  const texts: string[] = []
  const isRead = () => ends.every((end, i) => (consumer.position(partitions[i]!) ?? -1) >= (end.offset ?? 0))
  while (!isRead()) {
    for (const { reader, count } of (await consumer.poll(200)).chunks) {
      for (let left = count; left > 0 && reader.next(); left--) {
        const headers = reader.headers().map(({ key, value }) => `${key}=${value?.toString() ?? ''}`)
        const key = reader.keyEnd < 0 ? '' : reader.key.text()
        texts.push([key, reader.valueEnd < 0 ? '' : reader.value.text(), ...headers].join(' '))
      }
    }
  }
  return texts
}

function around(text: string, what: string): string {
  const at = text.indexOf(what)
  return text.slice(Math.max(0, at - 200), at + what.length + 50)
}
