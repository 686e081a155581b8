// The shared suites, run on the connectors with SQLite, which every machine has.
import { SchemaBuilder, Schemas, SinkRecord } from '@millrace/api'
import { dialectOf, parseJdbcUrl } from '@millrace/kit-sql'
import { type SinkSubject, sinkContract, type TemporaryFolder } from '@millrace/testkit'
import { JdbcSinkConnector } from './sink/connector.ts'
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

sinkContract('JdbcSink', sink)
