// One worker with many small connectors: created one after another, the worker started again with all of them, more created.
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { cpuSeconds, rssMb } from '../process.ts'
import { BenchWorker, type Make, type Placement } from './worker.ts'

const SETTLE_MS = 5_000
const MORE = 100

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

function rounded(seconds: number): number {
  return Math.round(seconds * 100) / 100
}
