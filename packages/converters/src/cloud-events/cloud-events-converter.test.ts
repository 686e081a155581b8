// What CloudEventsConverter does that its golden file and the shared suite do not ask.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigException, DataException, type SchemaAndValue, SchemaBuilder, Schemas } from '@millrace/api'
import { CloudEventsConverter } from './cloud-events-converter.ts'

const INT8 = SchemaBuilder.int8().build()
const change = (flag = INT8) =>
  SchemaBuilder.struct()
    .name('s.t.Envelope')
    .field('before', Schemas.OPTIONAL_STRING)
    .field('after', Schemas.OPTIONAL_STRING)
    .field(
      'source',
      SchemaBuilder.struct()
        .field('connector', Schemas.STRING)
        .field('name', Schemas.STRING)
        .field('ts_ms', Schemas.INT64)
        .field('file', Schemas.STRING)
        .field('pos', Schemas.INT64)
        .field('flag', flag)
        .build(),
    )
    .field('op', Schemas.STRING)
    .build()
const RECORD = {
  before: null,
  after: 'new',
  source: { connector: 'mysql', name: 's', ts_ms: 0, file: 'f', pos: 1, flag: 7 },
  op: 'c',
}

function make(configs: Readonly<Record<string, string>> = {}): CloudEventsConverter {
  const converter = new CloudEventsConverter()
  converter.configure({ 'converter.type': 'value', 'json.schemas.enable': 'false', ...configs }, false)
  return converter
}

test('small integers of a source become attributes, and what no attribute can hold is named', () => {
  const converter = make()
  const text = Buffer.from(converter.fromConnectData('t', null, change(), RECORD) as Uint8Array).toString()
  assert.equal((JSON.parse(text) as { iodebeziumflag: number }).iodebeziumflag, 7)
  const write = () => converter.fromConnectData('t', null, change(Schemas.FLOAT64), RECORD)
  assert.throws(write, (error) => error instanceof DataException && /field flag of type FLOAT64/.test(error.message))
})

test('a schema made anew for each record is written all the same, however many there are', () => {
  const converter = make({ 'extension.attributes.enable': 'false' })
  const first = converter.fromConnectData('t', null, change(), RECORD)
  for (let count = 0; count < 600; count++) {
    assert.deepEqual(converter.fromConnectData('t', null, change(), RECORD), first)
  }
})

test('an event without data is read as one', () => {
  const text = '{"id":"1","source":"/","specversion":"1.0","type":"t","subject":9007199254740993}'
  const { value } = make().toConnectData('t', null, Buffer.from(text)) as SchemaAndValue
  assert.deepEqual(value, { id: '1', source: '/', specversion: '1.0', type: 't', subject: 9007199254740993n })
})

test('asks for headers only where metadata is taken from them', () => {
  assert.equal(make().writesHeaders, false)
  assert.equal(make({ 'metadata.source': 'header' }).writesHeaders, true)
  assert.equal(make({ 'metadata.source': 'value,id:header,type:generate' }).writesHeaders, true)
  assert.equal(make({ 'opentelemetry.tracing.attributes.enable': 'true' }).writesHeaders, true)
  const named = 'value,id:generate,type:generate,dataSchemaName:header'
  assert.equal(make({ 'metadata.source': named }).writesHeaders, false)
  assert.equal(make({ 'metadata.source': named, 'schema.data.name.source.header.enable': 'true' }).writesHeaders, true)
})

test('says which word of metadata.source is wrong', () => {
  for (const [value, word] of [
    ['generate', /generate/],
    ['value,id', /must be one of header, generate/],
    ['value,name:header', /"name" has no source/],
  ] as const) {
    assert.throws(
      () => make({ 'metadata.source': value }),
      (error) => error instanceof ConfigException && word.test(error.message),
    )
  }
})
