// The contract of sources as tests. A connector calls it with one line and gets all of them.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ConnectorProps, OffsetMap, SourceConnector, SourceRecord, SourceTask } from '@millrace/api'
import { MemoryOffsets, sourceConnectorContext, sourceTaskContext } from '../contexts.ts'
import { type TemporaryFolder, temporaryFolder } from '../folder.ts'
import { within } from '../until.ts'
import { checkDefinition, checkRequiredKeys, checkTaskConfigs } from './connector.ts'

/** A source under test. */
export interface SourceSubject {
  readonly connector: new () => SourceConnector
  /** Properties for a run; `folder` is fresh for each test. */
  props(folder: TemporaryFolder): ConnectorProps
  /** Makes `count` records available, after `from` earlier ones. Nothing to do for a source that never runs dry. */
  feed?(folder: TemporaryFolder, from: number, count: number): Promise<void>
  /** Identity of a record, equal for the same record read twice. By default key and value as JSON. */
  identity?(record: SourceRecord): string
  /** False when the source keeps no offsets. */
  readonly resumes?: boolean
}

const RECORDS = 50
const STOP_MS = 1_500
const POLL_MS = 5_000

/** A started task with what surrounds it. */
class Run implements AsyncDisposable {
  readonly task: SourceTask
  readonly #abort: () => void

  private constructor(task: SourceTask, abort: () => void) {
    this.task = task
    this.#abort = abort
  }

  static async start(subject: SourceSubject, folder: TemporaryFolder, offsets: MemoryOffsets): Promise<Run> {
    const connector = new subject.connector()
    connector.initialize(sourceConnectorContext({ offsets }).context)
    await connector.start(subject.props(folder))
    const configs = (await connector.taskConfigs(1))[0]!
    const task = new (connector.taskClass())()
    const { context, abort } = sourceTaskContext({ configs, offsets })
    task.initialize(context)
    await task.start(configs)
    await connector.stop()
    return new Run(task, abort)
  }

  /** Polls until there are at least `count` records. */
  async take(count: number): Promise<SourceRecord[]> {
    const records: SourceRecord[] = []
    while (records.length < count) {
      const polled = await within('poll', POLL_MS, this.task.poll())
      if (polled !== null) records.push(...polled)
    }
    return records
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort()
    await within('stop', STOP_MS, this.task.stop())
  }

  abort(): void {
    this.#abort()
  }
}

/** Declares the tests of the source contract for one connector. */
export function sourceContract(name: string, subject: SourceSubject): void {
  const identity = subject.identity ?? ((record) => jsonOf([record.key, record.value]))
  const feed = async (folder: TemporaryFolder, from: number, count: number) => subject.feed?.(folder, from, count)

  describe(`${name} keeps the source contract`, () => {
    it('has a definition that explains itself', async () => {
      await using folder = await temporaryFolder()
      const connector = new subject.connector()
      await checkDefinition(connector as never, subject.props(folder))
      await checkRequiredKeys(connector as never, subject.props(folder))
    })

    it('divides its work', async () => {
      await using folder = await temporaryFolder()
      await feed(folder, 0, 1)
      const connector = new subject.connector()
      connector.initialize(sourceConnectorContext().context)
      await connector.start(subject.props(folder))
      await checkTaskConfigs(connector as never)
      assert.equal(typeof connector.taskClass().className, 'string')
      await connector.stop()
    })

    it('can be stopped without having been started', async () => {
      const connector = new subject.connector()
      await connector.stop()
      await within('stop of a task that never started', STOP_MS, new (connector.taskClass())().stop())
    })

    it('gives records that the framework can use', async () => {
      await using folder = await temporaryFolder()
      await feed(folder, 0, RECORDS)
      await using run = await Run.start(subject, folder, new MemoryOffsets())
      for (const record of await run.take(RECORDS)) {
        assert.ok(record.topic.length > 0)
        checkOffsetMap(record.sourcePartition)
        checkOffsetMap(record.sourceOffset)
      }
    })

    if (subject.resumes !== false) {
      for (const after of [1, Math.floor(RECORDS / 2), RECORDS - 1]) {
        it(`resumes after record ${after} without loss or repetition`, async () => {
          await using folder = await temporaryFolder()
          await feed(folder, 0, RECORDS)
          const offsets = new MemoryOffsets()
          const whole: string[] = []
          {
            await using run = await Run.start(subject, folder, offsets)
            const records = (await run.take(RECORDS)).slice(0, RECORDS)
            whole.push(...records.map(identity))
            offsets.commit(records.slice(0, after))
          }
          await using run = await Run.start(subject, folder, offsets)
          const rest = (await run.take(RECORDS - after)).slice(0, RECORDS - after)
          assert.deepEqual(rest.map(identity), whole.slice(after))
        })
      }

      it('goes on where it stopped when more comes', async () => {
        await using folder = await temporaryFolder()
        await feed(folder, 0, RECORDS)
        const offsets = new MemoryOffsets()
        const seen: string[] = []
        {
          await using run = await Run.start(subject, folder, offsets)
          const records = await run.take(RECORDS)
          seen.push(...records.map(identity))
          offsets.commit(records)
        }
        await feed(folder, RECORDS, RECORDS)
        await using run = await Run.start(subject, folder, offsets)
        seen.push(...(await run.take(RECORDS)).map(identity))
        assert.equal(new Set(seen).size, seen.length, 'no record twice')
      })
    }

    it('ends a poll that waits when it is asked to stop', async () => {
      await using folder = await temporaryFolder()
      await feed(folder, 0, 1)
      const run = await Run.start(subject, folder, new MemoryOffsets())
      await run.take(1)
      const waiting = Promise.resolve(run.task.poll())
      run.abort()
      await within('a poll after the signal was aborted', STOP_MS, waiting)
      await within('stop', STOP_MS, run.task.stop())
    })

    it('does not hold a poll for long when there is nothing', async () => {
      await using folder = await temporaryFolder()
      await feed(folder, 0, 1)
      await using run = await Run.start(subject, folder, new MemoryOffsets())
      await run.take(1)
      for (let polls = 0; polls < 3; polls++) await within('a poll without news', 1_200, run.task.poll())
    })
  })
}

function checkOffsetMap(map: OffsetMap | null): void {
  if (map === null) return
  for (const [key, value] of Object.entries(map)) {
    const fits = value === null || ['string', 'number', 'bigint', 'boolean'].includes(typeof value)
    assert.ok(fits, `${key} is a primitive value, for offsets are stored as flat JSON objects`)
  }
}

function jsonOf(value: unknown): string {
  return JSON.stringify(value, (_key, one) => (typeof one === 'bigint' ? `${one}n` : one))
}
