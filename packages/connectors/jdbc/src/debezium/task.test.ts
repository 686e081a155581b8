// Debezium's JDBC sink against real databases: change events, flat rows, and every semantic type.
import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { Decimal, decimalBuilder, LogicalSchemas, type Schema, SchemaBuilder, Schemas, SinkRecord } from '@millrace/api'
import type { SqlConnection } from '@millrace/kit-sql'
import { sinkTaskContext } from '@millrace/testkit'
import { rowsOf, testDatabases } from '../testing/databases.ts'
import { DebeziumJdbcSinkTask } from './task.ts'

const KEY = SchemaBuilder.struct().field('ID', Schemas.INT32).build()
const ROW = SchemaBuilder.struct().field('ID', Schemas.INT32).field('order', Schemas.OPTIONAL_STRING).optional().build()
const SOURCE = SchemaBuilder.struct().field('table', Schemas.STRING).build()

const envelopeOf = (row: Schema) =>
  SchemaBuilder.struct()
    .name('server.db.people.Envelope')
    .field('before', row)
    .field('after', row)
    .field('source', SOURCE)
    .field('op', Schemas.STRING)
    .build()
const ENVELOPE = envelopeOf(ROW)

let offsets = 0
const change = (topic: string, op: string, id: number, order: string | null = null) => {
  const row = { ID: id, order }
  const value = {
    before: op === 'd' ? row : null,
    after: op === 'd' || op === 't' ? null : row,
    source: { table: 'people' },
    op,
  }
  return new SinkRecord(topic, 0, op === 't' ? null : KEY, op === 't' ? null : { ID: id }, ENVELOPE, value, offsets++)
}
const tombstone = (topic: string, id: number) => new SinkRecord(topic, 0, KEY, { ID: id }, null, null, offsets++)

