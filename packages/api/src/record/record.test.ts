// Records and headers: what a copy shares, what it does not, and what a header must be.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Decimal } from '../data/decimal.ts'
import { decimalBuilder, LogicalSchemas } from '../data/logical.ts'
import { SchemaBuilder, Schemas } from '../data/schema-builder.ts'
import { Headers } from './headers.ts'
import { SinkRecord } from './sink-record.ts'
import { SourceRecord } from './source-record.ts'

const source = () =>
  new SourceRecord({
    sourcePartition: { file: 'a' },
    sourceOffset: { at: 5 },
    topic: 't',
    kafkaPartition: 3,
    keySchema: Schemas.STRING,
    key: 'k',
    valueSchema: Schemas.INT32,
    value: 7,
    timestamp: 99,
  })

test('a source record has nulls for what was not given', () => {
  const record = new SourceRecord({ sourcePartition: null, sourceOffset: null, topic: 't' })
  assert.deepEqual(
    [record.kafkaPartition, record.keySchema, record.key, record.valueSchema, record.value, record.timestamp],
    [null, null, null, null, null, null],
  )
})

test('with replaces what is given, nulls included, and keeps the rest', () => {
  const record = source()
  const changed = record.with({ topic: 'u', value: null, valueSchema: null, kafkaPartition: null, timestamp: null })
  assert.ok(changed instanceof SourceRecord)
  assert.deepEqual(
    [
      changed.topic,
      changed.kafkaPartition,
      changed.key,
      changed.keySchema,
      changed.value,
      changed.valueSchema,
      changed.timestamp,
    ],
    ['u', null, 'k', Schemas.STRING, null, null, null],
  )
  assert.equal(changed.sourcePartition, record.sourcePartition)
  assert.equal(changed.sourceOffset, record.sourceOffset)
  assert.equal(record.topic, 't')
  assert.equal(record.with({ key: null }).key, null)
})

test('a sink record remembers where it was consumed', () => {
  const record = new SinkRecord('t', 1, null, 'k', Schemas.STRING, 'v', 42, 99, 'CreateTime')
  const moved = record.with({ topic: 'u', kafkaPartition: 9 }).with({ value: 'w' })
  assert.ok(moved instanceof SinkRecord)
  assert.deepEqual(
    [
      moved.topic,
      moved.kafkaPartition,
      moved.kafkaOffset,
      moved.originalTopic,
      moved.originalKafkaPartition,
      moved.originalKafkaOffset,
    ],
    ['u', 9, 42, 't', 1, 42],
  )
  assert.deepEqual(
    [moved.value, moved.valueSchema, moved.timestamp, moved.timestampType],
    ['w', Schemas.STRING, 99, 'CreateTime'],
  )
  assert.equal(record.with({ kafkaPartition: null }).kafkaPartition, 1)
})

test('a copy has headers of its own', () => {
  const record = source()
  assert.equal(record.hasHeaders, false)
  record.headers.add('a', 1, null)
  const copy = record.with({ value: 8 })
  copy.headers.add('b', 2, null)
  assert.equal(record.headers.size, 1)
  assert.equal(copy.headers.size, 2)
  const own = new Headers()
  assert.equal(record.with({ headers: own }).headers, own)
})

test('headers keep their order, and a key may occur again', () => {
  const headers = new Headers()
  headers.add('a', 1, null).add('b', 2, null).add('a', 3, null)
  const keys = () => [...headers].map((header) => `${header.key}${header.value}`).join(' ')
  assert.equal(keys(), 'a1 b2 a3')
  assert.equal(headers.lastWithName('a')?.value, 3)
  assert.equal(headers.lastWithName('x'), undefined)
  assert.deepEqual(
    headers.allWithName('a').map((header) => header.value),
    [1, 3],
  )
  const copy = headers.duplicate().retainLatest()
  assert.equal([...copy].map((header) => header.value).join(), '2,3')
  headers.add('b', 4, null).retainLatest('a')
  assert.equal(keys(), 'b2 a3 b4')
  headers.remove('b')
  assert.equal(keys(), 'a3')
  assert.ok(headers.clear().isEmpty)
})

test('a header fits its schema', () => {
  const headers = new Headers()
  headers
    .add('a', null, Schemas.OPTIONAL_STRING)
    .add('b', null, null)
    .add('c', new Map(), SchemaBuilder.map(null, null).build())
  headers.add('d', Decimal.parse('1.0'), decimalBuilder(1).build()).add('e', new Date(0), LogicalSchemas.DATE)
  assert.equal(headers.size, 5)
  assert.throws(() => headers.add('h', null, Schemas.STRING), {
    name: 'DataException',
    message: 'A null value requires an optional schema but was Schema{STRING} (header "h")',
  })
  assert.throws(() => headers.add('h', 'secret', Schemas.INT32), {
    name: 'DataException',
    message: 'The value of class java.lang.String is not compatible with the schema Schema{INT32} (header "h")',
  })
})
