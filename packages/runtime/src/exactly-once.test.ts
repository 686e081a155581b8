// Exactly-once sources as their users meet them (KIP-618): what becomes visible, what a task is told, and who may write.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { it, type TestContext } from 'node:test'
import { onEveryBroker, until } from '@millrace/testkit'
import type { ConnectorStateInfo } from './control/entities.ts'
import { committedValues } from './testing/committed-values.ts'
import { type ClusterWorker, TestCluster } from './testing/test-cluster.ts'
import { temporaryFolder } from './testing/test-worker.ts'

const ENABLED = { 'exactly.once.source.support': 'enabled' }
let topics = 0
const newTopic = () => `eos-${process.pid}-${Date.now()}-${topics++}`

async function status(one: ClusterWorker, name: string): Promise<ConnectorStateInfo> {
  return (await one.call('GET', `/connectors/${name}/status`)).body as ConnectorStateInfo
}
async function put(one: ClusterWorker, name: string, config: Record<string, string>): Promise<void> {
  const { status: code, body } = await one.call('PUT', `/connectors/${name}/config`, config)
  assert.ok(code < 300, JSON.stringify(body))
}
async function offset(one: ClusterWorker, name: string): Promise<unknown> {
  const { body } = await one.call('GET', `/connectors/${name}/offsets`)
  return (body as { offsets: { offset: { number: number } }[] }).offsets[0]?.offset.number
}
async function failedTrace(one: ClusterWorker, name: string): Promise<string> {
  const info = await until(`a task of ${name} failed`, async () => {
    const now = await status(one, name)
    return now.tasks?.some((task) => task.state === 'FAILED') && now
  })
  return info.tasks.find((task) => task.state === 'FAILED')?.trace ?? ''
}
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => String(from + at))

