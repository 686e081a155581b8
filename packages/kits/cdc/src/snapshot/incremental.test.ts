// Incremental snapshots over a table in memory whose log is told by hand.
import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { test } from 'node:test'
import { SchemaBuilder, silentLogger } from '@millrace/api'
import type { Row } from '../dialect.ts'
import { compileTable } from '../events/table-events.ts'
import { makeTable } from '../model/table.ts'
import { tableId } from '../model/table-id.ts'
import { topicNaming } from '../names/topic-naming.ts'
import { sourceInfoBuilder } from '../schema/common.ts'
import { IncrementalSnapshot, keysetCondition } from './incremental.ts'

const events = (name: string) =>
  compileTable(
    makeTable(tableId(null, 's', name), [{ name: 'id', jdbcType: 4, typeName: 'int', optional: false }], ['id']),
    {
      types: { mapping: () => ({ schema: SchemaBuilder.int32(), convert: (raw) => raw }) },
      topics: topicNaming('SchemaTopicNamingStrategy', { 'topic.prefix': 'p' }),
      sourceSchema: sourceInfoBuilder('s').build(),
      adjustSchemaName: (text) => text,
      adjustFieldName: (text) => text,
      convertingFailure: 'fail',
      includesColumn: () => true,
      mapperOf: () => undefined,
      keyColumns: () => undefined,
      log: silentLogger,
    },
  )
const request = (name: string) => ({ table: events(name), order: [0], filter: null })

/** The marks come out as events: a test lets the log bring them when it wants. */
function database(
  ids: readonly number[],
  strategy: 'insert_insert' | 'insert_delete' = 'insert_insert',
  fail: (error: unknown) => void = (error) => assert.fail(String(error)),
) {
  const log = new EventEmitter()
  const sent: number[] = []
  const told: string[] = []
  const snapshot = new IncrementalSnapshot(
    {
      maximumKey: async () => (ids.length === 0 ? null : [ids.at(-1)]),
      readChunk: async (_, after, maximum, limit) =>
        ids
          .filter((id) => (after === null || id > Number(after[0])) && id <= Number(maximum[0]))
          .slice(0, limit)
          .map((id): Row => [id]),
      mark: async (id, type) => void log.emit(type, id),
      unmark: async (id) => void log.emit('unmark', id),
    },
    {
      chunkSize: 2,
      strategy,
      emit: (_, row) => sent.push(Number(row[0])),
      notify: (status) => told.push(status),
      fail,
      log: silentLogger,
    },
  )
  return { log, sent, told, snapshot }
}

test('a row that changed between the marks is left to the log, also one told before the chunk was read', async () => {
  const { log, sent, told, snapshot } = database([1, 2, 3])
  const table = request('t')
  log.on('snapshot-window-open', (id: string) => {
    snapshot.onMark(id, 'snapshot-window-open')
    snapshot.onChange(table.table, { id: 2 })
    snapshot.onChange(events('other'), { id: 1 })
  })
  const first = once(log, 'snapshot-window-close')
  snapshot.add([table])
  const [closing] = (await first) as [string]
  snapshot.onMark('of-somebody-else', 'snapshot-window-close')
  assert.deepEqual(sent, [])
  const second = once(log, 'snapshot-window-close')
  snapshot.onMark(closing, 'snapshot-window-close')
  assert.deepEqual(sent, [1])
  assert.match(String(snapshot.store({ lsn: 1 }).incremental_snapshot_collections), /"s\.t"/)
  snapshot.onMark(((await second) as [string])[0], 'snapshot-window-close')
  assert.deepEqual(sent, [1, 3])
  assert.deepEqual(told, ['STARTED', 'TABLE_SCAN_COMPLETED', 'COMPLETED'])
  assert.deepEqual(snapshot.store({ lsn: 1 }), { lsn: 1 })
})

test('a deleted mark closes the window with insert_delete; an empty table ends at once', async () => {
  const { log, told, snapshot } = database([], 'insert_delete')
  log.on('snapshot-window-open', (id: string) => snapshot.onMark(id, 'snapshot-window-open'))
  const unmark = once(log, 'unmark')
  snapshot.add([request('t'), request('t')])
  snapshot.onMark(((await unmark) as [string])[0], 'snapshot-window-open', true)
  assert.equal(told.includes('TABLE_SCAN_COMPLETED'), true)
})

test('a window that ends without having begun is an error: rows could be old', async () => {
  const failures: unknown[] = []
  const { log, sent, snapshot } = database([1], 'insert_insert', (error) => failures.push(error))
  const closed = once(log, 'snapshot-window-close')
  snapshot.add([request('t')])
  snapshot.onMark(((await closed) as [string])[0], 'snapshot-window-close')
  assert.match(String(failures[0]), /without its beginning/)
  assert.deepEqual(sent, [])
})

test('paused, resumed and stopped', async () => {
  const { log, sent, told, snapshot } = database([1, 2, 3])
  log.on('snapshot-window-open', (id: string) => snapshot.onMark(id, 'snapshot-window-open'))
  let closed = once(log, 'snapshot-window-close')
  snapshot.add([request('t'), request('u')])
  snapshot.pause()
  snapshot.onMark(((await closed) as [string])[0], 'snapshot-window-close')
  assert.deepEqual([sent, snapshot.paused], [[1, 2], true])
  closed = once(log, 'snapshot-window-close')
  snapshot.resume()
  const [id] = (await closed) as [string]
  snapshot.stop()
  snapshot.onMark(id, 'snapshot-window-close')
  assert.deepEqual([sent, snapshot.running], [[1, 2], false])
  assert.deepEqual(told, ['STARTED', 'PAUSED', 'RESUMED', 'ABORTED', 'COMPLETED'])
})

test('conditions of a key of several columns', () => {
  const parameter = (at: number) => `$${at + 1}`
  assert.equal(keysetCondition(['a'], parameter, 'behind'), 'a > $1')
  assert.equal(keysetCondition(['a', 'b'], parameter, 'behind'), '((a > $1) OR (a = $1 AND b > $2))')
  assert.equal(keysetCondition(['a', 'b'], parameter, 'upTo'), '((a < $1) OR (a = $1 AND b <= $2))')
})
