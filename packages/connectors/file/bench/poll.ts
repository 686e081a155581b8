// Cost of the file connectors alone, without Kafka: `node packages/connectors/file/bench/poll.ts [lines]`.
// Source: poll() until the file is read. Sink: put() in batches of 500, the consumer's default, then flush.

import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { OffsetsByPartition, SinkRecord } from '@millrace/api'
import { sinkTaskContext, sourceTaskContext, temporaryFolder } from '@millrace/testkit'
import { FileStreamSinkTask } from '../src/sink/task.ts'
import { FileStreamSourceTask } from '../src/source/task.ts'

const LINES = Number(process.argv[2] ?? 1_000_000)
const ROUNDS = 4
const PUT = 500

const CONTENTS = {
  ascii: (i: number) => `{"id":${i},"name":"user-${i % 1000}","note":"`.padEnd(97, 'x').concat('"}'),
  'not ascii': (i: number) => `{"id":${i},"name":"üser-${i % 1000}","note":"`.padEnd(96, 'x').concat('"}'),
  'CR LF': (i: number) => `{"id":${i},"name":"user-${i % 1000}","note":"`.padEnd(96, 'x').concat('"}\r'),
} as const

await using folder = await temporaryFolder()
for (const [name, line] of Object.entries(CONTENTS)) {
  const file = folder.file(`${name}.txt`)
  const out = createWriteStream(file, { highWaterMark: 1 << 20 })
  for (let i = 0; i < LINES; i++) if (!out.write(`${line(i)}\n`)) await once(out, 'drain')
  out.end()
  await once(out, 'finish')
  await best(`source, ${name}`, () => readAll(file))
}
for (const [name, line] of Object.entries(CONTENTS)) {
  const records = Array.from({ length: 50_000 }, (_, i) => {
    // As the fetcher makes them: flat strings of their own.
    const value = Buffer.from(line(i)).toString('utf8')
    return new SinkRecord('t', 0, null, null, null, value, i)
  })
  await best(`sink, ${name}`, () => writeAll(folder.file('out.txt'), records))
}

async function readAll(file: string): Promise<number> {
  const { context } = sourceTaskContext()
  const task = new FileStreamSourceTask()
  task.initialize(context)
  await task.start({ file, topic: 't' })
  let count = 0
  while (count < LINES) {
    const polled = task.poll()
    const records = polled !== null && 'then' in polled ? await polled : polled
    count += records?.length ?? 0
  }
  await task.stop()
  return count
}

async function writeAll(file: string, records: readonly SinkRecord[]): Promise<number> {
  const task = new FileStreamSinkTask()
  task.initialize(sinkTaskContext().context)
  await task.start({ file })
  let count = 0
  while (count < LINES) {
    const at = count % (records.length - PUT)
    const waiting = task.put(records.slice(at, at + PUT))
    if (waiting !== undefined) await waiting
    count += PUT
  }
  await task.preCommit(new OffsetsByPartition())
  await task.stop()
  return count
}

async function best(name: string, run: () => Promise<number>): Promise<void> {
  let cpu = Number.POSITIVE_INFINITY
  let wall = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS; round++) {
    const startCpu = process.cpuUsage()
    const start = performance.now()
    const count = await run()
    const used = process.cpuUsage(startCpu)
    cpu = Math.min(cpu, (used.user + used.system) / count)
    wall = Math.min(wall, ((performance.now() - start) * 1000) / count)
  }
  console.log(`${name}: ${cpu.toFixed(3)} us CPU, ${wall.toFixed(3)} us a record`)
}
