// The shared suite, run on Debezium's transformations.
import assert from 'node:assert/strict'
import { type ConnectRecord, Headers, SchemaBuilder, Schemas, type Transformation } from '@millrace/api'
import { type TransformationCase, transformationContract } from '@millrace/testkit'
import { debeziumPlugins } from './plugins.ts'

const ROW = SchemaBuilder.struct().name('s.t.Value').optional().field('id', Schemas.INT32).build()
const ENVELOPE = SchemaBuilder.struct()
  .name('s.t.Envelope')
  .field('before', ROW)
  .field('after', ROW)
  .field('source', SchemaBuilder.struct().field('table', Schemas.STRING).build())
  .field('op', Schemas.STRING)
  .build()
const event = (before: unknown, after: unknown, op: string) => ({
  keySchema: SchemaBuilder.struct().field('id', Schemas.INT32).build(),
  key: { id: 1 },
  valueSchema: ENVELOPE,
  value: { before, after, source: { table: 't' }, op },
})
const one = (
  configs: TransformationCase['configs'],
  record: TransformationCase['record'],
  check: TransformationCase['check'],
): TransformationCase => ({ name: JSON.stringify(configs), configs, record, check })
const valueIs = (value: unknown) => (record: ConnectRecord) => assert.deepEqual(record.value, value)

const OUTBOX = SchemaBuilder.struct()
  .name('db.outbox.Value')
  .optional()
  .field('id', Schemas.STRING)
  .field('aggregatetype', Schemas.STRING)
  .field('aggregateid', Schemas.STRING)
  .field('payload', Schemas.OPTIONAL_STRING)
  .field('extra', Schemas.INT32)
  .build()
const OUTBOX_EVENT = SchemaBuilder.struct()
  .name('db.outbox.Envelope')
  .field('after', OUTBOX)
  .field('op', Schemas.STRING)
  .field('ts_ms', Schemas.INT64)
  .build()
const outbox = (payload: string | null, op = 'c') => ({
  valueSchema: OUTBOX_EVENT,
  value: { after: { id: 'i', aggregatetype: 'order', aggregateid: 'k', payload, extra: 3 }, op, ts_ms: 7 },
})
const CHANGE = SchemaBuilder.struct()
  .name('c.SchemaChangeValue')
  .field('tableChanges', SchemaBuilder.array(SchemaBuilder.struct().field('type', Schemas.STRING).build()).build())
  .build()
const change = (...types: readonly string[]) => ({
  valueSchema: CHANGE,
  value: { tableChanges: types.map((type) => ({ type })) },
})
const JSON_TEXT = '{"b":1,"9007199254740993":9007199254740993,"c":[{"x":1.0},{"y":"z"}],"n":null,"e":[]}'

const column = (name: string, type: string) =>
  new Map([
    ['__debezium.source.column.name', name],
    ['__debezium.source.column.type', type],
  ])
const DESCRIBED_ROW = SchemaBuilder.struct()
  .optional()
  .field('id', SchemaBuilder.int32().parameters(column('ID', 'INT')).build())
  .field('at', SchemaBuilder.int64().name('io.debezium.time.Timestamp').parameters(column('AT', 'TIMESTAMP')).build())
  .build()
const DESCRIBED = SchemaBuilder.struct()
  .name('s.t.Envelope')
  .field('before', DESCRIBED_ROW)
  .field('after', DESCRIBED_ROW)
  .field('source', SchemaBuilder.struct().field('table', Schemas.STRING).build())
  .field('op', Schemas.STRING)
  .build()
const described = {
  valueSchema: DESCRIBED,
  value: { before: null, after: { id: 2, at: 7_200_000 }, source: { table: 't' }, op: 'c' },
}

