// A worker with the misbehaving plugins of the test kit, and what tests of the data plane ask about them.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { Consumer, Producer } from '@millrace/kafka'
import { type CallEvent, until } from '@millrace/testkit'
import { startTestWorker, type TestWorker } from './test-worker.ts'

/** State of a connector as REST tells it. */
export interface StatusBody {
  readonly connector: { readonly state: string; readonly trace?: string }
  readonly tasks: readonly { readonly id: number; readonly state: string; readonly trace?: string }[]
}

/** A record as it is in a topic. */
export interface StoredRecord {
  readonly partition: number
  readonly key: string | null
  readonly value: string | null
  readonly headers: readonly { readonly key: string; readonly value: string | null }[]
}

export interface FaultyWorker extends TestWorker {
  /** Creates or changes a connector; a journal of its calls is kept. */
  put(name: string, config: Readonly<Record<string, string>>): Promise<void>
  /** Waits until a connector's status fits, and gives it. */
  status(name: string, fits: (status: StatusBody) => boolean): Promise<StatusBody>
  /** Calls that the connector and its tasks got so far. */
  calls(name: string, call?: CallEvent['call']): readonly CallEvent[]
  /** Lets go of a connector whose fault blocks or freezes. */
  release(name: string): void
  /** Committed offsets as REST tells them. */
  offsets(name: string): Promise<readonly { readonly partition: object; readonly offset: Record<string, unknown> }[]>
  /** The value of a metric of a task. */
  metric(name: string, task: string, metric: string): Promise<number>
  send(topic: string, values: readonly string[]): Promise<void>
  /** Waits until a topic has `count` records, and gives all there are. */
  stored(topic: string, count: number): Promise<readonly StoredRecord[]>
}

const SILENT = {
  'org.apache.kafka.connect.runtime.WorkerSinkTask': 'OFF',
  'org.apache.kafka.connect.runtime.WorkerSourceTask': 'OFF',
  'org.apache.kafka.connect.runtime.WorkerConnector': 'OFF',
} as const

/** Starts broker and worker; both end after the test. */
export async function startFaultyWorker(
  t: TestContext,
  props: Readonly<Record<string, string>> = {},
): Promise<FaultyWorker> {
  const worker = await startTestWorker(t, props, {
    pluginModules: ['@millrace/converters', '@millrace/testkit/plugins'],
    logging: { format: 'json', target: { write: () => {} }, levels: SILENT },
  })
  const { folder, bootstrap, call } = worker
  const journal = (name: string) => join(folder, `${name}.events`)
  const releaseFile = (name: string) => join(folder, `${name}.release`)
  return {
    ...worker,
    put: async (name, config) => {
      const files = { 'events.file': journal(name), 'fault.until.file': releaseFile(name) }
      const { status, body } = await call('PUT', `/connectors/${name}/config`, { ...files, ...config })
      if (status >= 400) throw new Error(`PUT ${name}: ${status} ${JSON.stringify(body)}`)
    },
    status: (name, fits) =>
      until(`the status of ${name} fits`, async () => {
        const body = (await call('GET', `/connectors/${name}/status`)).body as StatusBody
        return body.tasks !== undefined && fits(body) && body
      }) as Promise<StatusBody>,
    calls: (name, wanted) => eventsOf(journal(name)).filter((one) => wanted === undefined || one.call === wanted),
    release: (name) => writeFileSync(releaseFile(name), ''),
    offsets: async (name) => ((await call('GET', `/connectors/${name}/offsets`)).body as { offsets: [] }).offsets,
    metric: async (name, task, metric) => {
      const samples = await worker.worker.metrics()
      const labels = (one: (typeof samples)[number]) => one.labels.connector === name && one.labels.task === task
      return Number(samples.find((one) => one.name === metric && labels(one))?.value)
    },
    send: async (topic, values) => {
      const producer = Producer.create({ 'bootstrap.servers': bootstrap })
      for (const value of values) await producer.send({ topic, value, key: 'k', headers: [{ key: 'h', value: 'own' }] })
      await producer.close()
    },
    stored: (topic, count) => stored(bootstrap, topic, count),
  }
}

function eventsOf(file: string): CallEvent[] {
  if (!existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').split('\n')
  // The last piece is empty, or a line that is being written.
  return lines.slice(0, -1).map((line) => JSON.parse(line) as CallEvent)
}

async function stored(bootstrap: string, topic: string, count: number): Promise<StoredRecord[]> {
  const consumer = Consumer.create({ 'bootstrap.servers': bootstrap, 'auto.offset.reset': 'earliest' })
  const records: StoredRecord[] = []
  try {
    await until(`${topic} exists`, async () => {
      const ends = await consumer.endOffsets([{ topic, partition: 0 }]).catch(() => [])
      return ends.length > 0
    })
    consumer.assign([{ topic, partition: 0 }])
    await until(`${topic} has ${count} records`, async () => {
      const { chunks } = await consumer.poll(200)
      for (const { partition, reader, count: most } of chunks) {
        for (let left = most; left > 0 && reader.next(); left--) {
          const text = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString())
          records.push({
            partition,
            key: reader.keyEnd < 0 ? null : reader.key.text(),
            value: reader.valueEnd < 0 ? null : reader.value.text(),
            headers: reader.headers().map(({ key, value }) => ({ key, value: text(value) })),
          })
        }
      }
      return records.length >= count
    })
    return records
  } finally {
    await consumer.close()
  }
}
