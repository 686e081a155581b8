// Asks a worker of ours everything and compares with the recordings. A kind of worker needs no more than a way to start it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startBroker } from '@millrace/broker'
import { type TemporaryFolder, temporaryFolder } from '@millrace/testkit'
import { differences } from './compare.ts'
import { explanation, KNOWN } from './known-differences.ts'
import { type Document, OpenApiCheck } from './openapi.ts'
import { allCalls, record } from './record.ts'
import { type Mode, recorded } from './recordings.ts'

/** What the worker under test must have; a distributed one adds its group and topics. */
export interface WorkerUnderTest {
  readonly workerProps: Readonly<Record<string, string>>
  readonly pluginModules: readonly string[]
  readonly folder: TemporaryFolder
}

const CONVERTER = 'org.apache.kafka.connect.json.JsonConverter'

/** A cluster restarts after its answer: whether that is over when the next restart is asked for is a matter of milliseconds. */
const RESTART_UNDER_WAY = /^restart failed only .*state is "RUNNING", here "RESTARTING"$/

/** Declares the comparison for one kind of worker. */
export function restDifferential(
  mode: Mode,
  start: (options: WorkerUnderTest) => Promise<{ readonly restUrl: string; stop(): Promise<void> }>,
): void {
  test(`the REST API of a ${mode} worker answers as the reference does, but for what is known`, async (t) => {
    const folder = await temporaryFolder('millrace-rest-')
    t.after(() => folder[Symbol.asyncDispose]())
    const broker = await startBroker({ dataDir: folder.file('broker'), port: 0, host: '127.0.0.1' })
    t.after(() => broker.close())
    const worker = await start({
      workerProps: {
        'bootstrap.servers': broker.bootstrap,
        'key.converter': CONVERTER,
        'value.converter': CONVERTER,
        'offset.flush.interval.ms': '500',
        listeners: 'http://localhost:0',
      },
      pluginModules: ['@millrace/converters', '@millrace/connector-file'],
      folder,
    })
    t.after(() => worker.stop())
    const ours = await record(worker.restUrl, folder.path)
    const check = new OpenApiCheck((await (await fetch(`${worker.restUrl}/openapi.json`)).json()) as Document)
    const reduced = new Set(allCalls(folder.path).flatMap((call) => (call.valuesOnly === true ? [call.name] : [])))
    assert.deepEqual(
      ours.flatMap((answer) => (reduced.has(answer.name) ? [] : check.misfits(answer))),
      [],
    )
    const found = differences(recorded(mode), ours).filter(({ line }) => !RESTART_UNDER_WAY.test(line))
    const unknown = found.filter((one) => explanation(one, mode) === undefined)
    assert.deepEqual(
      unknown.map(({ line }) => line),
      [],
    )
    // What no longer differs must not stay in the list.
    const used = new Set(found.map((one) => explanation(one, mode)))
    const unused = KNOWN.filter((one) => (one.mode ?? mode) === mode && !used.has(one))
    assert.deepEqual(
      unused.map(({ calls, line, why }) => ({ calls: String(calls), line: String(line), why })),
      [],
    )
  })
}
