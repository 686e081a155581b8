// The JDBC sink against real databases: every mode, and what happens to records that do not fit.
import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { type Schema, SchemaBuilder, Schemas, SinkRecord } from '@millrace/api'
import type { SqlConnection } from '@millrace/kit-sql'
import { sinkTaskContext } from '@millrace/testkit'
import { rowsOf, testDatabases } from '../testing/databases.ts'
import { JdbcSinkTask } from './task.ts'

const KEY = SchemaBuilder.struct().field('id', Schemas.INT32).build()
const VALUE = SchemaBuilder.struct().field('id', Schemas.INT32).field('name', Schemas.OPTIONAL_STRING).build()
const WIDER = SchemaBuilder.struct()
  .field('id', Schemas.INT32)
  .field('name', Schemas.OPTIONAL_STRING)
  .field('more', SchemaBuilder.string().optional().default('none').build())
  .build()

let offsets = 0
const row = (topic: string, id: number, name: string | null, schema: Schema = VALUE, more: object = {}) =>
  new SinkRecord(topic, 0, KEY, { id }, schema, { id, name, ...more }, offsets++)
const tombstone = (topic: string, id: number) => new SinkRecord(topic, 0, KEY, { id }, null, null, offsets++)

for (const database of testDatabases()) {
  describe(`the JDBC sink on ${database.title}`, { skip: database.skip }, () => {
    let eyes: Promise<SqlConnection> | undefined
    after(async () => (await eyes)?.close())
    const see = async (sql: string) => rowsOf(await (eyes ??= database.connect()), sql)
    const quoted = (name: string) => (database.kind === 'postgres' ? `"${name}"` : `\`${name}\``)
    const table = (name: string) => see(`SELECT * FROM ${quoted(name)} ORDER BY 1`)

    const open = async (settings: Record<string, string>, reportErrors = false) => {
      const task = new JdbcSinkTask()
      const { context, asked } = sinkTaskContext({ reportErrors })
      task.initialize(context)
      task.start({ name: 'test', 'retry.backoff.ms': '1', ...(await database.props()), ...settings })
      return { task, asked, [Symbol.asyncDispose]: () => task.stop() }
    }
    const upsert = { 'insert.mode': 'upsert', 'pk.mode': 'record_key', 'auto.create': 'true' }

    it('upserts, with the last record of a key winning inside a batch and across batches', async () => {
      await using sink = await open(upsert)
      await sink.task.put([row('up', 1, 'a'), row('up', 2, 'b'), row('up', 1, 'c')])
      await sink.task.put([row('up', 2, null), row('up', 3, 'quote \' back \\ "double" {brace}, comma\n日本 😀')])
      assert.deepEqual(await table('up'), [
        ['1', 'c'],
        ['2', null],
        ['3', 'quote \' back \\ "double" {brace}, comma\n日本 😀'],
      ])
    })

    it('inserts, updates, and keeps the coordinates of Kafka as a key', async () => {
      await using sink = await open({ 'pk.mode': 'kafka', 'auto.create': 'true' })
      const first = row('ins', 1, 'a')
      await sink.task.put([first])
      assert.deepEqual(await table('ins'), [['ins', '0', String(first.kafkaOffset), '1', 'a']])
      await using created = await open(upsert)
      await created.task.put([row('upd', 1, 'a'), row('upd', 2, 'b')])
      await using updates = await open({ 'insert.mode': 'update', 'pk.mode': 'record_value', 'pk.fields': 'id' })
      await updates.task.put([row('upd', 2, 'x'), row('upd', 2, 'changed'), row('upd', 9, 'nobody')])
      assert.deepEqual(await table('upd'), [
        ['1', 'a'],
        ['2', 'changed'],
      ])
    })

    it('deletes on tombstones, in order with what surrounds them', async () => {
      await using sink = await open({ ...upsert, 'delete.enabled': 'true' })
      await sink.task.put([tombstone('del', 7)].slice(1))
      await sink.task.put([
        row('del', 1, 'a'),
        row('del', 2, 'b'),
        tombstone('del', 1),
        row('del', 3, 'c'),
        tombstone('del', 3),
        row('del', 3, 'again'),
      ])
      assert.deepEqual(await table('del'), [
        ['2', 'b'],
        ['3', 'again'],
      ])
      await sink.task.put([tombstone('del', 2), tombstone('del', 99)])
      assert.deepEqual(await table('del'), [['3', 'again']])
    })

    it('adds columns when a schema grows, and refuses when it may not', async () => {
      await using fixed = await open(upsert)
      await fixed.task.put([row('evo', 1, 'a')])
      await assert.rejects(
        fixed.task.put([row('evo', 2, 'b', WIDER, { more: 'x' })]),
        /missing fields \(more\) and auto-evolution is disabled/,
      )
      await using sink = await open({ ...upsert, 'auto.evolve': 'true' })
      await sink.task.put([
        row('evo', 2, 'b', WIDER, { more: 'x' }),
        row('evo', 3, 'c', WIDER, { more: null }),
        row('evo', 4, 'old'),
      ])
      assert.deepEqual((await table('evo')).slice(1), [
        ['2', 'b', 'x'],
        ['3', 'c', 'none'],
        ['4', 'old', 'none'],
      ])
    })

    it('reports the bad records of a batch and writes the rest', async () => {
      await using sink = await open({ ...upsert, 'insert.mode': 'insert' }, true)
      await sink.task.put([row('bad', 1, 'a'), row('bad', 5, 'five')])
      const again = row('bad', 5, 'twice')
      const noKey = new SinkRecord('bad', 0, null, null, VALUE, { id: 8, name: 'x' }, offsets++)
      await sink.task.put([row('bad', 2, 'b'), again, noKey, row('bad', 3, 'c'), row('bad', 4, 'd')])
      assert.deepEqual(
        (await table('bad')).map(([id]) => id),
        ['1', '2', '3', '4', '5'],
      )
      assert.deepEqual(
        sink.asked.reported.map((one) => one.record),
        [noKey, again].sort((a, b) => a.kafkaOffset - b.kafkaOffset).sort((a) => (a === noKey ? 1 : -1)),
      )
    })

    it('names the bad record where nobody takes reports, and writes nothing of the batch', async () => {
      await using sink = await open({ ...upsert, 'insert.mode': 'insert' })
      await sink.task.put([row('named', 5, 'five')])
      const again = row('named', 5, 'twice')
      await assert.rejects(
        sink.task.put([row('named', 2, 'b'), row('named', 3, 'c'), again, row('named', 4, 'd')]),
        (error: Error) => {
          assert.match(
            error.message,
            new RegExp(`topic named, partition 0, offset ${again.kafkaOffset} cannot be written to table named`),
          )
          return true
        },
      )
      assert.deepEqual(
        (await table('named')).map(([id]) => id),
        ['5'],
      )
    })

    it('says what is missing', async () => {
      await using sink = await open({ 'insert.mode': 'upsert', 'pk.mode': 'record_key' })
      await assert.rejects(
        sink.task.put([row('no_such', 1, 'a')]),
        /Table no_such is missing and auto-creation is disabled/,
      )
      const schemaless = new SinkRecord('no_such', 0, KEY, { id: 1 }, null, { id: 1 }, offsets++)
      await assert.rejects(sink.task.put([schemaless]), /Use a converter that gives schemas/)
    })
  })
}
