// Events with Avro: which schemas are registered under which subjects, and what is read back.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigException, DataException, type SchemaAndValue, SchemaBuilder, Schemas } from '@millrace/api'
import { MemorySink, MemorySource } from '@millrace/testkit'
import { MemoryRegistry } from '../registry/testing/memory-registry.ts'
import { CloudEventsConverter } from './cloud-events-converter.ts'

const SOURCE = SchemaBuilder.struct()
  .name('io.debezium.connector.postgresql.Source')
  .field('connector', Schemas.STRING)
  .field('name', Schemas.STRING)
  .field('db', Schemas.STRING)
  .field('ts_ms', Schemas.INT64)
  .field('txId', Schemas.OPTIONAL_INT64)
  .field('lsn', Schemas.OPTIONAL_INT64)
  .field('sequence', Schemas.OPTIONAL_STRING)
  .build()
const CHANGE = SchemaBuilder.struct()
  .name('s.t.Envelope')
  .field('before', Schemas.OPTIONAL_STRING)
  .field('after', Schemas.OPTIONAL_STRING)
  .field('source', SOURCE)
  .field('op', Schemas.STRING)
  .build()
const source = {
  connector: 'postgresql',
  name: 's-1',
  db: 'd',
  ts_ms: 1_700_000_000_123,
  txId: 5,
  lsn: 7,
  sequence: null,
}
const RECORD = { before: null, after: 'new', source, op: 'c' }
const AVRO = { 'data.serializer.type': 'avro', 'extension.attributes.enable': 'false' }

function make(registry: MemoryRegistry, configs: Readonly<Record<string, string>>): CloudEventsConverter {
  const converter = new CloudEventsConverter()
  const avro = { 'avro.schema.registry.url': registry.url, 'avro.max.retries': '0' }
  converter.configure({ 'converter.type': 'value', ...avro, ...AVRO, ...configs }, false)
  return converter
}
const bytesOf = async (converter: CloudEventsConverter, record: unknown = RECORD) =>
  Buffer.from((await converter.fromConnectData('t', null, CHANGE, record)) as Uint8Array)
const event = (registry: MemoryRegistry, id: number) => ({
  id: 'name:s-1;lsn:7;txId:5;sequence:null',
  source: '/debezium/postgresql/s-1',
  specversion: '1.0',
  type: 'io.debezium.connector.postgresql.DataChangeEvent',
  time: '2023-11-14T22:13:20.123Z',
  datacontenttype: 'application/avro',
  dataschema: `${registry.url}/schemas/ids/${id}`,
})
const DATA = { before: null, after: 'new' }

test('an event in JSON with its data in Avro', async () => {
  await using registry = await MemoryRegistry.start()
  const converter = make(registry, {})
  const waiting = converter.write('t', null, CHANGE, RECORD, new MemorySink())
  assert.ok(waiting instanceof Promise)
  await waiting
  const bytes = await bytesOf(converter)
  assert.deepEqual(registry.taken(), ['POST /subjects/t-value/versions?normalize=false'])
  const { data, ...attributes } = JSON.parse(bytes.toString()) as { data: string }
  assert.deepEqual(attributes, event(registry, 1))
  assert.equal(Buffer.from(data, 'base64').toString('hex'), '00000000010002066e6577')
  const sink = new MemorySink()
  assert.equal(converter.write('t', null, CHANGE, RECORD, sink), true)
  assert.deepEqual(sink.written, bytes)
  const back = (await make(registry, {}).toConnectData('t', null, bytes)) as SchemaAndValue
  assert.deepEqual(back, { schema: null, value: { ...attributes, data: DATA } })
  converter.close()
})

test('an event in Avro, its data under a subject of its own', async () => {
  await using registry = await MemoryRegistry.start()
  const converter = make(registry, { 'serializer.type': 'avro', 'extension.attributes.enable': 'true' })
  const bytes = await bytesOf(converter)
  assert.deepEqual(registry.taken(), [
    'POST /subjects/t-data-value/versions?normalize=false',
    'POST /subjects/t-value/versions?normalize=false',
  ])
  assert.equal(bytes.readInt32BE(1), 2)
  const reader = make(registry, { 'serializer.type': 'avro' })
  const { schema, value } = (await reader.toConnectData('t', null, bytes)) as SchemaAndValue
  assert.equal(schema?.name, 's_1.d.CloudEvents.Envelope')
  const fields = new Map(schema?.fields.map((field) => [field.name, field.schema]))
  assert.equal(fields.get('data')?.name, 'io.debezium.connector.postgresql.Data')
  assert.equal(fields.get('iodebeziumlsn')?.type, 'STRING')
  assert.deepEqual(value, {
    ...event(registry, 1),
    iodebeziumop: 'c',
    iodebeziumconnector: 'postgresql',
    iodebeziumname: 's-1',
    iodebeziumdb: 'd',
    iodebeziumtsms: '1700000000123',
    iodebeziumtxId: '5',
    iodebeziumlsn: '7',
    iodebeziumsequence: null,
    iodebeziumtxid: null,
    iodebeziumtxtotalorder: null,
    iodebeziumtxdatacollectionorder: null,
    data: DATA,
  })
  const again = (await reader.toConnectData('t', null, bytes)) as SchemaAndValue
  assert.equal(again.schema, schema, 'one schema for all events of one')
  const into = { schema: null, value: null }
  await reader.read('t', null, new MemorySource(bytes), into)
  assert.deepEqual(into, { schema, value })
  assert.deepEqual(await reader.toConnectData('t', null, null), { schema: null, value: null })
})

test('the name of the schema of events can be chosen, and others are refused', async () => {
  await using registry = await MemoryRegistry.start()
  const named = { 'serializer.type': 'avro', 'schema.cloudevents.name': 'my.Event' }
  const bytes = await bytesOf(make(registry, named))
  const { schema } = (await make(registry, named).toConnectData('t', null, bytes)) as SchemaAndValue
  assert.equal(schema?.name, 'my.Event')
  const unnamed = make(registry, { 'serializer.type': 'avro' })
  await assert.rejects(async () => unnamed.toConnectData('t', null, bytes), DataException)
})

test('refuses what is no event with data in Avro', async () => {
  await using registry = await MemoryRegistry.start()
  const converter = make(registry, {})
  const text = (data: string) => Buffer.from(`{"id":"1","source":"/","specversion":"1.0","type":"t","data":${data}}`)
  for (const data of ['{}', '5', '"no base64"', '"AAAA"']) {
    await assert.rejects(async () => converter.toConnectData('t', null, text(data)), DataException, data)
  }
  assert.deepEqual(((await converter.toConnectData('t', null, text('null'))) as SchemaAndValue).value, {
    id: '1',
    source: '/',
    specversion: '1.0',
    type: 't',
    data: null,
  })
})

test('needs a registry that it can speak to', () => {
  const configure = (configs: Readonly<Record<string, string>>) => () =>
    new CloudEventsConverter().configure({ ...AVRO, ...configs }, false)
  assert.throws(
    configure({}),
    (error) => error instanceof ConfigException && /avro\.schema\.registry\.url/.test(error.message),
  )
  assert.throws(configure({ 'avro.apicurio.registry.url': 'http://a' }), ConfigException)
  assert.throws(configure({ 'serializer.type': 'avro', 'data.serializer.type': 'json' }), ConfigException)
})
