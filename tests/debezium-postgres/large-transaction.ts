// One transaction of many rows, and a worker that is killed in its middle: nothing may be missing, and memory has to stay
// bounded. As a program: `node tests/debezium-postgres/large-transaction.ts [MB] [slot.stream.params]`.
import { Consumer } from '@millrace/kafka'
import { startEmbeddedBroker, startPostgres, temporaryFolder, until } from '@millrace/testkit'
import pg from 'pg'
import { KilledWorker } from './killed-worker.ts'

const ROW_BYTES = 1_000
const PATIENCE_MS = 600_000
const PARTITION = { topic: 'ref.public.large', partition: 0 }

/** What came of a run. */
export interface LargeVerdict {
  readonly mb: number
  readonly rows: number
  readonly records: number
  /** Rows that are not there, and rows that first came after a later one. */
  readonly missing: number
  readonly outOfOrder: number
  /** From the commit to the last record, the kill and the second start among it, s. */
  readonly seconds: number
  /** The most memory of a worker at once, MB. */
  readonly peakMb: number
}

/** Captures a transaction of `mb`, kills the worker when half of it has come, and lets it finish. */
export async function largeTransaction(mb: number, params = ''): Promise<LargeVerdict> {
  const rows = Math.ceil((mb * 1e6) / ROW_BYTES)
  await using folder = await temporaryFolder()
  await using broker = await startEmbeddedBroker()
  await using postgres = await startPostgres({ version: 18, settings: { max_wal_size: '8GB' } })
  const client = new pg.Client({ connectionString: postgres.url })
  client.on('error', () => {})
  await client.connect()
  await client.query('CREATE TABLE large (id int PRIMARY KEY, v text)')
  const captured = { table: 'large', slot: 'large' }
  const worker = await KilledWorker.create(folder.path, broker.bootstrap, postgres, captured, client, {
    'snapshot.mode': 'no_data',
    'slot.stream.params': params,
  })
  const consumer = Consumer.create({ 'bootstrap.servers': broker.bootstrap, 'auto.offset.reset': 'earliest' })
  worker.start()
  try {
    await until('the worker streams', () => worker.streams(), { timeoutMs: PATIENCE_MS })
    // The topic is there before anything is asked of it.
    await client.query(`INSERT INTO large VALUES (0, '')`)
    consumer.assign([PARTITION])
    const end = async () => (await consumer.endOffsets([PARTITION]).catch(() => []))[0]?.offset ?? 0
    const filler = `rpad(i::text, ${ROW_BYTES}, 'x')`
    await client.query(`INSERT INTO large SELECT i, ${filler} FROM generate_series(1, ${rows}) i`)
    const began = Date.now()
    await until('half has come', async () => (await end()) > rows / 2, { timeoutMs: PATIENCE_MS, everyMs: 20 })
    let peakMb = worker.peakMb()
    await worker.kill()
    worker.start()
    consumer.seekToBeginning([PARTITION])
    const seen = new Seen(rows)
    await until(
      'the last row',
      async () => {
        const { chunks } = await consumer.poll(100)
        for (const { reader, count } of chunks) {
          for (let left = count; left > 0; left--) {
            reader.next()
            seen.add(Number(/"after":\{"id":(\d+)/.exec(reader.value.text().slice(0, 200))?.[1]))
          }
        }
        return seen.highest === rows
      },
      { timeoutMs: PATIENCE_MS, everyMs: 0 },
    )
    const seconds = Math.round((Date.now() - began) / 1_000)
    peakMb = Math.max(peakMb, worker.peakMb())
    const { records, missing, outOfOrder } = seen
    return { mb, rows, records, missing, outOfOrder, seconds, peakMb }
  } catch (error) {
    throw new Error(`${(error as Error).stack}\n${await worker.autopsy()}`)
  } finally {
    await consumer.close()
    await worker.kill()
    await client.end().catch(() => {})
  }
}

/** Which rows have come, from 0 to `last`. */
class Seen {
  readonly #there: Uint8Array
  records = 0
  highest = -1
  outOfOrder = 0

  constructor(last: number) {
    this.#there = new Uint8Array(last + 1)
  }
  add(id: number): void {
    this.records++
    if (id > this.highest + 1) this.outOfOrder++
    if (id > this.highest) this.highest = id
    this.#there[id] = 1
  }
  get missing(): number {
    return this.#there.reduce((count, one) => (one === 0 ? count + 1 : count), 0)
  }
}

if (import.meta.main) {
  const verdict = await largeTransaction(Number(process.argv[2] ?? 100), process.argv[3] ?? '')
  console.log(verdict)
  process.exitCode = verdict.missing + verdict.outOfOrder === 0 ? 0 : 1
}
