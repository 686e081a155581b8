// Which tables and columns are captured, and what is done to columns.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { SchemaBuilder } from '@millrace/api'
import { JdbcType, makeTable } from '../model/table.ts'
import { tableId } from '../model/table-id.ts'
import { columnMappers, javaSerialized } from './mappers.ts'
import { splitRegexes } from './regex-list.ts'
import { keyColumnsOf, tableFilters } from './tables.ts'

const dialect = {
  spellTable: ({ schema, table }: { readonly schema: string | null; readonly table: string }) => `${schema}.${table}`,
  isSystemTable: ({ schema }: { readonly schema: string | null }) => schema === 'pg_catalog',
  catalogFirst: false,
}
const TABLE = makeTable(
  tableId(null, 's', 'T1'),
  [
    { name: 'id', jdbcType: JdbcType.INTEGER, typeName: 'int4' },
    { name: 'Name', jdbcType: JdbcType.VARCHAR, typeName: 'varchar', length: 20, comment: 'c' },
    { name: 'raw', jdbcType: JdbcType.BINARY, typeName: 'bytea' },
  ],
  ['id'],
)
const [ID, NAME, RAW] = TABLE.columns as [never, never, never]

test('lists split at bare commas', () => {
  assert.deepEqual(splitRegexes('a, b\\,c ,\\d{1\\,2},,'), ['a', 'b,c', '\\d{1,2}'])
})

test('expressions match whole names whatever the case; include wins over exclude', () => {
  const filters = tableFilters({ 'table.include.list': 'S\\.t\\d', 'table.exclude.list': '.*' }, dialect)
  assert.equal(filters.includesTable(TABLE.id), true)
  assert.equal(filters.includesTable(tableId(null, 's', 't12')), false)
  const all = tableFilters({ 'schema.exclude.list': 'private', 'signal.data.collection': 'private.sig' }, dialect)
  assert.equal(all.includesTable(tableId(null, 'private', 'x')), false)
  assert.equal(all.includesTable(tableId(null, 'private', 'sig')), true)
  assert.equal(all.includesTable(tableId(null, 'pg_catalog', 'x')), false)
  const open = tableFilters({ 'table.ignore.builtin': 'false', 'column.exclude.list': 's\\.t1\\.name' }, dialect)
  assert.equal(open.includesTable(tableId(null, 'pg_catalog', 'x')), true)
  assert.deepEqual([open.includesColumn(TABLE.id, ID), open.includesColumn(TABLE.id, NAME)], [true, false])
  assert.throws(() => tableFilters({ 'table.include.list': 'a(' }, dialect), /table\.include\.list/)
})

test('message keys follow the list, else the primary key', () => {
  const keys = keyColumnsOf('s.t.:name,id;other:x', dialect.spellTable)
  assert.deepEqual(
    keys(TABLE)?.map(({ name }) => name),
    ['Name', 'id'],
  )
  assert.equal(keys({ ...TABLE, id: tableId(null, 'a', 'b') }), undefined)
})

const convert = (props: Record<string, string>, column: never, value: unknown) =>
  columnMappers(props, dialect.spellTable)(TABLE.id, column)?.converter?.(column)?.(value)

test('masks, truncation and hashes', () => {
  assert.equal(convert({ 'column.mask.with.3.chars': 's\\.t1\\.name' }, NAME, null), '***')
  assert.equal(convert({ 'column.mask.with.3.chars': '.*' }, ID, 5), undefined)
  assert.equal(convert({ 'column.truncate.to.2.chars': '.*' }, NAME, 'abc'), 'ab')
  assert.deepEqual(convert({ 'column.truncate.to.2.chars': '.*' }, RAW, Buffer.from('abc')), Buffer.from('ab'))
  const v2 = createHash('sha256').update('CzQMA0cB5K').update('secret').digest('hex')
  assert.equal(
    convert({ 'column.mask.hash.v2.SHA-256.with.salt.CzQMA0cB5K': '.*name' }, NAME, 'secret'),
    v2.slice(0, 20),
  )
  assert.equal(convert({ 'column.mask.hash.SHA-256.with.salt.x': '.*name' }, NAME, null), null)
  assert.throws(
    () => columnMappers({ 'column.mask.hash.NONE.with.salt.x': '.*' }, dialect.spellTable),
    /algorithm NONE/,
  )
})

test('a string serialized as Java does it', () => {
  assert.equal(javaSerialized('aä\0').toString('hex'), 'aced0005740005' + '61' + 'c3a4' + 'c080')
})

test('source types become parameters', () => {
  const schema = SchemaBuilder.string()
  const props = { 'datatype.propagate.source.type': 's\\.t1\\.VARCHAR' }
  columnMappers(props, dialect.spellTable)(TABLE.id, NAME)?.alterSchema?.(NAME, schema)
  assert.deepEqual(Object.fromEntries(schema.build().parameters ?? []), {
    '__debezium.source.column.type': 'VARCHAR',
    '__debezium.source.column.length': '20',
    '__debezium.source.column.comment': 'c',
    '__debezium.source.column.name': 'Name',
  })
})
