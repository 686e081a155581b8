// Signals from rows, files and JSON; notifications.
import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { SchemaBuilder, Schemas, silentLogger, validateValue } from '@millrace/api'
import { notificationSchemas } from '../schema/common.ts'
import { notificationRecord, SignalProcessor, signalOfRow, snapshotRequest, takeFileSignals } from './signal.ts'

test('a row of three columns is a signal', () => {
  const schema = SchemaBuilder.struct()
    .field('a', Schemas.STRING)
    .field('b', Schemas.STRING)
    .field('c', Schemas.STRING)
    .build()
  assert.deepEqual(signalOfRow(schema, { a: '1', b: 'log', c: '{}' }), { id: '1', type: 'log', data: '{}' })
  assert.equal(signalOfRow(schema, null), null)
  assert.equal(signalOfRow(SchemaBuilder.struct().field('a', Schemas.STRING).build(), { a: '1' }), null)
})

test('a file is emptied of its signals; what is none is left out', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'signals-'))
  try {
    const path = join(folder, 'file-signals.txt')
    assert.deepEqual(await takeFileSignals(path, silentLogger), [])
    await writeFile(path, '{"id":7,"type":"log","data":{"message":"m"}}\n\nnothing\n')
    assert.deepEqual(await takeFileSignals(path, silentLogger), [{ id: '7', type: 'log', data: '{"message":"m"}' }])
    assert.equal(await readFile(path, 'utf8'), '')
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('requests of snapshots are read, or said to be wrong', () => {
  const of = (type: string, data: string) => snapshotRequest({ id: '1', type, data })
  assert.deepEqual(
    of(
      'execute-snapshot',
      '{"data-collections":[" s.t "],"type":"INCREMENTAL","additional-conditions":[{"data-collection":"s.t","filter":"a=1"}]}',
    ),
    {
      kind: 'incremental',
      collections: ['s.t'],
      conditions: [{ collection: 's.t', filter: 'a=1' }],
      surrogateKey: null,
    },
  )
  assert.equal(of('execute-snapshot', '{}'), 'its data-collections is missing or empty')
  assert.match(String(of('stop-snapshot', '{"type":"x"}')), /neither/)
  assert.match(String(of('stop-snapshot', '{"data-collections":[1]}')), /not a list/)
  assert.equal(of('stop-snapshot', '{'), 'its data is not JSON')
})

test('a failing action does not stop the others', async () => {
  const lines: string[] = []
  const keep = (message: string) => void lines.push(message)
  const signals = new SignalProcessor({ ...silentLogger, info: keep, warn: keep, error: keep })
  signals.on('bad', () => {
    throw new Error('no')
  })
  for (const type of ['bad', 'unknown', 'log']) await signals.process({ id: '1', type, data: '{"message":"hello"}' })
  assert.deepEqual(lines, [
    'Signal 1 of type bad failed',
    'Signal 1 has the unknown type unknown; known are log, bad',
    'hello',
  ])
})

test('a notification fits its schema', () => {
  const schemas = notificationSchemas((name) => name)
  const notification = {
    id: '1',
    aggregateType: 'Initial Snapshot',
    type: 'STARTED',
    additionalData: { a: 'b' },
    timestamp: 5,
  }
  const record = notificationRecord(notification, 'n', schemas, { partition: null, offset: null })
  validateValue(record.valueSchema!, record.value)
  validateValue(record.keySchema!, record.key)
  assert.equal(record.topic, 'n')
})
