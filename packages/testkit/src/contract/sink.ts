// The contract of sinks as tests. A connector calls it with one line and gets all of them.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type ConnectorProps, OffsetsByPartition, type SinkConnector, SinkRecord, type SinkTask } from '@millrace/api'
import { sinkTaskContext, sourceConnectorContext } from '../contexts.ts'
import { type TemporaryFolder, temporaryFolder } from '../folder.ts'
import { within } from '../until.ts'
import { checkDefinition, checkRequiredKeys, checkTaskConfigs } from './connector.ts'

/** A sink under test. */
export interface SinkSubject {
  readonly connector: new () => SinkConnector
  /** Properties for a run; `folder` is fresh for each test. */
  props(folder: TemporaryFolder): ConnectorProps
  /** The record of a number: by default topic `t`, partition 0, the text `value N` without a key. */
  record?(offset: number): SinkRecord
  /** How many distinct records have arrived, counted in the system itself and not in the task. */
  arrived(folder: TemporaryFolder): Promise<number>
}

const BATCH = 40
const STEP_MS = 10_000

/** Declares the tests of the sink contract for one connector. */
export function sinkContract(name: string, subject: SinkSubject): void {
  const record =
    subject.record ?? ((offset) => new SinkRecord('t', 0, null, null, null, `value ${offset}`, offset, 1_000))
  const batch = (from: number, count = BATCH) => Array.from({ length: count }, (_, i) => record(from + i))

  const start = async (folder: TemporaryFolder): Promise<SinkTask> => {
    const connector = new subject.connector()
    connector.initialize(sourceConnectorContext().context)
    await connector.start(subject.props(folder))
    const configs = (await connector.taskConfigs(1))[0]!
    const task = new (connector.taskClass())()
    task.initialize(sinkTaskContext({ configs, assignment: [{ topic: 't', partition: 0 }] }).context)
    await task.start(configs)
    await task.open?.([{ topic: 't', partition: 0 }])
    return task
  }
  const commit = async (task: SinkTask, records: readonly SinkRecord[]): Promise<OffsetsByPartition> => {
    const offsets = new OffsetsByPartition()
    for (const one of records) offsets.set(one.originalTopic, one.originalKafkaPartition, one.kafkaOffset + 1)
    const given = [...offsets]
    const safe = await within('preCommit', STEP_MS, task.preCommit(offsets))
    for (const { topic, partition, offset } of safe) {
      const asked = given.find((one) => one.topic === topic && one.partition === partition)
      assert.ok(asked !== undefined && offset <= asked.offset, `${topic}-${partition}: no offset beyond what was put`)
    }
    return safe
  }
  const stop = async (task: SinkTask) => {
    await task.close?.([{ topic: 't', partition: 0 }])
    await within('stop', STEP_MS, task.stop())
  }

  describe(`${name} keeps the sink contract`, () => {
    it('has a definition that explains itself', async () => {
      await using folder = await temporaryFolder()
      const connector = new subject.connector()
      await checkDefinition(connector as never, subject.props(folder))
      await checkRequiredKeys(connector as never, subject.props(folder))
    })

    it('divides its work', async () => {
      await using folder = await temporaryFolder()
      const connector = new subject.connector()
      connector.initialize(sourceConnectorContext().context)
      await connector.start(subject.props(folder))
      await checkTaskConfigs(connector as never)
      await connector.stop()
    })

    it('can be stopped without having been started', async () => {
      const connector = new subject.connector()
      await connector.stop()
      const task = new (connector.taskClass())()
      task.initialize(sinkTaskContext().context)
      await within('stop of a task that never started', STEP_MS, task.stop())
    })

    it('takes an empty batch', async () => {
      await using folder = await temporaryFolder()
      const task = await start(folder)
      await task.put([])
      await commit(task, [])
      await stop(task)
      assert.equal(await subject.arrived(folder), 0)
    })

    it('has everything in place once it lets offsets be committed', async () => {
      await using folder = await temporaryFolder()
      const task = await start(folder)
      const all = [...batch(0), ...batch(BATCH), ...batch(2 * BATCH)]
      for (let at = 0; at < all.length; at += BATCH) await task.put(all.slice(at, at + BATCH))
      const safe = await commit(task, all)
      const committed = safe.get('t', 0) ?? 0
      assert.ok((await subject.arrived(folder)) >= committed, `offset ${committed} is safe`)
      await stop(task)
    })

    it('keeps nothing of an array that is used again', async () => {
      await using folder = await temporaryFolder()
      const task = await start(folder)
      const array: SinkRecord[] = []
      for (let at = 0; at < 5 * BATCH; at += BATCH) {
        array.splice(0, array.length, ...batch(at))
        await task.put(array)
      }
      array.length = 0
      await commit(task, batch(0, 5 * BATCH))
      await stop(task)
      assert.equal(await subject.arrived(folder), 5 * BATCH)
    })

    it('loses nothing when a batch is delivered again to a new task', async () => {
      await using folder = await temporaryFolder()
      const first = await start(folder)
      await first.put(batch(0))
      await commit(first, batch(0))
      await first.put(batch(BATCH))
      await stop(first)
      const second = await start(folder)
      await second.put(batch(BATCH))
      await second.put(batch(2 * BATCH))
      await commit(second, batch(0, 3 * BATCH))
      await stop(second)
      assert.equal(await subject.arrived(folder), 3 * BATCH)
    })
  })
}
