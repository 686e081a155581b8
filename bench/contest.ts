// npm run bench: the contest. One Apache Kafka, the contestants in turn, CPU seconds and memory of the worker process alone,
// counted at the destination. Prints medians and ratios; keeps the raw results under bench/results/.
//
//   npm run bench                                  3 rounds of 3,000,000 records
//   npm run bench -- --rounds 1 --records 1000000
//   npm run bench -- --only millrace               one contestant
//   npm run bench -- --jobs Field                  jobs with this in their name
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type Contestant, startWorker, type Worker } from './contestant.ts'
import { contestants } from './contestants.ts'
import { openData } from './data.ts'
import { JOBS, type Job, type JobRun } from './jobs.ts'
import { cpuSeconds, peakMb, processCount, resetPeak, rssMb } from './process.ts'
import { printReport } from './report.ts'

const WARM_UP_SHARE = 0.1
const IDLE_SECONDS = 5
const LOOK_MS = 20
const JOB_TIMEOUT_MS = 10 * 60_000

/** One measured run of one job. */
export interface JobResult {
  readonly records: number
  readonly wallSeconds: number
  readonly cpuSeconds: number
  readonly recordsPerCpuSecond: number
  readonly recordsPerSecond: number
  readonly peakRssMb: number
}

/** One round of one contestant. */
export interface RoundResult {
  readonly contestant: string
  readonly startSeconds: number
  readonly startCpuSeconds: number
  readonly idleRssMb: number
  readonly processes: number
  readonly jobs: Readonly<Record<string, JobResult>>
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    records: { type: 'string', default: '3000000' },
    only: { type: 'string' },
    jobs: { type: 'string', default: '' },
    keep: { type: 'boolean', default: false },
  },
})
const rounds = Number(values.rounds)
const records = Number(values.records)
const jobsChosen = JOBS.filter((job) => job.name.includes(values.jobs))

const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
const data = await openData(folder, records, Math.round(records * WARM_UP_SHARE))
const results: RoundResult[] = []
try {
  const all = await contestants(folder, data.bootstrap)
  const chosen = all.filter((one) => values.only === undefined || one.name === values.only)
  for (let round = 0; round < rounds; round++) {
    for (const contestant of chosen) results.push(await runRound(contestant, round))
  }
} finally {
  await data.close()
  if (!values.keep) rmSync(folder, { recursive: true, force: true })
}
const file = `bench/results/contest-${new Date().toISOString().slice(0, 19).replaceAll(':', '')}.json`
writeFileSync(
  file,
  `${JSON.stringify({ machine: cpus()[0]?.model, cores: cpus().length, records, rounds, results }, null, 2)}\n`,
)
printReport(results)
console.log(`Raw results: ${file}`)

async function runRound(
  contestant: Contestant & { configFile: string; restPort: number },
  round: number,
): Promise<RoundResult> {
  console.log(`Round ${round + 1}: ${contestant.name}`)
  const worker = await startWorker(
    contestant,
    contestant.configFile,
    contestant.restPort,
    join(folder, `${contestant.name}.log`),
  )
  try {
    await sleep(IDLE_SECONDS * 1000)
    const idleRssMb = rssMb(worker.pid)
    const processes = processCount(worker.pid)
    const jobs: Record<string, JobResult> = {}
    for (const job of jobsChosen) {
      const id = `${contestant.name}-${round}-${JOBS.indexOf(job)}`
      await runJob(worker, job, data.warmUp(`${id}-warm`))
      const result = await runJob(worker, job, data.measured(id))
      jobs[job.name] = result
      console.log(
        `  ${job.name}: ${Math.round(result.recordsPerCpuSecond).toLocaleString('en')} records per CPU second`,
      )
    }
    return {
      contestant: contestant.name,
      startSeconds: worker.start.wall,
      startCpuSeconds: worker.start.cpu,
      idleRssMb,
      processes,
      jobs,
    }
  } finally {
    await worker.stop()
  }
}

async function runJob(worker: Worker, job: Job, run: JobRun): Promise<JobResult> {
  await job.prepare?.(run)
  resetPeak(worker.pid)
  const cpuBefore = cpuSeconds(worker.pid)
  const began = performance.now()
  await worker.createConnector(run.id, job.config(run))
  const deadline = began + JOB_TIMEOUT_MS
  for (let arrived = 0; arrived < run.records; arrived = await job.arrived(run)) {
    if (performance.now() > deadline)
      throw new Error(`${job.name}: ${arrived} of ${run.records} records after ${JOB_TIMEOUT_MS} ms`)
    await sleep(LOOK_MS)
  }
  const wallSeconds = (performance.now() - began) / 1000
  const cpu = cpuSeconds(worker.pid) - cpuBefore
  const peakRssMb = peakMb(worker.pid)
  await worker.deleteConnector(run.id)
  return {
    records: run.records,
    wallSeconds,
    cpuSeconds: cpu,
    recordsPerCpuSecond: run.records / cpu,
    recordsPerSecond: run.records / wallSeconds,
    peakRssMb,
  }
}
