// The job of latency: rows are inserted at an even rate, each with the moment just before its transaction is committed; a
// consumer of the topic looks at the clock when it sees them. Both clocks are this machine's, and both ends are in this process.
import { setTimeout as sleep } from 'node:timers/promises'
import { Consumer } from '@millrace/kafka'
import { until } from '@millrace/testkit'
import { measure } from '../measure.ts'
import type { Capture } from './capture.ts'
import { type DatabaseJob, type DatabaseRun, jsonConverters } from './job.ts'
import type { PostgresDatabase } from './postgres.ts'

const ROWS_A_TRANSACTION = 25
const WARM_UP_SECONDS = 10
const PATIENCE = { timeoutMs: 60_000, everyMs: 100 }
const POLL_MS = 100
const SENT_MS = /"sent_ms":([\d.E+]+)/

/** From commit to consumer at `rate` rows a second, for `seconds`. */
export function latencyJob(database: PostgresDatabase, rate: number, seconds: number): DatabaseJob {
  const { client } = database
  return {
    name: `${database.title} latency at ${rate.toLocaleString('en')} changes a second`,
    prepare: async () => {
      await client.query(
        'CREATE TABLE ticks (id int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY, sent_ms float8, note text)',
      )
    },
    run: async ({ id, worker, place }: DatabaseRun) => {
      const capture: Capture = { id, table: 'ticks', snapshotMode: 'no_data', bootstrap: place.bootstrap }
      const topic = database.topic(capture)
      await place.createTopic(topic)
      await worker.createConnector(id, { ...database.config(capture), ...jsonConverters(false) })
      await until('a reader of changes', () => database.isRead(id), PATIENCE)
      const seen = new Latencies(place.bootstrap, topic)
      try {
        const warm = await insert(WARM_UP_SECONDS)
        await until('the changes that warm up', () => seen.count >= warm, PATIENCE)
        seen.forget()
        const records = rate * seconds
        let writing: Promise<number> = Promise.resolve(0)
        const result = await measure(worker, {
          name: id,
          records,
          begin: async () => {
            writing = insert(seconds)
          },
          arrived: async () => seen.count,
        })
        await writing
        return { ...result, ...seen.figures() }
      } finally {
        await seen.close()
        await worker.deleteConnector(id)
        await database.forget(id)
      }
    },
    clean: () => database.dropTable('ticks'),
  }

  /** Transactions at even distances; a late one is followed by others without a pause, until the rate is kept again. */
  async function insert(forSeconds: number): Promise<number> {
    const transactions = Math.round((rate * forSeconds) / ROWS_A_TRANSACTION)
    const began = performance.now()
    for (let at = 0; at < transactions; at++) {
      const wait = began + (at * 1000 * ROWS_A_TRANSACTION) / rate - performance.now()
      if (wait > 0) await sleep(wait)
      await client.query(
        `INSERT INTO ticks (sent_ms, note) SELECT extract(epoch FROM clock_timestamp()) * 1000, 'note ' || i FROM generate_series(1, ${ROWS_A_TRANSACTION}) i`,
      )
    }
    return transactions * ROWS_A_TRANSACTION
  }
}

/** Reads a topic from its beginning and keeps how old each record was. */
class Latencies {
  count = 0
  #ages: number[] = []
  #closed = false
  readonly #reading: Promise<void>

  constructor(bootstrap: string, topic: string) {
    this.#reading = this.#read(bootstrap, topic)
    // Who waits for records learns of it by their number; closing tells why.
    this.#reading.catch(() => {})
  }

  forget(): void {
    this.count = 0
    this.#ages = []
  }

  figures(): { p50Ms: number; p99Ms: number; maxMs: number } {
    const sorted = this.#ages.toSorted((a, b) => a - b)
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!
    return { p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) }
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#reading
  }

  async #read(bootstrap: string, topic: string): Promise<void> {
    const consumer = Consumer.create({ 'bootstrap.servers': bootstrap, 'auto.offset.reset': 'earliest' })
    consumer.assign([{ topic, partition: 0 }])
    try {
      while (!this.#closed) {
        const { chunks } = await consumer.poll(POLL_MS)
        const now = performance.timeOrigin + performance.now()
        for (const { reader, count } of chunks) {
          for (let left = count; left > 0 && reader.next(); left--) {
            const text = reader.buffer.latin1Slice(reader.valueStart, reader.valueEnd)
            this.#ages.push(now - Number(SENT_MS.exec(text)![1]))
            this.count++
          }
        }
      }
    } finally {
      await consumer.close()
    }
  }
}