onEveryBroker('an exactly-once source', {}, (broker) => {
  async function scripted(t: TestContext, script: string, more: Record<string, string> = {}) {
    const cluster = new TestCluster(t, broker().bootstrap, ENABLED)
    const one = await cluster.start()
    const topic = newTopic()
    const file = join(temporaryFolder(t), 'told')
    const config = {
      'connector.class': 'ScriptedSource',
      topic,
      file,
      script,
      'exactly.once.support': 'required',
      'transaction.boundary': 'connector',
      ...more,
    }
    await put(one, 'scripted', config)
    const told = () => readFileSync(file, 'utf8').trim().split('\n')
    return {
      cluster,
      one,
      topic,
      told,
      config,
      committed: (count: number) => committedValues(broker().bootstrap, topic, count),
    }
  }

  it('commits each batch with its offset, and goes on behind it', async (t) => {
    const run = await scripted(t, 'none,none,none', { 'transaction.boundary': 'poll' })
    assert.deepEqual(await run.committed(9), numbers(0, 9))
    await until('the offset', async () => (await offset(run.one, 'scripted')) === 8)
    const metrics = await run.one.worker.metrics()
    const size = (name: string) => metrics.find((one) => one.name === `transaction-size-${name}`)?.value
    assert.deepEqual([size('min'), size('max'), size('avg')], [3, 3, 3])
    await put(run.one, 'scripted', { ...run.config, script: 'none,none,none,none' })
    assert.deepEqual(await run.committed(12), numbers(0, 12))
    await until('told', () => run.told().includes('start 9'))
  })

  it('ends transactions where the connector says', async (t) => {
    const run = await scripted(t, 'none,commit,abort,commit:2,commit,abort:1,commit')
    // 6 to 8 are aborted as a batch; 15 alone, at a record.
    const kept = [...numbers(0, 6), ...numbers(9, 15), ...numbers(16, 21)]
    assert.deepEqual(await run.committed(kept.length), kept)
    await until('the offset', async () => (await offset(run.one, 'scripted')) === 20)
    await until('all are told', () => run.told().filter((line) => / (sent|dropped)$/.test(line)).length === 21)
    const dropped = run.told().filter((line) => line.endsWith('dropped'))
    assert.deepEqual(dropped, ['6 dropped', '7 dropped', '8 dropped', '15 dropped'])
  })

  it('drops what the task did not ask to commit when it stops', async (t) => {
    const run = await scripted(t, 'commit,none')
    assert.deepEqual(await run.committed(3), numbers(0, 3))
    await run.one.call('PUT', '/connectors/scripted/stop')
    await until('no task is left', async () => (await status(run.one, 'scripted')).tasks.length === 0)
    await put(run.one, 'scripted', { ...run.config, script: 'commit,commit' })
    await run.one.call('PUT', '/connectors/scripted/resume')
    assert.deepEqual(await run.committed(6), numbers(0, 6))
    await until('it began again behind the first batch', () => run.told().includes('start 3'))
  })

  it('commits at an interval, and what is open when it is paused', async (t) => {
    const boundary = { 'transaction.boundary': 'interval', 'transaction.boundary.interval.ms': '3600000' }
    const run = await scripted(t, 'none,none', boundary)
    await until('the task waits for more', () => run.told().includes('start 0'))
    await until('all was polled', async () => {
      const samples = await run.one.worker.metrics()
      return samples.some((one) => one.name === 'source-record-write-total' && one.value === 6)
    })
    await run.one.call('PUT', '/connectors/scripted/pause')
    assert.deepEqual(await run.committed(6), numbers(0, 6))
    assert.equal(await offset(run.one, 'scripted'), 5)
  })

  it('fails, and commits nothing of a batch, when a task asks for both, writes to its offsets, or too much', async (t) => {
    const run = await scripted(t, 'commit,both')
    assert.match(
      await failedTrace(run.one, 'scripted'),
      /IllegalStateException: Connector requested both commit and abort of same transaction/,
    )
    await put(run.one, 'record', { ...run.config, script: 'both:2' })
    assert.match(
      await failedTrace(run.one, 'record'),
      /requested both commit and abort of same record against topic\/partition .*\/0/,
    )
    const offsets = newTopic()
    const own = { script: 'commit', topic: offsets, 'offsets.storage.topic': offsets }
    await put(run.one, 'own', { ...run.config, ...own })
    assert.match(await failedTrace(run.one, 'own'), /may not produce to their own offsets topics/)
    await put(run.one, 'large', { ...run.config, script: 'commit,large', 'errors.tolerance': 'all' })
    assert.match(
      await failedTrace(run.one, 'large'),
      /Unrecoverable exception trying to send[\s\S]*RecordTooLargeException/,
    )
    assert.deepEqual((await run.committed(6)).sort(), ['0', '0', '1', '1', '2', '2'])
  })

  it("keeps offsets in a topic of the connector, and the same in the worker's", async (t) => {
    const offsets = newTopic()
    const own = { 'transaction.boundary': 'poll', 'offsets.storage.topic': offsets }
    const run = await scripted(t, 'none,none', own)
    assert.deepEqual(await run.committed(6), numbers(0, 6))
    await until('the offset', async () => (await offset(run.one, 'scripted')) === 5)
    const { 'offsets.storage.topic': _, ...without } = run.config as Record<string, string>
    await until('the copy', async () => {
      await put(run.one, 'scripted', { ...without, script: 'none,none' })
      return (await offset(run.one, 'scripted')) === 5
    })
    await put(run.one, 'scripted', { ...run.config, script: 'none,none,none' })
    assert.deepEqual(await run.committed(9), numbers(0, 9))
  })

  it('checks what is required before a connector is created', async (t) => {
    const { one } = await scripted(t, '')
    const problems = async (worker: ClusterWorker, config: Record<string, string>) => {
      const all = { name: 'x', topic: 'x', ...config }
      const path = `/connector-plugins/${config['connector.class']}/config/validate`
      const { body } = await worker.call('PUT', path, all)
      const { configs } = body as { configs: { value: { name: string; errors: string[] } }[] }
      return configs.filter(({ value }) => value.errors.length > 0).map(({ value }) => [value.name, ...value.errors])
    }
    const required = { 'connector.class': 'ScriptedSource', 'exactly.once.support': 'required' }
    assert.deepEqual(await problems(one, required), [])
    assert.deepEqual(await problems(one, { ...required, support: 'unsupported' }), [
      [
        'exactly.once.support',
        'The connector does not support exactly-once semantics with the provided configuration.',
      ],
    ])
    assert.deepEqual(await problems(one, { ...required, support: 'throw' }), [
      ['exactly.once.support', 'An unexpected error occurred during validation: told to throw'],
    ])
    const told = await problems(one, { ...required, 'connector.class': 'ToldSource' })
    assert.match(String(told), /does not implement the API required for preflight validation/)
    const boundary = { ...required, 'transaction.boundary': 'connector', boundaries: 'false' }
    assert.match(
      String(await problems(one, boundary)),
      /^transaction.boundary,The connector does not support connector-defined/,
    )
    const other = await new TestCluster(t, broker().bootstrap).start()
    assert.deepEqual(await problems(other, required), [
      ['exactly.once.support', 'This worker does not have exactly-once source support enabled.'],
    ])
  })

  it('lets only one of two workers commit that believe to run the same task', async (t) => {
    const hurried = { ...ENABLED, 'task.shutdown.graceful.timeout.ms': '500' }
    const cluster = new TestCluster(t, broker().bootstrap, hurried)
    const [one, two] = [await cluster.start(), await cluster.start()]
    const topic = newTopic()
    const folder = temporaryFolder(t)
    const release = join(folder, 'release')
    const faults = { 'fault.at': 'task.poll', 'fault.kind': 'block', 'fault.after': '3', 'fault.times': '1' }
    const config = { 'connector.class': 'FaultySource', topic, 'batch.size': '10', 'poll.ms': '1' }
    const journal = join(folder, 'events')
    const files = { 'events.file': journal, 'fault.until.file': release }
    await put(one, 'faulty', { ...config, ...files, ...faults })
    assert.deepEqual((await committedValues(broker().bootstrap, topic, 30)).length, 30)
    // The first task hangs in its poll. Its worker is told to let it go, and cannot: it is abandoned, and comes back later.
    await put(two, 'faulty', { ...config, 'events.file': join(folder, 'events2'), count: '60' })
    const values = await committedValues(broker().bootstrap, topic, 60)
    writeFileSync(release, '')
    await until('the old task ends', () => /task.stop/.test(readFileSync(journal, 'utf8')))
    assert.deepEqual(
      values,
      numbers(0, 60).map((number) => `0-${number}`),
    )
    assert.deepEqual(await committedValues(broker().bootstrap, topic, 60), values)
  })
})
