// Cost of a record, without Kafka: `node packages/connectors/postgres/bench/poll.ts [rows]`: a snapshot of that many rows of
// eight columns, then as many updates in the stream, each record made and written as JSON without schemas.
import type { Converter, SourceRecord, SourceTask } from '@millrace/api'
import { plugins } from '@millrace/converters'
import { MemoryOffsets, sourceTaskContext, startPostgres } from '@millrace/testkit'
import { PostgresConnector } from '../src/connector.ts'
import { propsOf, sql } from '../src/testing/task.ts'

const ROWS = Number(process.argv[2] ?? 1_000_000)

await using postgres = await startPostgres({ version: 18, settings: { max_wal_size: '4GB' } })
await sql(
  postgres,
  `CREATE TABLE orders (id int8 PRIMARY KEY, customer int4 NOT NULL, item text NOT NULL, price numeric(10,2) NOT NULL,
    paid bool NOT NULL, note text, created timestamp NOT NULL, weight float8)`,
  `INSERT INTO orders SELECT i, i % 1000, 'item ' || i, (i % 10000) / 100.0, i % 2 = 0, CASE WHEN i % 3 = 0 THEN NULL ELSE repeat('x', 20) END,
    timestamp '2024-01-01' + i * interval '1 second', i / 7.0 FROM generate_series(1, ${ROWS}) i`,
)

const type: unknown = await plugins
  .find((one) => one.className === 'org.apache.kafka.connect.json.JsonConverter')
  ?.load()
const converter = new (type as new () => Converter)()
converter.configure({ 'schemas.enable': 'false' }, false)

const connector = new PostgresConnector()
const props = propsOf(postgres)
connector.start(props)
const task: SourceTask = new (connector.taskClass())()
const offsets = new MemoryOffsets()
task.initialize(sourceTaskContext({ offsets, configs: props }).context)
await task.start(props)

await measured('snapshot')
await sql(postgres, `UPDATE orders SET customer = customer + 1`)
await measured('stream')
await task.stop()

async function measured(name: string): Promise<void> {
  const [cpu, start] = [process.cpuUsage(), performance.now()]
  let records = 0
  let bytes = 0
  let peak = 0
  while (records < ROWS) {
    const batch = (await task.poll()) ?? []
    for (const one of batch) bytes += write(one)
    records += batch.length
    offsets.commit(batch)
    await task.commit?.()
    peak = Math.max(peak, process.memoryUsage.rss())
  }
  const used = process.cpuUsage(cpu)
  const seconds = (used.user + used.system) / 1e6
  const rate = Math.round(records / seconds).toLocaleString('en')
  const wall = Math.round(records / ((performance.now() - start) / 1000)).toLocaleString('en')
  console.log(
    `${name}: ${rate} records a CPU second, ${wall} a second, ${Math.round(bytes / records)} bytes each, ${Math.round(peak / 1e6)} MB`,
  )
}

function write(record: SourceRecord): number {
  const key = converter.fromConnectData(record.topic, null, record.keySchema, record.key) as Uint8Array
  const value = converter.fromConnectData(record.topic, null, record.valueSchema, record.value) as Uint8Array
  return key.length + value.length
}
