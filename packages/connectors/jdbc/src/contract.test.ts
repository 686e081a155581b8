// The shared suites, run on the connectors with SQLite, which every machine has.
import { SchemaBuilder, Schemas, SinkRecord } from '@millrace/api'
import { dialectOf, parseJdbcUrl } from '@millrace/kit-sql'
import {
  type SinkSubject,
  type SourceSubject,
  sinkContract,
  sourceContract,
  type TemporaryFolder,
} from '@millrace/testkit'
import { DebeziumJdbcSinkConnector } from './debezium/connector.ts'
import { JdbcSinkConnector } from './sink/connector.ts'
import { JdbcSourceConnector } from './source/connector.ts'
import { connectTo } from './testing/databases.ts'

const VALUE = SchemaBuilder.struct().field('id', Schemas.INT64).field('text', Schemas.STRING).build()
const urlOf = (folder: TemporaryFolder) => `jdbc:sqlite:${folder.file('test.db')}`

const sink: SinkSubject = {
  connector: JdbcSinkConnector,
  props: (folder) => ({
    name: 'jdbc',
    'connection.url': urlOf(folder),
    'insert.mode': 'upsert',
    'pk.mode': 'record_value',
    'pk.fields': 'id',
    'auto.create': 'true',
  }),
  record: (offset) => new SinkRecord('t', 0, null, null, VALUE, { id: offset, text: `value ${offset}` }, offset, 1_000),
  arrived: async (folder) => {
    const connection = await connectTo({ 'connection.url': urlOf(folder) })
    try {
      const dialect = dialectOf(parseJdbcUrl(urlOf(folder)), '')
      if ((await dialect.describeTable(connection, dialect.parseTable('t'))) === null) return 0
      return Number((await connection.query('SELECT count(*) FROM t')).rows[0]?.[0])
    } finally {
      await connection.close()
    }
  },
}

const debezium: SinkSubject = {
  ...sink,
  connector: DebeziumJdbcSinkConnector,
  props: (folder) => ({
    name: 'jdbc',
    'connection.url': urlOf(folder),
    'insert.mode': 'upsert',
    'primary.key.mode': 'record_value',
    'primary.key.fields': 'id',
    'schema.evolution': 'basic',
  }),
}
const source: SourceSubject = {
  connector: JdbcSourceConnector,
  props: (folder) => ({
    name: 'jdbc',
    'connection.url': urlOf(folder),
    mode: 'incrementing',
    'topic.prefix': 't-',
    'poll.interval.ms': '50',
    'batch.max.rows': '20',
  }),
  feed: async (folder, from, count) => {
    const connection = await connectTo({ 'connection.url': urlOf(folder) })
    try {
      await connection.execute('CREATE TABLE IF NOT EXISTS lines (id INTEGER PRIMARY KEY, text TEXT)')
      for (let i = from; i < from + count; i++)
        await connection.execute('INSERT INTO lines (text) VALUES (?)', [`line ${i}`])
    } finally {
      await connection.close()
    }
  },
}

sinkContract('JdbcSink', sink)
sinkContract("Debezium's JdbcSink", debezium)
sourceContract('JdbcSource', source)
