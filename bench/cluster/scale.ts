// One worker with many small connectors: created one after another, the worker started again with all of them, more created.
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Admin } from '@millrace/kafka'
import { cpuSeconds, rssMb } from '../process.ts'
import { BenchWorker, type Make, type Placement } from './worker.ts'

const SETTLE_MS = 5_000
const MORE = 100
const IDLE_MS = 10_000

/** Figures of one worker with `size` connectors of one task each; memory in MB. */
export async function measureScale(make: Make, place: Placement, size: number): Promise<Record<string, unknown>> {
  const input = join(place.folder, 'input.txt')
  writeFileSync(input, 'one line\n')
  const worker = await BenchWorker.create(make, place, `scale-${randomBytes(4).toString('hex')}`)
  const config = (name: string) => ({
    'connector.class': 'org.apache.kafka.connect.file.FileStreamSourceConnector',
    'tasks.max': '1',
    file: input,
    topic: name,
  })
  try {
    worker.launch()
    await worker.answers()
    const created = performance.now()
    for (let i = 0; i < size; i++) await worker.createConnector(`c${i}`, config(`c${i}`))
    await worker.allRun(size)
    const createSeconds = (performance.now() - created) / 1000
    await worker.end('SIGTERM')

    const started = performance.now()
    worker.launch()
    await worker.allRun(size)
    const startSeconds = (performance.now() - started) / 1000
    const startCpuSeconds = cpuSeconds(worker.pid)
    await sleep(SETTLE_MS)
    const rss = rssMb(worker.pid)

    const answers = []
    for (let i = 0; i < MORE; i++) answers.push(await worker.createConnector(`more${i}`, config(`more${i}`)))
    const times = answers.map((one) => one.ms).sort((a, b) => a - b)
    return {
      make: make.name,
      connectors: size,
      'create one after another, all running, s': rounded(createSeconds),
      'start to all running, s': rounded(startSeconds),
      'start to all running, CPU s': rounded(startCpuSeconds),
      'RSS, MB': Math.round(rss),
      'create with all these alive, median ms': Math.round(times[times.length >> 1]!),
      'create with all these alive, p99 ms': Math.round(times[Math.floor(times.length * 0.99)]!),
      'answers other than 201': answers.filter((one) => one.status !== 201).length,
    }
  } finally {
    await worker.end('SIGKILL')
  }
}

/** What `size` sinks cost that have nothing to read, each of a topic of its own. */
export async function measureIdleSinks(make: Make, place: Placement, size: number): Promise<Record<string, unknown>> {
  const worker = await BenchWorker.create(make, place, `sinks-${randomBytes(4).toString('hex')}`)
  await using admin = Admin.create({ 'bootstrap.servers': place.bootstrap })
  const topics = Array.from({ length: size }, (_, i) => `sinks-${randomBytes(4).toString('hex')}-${i}`)
  await admin.createTopics(topics.map((name) => ({ name, numPartitions: 1, replicationFactor: 1 })))
  try {
    worker.launch()
    await worker.answers()
    for (const topic of topics) {
      await worker.createConnector(topic, {
        'connector.class': 'org.apache.kafka.connect.file.FileStreamSinkConnector',
        'tasks.max': '1',
        file: join(place.folder, topic),
        topics: topic,
      })
    }
    await worker.allRun(size)
    await sleep(SETTLE_MS)
    const before = cpuSeconds(worker.pid)
    await sleep(IDLE_MS)
    return {
      make: make.name,
      'idle sinks': size,
      'CPU s in 10 s': rounded(cpuSeconds(worker.pid) - before),
      'RSS, MB': Math.round(rssMb(worker.pid)),
    }
  } finally {
    await worker.end('SIGKILL')
  }
}

function rounded(seconds: number): number {
  return Math.round(seconds * 100) / 100
}
