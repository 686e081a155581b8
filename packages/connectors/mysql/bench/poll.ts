// Cost of a record, without Kafka: `node packages/connectors/mysql/bench/poll.ts [rows]`: a snapshot of that many rows of eight
// columns of a MariaDB, then as many updates in its binlog, each record made and written as JSON without schemas.
import type { Converter, SourceRecord } from '@millrace/api'
import { plugins } from '@millrace/converters'
import { MemoryOffsets, sourceTaskContext, startMysql, temporaryFolder } from '@millrace/testkit'
import { createConnection } from 'mysql2/promise'
import { MariaDbConnector } from '../src/connector.ts'
import { propsFor } from '../src/testing/run.ts'

const ROWS = Number(process.argv[2] ?? 1_000_000)

await using server = await startMysql({ settings: { 'max-binlog-size': '1073741824' } })
await using folder = await temporaryFolder('millrace-bench-')
const { host, port, user, password, database } = server
const sql = await createConnection({ host, port, user, password, database })
await sql.query(
  `CREATE TABLE orders (id bigint PRIMARY KEY, customer int NOT NULL, item varchar(50) NOT NULL, price decimal(10,2) NOT NULL,
    paid boolean NOT NULL, note text, created datetime(6) NOT NULL, weight double)`,
)
await sql.query(
  `INSERT INTO orders SELECT seq, seq % 1000, CONCAT('item ', seq), (seq % 10000) / 100, seq % 2 = 0,
    IF(seq % 3 = 0, NULL, REPEAT('x', 20)), TIMESTAMP '2024-01-01 00:00:00' + INTERVAL seq SECOND, seq / 7 FROM seq_1_to_${ROWS}`,
)

const type: unknown = await plugins
  .find((one) => one.className === 'org.apache.kafka.connect.json.JsonConverter')
  ?.load()
const converter = new (type as new () => Converter)()
converter.configure({ 'schemas.enable': 'false' }, false)

const connector = new MariaDbConnector()
const props = propsFor(server, folder.file('history.json'), { 'table.include.list': 'inventory\\.orders' })
connector.start(props)
const task = new (connector.taskClass())()
const offsets = new MemoryOffsets()
const { context, abort } = sourceTaskContext({ offsets, configs: props })
task.initialize(context)
await task.start(connector.taskConfigs()[0]!)

await measured('snapshot')
await sql.query('UPDATE orders SET customer = customer + 1')
await measured('stream')
abort()
await task.stop()
sql.destroy()

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
    peak = Math.max(peak, process.memoryUsage.rss())
  }
  const used = process.cpuUsage(cpu)
  const rate = Math.round(records / ((used.user + used.system) / 1e6)).toLocaleString('en')
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
