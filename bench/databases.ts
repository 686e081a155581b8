// npm run bench:databases: change data capture and the JDBC sink against Debezium on the JVM's Connect: one Apache Kafka, one
// database of each kind, the contestants in turn for each job, CPU seconds and memory of the worker process alone. Every
// measurement has a worker of its own, warmed up with a tenth of the job.
//
//   MILLRACE_DEBEZIUM=DIR npm run bench:databases                     a million records a job, one round
//   npm run bench:databases -- --only millrace --records 300000
//   npm run bench:databases -- --jobs postgres-snapshot,sink --rounds 3 --postgres 15
//   npm run bench:databases -- --jobs mariadb --into bench/results/FILE    adds to the results of an earlier run
//
// DIR holds a plugin folder each for postgres, mariadb and jdbc. Without it the JVM is left out.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { Admin } from '@millrace/kafka'
import { type PostgresVersion, startKafka } from '@millrace/testkit'
import { startWorker } from './contestant.ts'
import { contestants, type Entrant } from './contestants.ts'
import { type CaptureDatabase, snapshotJob, streamJob } from './databases/capture.ts'
import type { DatabaseJob, DatabaseResult, Place } from './databases/job.ts'
import { latencyJob } from './databases/latency.ts'
import { openMariaDb } from './databases/mariadb.ts'
import { openPostgres } from './databases/postgres.ts'
import { sinkJob } from './databases/sink.ts'
import { jobMeasures, type Measure, printReport } from './report.ts'

/** All jobs of one contestant in one round. */
interface Round {
  readonly contestant: string
  readonly round: number
  readonly jobs: Readonly<Record<string, DatabaseResult>>
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '1' },
    records: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '15' },
    rate: { type: 'string', default: '5000' },
    only: { type: 'string' },
    jobs: { type: 'string' },
    postgres: { type: 'string', default: '18' },
    into: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
})
const records = Number(values.records)
const plugins = process.env.MILLRACE_DEBEZIUM
const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
const kafka = await startKafka()
const admin = Admin.create({ 'bootstrap.servers': kafka.bootstrap })
const place: Place = {
  bootstrap: kafka.bootstrap,
  createTopic: (topic) => admin.createTopics([{ name: topic, numPartitions: 1, replicationFactor: 1 }]).then(() => {}),
  endOffset: async (topic) => (await admin.listOffsets([{ topic, partition: 0, at: 'latest' }]))[0]?.offset ?? 0,
}
const postgres = once(() => openPostgres(Number(values.postgres) as PostgresVersion))
const mariadb = once(openMariaDb)

const JOBS: Readonly<Record<string, () => Promise<DatabaseJob>>> = {
  'postgres-snapshot': async () => snapshotJob(await postgres(), records, false),
  'postgres-snapshot-schemas': async () => snapshotJob(await postgres(), records, true),
  'postgres-stream': async () => streamJob(await postgres(), records),
  'postgres-latency': async () => latencyJob(await postgres(), Number(values.rate), Number(values.seconds)),
  'mariadb-snapshot': async () => snapshotJob(await mariadb(), records, false),
  'mariadb-stream': async () => streamJob(await mariadb(), records),
  sink: async () => sinkJob(await postgres(), records),
}

