// Records what Debezium's JDBC sink on the JVM makes of the cases: `node record-reference.ts postgres|mariadb [part of names]`;
// with a part, those cases alone are recorded anew.
// Needs the jars of Apache Kafka, Debezium's plugin folder in MILLRACE_DEBEZIUM_JDBC, and kcat.
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { startConnectJvm, startEmbeddedBroker } from '@millrace/testkit'
import { putConnector } from '../debezium-common/jvm.ts'
import { CASES, type Case, type Message } from './cases.ts'
import { connectionProps, look, startDatabase } from './databases.ts'
import { readRecording, recordingOf } from './recording.ts'
import { type Kind, type Outcome, readTables, tablesOf } from './tables.ts'

const AT_ONCE = 6
const PATIENCE_MS = 120_000
const [kind = 'postgres', part = ''] = process.argv.slice(2) as [Kind?, string?]
const plugins = process.env.MILLRACE_DEBEZIUM_JDBC
if (plugins === undefined) throw new Error('MILLRACE_DEBEZIUM_JDBC is to name the folder of Debezium')

await using broker = await startEmbeddedBroker()
await using server = await startDatabase(kind)
const eyes = await look(server, kind)
const cases = CASES.filter(({ name }) => name.includes(part))
for (const one of cases.flatMap(({ records }) => records)) produce(one)
await using worker = await startConnectJvm({
  bootstrap: broker.bootstrap,
  mode: 'standalone',
  heapMb: 900,
  properties: { 'plugin.path': plugins, 'plugin.discovery': 'only_scan', 'offset.flush.interval.ms': '300' },
})

const outcomes: Record<string, Outcome> = {}
const failures: Record<string, string> = {}
const waiting = [...cases]
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) await runCase(one)
  }),
)
const tables = await readTables(eyes, kind)
await eyes.close()
for (const { name } of cases) outcomes[name] = { failed: name in failures, tables: tablesOf(name, tables) }
const kept = Object.entries(part === '' ? {} : readRecording(kind))
const all = Object.fromEntries([
  ...kept.filter(([name]) => CASES.some((one) => one.name === name)),
  ...Object.entries(outcomes),
])
writeFileSync(recordingOf(kind), gzipSync(`${JSON.stringify(all)}\n`, { level: 9 }))
for (const [name, why] of Object.entries(failures)) console.log(`${name}: ${why}`)
console.log(`${cases.length} cases, ${Object.keys(failures).length} of them failed, ${tables.size} tables`)

async function runCase({ name, config, records }: Case): Promise<void> {
  await putConnector(worker.url, name, {
    'connector.class': 'io.debezium.connector.jdbc.JdbcSinkConnector',
    topics: [...new Set(records.map(({ topic }) => topic))].join(','),
    'connection.pool.min_size': '1',
    'connection.pool.max_size': '2',
    'flush.max.retries': '0',
    'consumer.override.auto.offset.reset': 'earliest',
    ...connectionProps(server, kind),
    ...config,
  })
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const { tasks } = await answer<{ tasks: { state: string; trace?: string }[] }>(`${name}/status`)
    if (tasks[0]?.state === 'FAILED') {
      failures[name] =
        (tasks[0].trace ?? '').match(/Caused by: .*/g)?.at(-1) ?? (tasks[0].trace ?? '').split('\n')[0] ?? ''
      break
    }
    const { offsets } = await answer<{ offsets: { offset: { kafka_offset: number } }[] }>(`${name}/offsets`)
    if (offsets.reduce((sum, { offset }) => sum + offset.kafka_offset, 0) >= records.length) break
    if (Date.now() > deadline) throw new Error(`${name} does not end: ${worker.log().slice(-4_000)}`)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  await fetch(`${worker.url}/connectors/${name}`, { method: 'DELETE' })
}

async function answer<T>(path: string): Promise<T> {
  return (await (await fetch(`${worker.url}/connectors/${path}`)).json()) as T
}

function produce({ topic, key, value, headers = {} }: Message): void {
  const more = Object.entries(headers).flatMap(([name, text]) => ['-H', `${name}=${text}`])
  execFileSync('kcat', ['-P', '-b', broker.bootstrap, '-t', topic, '-p', '0', '-Z', '-K', '\t', ...more], {
    input: `${key ?? ''}\t${value ?? ''}\n`,
  })
}
