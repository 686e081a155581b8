// Records what Debezium on the JVM makes of the statements, for the test to compare with: `node record-reference.ts 18 debezium-3.5.0.jsonl.gz [key=value ...]`.
// Needs the jars of Apache Kafka, Debezium's plugin folder in MILLRACE_DEBEZIUM_POSTGRES, and kcat.
import { type PostgresVersion, startEmbeddedBroker, startPostgres } from '@millrace/testkit'
import pg from 'pg'
import { startReference } from '../debezium-common/jvm.ts'
import { writeRecording } from '../debezium-common/lines.ts'
import { CHANGES, SETUP } from './statements.ts'

const [version = '18', out = 'debezium-3.5.0.jsonl.gz', ...options] = process.argv.slice(2)
const plugins = process.env.MILLRACE_DEBEZIUM_POSTGRES
if (plugins === undefined) throw new Error('MILLRACE_DEBEZIUM_POSTGRES is to name the folder of Debezium')

await using broker = await startEmbeddedBroker()
await using postgres = await startPostgres({ version: Number(version) as PostgresVersion })
const client = new pg.Client({ connectionString: postgres.url })
client.on('error', () => {})
await client.connect()
for (const one of SETUP) await client.query(one)
const { hostname, port, username, password, pathname } = new URL(postgres.url)
await using reference = await startReference({
  bootstrap: broker.bootstrap,
  plugins,
  config: {
    'connector.class': 'io.debezium.connector.postgresql.PostgresConnector',
    'database.hostname': hostname,
    'database.port': port,
    'database.user': username,
    'database.password': password,
    'database.dbname': pathname.slice(1),
    'plugin.name': 'pgoutput',
    'topic.prefix': 'ref',
    ...Object.fromEntries(options.map((one) => one.split(/=(.*)/s).slice(0, 2))),
  },
})

const slotActive = async () =>
  (await client.query(`SELECT 1 FROM pg_replication_slots WHERE active AND confirmed_flush_lsn IS NOT NULL`))
    .rowCount === 1
await reference.until('the slot is active', slotActive)
const rows = () => reference.lines('ref.public.evolving')
await reference.until('the snapshot is done', () => rows().length === 1)
for (const one of CHANGES) await client.query(one)
await reference.until('all has come', () => rows().some(({ key }) => JSON.stringify(key).includes('999')))
const lines = reference.lines('ref', '__debezium')
writeRecording(out, lines)
console.log(`${SETUP.length + CHANGES.length} statements, ${lines.length} records in ${out}`)
await client.end()