const wanted = values.jobs?.split(',')
/** A name of a job, or the beginning of several names. */
const isWanted = (one: string, name: string) => name === one || (!(one in JOBS) && name.startsWith(`${one}-`))
const names = Object.keys(JOBS).filter((name) => wanted?.some((one) => isWanted(one, name)) ?? true)
const opened: CaptureDatabase[] = []
const file = values.into ?? `bench/results/databases-${new Date().toISOString().slice(0, 19).replaceAll(':', '')}.json`
const earlier: Round[] = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).results : []
const figures = new Map<string, Record<string, DatabaseResult>>()
try {
  const chosen = (await contestants(folder, kafka.bootstrap, pluginPath())).filter(
    ({ name }) => (values.only ?? name) === name && (name !== 'jvm' || plugins !== undefined),
  )
  for (const name of names) {
    const job = await JOBS[name]!()
    await job.prepare(place)
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const entrant of chosen) {
        const result = await run(job, entrant, `${name}-${entrant.name}-${round}`)
        const key = JSON.stringify([entrant.name, round])
        figures.set(key, { ...figures.get(key), [job.name]: result })
        console.log(`${entrant.name}, round ${round + 1}, ${job.name}: ${said(result)}`)
        // What was measured before something fails is worth keeping.
        save()
      }
    }
    await job.clean()
  }
} finally {
  for (const database of opened) await database[Symbol.asyncDispose]()
  await admin.close()
  await kafka.stop()
  if (!values.keep) rmSync(folder, { recursive: true, force: true })
}
report()

async function run(job: DatabaseJob, entrant: Entrant, id: string): Promise<DatabaseResult> {
  const log = join(folder, `${id}.log`)
  const worker = await startWorker(entrant, entrant.configFile, entrant.restPort, log)
  try {
    return await job.run({ id: id.replaceAll('-', '_'), worker, place })
  } catch (error) {
    throw new Error(
      `${job.name} with ${entrant.name} failed; the end of its log:\n${readFileSync(log, 'utf8').slice(-4000)}`,
      {
        cause: error,
      },
    )
  } finally {
    await worker.stop()
  }
}

function once<T extends CaptureDatabase>(open: () => Promise<T>): () => Promise<T> {
  let database: Promise<T> | undefined
  return () => {
    database ??= open().then((one) => {
      opened.push(one)
      return one
    })
    return database
  }
}

/** A folder with the plugins of these jobs alone: the folder that was given may hold others, which would cost memory. */
function pluginPath(): string | undefined {
  if (plugins === undefined) return undefined
  const path = join(folder, 'plugins')
  mkdirSync(path)
  for (const name of ['postgres', 'mariadb', 'jdbc']) symlinkSync(resolve(plugins, name), join(path, name))
  return path
}

function said({ recordsPerCpuSecond, recordsPerSecond, peakRssMb, p50Ms, p99Ms }: DatabaseResult): string {
  const whole = (figure: number) => Math.round(figure).toLocaleString('en')
  const latency = p99Ms === undefined ? '' : `, p50 ${whole(p50Ms!)} ms, p99 ${whole(p99Ms)} ms`
  return `${whole(recordsPerCpuSecond)} records per CPU second, ${whole(recordsPerSecond)} per second, peak ${whole(peakRssMb)} MB${latency}`
}

function save(): Round[] {
  const results = [...figures].map(([key, jobs]): Round => {
    const [contestant, round] = JSON.parse(key)
    return { contestant, round, jobs }
  })
  const machine = { machine: cpus()[0]?.model, cores: cpus().length }
  const all = [...earlier, ...results]
  writeFileSync(file, `${JSON.stringify({ ...machine, results: all }, null, 2)}\n`)
  return all
}

function report(): void {
  const all = save()
  const jobs = [...new Set(all.flatMap((one) => Object.keys(one.jobs)))]
  printReport(
    all,
    jobs.flatMap((job): Measure<Round>[] => {
      const measures = jobMeasures<Round>(job, (one) => one.jobs[job])
      if (all.every((one) => one.jobs[job]?.p99Ms === undefined)) return measures
      return [
        ...measures,
        [`${job}: p50, ms`, (one) => one.jobs[job]?.p50Ms ?? Number.NaN, 'less'],
        [`${job}: p99, ms`, (one) => one.jobs[job]?.p99Ms ?? Number.NaN, 'less'],
        [`${job}: highest, ms`, (one) => one.jobs[job]?.maxMs ?? Number.NaN, 'less'],
      ]
    }),
  )
  console.log(`Raw results: ${file}`)
}
