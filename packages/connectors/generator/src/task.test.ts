// Rate, count, division among tasks, resuming.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ConnectorProps, SourceConnector, SourceRecord, SourceTask } from '@millrace/api'
import { MemoryOffsets, sourceTaskContext, within } from '@millrace/testkit'
import { GeneratorSourceConnector } from './connector.ts'
import { DatagenConnector } from './datagen/connector.ts'
import { Pace } from './pace.ts'

async function startTasks(
  connector: SourceConnector,
  props: ConnectorProps,
  maxTasks = 1,
  offsets = new MemoryOffsets(),
): Promise<{ task: SourceTask; abort: () => void }[]> {
  await connector.start(props)
  return Promise.all(
    (await connector.taskConfigs(maxTasks)).map(async (config) => {
      const task = new (connector.taskClass())()
      const { context, abort } = sourceTaskContext({ configs: config, offsets })
      task.initialize(context)
      await task.start(config)
      return { task, abort }
    }),
  )
}

async function drain(task: SourceTask): Promise<SourceRecord[]> {
  const all: SourceRecord[] = []
  for (;;) {
    const records = await task.poll()
    if (records === null) return all
    all.push(...records)
  }
}

describe('the generator', () => {
  it('makes as many records as asked for, over all tasks, each once', async () => {
    const tasks = await startTasks(
      new GeneratorSourceConnector(),
      { topic: 'o', count: '1003', 'batch.size': '100' },
      4,
    )
    const all = (await Promise.all(tasks.map(({ task }) => drain(task)))).flat()
    assert.deepEqual(
      all.map((record) => record.key as number).sort((a, b) => a - b),
      Array.from({ length: 1003 }, (_, i) => i),
    )
    assert.ok(all.every((record) => record.topic === 'o' && record.keySchema?.type === 'INT32'))
  })

  it('plans no task for which there is no record', async () => {
    assert.equal((await startTasks(new GeneratorSourceConnector(), { topic: 'o', count: '2' }, 5)).length, 2)
  })

  it('goes on counting after a restart, and stays at its end', async () => {
    const offsets = new MemoryOffsets()
    const props = { topic: 'o', count: '50', 'batch.size': '20' }
    const [first] = await startTasks(new GeneratorSourceConnector(), props, 1, offsets)
    offsets.commit((await first!.task.poll())!)
    const [second] = await startTasks(new GeneratorSourceConnector(), props, 1, offsets)
    const rest = await drain(second!.task)
    assert.deepEqual([rest.length, rest[0]?.key], [30, 20])
    offsets.commit(rest)
    const [third] = await startTasks(new GeneratorSourceConnector(), props, 1, offsets)
    third!.abort()
    assert.equal(await third!.task.poll(), null)
  })

  it('keeps its rate, without making up for a stall of more than a second', () => {
    const pace = new Pace(100, 0)
    assert.equal(pace.take(1000, 0), 1)
    assert.equal(pace.take(1000, 0), 0)
    assert.equal(pace.waitMs, 10)
    assert.equal(pace.take(1000, 50), 5)
    assert.equal(pace.take(3, 150), 3)
    assert.equal(pace.take(1000, 150), 7)
    assert.equal(pace.take(1000, 60_000), 100)
    const slow = new Pace(0.5, 0)
    slow.take(1, 0)
    assert.equal(slow.waitMs, 2000)
    assert.equal(slow.take(1, 1_999), 0)
    assert.equal(slow.take(1, 2_000), 1)
  })

  it('makes no key when there is to be none', async () => {
    const [one] = await startTasks(new GeneratorSourceConnector(), { topic: 'o', 'key.field': '', count: '1' })
    const [record] = (await one!.task.poll())!
    assert.deepEqual([record?.keySchema, record?.key], [null, null])
  })

  it('says which fields there are when the key field is none of them', () => {
    const props = { topic: 'o', 'key.field': 'orderId' }
    assert.throws(() => new GeneratorSourceConnector().start(props), /no field orderId.*Did you mean orderid\?/)
    const finding = new GeneratorSourceConnector().validate(props).find((one) => one.name === 'key.field')
    assert.match(finding?.errors[0] ?? '', /no field orderId/)
  })
})

describe('Datagen', () => {
  const props = { 'kafka.topic': 'u', quickstart: 'users', 'max.interval': '0', iterations: '5' }

  it("counts each task's records, marks them, and fails at the end", async () => {
    const tasks = await startTasks(new DatagenConnector(), props, 2)
    for (const [id, { task }] of tasks.entries()) {
      const records = (await task.poll())!
      assert.equal(records.length, 5)
      assert.deepEqual(
        records.map((one) => one.sourceOffset?.['current.iteration']),
        [1, 2, 3, 4, 5],
      )
      assert.deepEqual(records[4]?.sourcePartition, { 'task.id': id })
      assert.deepEqual(
        [...records[4]!.headers].map((header) => [header.key, header.value]),
        [
          ['task.generation', 0],
          ['task.id', id],
          ['current.iteration', 4],
        ],
      )
      assert.equal(records[0]?.valueSchema?.name, 'ksql.users')
      await assert.rejects(async () => task.poll(), /generated the configured 5 number of messages/)
    }
  })

  it('pauses before each record', async () => {
    const [one] = await startTasks(new DatagenConnector(), { ...props, 'max.interval': '20' })
    for (let i = 0; i < 3; i++) assert.equal((await within('a record', 2_000, one!.task.poll()))?.length, 1)
  })

  it('takes up where a task of the original stopped', async () => {
    const offsets = new MemoryOffsets().set(
      { 'task.id': 0 },
      { 'task.generation': 3, 'current.iteration': 4, 'random.seed': -5025562857975149833n },
    )
    const [one] = await startTasks(new DatagenConnector(), props, 1, offsets)
    const records = (await one!.task.poll())!
    assert.equal(records.length, 1)
    assert.equal(records[0]?.headers.lastWithName('task.generation')?.value, 3)
  })

  it('names the near quickstarts, and says what is not supported', () => {
    const errorsOf = (config: Record<string, string>) =>
      new DatagenConnector().validate({ 'kafka.topic': 't', ...config }).flatMap((one) => one.errors)
    assert.match(errorsOf({ quickstart: 'pageview' }).join(), /must be one out of .*Did you mean pageviews/)
    assert.match(errorsOf({}).join(), /Set quickstart to the name of a template/)
    assert.match(errorsOf({ 'schema.string': '{}' }).join(), /not supported/)
    assert.match(errorsOf({ quickstart: 'users', 'schema.keyfield': 'user' }).join(), /no field user/)
  })

  it('checks offsets that are altered', () => {
    const alter = (offset: Record<string, unknown> | null, partition: Record<string, unknown> = { 'task.id': 0 }) =>
      new DatagenConnector().alterOffsets(props, [{ partition, offset } as never])
    assert.equal(alter({ 'current.iteration': 7 }), true)
    assert.equal(alter(null, {}), true)
    assert.throws(() => alter({ iteration: 7 }), /current\.iteration/)
    assert.throws(() => alter({ 'current.iteration': -7 }), /non-negative/)
    assert.throws(() => alter({ 'current.iteration': 7 }, { id: 0 }), /task\.id/)
  })
})
