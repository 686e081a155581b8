// Events of a small table, from compile to queue.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fieldOf, SchemaBuilder, Schemas, type SourceRecord, silentLogger, type Value } from '@millrace/api'
import { type ColumnMapping, UNAVAILABLE } from '../dialect.ts'
import { JdbcType, makeTable } from '../model/table.ts'
import { tableId } from '../model/table-id.ts'
import { schemaNameAdjuster } from '../names/adjust.ts'
import { topicNaming } from '../names/topic-naming.ts'
import { sourceInfoBuilder } from '../schema/common.ts'
import { ChangeQueue } from './change-queue.ts'
import { ChangeEmitter, type EmitterOptions, type Envelope } from './emitter.ts'
import { compileTable, type TableEventsOptions } from './table-events.ts'
import { TransactionMonitor } from './transactions.ts'

const TABLE = makeTable(
  tableId('db', 'public', 't'),
  [
    { name: 'id', jdbcType: JdbcType.INTEGER, typeName: 'int4', optional: false },
    { name: 'name', jdbcType: JdbcType.VARCHAR, typeName: 'varchar', comment: 'how it is called' },
    { name: '__proto__', jdbcType: JdbcType.VARCHAR, typeName: 'text', optional: false, hasDefault: true },
  ],
  ['id'],
)
const number = (raw: unknown): Value => {
  if (!/^-?\d+$/.test(String(raw))) throw new RangeError(`not a number: ${raw}`)
  return Number(raw)
}
const types = {
  mapping: (column: { readonly typeName: string }): ColumnMapping =>
    column.typeName === 'int4'
      ? { schema: SchemaBuilder.int32(), convert: number, fallback: 0 }
      : { schema: SchemaBuilder.string(), convert: String, defaultValue: 'x', fallback: '', unavailable: '?' },
}
const tableOptions: TableEventsOptions = {
  types,
  topics: topicNaming('io.debezium.schema.SchemaTopicNamingStrategy', { 'topic.prefix': 'p' }),
  sourceSchema: sourceInfoBuilder('io.debezium.connector.test.Source').build(),
  adjustSchemaName: schemaNameAdjuster('none'),
  adjustFieldName: (name) => name,
  convertingFailure: 'warn',
  includesColumn: () => true,
  mapperOf: () => undefined,
  keyColumns: () => undefined,
  log: silentLogger,
}
const SETTINGS: EmitterOptions = {
  tombstonesOnDelete: true,
  skippedOperations: new Set(['t']),
  skipMessagesWithoutChange: false,
  contextHeaders: [],
  postProcess: null,
}
const at = (n: number) => ({ source: { name: 'p' }, offset: { lsn: n }, bytes: 10, transactionId: '7' })
const queueOf = () => new ChangeQueue({ records: 100, bytes: 0, batch: 50 })

function emitter(options: Partial<EmitterOptions> = {}) {
  const queue = queueOf()
  return { queue, emit: new ChangeEmitter(queue, { server: 'p' }, { ...SETTINGS, ...options }) }
}
const short = (record: SourceRecord) => {
  const value = record.value as Envelope | null
  return value === null ? [record.key, null] : [record.key, value.op, value.before, value.after]
}
/** As a struct of TABLE: an object literal would set the prototype. */
const struct = (id: Value, name: Value, proto: Value) =>
  JSON.parse(JSON.stringify({ id, name, p: proto }).replace('"p"', '"__proto__"'))

test('schemas of a table are named and shaped as the reference does it', () => {
  const events = compileTable(TABLE, tableOptions)
  assert.equal(events.topic, 'p.public.t')
  assert.equal(events.keySchema?.name, 'p.public.t.Key')
  assert.equal(events.valueSchema.name, 'p.public.t.Value')
  assert.equal(events.valueSchema.optional, true)
  assert.equal(events.envelopeSchema.name, 'p.public.t.Envelope')
  assert.equal(events.envelopeSchema.version, 2)
  assert.deepEqual(
    events.envelopeSchema.fields.map(({ name }) => name),
    ['before', 'after', 'source', 'transaction', 'op', 'ts_ms', 'ts_us', 'ts_ns'],
  )
  assert.equal(fieldOf(events.valueSchema, 'name')?.schema.doc, 'how it is called')
  assert.equal(fieldOf(events.valueSchema, 'name')?.schema.optional, true)
  assert.equal(fieldOf(events.valueSchema, '__proto__')?.schema.defaultValue, 'x')
  assert.deepEqual(fieldOf(events.keySchema!, 'id')?.schema, Schemas.INT32)
})

