// Names of tables, topics, schemas and fields.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseTableId, quoteTableId, tableId } from '../model/table-id.ts'
import { fieldNameAdjuster, schemaNameAdjuster } from './adjust.ts'
import { topicNaming } from './topic-naming.ts'

test('table names are read bare and quoted', () => {
  assert.deepEqual(parseTableId('a.b.c'), tableId('a', 'b', 'c'))
  assert.deepEqual(parseTableId('a.b'), tableId('a', null, 'b'))
  assert.deepEqual(parseTableId(' a . "b.""c" ', false), tableId(null, 'a', 'b."c'))
  assert.deepEqual(parseTableId('`x y`'), tableId(null, null, 'x y'))
  for (const bad of ['', 'a..b', 'a.', 'a.b.c.d', '"a', 'a b'])
    assert.throws(() => parseTableId(bad), /Invalid identifier/)
  assert.equal(quoteTableId(tableId(null, 's"x', 't')), '"s""x"."t"')
})

test('names are adjusted to Avro', () => {
  assert.equal(schemaNameAdjuster('none')('1-a.b'), '1-a.b')
  assert.equal(schemaNameAdjuster('avro')('1-a.b'), '_1_a.b')
  assert.equal(fieldNameAdjuster('avro')('1-a.b'), '_1_a_b')
  assert.equal(schemaNameAdjuster('avro_unicode')('1_ä.b'), '_u0031_u005f_u00e4.b')
  assert.equal(fieldNameAdjuster('avro_unicode')('中.b'), '_u4e2d_u002eb')
})

const TABLE = tableId('db', 'public', 'or ders_1')
const props = { 'topic.prefix': 'p' }

test('topics of the strategies', () => {
  const schema = topicNaming('io.debezium.schema.SchemaTopicNamingStrategy', props)
  assert.equal(schema.dataChangeTopic(TABLE), 'p.public.or_ders_1')
  assert.deepEqual(
    [schema.schemaChangeTopic, schema.heartbeatTopic, schema.transactionTopic],
    ['p', '__debezium-heartbeat.p', 'p.transaction'],
  )
  const unicode = topicNaming('io.debezium.schema.SchemaUnicodeTopicNamingStrategy', props)
  assert.equal(unicode.dataChangeTopic(TABLE), 'p.public.or_u0020ders_u005f1')
  const byDefault = topicNaming('io.debezium.schema.DefaultTopicNamingStrategy', { ...props, 'topic.delimiter': '-' })
  assert.equal(byDefault.dataChangeTopic(TABLE), 'p-db-or_ders_1')
  const all = topicNaming('io.debezium.schema.SchemaTopicNamingStrategy', props, true)
  assert.equal(all.dataChangeTopic(TABLE), 'p.db.public.or_ders_1')
  assert.throws(() => topicNaming('my.Own', props), /Unknown topic\.naming\.strategy my\.Own/)
})

test('tables share a topic by a regular expression, and their key tells them apart', () => {
  const naming = topicNaming('io.debezium.schema.SchemaRegexTopicNamingStrategy', {
    ...props,
    'topic.regex': '(.*)\\.or.*_(\\d+)',
    'topic.replacement': '$1.orders',
    'topic.key.field.regex': '.*_(\\d+)',
    'topic.key.field.replacement': 'shard$1',
  })
  assert.equal(naming.dataChangeTopic(TABLE), 'p.public.orders')
  assert.equal(naming.dataChangeTopic(tableId(null, 's', 'x')), 'p.s.x')
  assert.deepEqual(naming.keyAugment(TABLE), { field: '__dbz__physicalTableIdentifier', value: 'shard1' })
  const missing = () => topicNaming('io.debezium.schema.SchemaRegexTopicNamingStrategy', props)
  assert.throws(missing, /Missing required configuration "topic\.regex"/)
})