const CASES: Readonly<Record<string, readonly TransformationCase[]>> = {
  ExtractNewRecordState: [
    one({}, event(null, { id: 2 }, 'c'), valueIs({ id: 2 })),
    one({}, event({ id: 2 }, null, 'd'), valueIs(null)),
    one({ 'delete.tombstone.handling.mode': 'drop' }, event({ id: 2 }, null, 'd'), null),
    one(
      { 'delete.tombstone.handling.mode': 'rewrite', 'add.fields': 'op,table:name', 'add.headers': 'op' },
      event({ id: 2 }, null, 'd'),
      (record) => {
        assert.deepEqual(record.value, { id: 2, __deleted: 'true', __op: 'd', __name: 't' })
        assert.equal(record.headers.lastWithName('__op')?.value, 'd')
      },
    ),
  ],
  ByLogicalTableRouter: [
    one({ 'topic.regex': '(.*)', 'topic.replacement': '$1-all' }, event(null, { id: 2 }, 'c'), (record) => {
      assert.equal(record.topic, 't-all')
      assert.deepEqual(record.key, { id: 1, __dbz__physicalTableIdentifier: 't' })
      assert.deepEqual([record.keySchema?.name, record.valueSchema?.name], ['t-all.Key', 't-all.Envelope'])
    }),
  ],
  ExtractSchemaToNewRecord: [
    one({}, described, (record) => {
      const { sourceSchema } = record.value as {
        sourceSchema: { id: string; table: { columns: { typeName: string }[] } }
      }
      assert.equal(sourceSchema.id, 't')
      assert.deepEqual(
        sourceSchema.table.columns.map(({ typeName }) => typeName),
        ['INT', 'TIMESTAMP'],
      )
    }),
  ],
  HeaderToValue: [
    one(
      { headers: 'trace,from', fields: 'trace,made.from', operation: 'move' },
      { ...described, headers: new Headers([{ key: 'trace', schema: Schemas.STRING, value: 'x' }]) },
      (record) => {
        assert.equal((record.value as { trace: string }).trace, 'x')
        assert.equal(record.hasHeaders, false)
      },
    ),
    one({ headers: 'a', fields: 'b', operation: 'copy' }, described, valueIs(described.value)),
  ],
  PartitionRouting: [
    one({ 'partition.payload.fields': 'change.id', 'partition.topic.num': '3' }, described, (record) =>
      assert.equal(record.kafkaPartition, 2),
    ),
  ],
  TimezoneConverter: [
    one({ 'converted.timezone': '+01:00' }, described, (record) =>
      assert.deepEqual((record.value as { after: unknown }).after, { id: 2, at: 3_600_000 }),
    ),
  ],
  SchemaChangeEventFilter: [
    one({ 'schema.change.event.exclude.list': 'DROP, DATABASE' }, change('DROP'), null),
    one({ 'schema.change.event.exclude.list': 'DATABASE' }, change(), null),
    one(
      { 'schema.change.event.exclude.list': 'DROP' },
      change('ALTER'),
      valueIs({ tableChanges: [{ type: 'ALTER' }] }),
    ),
  ],
  EventRouter: [
    one({}, outbox('hello'), (record) => {
      assert.deepEqual(
        [record.topic, record.key, record.value, record.timestamp, record.kafkaPartition === 3],
        ['outbox.event.order', 'k', 'hello', 7, false],
      )
      assert.equal(record.headers.lastWithName('id')?.value, 'i')
    }),
    one({}, outbox('hello', 'd'), null),
    one({}, outbox('hello', 'u'), null),
    one({ 'route.tombstone.on.empty.payload': 'true' }, outbox(' '), valueIs(null)),
    one(
      { 'table.fields.additional.placement': 'extra:envelope:more,extra:partition,extra:header' },
      outbox('hello'),
      (record) => {
        assert.deepEqual(record.value, { payload: 'hello', more: 3 })
        assert.equal(record.valueSchema?.name, 'db.outbox.order.Value')
        assert.equal(record.kafkaPartition, 3)
        assert.equal(record.headers.lastWithName('extra')?.value, 3)
      },
    ),
    one({ 'table.expand.json.payload': 'true' }, outbox(JSON_TEXT), (record) => {
      const c = [
        { x: 1, y: null },
        { x: null, y: 'z' },
      ]
      assert.deepEqual(record.value, { b: 1, '9007199254740993': 9007199254740993n, c })
      assert.deepEqual(
        record.valueSchema?.fields.map((field) => `${field.name} ${field.schema.type}`),
        ['b INT32', '9007199254740993 INT64', 'c ARRAY'],
      )
    }),
    one({ 'table.expand.json.payload': 'true' }, outbox('{"a":[1,"x"]}'), valueIs('{"a":[1,"x"]}')),
  ],
}

for (const plugin of debeziumPlugins) {
  // Those with expressions have a test of their own.
  if (plugin.runsConfiguredCode === true) continue
  const name = plugin.className.slice(plugin.className.lastIndexOf('.') + 1)
  const transformation = (await plugin.load()) as new () => Transformation
  transformationContract(name, { transformation, cases: CASES[name] as readonly TransformationCase[] })
}
