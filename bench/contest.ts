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
import { startWorker, type Worker } from './contestant.ts'
import { contestants, type Entrant } from './contestants.ts'
import { openData } from './data.ts'
import { JOBS, type Job, type JobRun } from './jobs.ts'
import { type JobResult, measure } from './measure.ts'
import { processCount, rssMb } from './process.ts'
import { jobMeasures, type Measure, printReport } from './report.ts'

const WARM_UP_SHARE = 0.1
const IDLE_SECONDS = 5

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
printReport(results, measures())
console.log(`Raw results: ${file}`)

async function runRound(contestant: Entrant, round: number): Promise<RoundResult> {
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
  const result = await measure(worker, {
    name: job.name,
    records: run.records,
    begin: () => worker.createConnector(run.id, job.config(run)),
    arrived: () => job.arrived(run),
  })
  await worker.deleteConnector(run.id)
  return result
}

function measures(): Measure<RoundResult>[] {
  return [
    ['start to first REST answer, s', (one) => one.startSeconds, 'less'],
    ['start, CPU s', (one) => one.startCpuSeconds, 'less'],
    ['idle RSS, MB', (one) => one.idleRssMb, 'less'],
    ['processes', (one) => one.processes, 'less'],
    ...jobsChosen.flatMap(({ name }) => jobMeasures<RoundResult>(name, (one) => one.jobs[name])),
  ]
}