test('create, update, delete with a tombstone, and a changed key as delete and create', () => {
  const events = compileTable(TABLE, tableOptions)
  const { queue, emit } = emitter()
  emit.create(events, ['1', 'a', 'b'], at(1))
  emit.update(events, ['1', 'a', 'b'], ['1', UNAVAILABLE, 'b'], at(2))
  emit.update(events, null, ['1', null, null], at(3))
  emit.delete(events, ['1', null, null], at(4))
  emit.update(events, ['2', 'n', 'm'], ['3', 'n', 'm'], at(5))
  emit.truncate(events, at(6))
  const records = queue.take()!
  assert.deepEqual(records.map(short), [
    [{ id: 1 }, 'c', null, struct(1, 'a', 'b')],
    [{ id: 1 }, 'u', struct(1, 'a', 'b'), struct(1, '?', 'b')],
    [{ id: 1 }, 'u', null, struct(1, null, 'x')],
    [{ id: 1 }, 'd', struct(1, null, 'x'), null],
    [{ id: 1 }, null],
    [{ id: 2 }, 'd', struct(2, 'n', 'm'), null],
    [{ id: 2 }, null],
    [{ id: 3 }, 'c', null, struct(3, 'n', 'm')],
  ])
  assert.deepEqual(records[5]?.headers.lastWithName('__debezium.newkey')?.value, { id: 3 })
  assert.deepEqual(records[7]?.headers.lastWithName('__debezium.oldkey')?.value, { id: 2 })
  assert.deepEqual(records[7]?.sourceOffset, { lsn: 5 })
})

test('what cannot be converted is null with a warning, or fails', () => {
  const warnings: string[] = []
  const log = { ...silentLogger, warn: (message: string) => warnings.push(message) }
  const row = { ...TABLE, columns: TABLE.columns, primaryKey: [] }
  const lenient = compileTable(row, { ...tableOptions, log })
  assert.deepEqual({ ...lenient.value(['x', 'a', 'b']) }.id, null)
  assert.deepEqual(warnings, [
    "Failed to properly convert data value for 'db.public.t.id' of type int4: not a number: x",
  ])
  assert.equal(lenient.keySchema, null)
  const strict = compileTable(row, { ...tableOptions, convertingFailure: 'fail' })
  assert.throws(() => strict.value(['x', 'a', 'b']), /'db\.public\.t\.id' of type int4: not a number: x/)
  assert.throws(() => strict.value(['1']), /has 1 values where at least 3 are expected/)
})

test('unchanged updates and skipped operations are left out', () => {
  const events = compileTable(TABLE, tableOptions)
  const { queue, emit } = emitter({ skipMessagesWithoutChange: true, skippedOperations: new Set(['d']) })
  emit.update(events, ['1', 'a', 'b'], ['1', 'a', 'b'], at(1))
  emit.delete(events, ['1', 'a', 'b'], at(1))
  emit.truncate(events, at(2))
  const [only, ...rest] = queue.take()!
  assert.deepEqual([only?.key, only?.keySchema, (only!.value as Envelope).op, rest.length], [null, null, 't', 0])
})

test('transactions are counted in events, offsets and on their topic', () => {
  const events = compileTable(TABLE, tableOptions)
  const queue = queueOf()
  const monitor = new TransactionMonitor(
    'p.transaction',
    { server: 'p' },
    (name) => name,
    (one) => queue.push(one, 0),
  )
  const emit = new ChangeEmitter(queue, { server: 'p' }, SETTINGS, monitor)
  monitor.begin('7', emit.clock.now, { lsn: 0 })
  emit.create(events, ['1', 'a', 'b'], at(1))
  emit.create(events, ['2', 'a', 'b'], at(2))
  monitor.commit(emit.clock.now, { lsn: 3 })
  const [begin, , second, end] = queue.take()!
  assert.equal((begin!.value as { status: string }).status, 'BEGIN')
  assert.deepEqual((second!.value as Envelope).transaction, { id: '7', total_order: 2, data_collection_order: 2 })
  assert.deepEqual(second?.sourceOffset, {
    lsn: 2,
    transaction_id: '7',
    'transaction_data_collection_order_db.public.t': 2,
  })
  const { ts_ms: _, ...last } = end!.value as Record<string, unknown>
  assert.deepEqual(last, {
    status: 'END',
    id: '7',
    event_count: 2,
    data_collections: [{ data_collection: 'db.public.t', event_count: 2 }],
  })
  const resumed = new TransactionMonitor(
    'p.transaction',
    { server: 'p' },
    (name) => name,
    () => assert.fail('no second BEGIN'),
  )
  resumed.load(second!.sourceOffset!)
  resumed.begin('7', emit.clock.now, { lsn: 2 })
  assert.deepEqual(resumed.event('7', TABLE.id, emit.clock.now, {}), {
    id: '7',
    total_order: 3,
    data_collection_order: 3,
  })
})
