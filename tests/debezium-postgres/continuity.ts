// A connector that moves between Debezium on the JVM and this one, in one group and on one set of offsets, there and back, with
// changes while it runs and while it is away: `node continuity.ts`. Needs the jars of Apache Kafka and Debezium's folder in
// MILLRACE_DEBEZIUM_POSTGRES.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  distributedProps,
  freePorts,
  ServiceProcess,
  startConnectJvm,
  startEmbeddedBroker,
  startPostgres,
  temporaryFolder,
  until,
} from '@millrace/testkit'
import pg from 'pg'
import { read } from './killed-judge.ts'
import { propsOf } from './ours.ts'

const MILLRACE = new URL('../../packages/cli/bin/millrace', import.meta.url).pathname
const JSON_CONVERTER = 'org.apache.kafka.connect.json.JsonConverter'
const plugins = process.env.MILLRACE_DEBEZIUM_POSTGRES
if (plugins === undefined) throw new Error('MILLRACE_DEBEZIUM_POSTGRES is to name the folder of Debezium')

await using folder = await temporaryFolder()
await using broker = await startEmbeddedBroker()
await using postgres = await startPostgres({ version: 18 })
const client = new pg.Client({ connectionString: postgres.url })
client.on('error', () => {})
await client.connect()
await client.query('CREATE TABLE counters (id int PRIMARY KEY, version int NOT NULL)')
let next = 1
/** A transaction of a hundred rows. */
const add = () => client.query(`INSERT INTO counters SELECT i, 1 FROM generate_series(${next}, ${(next += 100) - 1}) i`)
const arrived = (what: string) =>
  until(what, async () => new Set((await read(broker.bootstrap)).map((one) => one.id)).size === next - 1, {
    timeoutMs: 90_000,
    everyMs: 500,
  })
/** Only what is stored moves along: a moment for the commit. */
const stored = () => new Promise((resolve) => setTimeout(resolve, 2_000))

await add()
const common = { 'plugin.path': plugins, 'plugin.discovery': 'only_scan', 'offset.flush.interval.ms': '300' }
await using jvm = await startConnectJvm({ bootstrap: broker.bootstrap, properties: common })
const answer = await fetch(`${jvm.url}/connectors/moving/config`, {
  method: 'PUT',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({
    'connector.class': 'io.debezium.connector.postgresql.PostgresConnector',
    ...propsOf(postgres),
    'key.converter': JSON_CONVERTER,
    'value.converter': JSON_CONVERTER,
    'key.converter.schemas.enable': 'false',
    'value.converter.schemas.enable': 'false',
  }),
})
if (!answer.ok) throw new Error(await answer.text())
await arrived('the snapshot of Debezium')
await add()
await arrived('the stream of Debezium')
await stored()
await jvm.end()
await add()

const [port] = (await freePorts(1)) as [number]
const file = join(folder.path, 'worker.properties')
const worker = { ...distributedProps(broker.bootstrap, jvm.groupId, port), 'offset.flush.interval.ms': '300' }
await writeFile(
  file,
  Object.entries(worker)
    .map(([key, value]) => `${key}=${value}\n`)
    .join(''),
)
const ours = new ServiceProcess({ command: [MILLRACE, 'distributed', file], logFile: join(folder.path, 'worker.log') })
ours.start()
try {
  await arrived('what was changed in between').catch((cause: unknown) => {
    throw new Error(`${cause}: ${ours.lastOutput(4_000)}`)
  })
  await add()
  await arrived('the stream of this connector')
  const offset = await (await fetch(`http://127.0.0.1:${port}/connectors/moving/offsets`)).text()
  console.log(`Our offset: ${offset}`)
  await stored()
} finally {
  await ours.end('SIGTERM', 20_000)
}
await add()
await jvm.restart()
await arrived('what was changed before the way back').catch((cause: unknown) => {
  throw new Error(`${cause}: ${jvm.log().slice(-4_000)}`)
})
await add()
await arrived('the stream of Debezium again')
const all = await read(broker.bootstrap)
console.log(
  `${next - 1} rows, ${all.length} records, ${all.filter((one) => one.isSnapshot).length} of them in a snapshot`,
)
await client.end()
