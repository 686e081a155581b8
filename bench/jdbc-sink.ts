// The contest of the JDBC sinks: rows upserted into PostgreSQL, CPU seconds and memory of the worker process alone, counted
// in the table. Debezium's sink on the JVM takes part when MILLRACE_DEBEZIUM_JDBC names the folder of its jars.
//
//   node bench/jdbc-sink.ts                       300,000 rows, batches of 3,000
//   node bench/jdbc-sink.ts --records 100000 --only millrace
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Admin, Producer } from '@millrace/kafka'
import { startKafka, startPostgres } from '@millrace/testkit'
import pg from 'pg'
import { startWorker } from './contestant.ts'
import { contestants } from './contestants.ts'
import { cpuSeconds, peakMb, resetPeak } from './process.ts'

const BATCH = 3000
const LOOK_MS = 50
const SEND_AHEAD = 20_000
const TIMEOUT_MS = 5 * 60_000

const { values } = parseArgs({
  options: { records: { type: 'string', default: '300000' }, only: { type: 'string' } },
})
const records = Number(values.records)
const plugin = process.env.MILLRACE_DEBEZIUM_JDBC

const FIELDS = [
  { field: 'id', type: 'int32', optional: false },
  { field: 'name', type: 'string', optional: true },
  { field: 'email', type: 'string', optional: true },
  { field: 'amount', type: 'double', optional: true },
  { field: 'active', type: 'boolean', optional: true },
  { field: 'visits', type: 'int64', optional: true },
  { field: 'seen_at', type: 'int64', optional: true, name: 'io.debezium.time.MicroTimestamp', version: 1 },
  { field: 'note', type: 'string', optional: true },
]
const SCHEMA = JSON.stringify({ type: 'struct', optional: false, name: 'row', fields: FIELDS })
const KEY_SCHEMA = JSON.stringify({ type: 'struct', optional: false, name: 'key', fields: FIELDS.slice(0, 1) })

/** One record: its key and its row, each with its schema. */
function messageOf(id: number) {
  const row = `{"id":${id},"name":"user-${id % 1000}","email":"user${id}@example.com","amount":${(id % 10_000) / 4},"active":${id % 2 === 0},"visits":${id * 7},"seen_at":${1_700_000_000_000_000 + id * 1001},"note":"${'n'.repeat(id % 40)}"}`
  return {
    key: Buffer.from(`{"schema":${KEY_SCHEMA},"payload":{"id":${id}}}`),
    value: Buffer.from(`{"schema":${SCHEMA},"payload":${row}}`),
  }
}

const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
await using kafka = await startKafka()
await using postgres = await startPostgres()
const client = new pg.Client({ connectionString: postgres.url })
await client.connect()
try {
  await fill('rows', records)
  await fill('warm', Math.round(records / 10))
  for (const one of await contestants(folder, kafka.bootstrap)) {
    if (values.only !== undefined && one.name !== values.only) continue
    if (one.name === 'jvm' && plugin === undefined) {
      console.log('jvm: left out, MILLRACE_DEBEZIUM_JDBC is not set')
      continue
    }
    if (one.name === 'jvm') appendFileSync(one.configFile, `plugin.path=${pluginPath(plugin as string)}\n`)
    await measure(one)
  }
} finally {
  await client.end()
  rmSync(folder, { recursive: true, force: true })
}

async function measure(contestant: Awaited<ReturnType<typeof contestants>>[number]): Promise<void> {
  const worker = await startWorker(
    contestant,
    contestant.configFile,
    contestant.restPort,
    join(folder, `${contestant.name}.log`),
  )
  try {
    await run('warm', Math.round(records / 10))
    resetPeak(worker.pid)
    const cpu = cpuSeconds(worker.pid)
    const began = performance.now()
    await run('rows', records)
    const seconds = (performance.now() - began) / 1000
    const used = cpuSeconds(worker.pid) - cpu
    console.log(
      `${contestant.name}: ${Math.round(records / used).toLocaleString('en')} records per CPU second, ` +
        `${Math.round(records / seconds).toLocaleString('en')} per second, peak ${Math.round(peakMb(worker.pid))} MB`,
    )
  } finally {
    await worker.stop()
  }

  async function run(topic: string, count: number): Promise<void> {
    const table = `${contestant.name}_${topic}`
    await worker.createConnector(table, {
      'connector.class': 'io.debezium.connector.jdbc.JdbcSinkConnector',
      'tasks.max': '1',
      topics: topic,
      'connection.url': `jdbc:postgresql://${postgres.host}:${postgres.port}/${postgres.database}`,
      'connection.username': postgres.user,
      'connection.password': postgres.password,
      'insert.mode': 'upsert',
      'primary.key.mode': 'record_key',
      'schema.evolution': 'basic',
      'collection.name.format': table,
      'batch.size': String(BATCH),
      'consumer.override.max.poll.records': String(BATCH),
      'consumer.override.auto.offset.reset': 'earliest',
      'key.converter': 'org.apache.kafka.connect.json.JsonConverter',
      'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
    })
    const deadline = performance.now() + TIMEOUT_MS
    for (;;) {
      // The highest id and not the count: counting would cost the machine more than the job.
      const { rows } = await client.query(`SELECT max(id) AS id FROM ${table}`).catch(() => ({ rows: [] }))
      if (rows[0]?.id === count - 1) break
      if (performance.now() > deadline)
        throw new Error(`${table}: ${rows[0]?.id} of ${count} rows after ${TIMEOUT_MS} ms`)
      await sleep(LOOK_MS)
    }
    const { rows } = await client.query(`SELECT count(*)::int AS n FROM ${table}`)
    if (rows[0].n !== count) throw new Error(`${table} has ${rows[0].n} rows and not ${count}`)
    await worker.deleteConnector(table)
  }
}

/** A folder with the plugin's alone: the folder beside it may hold others. */
function pluginPath(jars: string): string {
  const path = join(folder, 'plugins')
  mkdirSync(path)
  symlinkSync(jars, join(path, 'debezium-jdbc'))
  return path
}

async function fill(topic: string, count: number): Promise<void> {
  const admin = Admin.create({ 'bootstrap.servers': kafka.bootstrap })
  await admin.createTopics([{ name: topic, numPartitions: 1, replicationFactor: 1 }])
  await admin.close()
  const producer = Producer.create({ 'bootstrap.servers': kafka.bootstrap, 'batch.size': '262144', 'linger.ms': '20' })
  let pending: Promise<unknown>[] = []
  for (let id = 0; id < count; id++) {
    pending.push(producer.send({ topic, partition: 0, ...messageOf(id) }))
    if (pending.length === SEND_AHEAD) {
      await Promise.all(pending)
      pending = []
    }
  }
  await Promise.all(pending)
  await producer.close()
}
