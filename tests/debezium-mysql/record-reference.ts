// Records what Debezium on the JVM makes of the statements, for the test to compare with:
// `node record-reference.ts mariadb-10.11 [key=value ...]`. Needs the jars of Apache Kafka, kcat, and a folder of plugins with Debezium's
// connectors of MySQL and MariaDB in MILLRACE_DEBEZIUM_MYSQL.
import { type MysqlFlavor, startEmbeddedBroker, startMysql } from '@millrace/testkit'
import { createConnection } from 'mysql2/promise'
import { startReference } from '../debezium-common/jvm.ts'
import { writeRecording } from '../debezium-common/lines.ts'
import { startGreetingProxy } from './greeting-proxy.ts'
import { classOf, kafkaHistory, propsOf } from './props.ts'
import { LAST_TABLE, scriptOf } from './statements.ts'

const [flavor = 'mariadb-10.11', ...options] = process.argv.slice(2) as [MysqlFlavor, ...string[]]
const plugins = process.env.MILLRACE_DEBEZIUM_MYSQL
if (plugins === undefined) throw new Error('MILLRACE_DEBEZIUM_MYSQL is to name a folder of plugins with Debezium')
const { setup, changes } = scriptOf(flavor)

await using broker = await startEmbeddedBroker()
await using server = await startMysql({ flavor })
const { host, port, user, password, database } = server
const proxy = flavor === 'mysql-5.5' ? await startGreetingProxy(port) : undefined
const client = await createConnection({ host, port, user, password, database })
for (const one of setup) await client.query(one)
await using reference = await startReference({
  bootstrap: broker.bootstrap,
  plugins,
  config: {
    'connector.class': classOf(flavor),
    ...propsOf({ ...server, port: proxy?.port ?? port }),
    ...kafkaHistory(broker.bootstrap),
    ...Object.fromEntries(options.map((one) => one.split(/=(.*)/s).slice(0, 2))),
  },
})
const last = `ref.inventory.${LAST_TABLE}`
await reference.until('the snapshot is done', () => reference.lines(last).length === 1)
for (const one of changes) await client.query(one)
await reference.until('all has come', () => reference.lines(last).length === 2)
const lines = reference.lines('ref', '__debezium')
const file = new URL(`./debezium-3.5.0-${flavor}.jsonl.gz`, import.meta.url)
writeRecording(file, lines)
console.log(`${setup.length + changes.length} statements, ${lines.length} records in ${file.pathname}`)
client.destroy()
await proxy?.[Symbol.asyncDispose]()
