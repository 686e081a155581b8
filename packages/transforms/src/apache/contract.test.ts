// The shared suite, run on every transformation of Apache Connect, on maps and on structs.
import assert from 'node:assert/strict'
import { type ConnectRecord, Headers, type RawConfig, SchemaBuilder, Schemas, type Transformation } from '@millrace/api'
import { type TransformationCase, transformationContract } from '@millrace/testkit'
import { apachePlugins } from './plugins.ts'

const PACKAGE = 'org.apache.kafka.connect.transforms.'
const SCHEMA = SchemaBuilder.struct()
  .name('order')
  .field('id', Schemas.INT64)
  .field('note', Schemas.OPTIONAL_STRING)
  .field('at', Schemas.INT64)
  .field('inner', SchemaBuilder.struct().field('x', Schemas.INT32).build())
  .build()
const VALUE = { id: 7, note: 'n', at: 1_000, inner: { x: 1 } }

/** The same of a map and of a struct, as key and as value. */
function both(configs: RawConfig, expected: unknown): Record<'key' | 'value', TransformationCase[]> {
  const side = (key: boolean): TransformationCase[] =>
    [null, SCHEMA].map((schema) => ({
      name: schema === null ? 'a map' : 'a struct',
      configs,
      record: key ? { keySchema: schema, key: VALUE } : { valueSchema: schema, value: VALUE },
      check: (record) => assert.deepEqual(key ? record.key : record.value, expected),
    }))
  return { key: side(true), value: side(false) }
}

const { inner: _inner, ...flatPart } = VALUE
const SIDED: Readonly<Record<string, ReturnType<typeof both>>> = {
  Cast: both({ spec: 'id:string,at:int8' }, { ...VALUE, id: '7', at: -24 }),
  ExtractField: both({ field: 'inner.x', 'field.syntax.version': 'v2' }, 1),
  Flatten: both({ delimiter: '_' }, { ...flatPart, inner_x: 1 }),
  HeaderFrom: both({ fields: 'note,id', headers: 'a,b', operation: 'copy' }, VALUE),
  HoistField: both({ field: 'all' }, { all: VALUE }),
  InsertField: both({ 'static.field': 's', 'static.value': 'v', 'topic.field': 't!' }, { ...VALUE, t: 't', s: 'v' }),
  MaskField: both({ fields: 'id,note' }, { ...VALUE, id: 0, note: '' }),
  ReplaceField: both({ exclude: 'note,inner', renames: 'id:key' }, { key: 7, at: 1_000 }),
  TimestampConverter: both({ field: 'at', 'target.type': 'Timestamp' }, { ...VALUE, at: new Date(1_000) }),
}
const value = (configs: RawConfig, record: TransformationCase['record'], check: TransformationCase['check']) => [
  { name: 'a record', configs, record, check },
]
const topicIs = (topic: string) => (record: ConnectRecord) => assert.equal(record.topic, topic)
const headersAre = (names: readonly string[]) => (record: ConnectRecord) =>
  assert.deepEqual(
    [...record.headers].map((header) => header.key),
    names,
  )
const HEADERS = new Headers([{ key: 'h', schema: null, value: 1 }])
const OTHERS: Readonly<Record<string, readonly TransformationCase[]>> = {
  DropHeaders: value({ headers: 'h' }, { headers: HEADERS }, headersAre([])),
  Filter: value({}, { value: 1 }, null),
  InsertHeader: value({ header: 'i', 'value.literal': '10' }, { headers: HEADERS }, headersAre(['h', 'i'])),
  RegexRouter: value({ regex: '(.*)', replacement: 'to-$1' }, { value: 1 }, topicIs('to-t')),
  TimestampRouter: value({}, { timestamp: 0 }, topicIs('t-19700101')),
  ValueToKey: value({ fields: 'id' }, { valueSchema: SCHEMA, value: VALUE }, (record) =>
    assert.deepEqual(record.key, { id: 7 }),
  ),
  SetSchemaMetadata$Key: value({ 'schema.name': 'n' }, { keySchema: SCHEMA, key: VALUE }, (record) =>
    assert.equal(record.keySchema?.name, 'n'),
  ),
  SetSchemaMetadata$Value: value({ 'schema.version': '5' }, { valueSchema: SCHEMA, value: VALUE }, (record) =>
    assert.deepEqual([record.valueSchema?.name, record.valueSchema?.version], ['order', 5]),
  ),
}

for (const plugin of apachePlugins) {
  if (plugin.kind !== 'transformation') continue
  const name = plugin.className.slice(PACKAGE.length)
  const [simple, side] = name.split('$') as [string, 'Key' | 'Value' | undefined]
  const cases = OTHERS[name] ?? SIDED[simple]?.[side === 'Key' ? 'key' : 'value']
  assert.ok(cases !== undefined, `${name} has cases`)
  const transformation = (await plugin.load()) as new () => Transformation
  transformationContract(name, { transformation, cases })
}