const named = (schema: SchemaBuilder, name: string) => schema.name(name).optional().build()
/** Every semantic type: the value, and what each kind of database shows of it. */
const TYPES: readonly [string, Schema, unknown, { postgres: string; mysql: string; sqlite: string }][] = [
  ['i8', Schemas.OPTIONAL_INT8, -128, all('-128')],
  ['i64', Schemas.OPTIONAL_INT64, -9223372036854775808n, all('-9223372036854775808')],
  ['f64', Schemas.OPTIONAL_FLOAT64, 0.1, all('0.1')],
  ['flag', Schemas.OPTIONAL_BOOLEAN, true, { postgres: 't', mysql: '1', sqlite: '1' }],
  ['text', Schemas.OPTIONAL_STRING, 'O\'Neil \\ "x" 😀', all('O\'Neil \\ "x" 😀')],
  [
    'bin',
    Schemas.OPTIONAL_BYTES,
    Buffer.from([0, 255, 92, 39]),
    { postgres: '\\x00ff5c27', mysql: '00ff5c27', sqlite: '00ff5c27' },
  ],
  [
    'dec',
    decimalBuilder(3).optional().build(),
    new Decimal(-12345678901234567890123n, 3),
    { postgres: '-12345678901234567890.123', mysql: '-12345678901234567890.123', sqlite: '-12345678901234567890.123' },
  ],
  [
    'vsd',
    SchemaBuilder.struct()
      .name('io.debezium.data.VariableScaleDecimal')
      .field('scale', Schemas.INT32)
      .field('value', Schemas.BYTES)
      .optional()
      .build(),
    { scale: 1, value: Buffer.from([15]) },
    all('1.5'),
  ],
  [
    'd',
    LogicalSchemas.OPTIONAL_DATE,
    new Date('1969-07-20T00:00:00Z'),
    { postgres: '1969-07-20', mysql: '1969-07-20', sqlite: '-14256000000' },
  ],
  [
    't',
    LogicalSchemas.OPTIONAL_TIME,
    new Date(3_723_004),
    { postgres: '01:02:03.004', mysql: '01:02:03.004000', sqlite: '3723004' },
  ],
  [
    'ts',
    LogicalSchemas.OPTIONAL_TIMESTAMP,
    new Date('2024-02-29T12:34:56.789Z'),
    { postgres: '2024-02-29 12:34:56.789', mysql: '2024-02-29 12:34:56.789000', sqlite: '1709210096789' },
  ],
  [
    'dd',
    named(SchemaBuilder.int32(), 'io.debezium.time.Date'),
    19_782,
    { postgres: '2024-02-29', mysql: '2024-02-29', sqlite: '1709164800000' },
  ],
  [
    'mt',
    named(SchemaBuilder.int64(), 'io.debezium.time.MicroTime'),
    45_296_000_001,
    { postgres: '12:34:56.000001', mysql: '12:34:56.000001', sqlite: '12:34:56.000001' },
  ],
  [
    'mts',
    named(SchemaBuilder.int64(), 'io.debezium.time.MicroTimestamp'),
    1_709_210_096_789_012,
    {
      postgres: '2024-02-29 12:34:56.789012',
      mysql: '2024-02-29 12:34:56.789012',
      sqlite: '2024-02-29 12:34:56.789012',
    },
  ],
  [
    'nts',
    named(SchemaBuilder.int64(), 'io.debezium.time.NanoTimestamp'),
    -1_000n,
    {
      postgres: '1969-12-31 23:59:59.999999',
      mysql: '1969-12-31 23:59:59.999999',
      sqlite: '1969-12-31 23:59:59.999999000',
    },
  ],
  [
    'zts',
    named(SchemaBuilder.string(), 'io.debezium.time.ZonedTimestamp'),
    '2024-02-29T14:34:56.789+02:00',
    {
      postgres: '2024-02-29 12:34:56.789+00',
      mysql: '2024-02-29 12:34:56.789000',
      sqlite: '2024-02-29T14:34:56.789+02:00',
    },
  ],
  [
    'zt',
    named(SchemaBuilder.string(), 'io.debezium.time.ZonedTime'),
    '12:34:56Z',
    { postgres: '12:34:56+00', mysql: '12:34:56.000000', sqlite: '12:34:56Z' },
  ],
  [
    'js',
    named(SchemaBuilder.string(), 'io.debezium.data.Json'),
    '{"a": [1, "\\"", null]}',
    all('{"a": [1, "\\"", null]}'),
  ],
  [
    'uu',
    named(SchemaBuilder.string(), 'io.debezium.data.Uuid'),
    'b43c1e9f-9f2a-4a58-8f0f-5d2f8f7d3a11',
    all('b43c1e9f-9f2a-4a58-8f0f-5d2f8f7d3a11'),
  ],
  [
    'bits',
    SchemaBuilder.bytes().name('io.debezium.data.Bits').parameter('length', '10').optional().build(),
    Buffer.from([0b0101, 0b10]),
    { postgres: '1000000101', mysql: '0205', sqlite: '1000000101' },
  ],
]
function all(text: string) {
  return { postgres: text, mysql: text, sqlite: text }
}

