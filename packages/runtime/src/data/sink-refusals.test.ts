// A sink task that refuses a batch: whatever happens next, no offset behind that batch is committed before the task has taken it.
import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { Producer } from '@millrace/kafka'
import { startTestWorker } from '../testing/test-worker.ts'

interface Event {
  readonly call: string
  readonly detail: Readonly<Record<string, unknown>>
}
interface Range {
  readonly first: number
  readonly last: number
}
interface Offsets {
  readonly offsets: readonly { readonly offset: { readonly kafka_offset: number } }[]
}
interface Status {
  readonly tasks: readonly { readonly state: string; readonly trace?: string }[]
}

/** A worker with a misbehaving sink on a topic of one partition, and what the sink was called with. */
async function start(t: TestContext, faults: Readonly<Record<string, string>>) {
  const { call, until, folder, bootstrap } = await startTestWorker(
    t,
    {},
    {
      pluginModules: ['@millrace/converters', '@millrace/testkit/plugins'],
      logging: {
        format: 'json',
        target: { write: () => {} },
        levels: { 'org.apache.kafka.connect.runtime.WorkerSinkTask': 'OFF' },
      },
    },
  )
  const file = join(folder, 'events.jsonl')
  const producer = Producer.create({ 'bootstrap.servers': bootstrap })
  t.after(() => producer.close({ timeoutMs: 0 }))
  const send = async (count: number) => {
    for (let at = 0; at < count; at++) await producer.send({ topic: 'numbers', value: String(at) })
  }
  await send(5)
  const config = {
    'connector.class': 'FaultySink',
    topics: 'numbers',
    'events.file': file,
    'fault.at': 'task.put',
    'fault.until.file': join(folder, 'go on'),
    ...faults,
  }
  const events = (): Event[] =>
    existsSync(file)
      ? readFileSync(file, 'utf8')
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => JSON.parse(line) as Event)
      : []
  const calls = (name: string) => events().filter((one) => one.call === name)
  /** Ranges of the batches that were put. */
  const puts = () =>
    calls('task.put').flatMap(({ detail }) => ('numbers-0' in detail ? [detail['numbers-0'] as Range] : []))
  const eventually = async (fact: () => boolean | Promise<boolean>, what: string) => {
    for (const end = performance.now() + 90_000; !(await fact()); ) {
      assert.ok(performance.now() < end, `${what}: in vain`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  const committed = async () => {
    const { offsets } = (await call('GET', '/connectors/sink/offsets')).body as Offsets
    return offsets[0]?.offset.kafka_offset ?? 0
  }
  await call('PUT', '/connectors/sink/config', config)
  return {
    call,
    until,
    send,
    calls,
    puts,
    eventually,
    committed,
    goOn: () => writeFileSync(config['fault.until.file'], ''),
  }
}

test('a batch that is refused for good is not committed by the failure, and is delivered again', async (t) => {
  const sink = await start(t, { 'fault.kind': 'throw', 'fault.times': '1' })
  const status = (await sink.until(
    '/connectors/sink/status',
    (body: Status) => body.tasks[0]?.state === 'FAILED',
  )) as Status
  assert.match(status.tasks[0]?.trace ?? '', /A fault was asked for at task.put/)
  assert.equal(await sink.committed(), 0)
  const refused = sink.puts()[0] as Range
  await sink.call('PUT', '/connectors/sink/config', { ...(await config(sink)), 'fault.kind': 'none' })
  await sink.call('POST', '/connectors/sink/restart?includeTasks=true')
  await sink.eventually(() => sink.puts().length > 1, 'it is delivered again')
  assert.equal(sink.puts()[1]?.first, refused.first)
  await sink.eventually(async () => (await sink.committed()) === 5, 'everything is committed')
})

test('a batch that is to be delivered again is not committed meanwhile, nor when the connector stops', async (t) => {
  const sink = await start(t, { 'fault.kind': 'retriable' })
  await sink.eventually(() => sink.puts().length >= 2 && sink.calls('task.preCommit').length >= 2, 'tries and commits')
  assert.deepEqual(new Set(sink.puts().map((one) => one.first)), new Set([0]))
  for (const { detail } of sink.calls('task.preCommit')) assert.ok(!('numbers-0' in detail), JSON.stringify(detail))
  await sink.call('PUT', '/connectors/sink/stop')
  await sink.until('/connectors/sink/status', (body: Status) => body.tasks.length === 0)
  assert.equal(await sink.committed(), 0)
})

test('a pause does not commit what was read and not delivered', async (t) => {
  const sink = await start(t, { 'fault.kind': 'retriable' })
  await sink.eventually(() => sink.puts().length > 0, 'a first try')
  await sink.call('PUT', '/connectors/sink/pause')
  await sink.until('/connectors/sink/status', (body: Status) => body.tasks[0]?.state === 'PAUSED')
  const commits = sink.calls('task.preCommit').length
  await sink.eventually(() => sink.calls('task.preCommit').length > commits, 'a commit while paused')
  assert.equal(await sink.committed(), 0)
})

test('when a commit cannot be prepared, reading goes back, and nothing is skipped', async (t) => {
  const sink = await start(t, {
    'fault.at': 'task.preCommit',
    'fault.kind': 'throw',
    'fault.after': '1',
    'fault.times': '2',
  })
  await sink.eventually(async () => (await sink.committed()) === 5, 'the first five are committed')
  await sink.send(5)
  await sink.eventually(async () => (await sink.committed()) === 10, 'all are committed')
  let next = 0
  for (const { first, last } of sink.puts()) {
    assert.ok(first <= next, `offsets ${next} to ${first} were skipped`)
    next = last + 1
  }
  assert.equal(next, 10)
})

async function config(sink: Awaited<ReturnType<typeof start>>): Promise<Record<string, string>> {
  return (await sink.call('GET', '/connectors/sink/config')).body as Record<string, string>
}
