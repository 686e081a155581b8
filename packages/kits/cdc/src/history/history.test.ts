// The schema history's texts, stores and recovery.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeTable } from '../model/table.ts'
import { tableId } from '../model/table-id.ts'
import { type HistoryRecord, historyFromJson, historyToJson } from './record.ts'
import { FileHistoryStore, MemoryHistoryStore, SchemaHistory } from './store.ts'

const TABLE = makeTable(
  tableId('inv', null, 'o"rders'),
  [
    { name: 'id', jdbcType: 4, typeName: 'INT', typeExpression: 'INT', optional: false, autoIncremented: true },
    {
      name: 'e',
      jdbcType: 1,
      typeName: 'ENUM',
      typeExpression: 'ENUM',
      length: 1,
      enumValues: ['a', 'b'],
      hasDefault: true,
      charsetName: 'utf8mb4',
    },
  ],
  ['id'],
  { defaultCharset: 'utf8mb4' },
)
const record = (pos: number | bigint, tableChanges: HistoryRecord['tableChanges']): HistoryRecord => ({
  source: { server: 'p' },
  position: { file: 'binlog.1', pos },
  ts_ms: 5,
  databaseName: 'inv',
  schemaName: null,
  ddl: 'CREATE TABLE x',
  tableChanges,
})

test('a record survives its text, and has the reference’s members', () => {
  const first = record(2n ** 62n, [{ type: 'CREATE', table: TABLE, previousId: null }])
  const text = historyToJson(first)
  assert.match(text, /"pos":4611686018427387904/)
  assert.match(text, /"id":"\\"inv\\"\.\\"o\\"\\"rders\\""/)
  assert.deepEqual(historyFromJson(text), first)
  assert.throws(() => historyFromJson('{}'), /no source/)
  assert.throws(() => historyFromJson('{'), /not JSON/)
})

test('recovery applies what holds at the position: renamed, altered, dropped', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'history-'))
  try {
    for (const store of [new MemoryHistoryStore(), new FileHistoryStore(join(folder, 'sub', 'h.jsonl'))]) {
      const history = new SchemaHistory(store)
      assert.equal(await history.exists(), false)
      const renamed = makeTable(tableId('inv', null, 'new'), [{ name: 'id', jdbcType: 4, typeName: 'INT' }])
      await history.record(record(1, [{ type: 'CREATE', table: TABLE }]))
      await history.record(record(2, [{ type: 'ALTER', table: renamed, previousId: TABLE.id }]))
      await history.record(record(3, [{ type: 'DROP', id: renamed.id }]))
      assert.equal(await history.exists(), true)
      const at = async (pos: number) => [
        ...(await history.recover(({ position }) => Number(position.pos) <= pos)).keys(),
      ]
      assert.deepEqual([await at(0), await at(1), await at(2), await at(3)], [[], ['inv.o"rders'], ['inv.new'], []])
    }
  } finally {
    await rm(folder, { recursive: true })
  }
})
