// The shared suite, run on CloudEventsConverter.
import { SchemaBuilder, Schemas } from '@millrace/api'
import { converterContract } from '@millrace/testkit'
import { CloudEventsConverter } from './cloud-events-converter.ts'

const SOURCE = SchemaBuilder.struct()
  .field('connector', Schemas.STRING)
  .field('name', Schemas.STRING)
  .field('ts_ms', Schemas.INT64)
  .field('file', Schemas.STRING)
  .field('pos', Schemas.INT64)
  .build()
const CHANGE = SchemaBuilder.struct()
  .name('s.t.Envelope')
  .field('before', Schemas.OPTIONAL_STRING)
  .field('after', Schemas.OPTIONAL_STRING)
  .field('source', SOURCE)
  .field('op', Schemas.STRING)
  .build()
const RECORD = {
  before: null,
  after: 'ü 😀 } "',
  source: { connector: 'mysql', name: 's', ts_ms: 0, file: 'f', pos: 9007199254740993n },
  op: 'c',
}
const EVENT = {
  id: 'name:s;file:f;pos:9007199254740993',
  source: '/debezium/mysql/s',
  specversion: '1.0',
  type: 'io.debezium.connector.mysql.DataChangeEvent',
  time: '1970-01-01T00:00:00.000Z',
  datacontenttype: 'application/json',
  data: { before: null, after: RECORD.after },
}
const NOTHING = { schema: null, value: null }

for (const enable of ['true', 'false']) {
  converterContract(`CloudEventsConverter with json.schemas.enable=${enable}`, {
    converter: CloudEventsConverter,
    configs: { 'json.schemas.enable': enable, 'extension.attributes.enable': 'false' },
    samples: [
      { schema: CHANGE, value: RECORD, back: { schema: null, value: EVENT } },
      { schema: CHANGE, value: null, back: NOTHING },
      { schema: SchemaBuilder.struct().name('s.Key').build(), value: {}, back: NOTHING },
    ],
    unwritable: [
      { schema: CHANGE, value: { ...RECORD, source: null } },
      { schema: CHANGE, value: { ...RECORD, source: { ...RECORD.source, connector: 'db2' } } },
      { schema: CHANGE, value: { ...RECORD, source: { ...RECORD.source, ts_ms: null } } },
      { schema: Schemas.STRING, value: 'text' },
    ],
    unreadable: ['', '5', '[]', '{}', '{"id":1}', '{"id":"1","source":"/","specversion":"1.0","type":"t","data":{'].map(
      (text) => Buffer.from(text),
    ),
  })
}
