// Transactions sent before they end, against ones sent whole: the same records, in the same order, also over cuts.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ConnectException, SourceRecord } from '@millrace/api'
import { FaultProxy, type PostgresVersion, startPostgres, until, whyNoPostgres } from '@millrace/testkit'
import pg from 'pg'
import { streamParams } from './replication.ts'
import { afterOf, propsOf, type Running, sql, startTask } from './testing/task.ts'

const STREAMING = 'streaming=on'
const BASE = { 'snapshot.mode': 'no_data', 'status.update.interval.ms': '100' }
/** So little that most transactions are sent, or written to disk, before they end. */
const SETTINGS = { logical_decoding_work_mem: '64kB' }
const WIDE = `repeat('x', 300)`
const hasId = (id: number) => (record: SourceRecord) => afterOf(record)?.id === id

for (const version of [15, 18] satisfies PostgresVersion[]) {
  describe(`Transactions in progress of PostgreSQL ${version}`, { skip: whyNoPostgres(version) }, () => {
    it('come as if they were sent whole', async () => {
      await using postgres = await startPostgres({ version, settings: SETTINGS })
      await sql(postgres, 'CREATE TABLE t (id int PRIMARY KEY, v text)', 'CREATE TABLE other (id int PRIMARY KEY)')
      const modes = { whole: '', streamed: STREAMING, ...(version >= 16 && { parallel: 'streaming=parallel' }) }
      const runs: Running[] = []
      const one = new pg.Client({ connectionString: postgres.url })
      const two = new pg.Client({ connectionString: postgres.url })
      await one.connect()
      await two.connect()
      try {
        for (const [slot, params] of Object.entries(modes)) {
          runs.push(await startTask(propsOf(postgres, { ...BASE, 'slot.name': slot, 'slot.stream.params': params })))
        }
        await until('all stream', async () => {
          return (await sql(postgres, 'SELECT 1 FROM pg_replication_slots WHERE active')).length === runs.length
        })
        await one.query(`BEGIN; INSERT INTO t SELECT i, ${WIDE} FROM generate_series(1, 3000) i`)
        // Rolled back to here; the second time with another shape of the table.
        await one.query(`SAVEPOINT a; INSERT INTO t SELECT i, ${WIDE} FROM generate_series(10001, 13000) i`)
        await one.query(`ROLLBACK TO a; ALTER TABLE t ADD COLUMN n int; INSERT INTO t VALUES (10001, ${WIDE}, 1)`)
        await one.query(`INSERT INTO t SELECT i, ${WIDE}, i FROM generate_series(10002, 13000) i; ROLLBACK TO a`)
        // Others end in between: one whole, one large and rolled back, one large.
        await two.query(`INSERT INTO other VALUES (1)`)
        await two.query(`BEGIN; INSERT INTO other SELECT generate_series(100, 4000); ROLLBACK`)
        await two.query(`BEGIN; INSERT INTO other SELECT generate_series(30001, 33000); COMMIT`)
        await one.query(`SELECT pg_logical_emit_message(true, 'p', 'in the middle')`)
        await one.query(`SAVEPOINT b; UPDATE t SET id = 5000 WHERE id = 7; RELEASE b; ALTER TABLE t ADD COLUMN m text`)
        await one.query(
          `INSERT INTO t SELECT i, ${WIDE}, 'new' FROM generate_series(20001, 22000) i; DELETE FROM t WHERE id = 9`,
        )
        await one.query(`COMMIT; INSERT INTO t VALUES (99999, 'last', null)`)
        for (const run of runs) await run.until(hasId(99_999))
        const [whole, ...others] = runs.map((run) => run.records.map(comparable))
        assert.equal(whole?.length, 1 + 3_000 + 3_000 + 1 + 3 + 2_000 + 2 + 1)
        for (const other of others) assert.deepEqual(other, whole)
        const sent = `SELECT slot_name, stream_txns FROM pg_stat_replication_slots WHERE stream_txns > 0`
        await until('the server says that it sent them before their end', async () => {
          return (await sql(postgres, sent)).length === others.length
        })
      } finally {
        await one.end()
        await two.end()
        for (const run of runs) await run[Symbol.asyncDispose]()
      }
    })

    it('come once when the connection is cut before, in and after them', async () => {
      await using postgres = await startPostgres({ version, settings: SETTINGS })
      await sql(postgres, 'CREATE TABLE t (id int PRIMARY KEY, v text)')
      const { hostname, port } = new URL(postgres.url)
      await using proxy = await FaultProxy.start({ host: hostname, port: Number(port) })
      const props = propsOf(postgres, { ...BASE, 'slot.stream.params': STREAMING })
      await using run = await startTask({ ...props, 'database.port': String(proxy.port) })
      const client = new pg.Client({ connectionString: postgres.url })
      await client.connect()
      try {
        await client.query(`BEGIN; INSERT INTO t SELECT i, ${WIDE} FROM generate_series(1, 10000) i`)
        const sent = `SELECT 1 FROM pg_stat_replication WHERE sent_lsn >= pg_current_wal_lsn() - 65536`
        await until('much of it is sent', async () => (await sql(postgres, sent)).length > 0)
        proxy.cut()
        await client.query(`INSERT INTO t SELECT i, ${WIDE} FROM generate_series(10001, 20000) i; COMMIT`)
        for (const mark of [100, 12_000, 20_000]) {
          await run.until(hasId(mark))
          proxy.cut()
        }
        await client.query(`INSERT INTO t VALUES (20001, 'last')`)
        await run.until(hasId(20_001))
        assert.deepEqual(
          run.records.map((one) => afterOf(one)?.id),
          Array.from({ length: 20_001 }, (_, index) => index + 1),
        )
      } finally {
        await client.end()
      }
    })

    it('that are prepared come when they are committed, and not when they are rolled back', async () => {
      await using postgres = await startPostgres({ version, settings: SETTINGS })
      await sql(postgres, 'CREATE TABLE t (id int PRIMARY KEY, v text)')
      await using run = await startTask(propsOf(postgres, { ...BASE, 'slot.stream.params': STREAMING }))
      for (const [name, from] of [
        ['kept', 1],
        ['undone', 5_001],
      ] as const) {
        await sql(
          postgres,
          `BEGIN; INSERT INTO t SELECT i, ${WIDE} FROM generate_series(${from}, ${from + 2_999}) i; PREPARE TRANSACTION '${name}'`,
        )
      }
      await sql(postgres, `INSERT INTO t VALUES (9001, '')`, `ROLLBACK PREPARED 'undone'`, `COMMIT PREPARED 'kept'`)
      await run.until(hasId(3_000))
      assert.deepEqual(
        run.records.map((one) => afterOf(one)?.id),
        [9_001, ...Array.from({ length: 3_000 }, (_, index) => index + 1)],
      )
    })
  })
}

describe('slot.stream.params', () => {
  it('asks for the protocol that streams, and refuses what cannot be told right', () => {
    assert.deepEqual(
      [...streamParams('add-tables=a ; x = y')],
      [
        ['add-tables', 'a'],
        ['x', 'y'],
      ],
    )
    assert.equal(streamParams('streaming=on').get('proto_version'), '2')
    assert.equal(streamParams('streaming=parallel').get('proto_version'), '4')
    assert.equal(streamParams('streaming=off').get('proto_version'), undefined)
    assert.equal(streamParams('streaming=on;proto_version=3').get('proto_version'), '3')
    for (const wrong of ['two_phase=true', 'binary=true']) {
      assert.throws(
        () => streamParams(wrong),
        (error: ConnectException) => /slot\.stream\.params/.test(error.message) && error.context.action !== undefined,
      )
    }
  })
})

/** A record without what differs by slot and by moment. */
function comparable({ topic, key, value, sourceOffset }: SourceRecord): unknown {
  const { ts_ms, ts_us, ts_ns, ...rest } = (value ?? {}) as Record<string, unknown>
  return { topic, key, value: rest, sourceOffset }
}
