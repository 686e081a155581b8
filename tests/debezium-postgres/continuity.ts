// A connector that moves between Debezium on the JVM and this one, in one group and on one set of offsets, there and back, with
// changes while it runs and while it is away: `node continuity.ts`. Needs the jars of Apache Kafka and Debezium's folder in
// MILLRACE_DEBEZIUM_POSTGRES.
import { mkdir, symlink, writeFile } from 'node:fs/promises'
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
/** A busy machine takes minutes to start a JVM worker. */
const PATIENCE_MS = 400_000
const plugins = process.env.MILLRACE_DEBEZIUM_POSTGRES
if (plugins === undefined) throw new Error('MILLRACE_DEBEZIUM_POSTGRES is to name the folder of Debezium')

await using folder = await temporaryFolder()
await using broker = await startEmbeddedBroker()
await using postgres = await startPostgres({ version: 18 })
const client = new pg.Client({ connectionString: postgres.url })
client.on('error', () => {})
await client.connect()
await client.query('CREATE TABLE counters (id int PRIMARY KEY, version int NOT NULL)')
const began = Date.now()
const seconds = () => Math.round((Date.now() - began) / 1_000)
let next = 1
/** A transaction of a hundred rows. */
const add = () => client.query(`INSERT INTO counters SELECT i, 1 FROM generate_series(${next}, ${(next += 100) - 1}) i`)
const arrived = async (what: string) => {
  await until(what, async () => new Set((await read(broker.bootstrap)).map((one) => one.id)).size === next - 1, {
    timeoutMs: PATIENCE_MS,
    everyMs: 500,
  })
  console.log(`${seconds()} s: ${what}: ${next - 1} rows`)
}
/** Only what is stored moves along: waits until the position of the last row is. */
const stored = async (url: string) => {
  const last = Number((await client.query(`SELECT pg_current_wal_lsn() - '0/0' AS lsn`)).rows[0].lsn)
  const offset = await until(
    'the offset is stored',
    async () => {
      const answer = (await (await fetch(`${url}/connectors/moving/offsets`)).json()) as Stored
      const offset = answer.offsets?.[0]?.offset
      return Number(offset?.lsn ?? 0) > last - 4_096 && offset
    },
    { timeoutMs: PATIENCE_MS, everyMs: 200 },
  )
  console.log(`${seconds()} s: stored ${JSON.stringify(offset)}`)
}
interface Stored {
  readonly offsets?: readonly { readonly offset: { readonly lsn?: number } }[]
}

await add()
// The folder of one plugin lies in one of the plugin path.
const path = join(folder.path, 'plugins')
await mkdir(path)
await symlink(plugins, join(path, 'debezium'))
const common = { 'plugin.path': path, 'plugin.discovery': 'service_load', 'offset.flush.interval.ms': '300' }
await using jvm = await startConnectJvm({ bootstrap: broker.bootstrap, properties: common, readyMs: PATIENCE_MS })
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
await stored(jvm.url)
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
  await stored(`http://127.0.0.1:${port}`)
} finally {
  await ours.end('SIGTERM', 60_000)
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
