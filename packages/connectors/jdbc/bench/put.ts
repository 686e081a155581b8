// Cost of a row, without Kafka: `node packages/connectors/jdbc/bench/put.ts [rows]`: that many records of eight fields upserted
// into SQLite and PostgreSQL, 500 to a put. The worker and Kafka around it: `node bench/jdbc-sink.ts`.
import { SchemaBuilder, Schemas, SinkRecord } from '@millrace/api'
import { sinkTaskContext, startPostgres, temporaryFolder, whyNoPostgres } from '@millrace/testkit'
import { JdbcSinkConnector } from '../src/sink/connector.ts'

const ROWS = Number(process.argv[2] ?? 300_000)
const BATCH = 500

const VALUE = SchemaBuilder.struct()
  .field('id', Schemas.INT64)
  .field('customer', Schemas.INT32)
  .field('item', Schemas.STRING)
  .field('price', Schemas.FLOAT64)
  .field('paid', Schemas.BOOLEAN)
  .field('note', Schemas.OPTIONAL_STRING)
  .field('created', Schemas.INT64)
  .field('weight', Schemas.OPTIONAL_FLOAT64)
  .build()

await using folder = await temporaryFolder('millrace-bench-')
await measured('SQLite', { 'connection.url': `jdbc:sqlite:${folder.file('bench.db')}` })
if (whyNoPostgres(18) === undefined) {
  await using postgres = await startPostgres()
  await measured('PostgreSQL 18', {
    'connection.url': `jdbc:postgresql://${postgres.host}:${postgres.port}/${postgres.database}`,
    'connection.user': postgres.user,
    'connection.password': postgres.password,
  })
}

async function measured(name: string, where: Readonly<Record<string, string>>): Promise<void> {
  const connector = new JdbcSinkConnector()
  const props = {
    name: 'bench',
    topics: 'orders',
    'insert.mode': 'upsert',
    'pk.mode': 'record_value',
    'pk.fields': 'id',
    'auto.create': 'true',
    ...where,
  }
  connector.start(props)
  const task = new (connector.taskClass())()
  task.initialize(sinkTaskContext({ configs: props }).context)
  await task.start(props)
  const [cpu, start] = [process.cpuUsage(), performance.now()]
  let peak = 0
  for (let from = 0; from < ROWS; from += BATCH) {
    await task.put(Array.from({ length: Math.min(BATCH, ROWS - from) }, (_, i) => recordOf(from + i)))
    peak = Math.max(peak, process.memoryUsage.rss())
  }
  const used = process.cpuUsage(cpu)
  const rate = Math.round(ROWS / ((used.user + used.system) / 1e6)).toLocaleString('en')
  const wall = Math.round(ROWS / ((performance.now() - start) / 1000)).toLocaleString('en')
  console.log(`${name}: ${rate} rows a CPU second of this process, ${wall} a second, ${Math.round(peak / 1e6)} MB`)
  await task.stop()
}

function recordOf(id: number): SinkRecord {
  const value = {
    id,
    customer: id % 1000,
    item: `item ${id}`,
    price: (id % 10_000) / 100,
    paid: id % 2 === 0,
    note: id % 3 === 0 ? null : 'x'.repeat(20),
    created: 1_704_067_200_000 + id,
    weight: id / 7,
  }
  return new SinkRecord('orders', 0, null, null, VALUE, value, id, 1_000)
}
