// A worker that is killed again and again while it captures a MariaDB server that changes, whose tables are altered while it is
// down and whose binlog is purged up to what it has stored: nothing may be missing, and the changes of a row must come in their
// order. As a program: `node tests/debezium-mysql/killed.ts [kills] [seed] [flavor]`.
import {
  type BrokerService,
  type Mysql,
  type MysqlFlavor,
  Random,
  startEmbeddedBroker,
  startMysql,
  temporaryFolder,
} from '@millrace/testkit'
import { type Connection, createConnection } from 'mysql2/promise'
import { judge, read, type Seen } from '../debezium-postgres/killed-judge.ts'
import { KilledWorker, pause, type Step } from './killed-worker.ts'

const KEYS = 300
const PREFILLED = 20_000
/** Kills of one worker, after which the next begins with a table, offsets and a snapshot of its own. */
const KILLS_A_ROUND = 10
const END_PATIENCE_MS = 240_000
const EARLY: readonly Step[] = ['start', 'snapshot', 'snapshot', 'hand-over', 'hand-over']
const LATE: readonly Step[] = ['start', 'streaming', 'streaming', 'offset commit']

/** What came of a run. */
export interface Verdict {
  readonly seed: number
  readonly kills: number
  /** How many kills came when: a worker that was past the moment was killed in its stream. */
  readonly steps: Readonly<Record<string, number>>
  /** Changes made in the database, and records in Kafka: more, since what was under way at a kill comes again. */
  readonly changes: number
  readonly records: number
  /** Files of the binlog that the server no longer has, and alterations of the table while no worker ran. */
  readonly purged: number
  readonly altered: number
  /** Rows of which a change is missing or came too early, in words. */
  readonly faults: readonly string[]
}

/** Kills workers `kills` times at moments that follow from `seed`, lets each of them finish, and judges. */
export async function killed(
  kills: number,
  seed: number,
  flavor: MysqlFlavor = 'mariadb-10.11',
  tell: (soFar: Verdict) => void = () => {},
): Promise<Verdict> {
  const random = new Random(seed)
  await using broker = await startEmbeddedBroker()
  await using server = await startMysql({ flavor })
  const verdict = { seed, kills: 0, steps: {} as Record<string, number>, changes: 0, records: 0, purged: 0, altered: 0 }
  const faults: string[] = []
  for (let done = 0, number = 1; done < kills; number++) {
    const count = Math.min(KILLS_A_ROUND, kills - done)
    const one = await round(number, count, random, broker, server)
    for (const step of one.steps) verdict.steps[step] = (verdict.steps[step] ?? 0) + 1
    verdict.changes += one.changes
    verdict.records += one.records
    verdict.purged += one.purged
    verdict.altered += one.altered
    faults.push(...one.faults.map((fault) => `round ${number}: ${fault}`))
    verdict.kills = done += count
    tell({ ...verdict, faults })
  }
  return { ...verdict, faults }
}

interface Round {
  readonly steps: readonly Step[]
  readonly changes: number
  readonly records: number
  readonly purged: number
  readonly altered: number
  readonly faults: readonly string[]
}

async function round(
  number: number,
  kills: number,
  random: Random,
  broker: BrokerService,
  server: Mysql,
): Promise<Round> {
  const table = `counters_${number}`
  await using folder = await temporaryFolder()
  const client = await connect(server)
  const asks = await connect(server)
  await client.query(`CREATE TABLE ${table} (id int PRIMARY KEY, version int NOT NULL, filler varchar(200))`)
  for (let from = 1; from <= PREFILLED; from += 1_000) {
    const rows = Array.from({ length: 1_000 }, (_, i) => `(${from + i}, 1, repeat('x', 200))`)
    await client.query(`INSERT INTO ${table} VALUES ${rows.join()}`)
  }
  const worker = await KilledWorker.create(folder.path, broker.bootstrap, server, table)
  const writer = new Writer(client, new Random(random.below(2 ** 32)), table)
  const steps: Step[] = []
  let doing = 'starting'
  let [purged, altered] = [0, 0]
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
      await asks.query('FLUSH BINARY LOGS')
      if (kill % 3 === 2) await asks.query(`ALTER TABLE ${table} ADD COLUMN more_${++altered} int DEFAULT ${altered}`)
      purged += await purge(asks, worker.storedFile())
      worker.start()
    }
    writer.stop()
    await writing
    await client.query(`INSERT INTO ${table} (id, version) VALUES (0, 1)`)
    doing = 'waiting for the last record'
    const records = await all(broker.bootstrap, `ref.inventory.${table}`, worker)
    return {
      steps,
      changes: writer.changes,
      records: records.length,
      purged,
      altered,
      faults: judge(records, writer.versions, PREFILLED),
    }
  } catch (error) {
    const what = `Round ${number}, after [${steps.join(', ')}], ${doing}: ${(error as Error).stack}`
    throw new Error(`${what}\n${await worker.autopsy()}`)
  } finally {
    writer.stop()
    await worker.kill()
    client.destroy()
    asks.destroy()
  }
}

async function connect({ host, port, user, password, database }: Mysql): Promise<Connection> {
  const client = await createConnection({ host, port, user, password, database })
  client.on('error', () => {})
  return client
}

/** Takes away what comes before `file`. @returns how many files are gone */
async function purge(client: Connection, file: string | undefined): Promise<number> {
  if (file === undefined) return 0
  const count = async () => ((await client.query('SHOW BINARY LOGS'))[0] as unknown[]).length
  const before = await count()
  await client.query(`PURGE BINARY LOGS TO '${file}'`)
  return before - (await count())
}

/** All records, once the marker that was written last is among them. @throws Error when the task fails */
async function all(bootstrap: string, topic: string, worker: KilledWorker): Promise<Seen[]> {
  const deadline = Date.now() + END_PATIENCE_MS
  for (;;) {
    const records = await read(bootstrap, topic)
    if (isWhole(records)) return records
    const trace = await worker.failure()
    if (trace !== null) throw new Error(`The task failed: ${trace}`)
    if (Date.now() > deadline) throw new Error(`The last change never came; ${records.length} records did`)
    await pause(500)
  }
}

/** Whether the marker is there: as a change, or in a snapshot, in which it comes first, with the row that comes last. */
function isWhole(records: readonly Seen[]): boolean {
  const marker = records.findLastIndex((one) => one.id === 0)
  if (marker < 0 || !records[marker]!.isSnapshot) return marker >= 0
  return records.findLastIndex((one) => one.id === PREFILLED && one.isSnapshot) > marker
}

/** Raises the versions of rows, in transactions of one to many changes. */
class Writer {
  readonly versions = new Map<number, number>()
  changes = 0
  #stopped = false
  readonly #client: Connection
  readonly #random: Random
  readonly #table: string

  constructor(client: Connection, random: Random, table: string) {
    this.#client = client
    this.#random = random
    this.#table = table
  }

  async run(): Promise<void> {
    while (!this.#stopped) {
      const size = this.#random.below(10) === 0 ? 200 : 1 + this.#random.below(4)
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
  const [kills = '20', seed = '1', flavor = 'mariadb-10.11'] = process.argv.slice(2)
  const verdict = await killed(Number(kills), Number(seed), flavor as MysqlFlavor, (soFar) =>
    console.log(JSON.stringify(soFar)),
  )
  console.log(verdict)
  process.exitCode = verdict.faults.length === 0 ? 0 : 1
}
