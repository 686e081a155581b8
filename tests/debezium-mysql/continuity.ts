// A connector that moves between Debezium on the JVM and this one, in one group, on one set of offsets and one schema history,
// there and back, with rows and new columns while it runs and while it is away: `node continuity.ts [flavor]`. Needs the jars of
// Apache Kafka, kcat, and a folder of plugins with Debezium's connectors in MILLRACE_DEBEZIUM_MYSQL.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  distributedProps,
  freePorts,
  type MysqlFlavor,
  ServiceProcess,
  startConnectJvm,
  startEmbeddedBroker,
  startMysql,
  temporaryFolder,
  until,
} from '@millrace/testkit'
import { createConnection } from 'mysql2/promise'
import { putConnector, readTopic } from '../debezium-common/jvm.ts'
import { classOf, kafkaHistory, propsOf } from './props.ts'

const MILLRACE = new URL('../../packages/cli/bin/millrace', import.meta.url).pathname
const TOPIC = 'ref.inventory.counters'
const flavor = (process.argv[2] ?? 'mariadb-10.11') as MysqlFlavor
const plugins = process.env.MILLRACE_DEBEZIUM_MYSQL
if (plugins === undefined) throw new Error('MILLRACE_DEBEZIUM_MYSQL is to name a folder of plugins with Debezium')

await using folder = await temporaryFolder()
await using broker = await startEmbeddedBroker()
await using server = await startMysql({ flavor })
const { host, port: serverPort, user, password, database } = server
const client = await createConnection({ host, port: serverPort, user, password, database })
await client.query('CREATE TABLE counters (id int PRIMARY KEY, version int NOT NULL)')
let [next, columns] = [1, 0]
/** A column more, and a transaction of a hundred rows that have it. */
const add = async () => {
  await client.query(`ALTER TABLE counters ADD COLUMN c${++columns} int`)
  const rows = Array.from({ length: 100 }, () => {
    const id = next++
    return `(${[id, 1, ...Array.from({ length: columns }, (_, at) => id * 10 + at)].join()})`
  })
  await client.query(`INSERT INTO counters VALUES ${rows.join()}`)
}
type Row = Readonly<Record<string, number>>
interface Event {
  readonly op: string
  readonly after: Row
}
const events = () => readTopic(broker.bootstrap, TOPIC).map(({ value }) => value as Event)
const arrived = (what: string) =>
  until(
    what,
    () => {
      const all = events()
      return Promise.resolve(new Set(all.map((one) => one.after.id)).size === next - 1)
    },
    { timeoutMs: 120_000, everyMs: 500 },
  )
/** Only what is stored moves along: a moment for the commit. */
const stored = () => new Promise((resolve) => setTimeout(resolve, 2_000))

await add()
const common = { 'plugin.path': plugins, 'plugin.discovery': 'only_scan', 'offset.flush.interval.ms': '300' }
await using jvm = await startConnectJvm({ bootstrap: broker.bootstrap, heapMb: 700, properties: common })
await putConnector(jvm.url, 'moving', {
  'connector.class': classOf(flavor),
  ...propsOf(server),
  ...kafkaHistory(broker.bootstrap),
  'key.converter.schemas.enable': 'false',
  'value.converter.schemas.enable': 'false',
})
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
const all = events()
const wrong = all.filter(({ after }) => {
  const had = Math.ceil((after.id as number) / 100)
  return Array.from({ length: had }, (_, at) => at).some((at) => after[`c${at + 1}`] !== (after.id as number) * 10 + at)
})
console.log(
  `${next - 1} rows, ${all.length} records, ${all.filter((one) => one.op === 'r').length} of them in a snapshot, ${wrong.length} with wrong columns`,
)
client.destroy()
process.exitCode = wrong.length === 0 ? 0 : 1
