// Both tasks together, by their journals.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { type ConnectorProps, OffsetsByPartition, SinkRecord, type SourceRecord } from '@millrace/api'
import { MemoryOffsets, sinkTaskContext, sourceTaskContext, temporaryFolder } from '@millrace/testkit'
import { check } from './checker/check.ts'
import { VerifiableSinkTask } from './sink/task.ts'
import { VerifiableSourceConnector } from './source/connector.ts'
import { VerifiableSourceTask } from './source/task.ts'

async function startSource(props: ConnectorProps, offsets = new MemoryOffsets()) {
  const task = new VerifiableSourceTask()
  const { context, abort } = sourceTaskContext({ offsets })
  task.initialize(context)
  await task.start(props)
  return { task, abort }
}

function startSink(props: ConnectorProps) {
  const task = new VerifiableSinkTask()
  task.initialize(sinkTaskContext().context)
  task.start(props)
  return task
}

const deliver = (records: readonly SourceRecord[], from: number) =>
  records.map(
    ({ keySchema, key, valueSchema, value }, i) => new SinkRecord('t', 0, keySchema, key, valueSchema, value, from + i),
  )

for (const complete of ['false', 'true']) {
  describe(`verifiable source and sink, complete.record.data ${complete}`, () => {
    it('agree after a restart of both, with the duplicates that it made', async () => {
      await using folder = await temporaryFolder()
      const offsets = new MemoryOffsets()
      const source = {
        topic: 't',
        file: folder.file('sent'),
        count: '25',
        'batch.size': '10',
        'complete.record.data': complete,
      }
      const sink = { file: folder.file('received') }

      const first = await startSource(source, offsets)
      const one = (await first.task.poll())!
      const two = (await first.task.poll())!
      for (const [offset, record] of one.entries()) {
        first.task.commitRecord(record, { topic: 't', partition: 0, offset, timestamp: 0 })
      }
      offsets.commit(one)
      first.task.stop()
      const firstSink = startSink(sink)
      firstSink.put(deliver(one, 0))
      firstSink.put(deliver(two, 10))
      firstSink.stop()

      const second = await startSource(source, offsets)
      const again = (await second.task.poll())!
      const last = (await second.task.poll())!
      second.abort()
      assert.equal(await second.task.poll(), null)
      second.task.stop()
      const secondSink = startSink(sink)
      secondSink.put(deliver(two, 10))
      secondSink.put(deliver(again, 20))
      secondSink.put(deliver(last, 30))
      await secondSink.preCommit(new OffsetsByPartition())
      secondSink.stop()

      const verdict = await check({
        source: [folder.file('sent')],
        sink: [folder.file('received')],
        expected: { tasks: 1, count: 25 },
      })
      assert.deepEqual(verdict.problems, [])
      assert.deepEqual(
        [verdict.acknowledged, verdict.received, verdict.duplicatesInKafka, verdict.redelivered],
        [10, 25, 10, 10],
      )
    })
  })
}

describe('the verifiable source', () => {
  it('keeps to its throughput', async () => {
    await using folder = await temporaryFolder()
    const { task } = await startSource({ topic: 't', throughput: '1000', file: folder.file('sent') })
    const from = performance.now()
    let made = 0
    while (made < 100) made += ((await task.poll()) ?? []).length
    assert.ok(performance.now() - from >= 95, 'a hundred records take a tenth of a second')
    task.stop()
  })

  it('sends to partitions in turn', async () => {
    await using folder = await temporaryFolder()
    const { task } = await startSource({ topic: 't', partitions: '3', file: folder.file('sent') })
    const records = (await task.poll())!
    assert.deepEqual(
      records.slice(0, 4).map((one) => one.kafkaPartition),
      [0, 1, 2, 0],
    )
    task.stop()
  })

  it('gives every task a number of its own', () => {
    const connector = new VerifiableSourceConnector()
    connector.start({ topic: 't' })
    assert.deepEqual(
      connector.taskConfigs(3).map((one) => one.id),
      ['0', '1', '2'],
    )
  })

  it('checks offsets that are altered', () => {
    const alter = (offset: Record<string, never> | null) =>
      new VerifiableSourceConnector().alterOffsets({}, [{ partition: { id: 0 }, offset }])
    assert.equal(alter(null), true)
    assert.equal(alter({ seqno: 5 as never }), true)
    assert.throws(() => alter({ seqno: 'x' as never }), /'seqno' with an integer/)
  })
})

describe('standard output', () => {
  it("has the reference's lines", async () => {
    const script = `
      import { OffsetsByPartition, SinkRecord } from '@millrace/api'
      import { sourceTaskContext } from '@millrace/testkit'
      import { VerifiableSinkTask } from './packages/connectors/verifiable/src/sink/task.ts'
      import { VerifiableSourceTask } from './packages/connectors/verifiable/src/source/task.ts'
      const source = new VerifiableSourceTask()
      source.initialize(sourceTaskContext().context)
      await source.start({ name: 'src', id: '2', topic: 't', count: '1' })
      const [record] = await source.poll()
      source.commitRecord(record, null)
      source.stop()
      const sink = new VerifiableSinkTask()
      sink.start({ name: 'snk', id: '1' })
      sink.put([new SinkRecord('t', 0, null, record.key, null, record.value, 9)])
      await sink.preCommit(new OffsetsByPartition())
      sink.stop()`
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      cwd: new URL('../../../../', import.meta.url),
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let text = ''
    for await (const part of child.stdout.setEncoding('utf8')) text += part
    const lines = text
      .trim()
      .split('\n')
      .map((line) => ({ ...JSON.parse(line), time_ms: 0 }))
    const sent = { name: 'src', task: 2, topic: 't', time_ms: 0, seqno: 0 }
    const received = { name: 'snk', task: 2, sinkTask: 1, topic: 't', partition: 0, time_ms: 0, seqno: 0, offset: 9 }
    assert.deepEqual(lines, [sent, { ...sent, committed: true }, received, { ...received, flushed: true }])
  })

  it('stays readable for the reader of a file', async () => {
    await using folder = await temporaryFolder()
    const sink = startSink({ file: folder.file('received') })
    sink.put([new SinkRecord('t', 0, null, 0, null, 2n ** 60n, 0)])
    await sink.preCommit(new OffsetsByPartition())
    sink.stop()
    assert.match(await readFile(folder.file('received'), 'utf8'), /"seqno":"1152921504606846976"/)
  })
})
