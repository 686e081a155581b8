// A worker that is killed again and again while it captures a database that changes: nothing may be missing, and the changes
// of a row must come in their order. As a program: `node tests/debezium-postgres/killed.ts [kills] [seed]`.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Consumer } from '@millrace/kafka'
import {
  freePorts,
  type PostgresVersion,
  Random,
  ServiceProcess,
  startEmbeddedBroker,
  startPostgres,
  temporaryFolder,
  until,
} from '@millrace/testkit'
import pg from 'pg'
import { propsOf } from './ours.ts'

const MILLRACE = new URL('../../packages/cli/bin/millrace', import.meta.url).pathname
const KEYS = 300
const PREFILLED = 20_000
const TOPIC = 'ref.public.counters'

/** What came of a run. */
export interface Verdict {
  readonly kills: number
  /** Changes made in the database, and records in Kafka: more, since what was under way at a kill comes again. */
  readonly changes: number
  readonly records: number
  /** Rows of which a change is missing or came too early, in words. */
  readonly faults: readonly string[]
}

/** Kills a worker `kills` times at moments that follow from `seed`, lets it finish, and judges. */
export async function killed(kills: number, seed: number, version: PostgresVersion = 18): Promise<Verdict> {
  const random = new Random(seed)
  await using folder = await temporaryFolder()
  await using broker = await startEmbeddedBroker()
  await using postgres = await startPostgres({ version })
  const client = new pg.Client({ connectionString: postgres.url })
  client.on('error', () => {})
  await client.connect()
  await client.query('CREATE TABLE counters (id int PRIMARY KEY, version int NOT NULL, filler text)')
  await client.query(`INSERT INTO counters SELECT i, 1, repeat('x', 200) FROM generate_series(1, ${PREFILLED}) i`)
  const [port] = (await freePorts(1)) as [number]
  await writeFile(
    join(folder.path, 'worker.properties'),
    properties({
      'bootstrap.servers': broker.bootstrap,
      'key.converter': 'org.apache.kafka.connect.json.JsonConverter',
      'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
      'key.converter.schemas.enable': 'false',
      'value.converter.schemas.enable': 'false',
      'offset.storage.file.filename': join(folder.path, 'offsets'),
      // Often, so that kills fall before, into and after commits and the moves of the slot.
      'offset.flush.interval.ms': '200',
      listeners: `http://127.0.0.1:${port}`,
    }),
  )
  await writeFile(
    join(folder.path, 'source.properties'),
    properties({
      name: 'source',
      'connector.class': 'io.debezium.connector.postgresql.PostgresConnector',
      ...propsOf(postgres, {
        'status.update.interval.ms': '200',
        'slot.retry.delay.ms': '200',
        'slot.max.retries': '100',
      }),
    }),
  )
  const worker = new ServiceProcess({
    command: [MILLRACE, 'standalone', join(folder.path, 'worker.properties'), join(folder.path, 'source.properties')],
    logFile: join(folder.path, 'worker.log'),
  })
  const writer = new Writer(client, random)
  worker.start()
  try {
    await until(
      'the slot is there',
      async () => (await client.query('SELECT 1 FROM pg_replication_slots')).rowCount === 1,
      { timeoutMs: 60_000 },
    )
    const writing = writer.run()
    // What fails first is told; the writer may fail because of it.
    writing.catch(() => {})
    for (let kill = 0; kill < kills; kill++) {
      await pause(random.below(1_500))
      await worker.end('SIGKILL')
      worker.start()
      // Every other one is killed as soon as it has begun, or before.
      if (kill % 2 === 0) await until('the worker captures', () => active(client), { timeoutMs: 60_000 })
    }
    writer.stop()
    await writing
    await client.query('INSERT INTO counters VALUES (0, 1, null)')
    await until('all has come', async () => (await read(broker.bootstrap)).some((one) => one.id === 0), {
      timeoutMs: 90_000,
      everyMs: 500,
    })
    const records = await read(broker.bootstrap)
    return { kills, changes: writer.changes, records: records.length, faults: judge(records, writer.versions) }
  } catch (cause) {
    throw new Error(`${cause}: ${worker.lastOutput(3_000)}`, { cause })
  } finally {
    writer.stop()
    await worker.end('SIGKILL')
    await client.end().catch(() => {})
  }
}

/** Raises the versions of rows, in transactions of one to many changes. */
class Writer {
  readonly versions = new Map<number, number>()
  changes = 0
  #stopped = false
  readonly #client: pg.Client
  readonly #random: Random

  constructor(client: pg.Client, random: Random) {
    this.#client = client
    this.#random = random
  }

  async run(): Promise<void> {
    while (!this.#stopped) {
      const size = this.#random.below(10) === 0 ? 200 : 1 + this.#random.below(4)
      await this.#client.query('BEGIN')
      for (let left = size; left > 0; left--) {
        const id = 1 + this.#random.below(KEYS)
        await this.#client.query(`UPDATE counters SET version = version + 1 WHERE id = ${id}`)
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

/** What a record says of its row. */
export interface Seen {
  readonly id: number
  readonly version: number
  readonly isSnapshot: boolean
}

/** A version may come again, and a snapshot may begin at any; but none may be left out after that, and the last must be there. */
function judge(records: readonly Seen[], versions: ReadonlyMap<number, number>): string[] {
  const faults: string[] = []
  const highest = new Map<number, number>()
  for (const { id, version, isSnapshot } of records) {
    const before = highest.get(id)
    if (!isSnapshot && version > (before ?? 0) + 1 && before !== undefined)
      faults.push(`row ${id}: ${version} came after ${before}`)
    if (before === undefined && !isSnapshot && id !== 0) faults.push(`row ${id} was not in the snapshot`)
    highest.set(id, Math.max(before ?? 0, version))
  }
  for (const [id, version] of versions)
    if (highest.get(id) !== version) faults.push(`row ${id}: ${highest.get(id)} instead of ${version}`)
  for (let id = 1; id <= PREFILLED; id++) if (!highest.has(id)) faults.push(`row ${id} never came`)
  return faults
}

/** Everything in the topic of the table. */
export async function read(bootstrap: string): Promise<Seen[]> {
  const consumer = Consumer.create({ 'bootstrap.servers': bootstrap, 'auto.offset.reset': 'earliest' })
  try {
    const partition = { topic: TOPIC, partition: 0 }
    consumer.assign([partition])
    consumer.seekToBeginning([partition])
    const end = (await consumer.endOffsets([partition]))[0]?.offset ?? 0
    const seen: Seen[] = []
    while ((consumer.position(partition) ?? 0) < end) {
      for (const { reader, count } of (await consumer.poll(100)).chunks) {
        for (let left = count; left > 0; left--) {
          reader.next()
          const { after, op } = JSON.parse(reader.value.text())
          seen.push({ id: after.id, version: after.version, isSnapshot: op === 'r' })
        }
      }
    }
    return seen
  } finally {
    await consumer.close()
  }
}

async function active(client: pg.Client): Promise<boolean> {
  return (await client.query('SELECT 1 FROM pg_replication_slots WHERE active')).rowCount === 1
}
function properties(all: Readonly<Record<string, string>>): string {
  return Object.entries(all)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('')
}
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

if (import.meta.main) {
  const verdict = await killed(Number(process.argv[2] ?? 20), Number(process.argv[3] ?? 1))
  console.log(verdict)
  process.exitCode = verdict.faults.length === 0 ? 0 : 1
}
