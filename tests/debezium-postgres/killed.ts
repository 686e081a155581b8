// A worker that is killed again and again while it captures a database that changes: nothing may be missing, and the changes
// of a row must come in their order. As a program: `node tests/debezium-postgres/killed.ts [kills] [seed] [version] [slot.stream.params]`.
import {
  type BrokerService,
  type Postgres,
  type PostgresVersion,
  Random,
  startEmbeddedBroker,
  startPostgres,
  temporaryFolder,
} from '@millrace/testkit'
import pg from 'pg'
import { judge, read, type Seen } from './killed-judge.ts'
import { KilledWorker, pause, type Step } from './killed-worker.ts'

const KEYS = 300
const PREFILLED = 20_000
/** Kills of one worker, after which the next begins with a table, a slot and a snapshot of its own. */
const KILLS_A_ROUND = 10
const END_PATIENCE_MS = 240_000
const EARLY: readonly Step[] = ['start', 'slot made', 'snapshot', 'snapshot', 'hand-over', 'hand-over']
const LATE: readonly Step[] = ['start', 'streaming', 'offset commit', 'slot moved']

/** What came of a run. */
export interface Verdict {
  readonly seed: number
  readonly kills: number
  /** How many kills came when: a worker that was past the moment was killed in its stream. */
  readonly steps: Readonly<Record<string, number>>
  /** Changes made in the database, and records in Kafka: more, since what was under way at a kill comes again. */
  readonly changes: number
  readonly records: number
  /** Rows of which a change is missing or came too early, in words. */
  readonly faults: readonly string[]
}

/** Options of {@link killed}. */
export interface KilledOptions {
  readonly version?: PostgresVersion
  /** `slot.stream.params`. */
  readonly params?: string
  /** Is told the verdict so far after each round. */
  readonly tell?: (soFar: Verdict) => void
}

/** Kills workers `kills` times at moments that follow from `seed`, lets each of them finish, and judges. */
export async function killed(
  kills: number,
  seed: number,
  { version = 18, params = '', tell = () => {} }: KilledOptions = {},
): Promise<Verdict> {
  const random = new Random(seed)
  await using broker = await startEmbeddedBroker()
  // With so little, transactions of a few hundred rows are sent before they end, where that is asked for.
  await using postgres = await startPostgres({ version, settings: { logical_decoding_work_mem: '64kB' } })
  const verdict = {
    seed,
    kills: 0,
    steps: {} as Record<string, number>,
    changes: 0,
    records: 0,
    faults: [] as string[],
  }
  for (let done = 0, number = 1; done < kills; number++) {
    const count = Math.min(KILLS_A_ROUND, kills - done)
    const one = await round(number, count, random, broker, postgres, params)
    for (const step of one.steps) verdict.steps[step] = (verdict.steps[step] ?? 0) + 1
    verdict.changes += one.changes
    verdict.records += one.records
    verdict.faults.push(...one.faults.map((fault) => `round ${number}: ${fault}`))
    verdict.kills = done += count
    tell(verdict)
  }
  return verdict
}

interface Round {
  readonly steps: readonly Step[]
  readonly changes: number
  readonly records: number
  readonly faults: readonly string[]
}

async function round(
  number: number,
  kills: number,
  random: Random,
  broker: BrokerService,
  postgres: Postgres,
  params: string,
): Promise<Round> {
  const table = `counters_${number}`
  await using folder = await temporaryFolder()
  const client = new pg.Client({ connectionString: postgres.url })
  client.on('error', () => {})
  await client.connect()
  await client.query(`CREATE TABLE ${table} (id int PRIMARY KEY, version int NOT NULL, filler text)`)
  await client.query(`INSERT INTO ${table} SELECT i, 1, repeat('x', 200) FROM generate_series(1, ${PREFILLED}) i`)
  const asks = new pg.Client({ connectionString: postgres.url })
  asks.on('error', () => {})
  await asks.connect()
  const slot = `slot_${number}`
  const worker = await KilledWorker.create(folder.path, broker.bootstrap, postgres, { table, slot }, asks, {
    'slot.stream.params': params,
  })
  const writer = new Writer(client, new Random(random.below(2 ** 32)), table)
  const steps: Step[] = []
  let doing = 'starting'
  worker.start()
  try {
    const writing = writer.run()
    // What fails first is told; the writer may fail because of it.
    writing.catch(() => {})
    for (let kill = 0; kill < kills; kill++) {
      const wanted = random.pick(kill < Math.ceil(kills * 0.4) ? EARLY : LATE)
      doing = `kill ${kill + 1}, at '${wanted}'`
      steps.push(await worker.reaches(wanted, random))
      await worker.kill()
      worker.start()
    }
    writer.stop()
    await writing
    await client.query(`INSERT INTO ${table} VALUES (0, 1, null)`)
    doing = 'waiting for the last record'
    const records = await all(broker.bootstrap, `ref.public.${table}`, worker)
    const faults = judge(records, writer.versions, PREFILLED)
    if (faults.length > 0) console.error(await worker.autopsy())
    return { steps, changes: writer.changes, records: records.length, faults }
  } catch (error) {
    const what = `Round ${number}, after [${steps.join(', ')}], ${doing}: ${(error as Error).stack}`
    throw new Error(`${what}\n${await worker.autopsy()}`)
  } finally {
    writer.stop()
    await worker.kill()
    // The next round's slot is not to wait for transactions that this one keeps.
    await client.end().catch(() => {})
    await asks.end().catch(() => {})
  }
}

/** All records, once the marker that was written last is among them. @throws Error when the task fails */
async function all(bootstrap: string, topic: string, worker: KilledWorker): Promise<Seen[]> {
  const deadline = Date.now() + END_PATIENCE_MS
  for (;;) {
    const records = await read(bootstrap, topic)
    if (records.some((one) => one.id === 0)) return records
    const trace = await worker.failure()
    if (trace !== null) throw new Error(`The task failed: ${trace}`)
    if (Date.now() > deadline) throw new Error(`The last change never came; ${records.length} records did`)
    await pause(500)
  }
}

/** Raises the versions of rows, in transactions of one to many changes. */
class Writer {
  readonly versions = new Map<number, number>()
  changes = 0
  #stopped = false
  readonly #client: pg.Client
  readonly #random: Random
  readonly #table: string

  constructor(client: pg.Client, random: Random, table: string) {
    this.#client = client
    this.#random = random
    this.#table = table
  }

  async run(): Promise<void> {
    while (!this.#stopped) {
      const size = this.#random.below(10) === 0 ? 400 : 1 + this.#random.below(4)
      await this.#client.query('BEGIN')
      for (let left = size; left > 0; left--) {
        const id = 1 + this.#random.below(KEYS)
        await this.#client.query(`UPDATE ${this.#table} SET version = version + 1 WHERE id = ${id}`)
        this.versions.set(id, (this.versions.get(id) ?? 1) + 1)
        this.changes++
      }
      await this.#client.query('COMMIT')
      await pause(5)
    }
  }
  stop(): void {
    this.#stopped = true
  }
}

if (import.meta.main) {
  const [kills = '20', seed = '1', version = '18', params = ''] = process.argv.slice(2)
  const verdict = await killed(Number(kills), Number(seed), {
    version: version === '15' ? 15 : 18,
    params,
    tell: (soFar) => console.log(JSON.stringify(soFar)),
  })
  console.log(verdict)
  process.exitCode = verdict.faults.length === 0 ? 0 : 1
}
