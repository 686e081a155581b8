// Records what Debezium on the JVM makes of the statements, for the test to compare with: `node record-reference.ts 18 debezium-3.5.0.jsonl.gz [key=value ...]`.
// Needs the jars of Apache Kafka, Debezium's plugin folder in MILLRACE_DEBEZIUM_POSTGRES, and kcat.
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { type PostgresVersion, startConnectJvm, startEmbeddedBroker, startPostgres } from '@millrace/testkit'
import pg from 'pg'
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
await using worker = await startConnectJvm({
  bootstrap: broker.bootstrap,
  mode: 'standalone',
  properties: { 'plugin.path': plugins, 'plugin.discovery': 'only_scan', 'offset.flush.interval.ms': '500' },
})
const { hostname, port, username, password, pathname } = new URL(postgres.url)
const answer = await fetch(`${worker.url}/connectors/reference/config`, {
  method: 'PUT',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({
    'connector.class': 'io.debezium.connector.postgresql.PostgresConnector',
    'database.hostname': hostname,
    'database.port': port,
    'database.user': username,
    'database.password': password,
    'database.dbname': pathname.slice(1),
    'plugin.name': 'pgoutput',
    'topic.prefix': 'ref',
    'key.converter': 'org.apache.kafka.connect.json.JsonConverter',
    'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
    ...Object.fromEntries(options.map((one) => one.split(/=(.*)/s).slice(0, 2))),
  }),
})
if (!answer.ok) throw new Error(await answer.text())

const deadline = Date.now() + 120_000
const topics = () =>
  [
    ...execFileSync('kcat', ['-b', broker.bootstrap, '-L'])
      .toString()
      .matchAll(/topic "(ref[^"]*|__debezium[^"]*)"/g),
  ].map((one) => one[1] as string)
const slotActive = async () =>
  (await client.query(`SELECT 1 FROM pg_replication_slots WHERE active AND confirmed_flush_lsn IS NOT NULL`))
    .rowCount === 1
while (!(await slotActive())) {
  if (Date.now() > deadline) throw new Error(`No slot: ${worker.log().slice(-4000)}`)
  await new Promise((resolve) => setTimeout(resolve, 500))
}
await new Promise((resolve) => setTimeout(resolve, 2000))
for (const one of CHANGES) await client.query(one)
const read = (topic: string) =>
  execFileSync('kcat', ['-b', broker.bootstrap, '-C', '-q', '-e', '-J', '-t', topic, '-o', 'beginning'], {
    maxBuffer: 1 << 28,
  })
    .toString()
    .split('\n')
    .filter((line) => line !== '')
while (!topics().includes('ref.public.evolving') || !read('ref.public.evolving').some((line) => line.includes('999'))) {
  if (Date.now() > deadline) {
    console.error(`Not all came: ${worker.log().slice(-6000)}`)
    break
  }
  await new Promise((resolve) => setTimeout(resolve, 500))
}
const lines = topics()
  .sort()
  .flatMap((topic) => read(topic))
  .map((line) => {
    const { topic, headers, key, payload } = JSON.parse(line)
    return JSON.stringify({
      topic,
      key: key === null ? null : JSON.parse(key),
      value: payload === null ? null : JSON.parse(payload),
      headers: headers ?? [],
    })
  })
writeFileSync(out, gzipSync(`${lines.join('\n')}\n`))
if (process.env.KEEP_LOG !== undefined) writeFileSync(process.env.KEEP_LOG, worker.log())
console.log(`${lines.length} records of ${topics().length} topics in ${out}`)
await client.end()
