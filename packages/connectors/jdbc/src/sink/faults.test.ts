// The JDBC sink when the connection is cut in mid-batch, the database refuses for a while, and a lock is held by another.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { RetriableException, SchemaBuilder, Schemas, SinkRecord } from '@millrace/api'
import { FaultProxy, sinkTaskContext } from '@millrace/testkit'
import { rowsOf, type TestDatabase, testDatabases } from '../testing/databases.ts'
import { JdbcSinkTask } from './task.ts'

const VALUE = SchemaBuilder.struct().field('id', Schemas.INT32).field('text', Schemas.STRING).build()
const BATCH = 200
const batchOf = (topic: string, from: number) =>
  Array.from(
    { length: BATCH },
    (_, i) =>
      new SinkRecord(
        topic,
        0,
        null,
        null,
        VALUE,
        { id: from + i, text: `row ${from + i} ${'x'.repeat(50)}` },
        from + i,
      ),
  )

const UPSERT = { 'insert.mode': 'upsert', 'pk.mode': 'record_value', 'pk.fields': 'id', 'auto.create': 'true' }

async function open(database: TestDatabase, settings: Record<string, string>) {
  const task = new JdbcSinkTask()
  const { context, asked } = sinkTaskContext()
  task.initialize(context)
  const base = { 'retry.backoff.ms': '1', 'connection.attempts': '1', 'max.retries': '50' }
  task.start({ ...base, ...(await database.props()), ...UPSERT, ...settings })
  return { task, asked, [Symbol.asyncDispose]: () => task.stop() }
}

/** Delivers a batch as the runtime does: again and again while it is asked to. */
async function deliver(task: JdbcSinkTask, records: readonly SinkRecord[]): Promise<number> {
  for (let failures = 0; ; failures++) {
    try {
      await task.put(records)
      return failures
    } catch (error) {
      if (!(error instanceof RetriableException)) throw error
    }
  }
}

for (const database of testDatabases(['postgres', 'mysql'])) {
  describe(`faults of ${database.title}`, { skip: database.skip }, () => {
    it('lose and repeat nothing when the connection is cut in mid-batch, in both directions', async () => {
      const { 'connection.url': url } = await database.props()
      const target = new URL((url as string).slice('jdbc:'.length))
      await using proxy = await FaultProxy.start({ host: target.hostname, port: Number(target.port) })
      await using sink = await open(database, { 'connection.url': (url as string).replace(target.host, proxy.address) })
      let failures = 0
      for (let batch = 0; batch < 20; batch++) {
        if (batch % 3 === 1) void proxy.cutAfter(3_000 + batch * 977, 'toServer')
        if (batch % 3 === 2) void proxy.cutAfter(40 + batch * 5, 'toClient')
        failures += await deliver(sink.task, batchOf('cut', batch * BATCH))
      }
      assert.ok(failures >= 10, `${failures} deliveries failed`)
      const eyes = await database.connect()
      const [found] = await rowsOf(eyes, 'SELECT COUNT(*), COUNT(DISTINCT id), MIN(id), MAX(id) FROM cut')
      await eyes.close()
      assert.deepEqual(found, ['4000', '4000', '0', '3999'])
    })

    it('wait for a lock that another holds, and say so', async () => {
      const { 'connection.url': url } = await database.props()
      const limit =
        database.kind === 'postgres' ? '?options=-c%20lock_timeout=100' : '?sessionVariables=innodb_lock_wait_timeout=1'
      await using sink = await open(database, { 'connection.url': url + limit })
      await sink.task.put(batchOf('locked', 0))
      const other = await database.connect()
      await other.begin()
      await other.execute("UPDATE locked SET text = 'mine' WHERE id = 5")
      await assert.rejects(sink.task.put(batchOf('locked', 0)), (error: Error) => {
        assert.ok(error instanceof RetriableException)
        assert.match(error.message, /lock/i)
        return true
      })
      await other.commit()
      await sink.task.put(batchOf('locked', 0))
      assert.match(String((await rowsOf(other, 'SELECT text FROM locked WHERE id = 5'))[0]), /^row 5/)
      await other.close()
    })

    it('say where they wanted to connect, without the password', async () => {
      await using sink = await open(database, {
        'connection.url': `jdbc:${database.kind === 'postgres' ? 'postgresql' : 'mysql'}://127.0.0.1:1/db?password=hunter2`,
      })
      await assert.rejects(sink.task.put(batchOf('nowhere', 0)), (error: Error) => {
        assert.match(error.message, /Cannot connect to \w+ at 127\.0\.0\.1:1: .*ECONNREFUSED/)
        assert.ok(error instanceof RetriableException && !error.message.includes('hunter2'))
        return true
      })
      await using wrong = await open(database, { 'connection.password': 'not this', 'connection.user': 'nobody' })
      await assert.rejects(wrong.task.put(batchOf('nowhere', 0)), (error: Error) => {
        assert.match(error.message, /Cannot connect to .*nobody/)
        assert.ok(!error.message.includes('not this'))
        return true
      })
    })
  })
}
