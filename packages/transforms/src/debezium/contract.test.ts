// The shared suite, run on Debezium's transformations.
import assert from 'node:assert/strict'
import { type ConnectRecord, SchemaBuilder, Schemas, type Transformation } from '@millrace/api'
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
}

for (const plugin of debeziumPlugins) {
  const name = plugin.className.slice(plugin.className.lastIndexOf('.') + 1)
  const transformation = (await plugin.load()) as new () => Transformation
  transformationContract(name, { transformation, cases: CASES[name] as readonly TransformationCase[] })
}