for (const database of testDatabases()) {
  describe(`Debezium's JDBC sink on ${database.title}`, { skip: database.skip }, () => {
    let eyes: Promise<SqlConnection> | undefined
    after(async () => (await eyes)?.close())
    const see = async (sql: string) => rowsOf(await (eyes ??= database.connect()), sql)
    const table = (name: string) => see(`SELECT * FROM ${name} ORDER BY 1`)

    const open = async (settings: Record<string, string>) => {
      const task = new DebeziumJdbcSinkTask()
      const { context, asked } = sinkTaskContext()
      task.initialize(context)
      const { 'connection.user': user, ...rest } = await database.props()
      task.start({
        ...rest,
        ...(user !== undefined && { 'connection.username': user }),
        'flush.retry.delay.ms': '1',
        ...settings,
      })
      return { task, asked, [Symbol.asyncDispose]: () => task.stop() }
    }
    const upsert = {
      'insert.mode': 'upsert',
      'primary.key.mode': 'record_key',
      'schema.evolution': 'basic',
      'delete.enabled': 'true',
    }

    it('applies creates, updates, deletes and tombstones, in lower case', async () => {
      await using sink = await open(upsert)
      const t = 'server.db.people'
      await sink.task.put([
        change(t, 'r', 1, 'a'),
        change(t, 'c', 2, 'b'),
        change(t, 'u', 1, 'c'),
        change(t, 'd', 2),
        tombstone(t, 2),
        change(t, 'c', 3),
      ])
      assert.deepEqual(await table('server_db_people'), [
        ['1', 'c'],
        ['3', null],
      ])
      await sink.task.put([change(t, 'd', 1), tombstone(t, 1), tombstone(t, 3), change(t, 'c', 3, 'back')])
      assert.deepEqual(await table('server_db_people'), [['3', 'back']])
    })

    it('truncates where it may, and leaves deletes out where it may not', async () => {
      await using sink = await open({
        ...upsert,
        'delete.enabled': 'false',
        'truncate.enabled': 'true',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholder as users write it
        'collection.name.format': 'tr_${source.table}',
      })
      await sink.task.put([change('x', 'c', 1, 'a'), change('x', 'd', 1)])
      assert.deepEqual(await table('tr_people'), [['1', 'a']])
      await sink.task.put([change('x', 'c', 2, 'b'), change('x', 't', 0), change('x', 'c', 3, 'c')])
      assert.deepEqual(await table('tr_people'), [['3', 'c']])
    })

    it('writes flat rows with chosen fields, and every semantic type', async () => {
      let builder = SchemaBuilder.struct().field('id', Schemas.INT32)
      for (const [name, schema] of TYPES) builder = builder.field(name, schema)
      const schema = builder.field('hidden', Schemas.OPTIONAL_STRING).build()
      const value = Object.fromEntries(TYPES.map(([name, , one]) => [name, one]))
      const nulls = Object.fromEntries(TYPES.map(([name]) => [name, null]))
      await using sink = await open({
        ...upsert,
        'primary.key.mode': 'record_value',
        'primary.key.fields': 'id',
        'field.exclude.list': 'all_types:hidden',
      })
      await sink.task.put([
        new SinkRecord('all_types', 0, null, null, schema, { id: 1, ...value, hidden: 'x' }, offsets++),
        new SinkRecord('all_types', 0, null, null, schema, { id: 2, ...nulls, hidden: 'x' }, offsets++),
      ])
      assert.deepEqual(await table('all_types'), [
        ['1', ...TYPES.map(([, , , shown]) => shown[database.kind])],
        ['2', ...TYPES.map(() => null)],
      ])
    })

    it('uses headers and coordinates as keys, and refuses what it cannot make', async () => {
      const flat = SchemaBuilder.struct().field('name', Schemas.STRING).build()
      const record = new SinkRecord('heads', 0, null, null, flat, { name: 'a' }, offsets++)
      record.headers.add('hid', 7, Schemas.INT32)
      await using byHeader = await open({ ...upsert, 'delete.enabled': 'false', 'primary.key.mode': 'record_header' })
      await byHeader.task.put([record])
      assert.deepEqual(await table('heads'), [['7', 'a']])
      await using byOffset = await open({ 'primary.key.mode': 'kafka', 'schema.evolution': 'basic' })
      await byOffset.task.put([new SinkRecord('coords', 2, null, null, flat, { name: 'b' }, 9)])
      assert.deepEqual(await table('coords'), [['coords', '2', '9', 'b']])
      await using strict = await open({ 'primary.key.mode': 'none' })
      await assert.rejects(
        strict.task.put([new SinkRecord('nowhere', 0, null, null, flat, { name: 'b' }, 9)]),
        /Table nowhere is missing/,
      )
    })
  })
}
