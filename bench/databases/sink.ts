// The job of the JDBC sink: rows in a topic, JSON with schemas, upserted into a table of PostgreSQL that the sink makes.
import { Producer } from '@millrace/kafka'
import { arrival, measure } from '../measure.ts'
import { type DatabaseJob, type DatabaseRun, jsonConverters, type Place } from './job.ts'
import type { PostgresDatabase } from './postgres.ts'

const BATCH = 3000
const SEND_AHEAD = 20_000
const WARM_UP_SHARE = 0.1

const FIELDS = [
  { field: 'id', type: 'int32', optional: false },
  { field: 'name', type: 'string', optional: true },
  { field: 'email', type: 'string', optional: true },
  { field: 'amount', type: 'double', optional: true },
  { field: 'active', type: 'boolean', optional: true },
  { field: 'visits', type: 'int64', optional: true },
  { field: 'seen_at', type: 'int64', optional: true, name: 'io.debezium.time.MicroTimestamp', version: 1 },
  { field: 'note', type: 'string', optional: true },
]
const SCHEMA = JSON.stringify({ type: 'struct', optional: false, name: 'row', fields: FIELDS })
const KEY_SCHEMA = JSON.stringify({ type: 'struct', optional: false, name: 'key', fields: FIELDS.slice(0, 1) })

/** One record: its key and its row, each with its schema. */
function messageOf(id: number) {
  const row = `{"id":${id},"name":"user-${id % 1000}","email":"user${id}@example.com","amount":${(id % 10_000) / 4},"active":${id % 2 === 0},"visits":${id * 7},"seen_at":${1_700_000_000_000_000 + id * 1001},"note":"${'n'.repeat(id % 40)}"}`
  return {
    key: Buffer.from(`{"schema":${KEY_SCHEMA},"payload":{"id":${id}}}`),
    value: Buffer.from(`{"schema":${SCHEMA},"payload":${row}}`),
  }
}

/** `rows` rows, in batches of 3,000. */
export function sinkJob({ client, server }: PostgresDatabase, rows: number): DatabaseJob {
  const warmRows = Math.round(rows * WARM_UP_SHARE)
  return {
    name: 'JDBC sink, upsert into PostgreSQL',
    prepare: async (place) => {
      await fill(place, 'rows', rows)
      await fill(place, 'rows_warm', warmRows)
    },
    run: async (run) => {
      await sink(run, 'rows_warm', warmRows)
      return sink(run, 'rows', rows)
    },
    clean: async () => {},
  }

  async function sink({ id, worker }: DatabaseRun, topic: string, records: number) {
    const table = `${id}_${topic}`
    const result = await measure(worker, {
      name: table,
      records,
      begin: () => worker.createConnector(table, config(topic, table)),
      // The highest id and not the count: counting would cost the machine more than the job.
      arrived: async () => {
        const answer = await client.query(`SELECT max(id) AS id FROM ${table}`).catch(() => ({ rows: [] }))
        return (answer.rows[0]?.id ?? -1) + 1
      },
    })
    const count = async () => (await client.query(`SELECT count(*)::int AS n FROM ${table}`)).rows[0].n
    await arrival(table, records, count)
    await worker.deleteConnector(table)
    await client.query(`DROP TABLE ${table}`)
    return result
  }

  function config(topic: string, table: string) {
    return {
      'connector.class': 'io.debezium.connector.jdbc.JdbcSinkConnector',
      'tasks.max': '1',
      topics: topic,
      'connection.url': `jdbc:postgresql://${server.host}:${server.port}/${server.database}`,
      'connection.username': server.user,
      'connection.password': server.password,
      'insert.mode': 'upsert',
      'primary.key.mode': 'record_key',
      'schema.evolution': 'basic',
      'collection.name.format': table,
      'batch.size': String(BATCH),
      'consumer.override.max.poll.records': String(BATCH),
      'consumer.override.auto.offset.reset': 'earliest',
      ...jsonConverters(true),
    }
  }
}

async function fill({ bootstrap, createTopic }: Place, topic: string, count: number): Promise<void> {
  await createTopic(topic)
  const producer = Producer.create({ 'bootstrap.servers': bootstrap, 'batch.size': '262144', 'linger.ms': '20' })
  let pending: Promise<unknown>[] = []
  for (let id = 0; id < count; id++) {
    pending.push(producer.send({ topic, partition: 0, ...messageOf(id) }))
    if (pending.length === SEND_AHEAD) {
      await Promise.all(pending)
      pending = []
    }
  }
  await Promise.all(pending)
  await producer.close()
}
