// A group of three workers with 30 connectors, `scheduled.rebalance.max.delay.ms=0`, sessions of 10 seconds: one is killed, one
// is stopped in good order, one comes. Seconds until every task runs where it should.
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { BenchWorker, type Make, type Placement } from './worker.ts'

const CONNECTORS = 30
const WORKERS = 3
const SETTLE_MS = 3_000

/** Figures in seconds, from the signal or the start of the process. */
export async function measureFailover(make: Make, place: Placement): Promise<Record<string, unknown>> {
  const input = join(place.folder, 'input.txt')
  writeFileSync(input, 'one line\n')
  const groupId = `failover-${randomBytes(4).toString('hex')}`
  const workers: BenchWorker[] = []
  for (let i = 0; i < WORKERS; i++) workers.push(await BenchWorker.create(make, place, groupId))
  const [first, second, third] = workers as [BenchWorker, BenchWorker, BenchWorker]
  try {
    for (const worker of workers) worker.launch()
    for (const worker of workers) await worker.answers()
    for (let i = 0; i < CONNECTORS; i++) {
      const config = {
        'connector.class': 'org.apache.kafka.connect.file.FileStreamSourceConnector',
        'tasks.max': '1',
        file: input,
        topic: `${groupId}-${i}`,
      }
      const name = `c${i}`
      for (let tries = 0; tries < 50; tries++) {
        // The reference refuses while its group comes together.
        if ((await first.createConnector(name, config)).status !== 409) break
        await sleep(200)
      }
    }
    await balanced(first, workers)
    await sleep(SETTLE_MS)

    const killed = await seconds(async () => {
      void third.end('SIGKILL')
      await first.allRun(CONNECTORS, [first, second])
    })
    await sleep(SETTLE_MS)
    const joined = await seconds(async () => {
      third.launch()
      await balanced(first, workers)
    })
    await sleep(SETTLE_MS)
    const stopped = await seconds(async () => {
      void third.end('SIGTERM')
      await first.allRun(CONNECTORS, [first, second])
    })
    return {
      make: make.name,
      workers: WORKERS,
      connectors: CONNECTORS,
      'kill -9 (session 10 s) to all running, s': killed,
      'clean stop to all running, s': stopped,
      'process start of a third to balanced, s': joined,
    }
  } finally {
    for (const worker of workers) await worker.end('SIGKILL')
  }
}

/** Resolves when every worker runs its share of the tasks, give or take one. */
async function balanced(asked: BenchWorker, workers: readonly BenchWorker[]): Promise<void> {
  const share = Math.floor(CONNECTORS / workers.length) - 1
  for (;;) {
    await asked.allRun(CONNECTORS, workers)
    const shares = await asked.shares().catch(() => new Map<string, number>())
    if (workers.every((one) => (shares.get(one.workerId) ?? 0) >= share)) return
    await sleep(10)
  }
}

async function seconds(work: () => Promise<void>): Promise<number> {
  const began = performance.now()
  await work()
  return Math.round((performance.now() - began) / 10) / 100
}
