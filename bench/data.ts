// What the contest moves: a file of JSON lines and a topic of the same lines, on one Apache Kafka that all contestants use.

import { once } from 'node:events'
import { createReadStream, createWriteStream, statSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Admin, Producer } from '@millrace/kafka'
import { startKafka } from '@millrace/testkit'
import type { JobRun } from './jobs.ts'

const LINE_BYTES = 99
const SEND_AHEAD = 20_000

/** The broker and the inputs of a contest. */
export interface ContestData {
  readonly bootstrap: string
  warmUp(id: string): JobRun
  measured(id: string): JobRun
  close(): Promise<void>
}

/** Starts Kafka and makes both inputs, of `records` and of `warmUpRecords` lines. */
export async function openData(folder: string, records: number, warmUpRecords: number): Promise<ContestData> {
  const kafka = await startKafka()
  const admin = Admin.create({ 'bootstrap.servers': kafka.bootstrap })
  const createTopic = (topic: string) =>
    admin.createTopics([{ name: topic, numPartitions: 1, replicationFactor: 1 }]).then(() => {})
  const endOffset = async (topic: string) =>
    (await admin.listOffsets([{ topic, partition: 0, at: 'latest' }]))[0]?.offset ?? 0
  const inputs = new Map<number, { file: string; bytes: number; topic: string }>()
  for (const count of new Set([records, warmUpRecords])) {
    const file = join(folder, `input-${count}.jsonl`)
    const topic = `input-${count}`
    await writeLines(file, count)
    await createTopic(topic)
    await fill(kafka.bootstrap, topic, file)
    inputs.set(count, { file, bytes: statSync(file).size, topic })
  }
  const run =
    (count: number) =>
    (id: string): JobRun => {
      const input = inputs.get(count) as { file: string; bytes: number; topic: string }
      return {
        id,
        input: input.file,
        inputBytes: input.bytes,
        inputTopic: input.topic,
        records: count,
        folder,
        endOffset,
        createTopic,
      }
    }
  return {
    bootstrap: kafka.bootstrap,
    warmUp: run(warmUpRecords),
    measured: run(records),
    close: async () => {
      await admin.close()
      await kafka.stop()
    },
  }
}

/** JSON lines of exactly 99 bytes each, as in the published figures of the reference. */
async function writeLines(file: string, count: number): Promise<void> {
  const out = createWriteStream(file, { highWaterMark: 1 << 20 })
  for (let at = 0; at < count; at++) {
    const head = `{"id":${at},"name":"user-${at % 1000}","email":"user${at % 1000}@example.com","amount":${(at % 10_000) / 4},"note":"`
    const line = `${head}${'x'.repeat(Math.max(0, LINE_BYTES - head.length - 2))}"}\n`
    if (!out.write(line)) await once(out, 'drain')
  }
  out.end()
  await once(out, 'finish')
}

async function fill(bootstrap: string, topic: string, file: string): Promise<void> {
  const producer = Producer.create({ 'bootstrap.servers': bootstrap, 'batch.size': '262144', 'linger.ms': '20' })
  let pending: Promise<unknown>[] = []
  for await (const line of createInterface({ input: createReadStream(file) })) {
    pending.push(producer.send({ topic, partition: 0, key: null, value: Buffer.from(line) }))
    if (pending.length === SEND_AHEAD) {
      await Promise.all(pending)
      pending = []
    }
  }
  await Promise.all(pending)
  await producer.close()
}
