// What must not lose a change: servers that restart, connections that break, positions in the middle, tables that change
// while nobody looks; and where going on would lose, an error that says so.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ConnectException, ConnectorProps, SourceRecord } from '@millrace/api'
import {
  FaultProxy,
  MemoryOffsets,
  type Postgres,
  type PostgresVersion,
  startPostgres,
  until,
  whyNoPostgres,
} from '@millrace/testkit'
import pg from 'pg'
import { afterOf, propsOf, type Running, snapshotOf, sql, startTask } from './testing/task.ts'

const EVERY = 20_000
const hasId = (id: number) => (record: SourceRecord) => afterOf(record)?.id === id
const idsOf = (run: Pick<Running, 'records'>) => run.records.map((one) => Number(afterOf(one)?.id))
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index)

/** A server with one table, of its own for each test: positions of one must not move those of another. */
async function prepared(version: PostgresVersion, settings: Record<string, string> = {}): Promise<Postgres> {
  const postgres = await startPostgres({ version, settings })
  await sql(postgres, 'CREATE TABLE t (id int PRIMARY KEY, v text)')
  return postgres
}
const streaming = (more: ConnectorProps = {}) => ({
  'snapshot.mode': 'no_data',
  'status.update.interval.ms': '100',
  ...more,
})
const slotLsn = async (postgres: Postgres) =>
  Number((await sql(postgres, `SELECT confirmed_flush_lsn - '0/0' AS lsn FROM pg_replication_slots`))[0]?.lsn)

async function connected({ url }: Postgres, more: object = {}): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, ...more })
  client.on('error', () => {})
  await client.connect()
  return client
}

for (const version of [15, 18] satisfies PostgresVersion[]) {
  describe(`Capturing from PostgreSQL ${version}`, { skip: whyNoPostgres(version) }, () => {
    it('goes on through a restart of the server and cut connections, in the middle of transactions', async () => {
      await using postgres = await prepared(version)
      const { hostname, port } = new URL(postgres.url)
      await using proxy = await FaultProxy.start({ host: hostname, port: Number(port) })
      await using run = await startTask({ ...propsOf(postgres, streaming()), 'database.port': String(proxy.port) })
      await sql(postgres, `INSERT INTO t SELECT i, 'x' FROM generate_series(1, 10) i`)
      await run.until(hasId(10))
      // A large transaction, cut again and again while it is sent.
      await sql(postgres, `INSERT INTO t SELECT i, repeat('x', 500) FROM generate_series(11, ${EVERY}) i`)
      for (const mark of [100, 5_000, 12_000]) {
        await run.until(hasId(mark))
        proxy.cut()
      }
      await run.until(hasId(EVERY))
      await postgres.kill()
      await postgres.restart()
      await sql(postgres, `INSERT INTO t VALUES (${EVERY + 1}, 'after')`)
      await run.until(hasId(EVERY + 1))
      assert.deepEqual(idsOf(run), range(1, EVERY + 1))
    })

    it('goes on after any record of a transaction, also where rows share one position', async () => {
      await using postgres = await prepared(version)
      const all: number[] = []
      const offsets: MemoryOffsets[] = []
      {
        await using run = await startTask(propsOf(postgres, streaming({ 'lsn.flush.mode': 'manual' })))
        // COPY writes many rows as one record of the log.
        await sql(
          postgres,
          `BEGIN; INSERT INTO t VALUES (1, 'a'); UPDATE t SET id = 2 WHERE id = 1; COPY t FROM PROGRAM 'seq 3 40 | sed s/$/,x/' (FORMAT csv); INSERT INTO t VALUES (41, 'b'); COMMIT`,
        )
        await run.until(hasId(41))
        for (let count = 0; count <= run.records.length; count++)
          offsets.push(new MemoryOffsets().commit(run.records.slice(0, count)))
        all.push(...idsOf(run))
      }
      await sql(postgres, `INSERT INTO t VALUES (999, 'later')`)
      for (const count of [0, 1, 2, 3, 4, 5, 20, 42, 43]) {
        await using run = await startTask(
          propsOf(postgres, streaming({ 'lsn.flush.mode': 'manual' })),
          offsets[count] as MemoryOffsets,
        )
        await run.until(hasId(999))
        // Of the three records of a changed key none may be missing: a restart between them gives all three again.
        const isBetween = count === 2 || count === 3
        assert.deepEqual(idsOf(run), [...all.slice(isBetween ? 1 : count), 999], `after ${count} records`)
      }
    })

    it('lets the slot follow the log while nothing concerns it, and never past what is not stored', async () => {
      await using postgres = await prepared(version)
      await sql(postgres, 'CREATE TABLE busy (id int)')
      const offsets = new MemoryOffsets()
      await using run = await startTask(propsOf(postgres, streaming({ 'table.include.list': 'public.t' })), offsets)
      await sql(postgres, `INSERT INTO t VALUES (1, 'x')`)
      await run.until(hasId(1))
      await sql(postgres, `INSERT INTO busy SELECT generate_series(1, 10000)`)
      const [row] = await sql(postgres, `SELECT pg_current_wal_lsn() - '0/0' AS lsn`)
      await until('the slot has followed', async () => (await slotLsn(postgres)) >= Number(row?.lsn))
      // From here on nothing is stored any more.
      offsets.commit = () => offsets
      const before = await slotLsn(postgres)
      await sql(postgres, `INSERT INTO t VALUES (2, 'x')`)
      const [written] = await sql(postgres, `SELECT pg_current_wal_lsn() - '0/0' AS lsn`)
      await run.until(hasId(2))
      await sql(postgres, `INSERT INTO busy SELECT generate_series(1, 10000)`, `SELECT pg_sleep(0.6)`)
      const now = await slotLsn(postgres)
      assert.ok(now >= before && now < Number(written?.lsn), `${before} ${now} ${written?.lsn}`)
    })

    it('lets the slot follow where only other databases and tables are written, and there was never a row', async () => {
      await using postgres = await prepared(version)
      await sql(postgres, 'CREATE TABLE busy (id int)', 'CREATE DATABASE elsewhere')
      const props = streaming({ 'snapshot.mode': 'initial', 'table.include.list': 'public.t' })
      await using run = await startTask(propsOf(postgres, props))
      const other = { url: postgres.url.replace(/[^/]+$/, 'elsewhere') }
      for (const where of [postgres, other]) {
        await sql(
          where,
          'CREATE TABLE IF NOT EXISTS busy (id int)',
          `INSERT INTO busy SELECT generate_series(1, 10000)`,
        )
        const [row] = await sql(postgres, `SELECT pg_current_wal_lsn() - '0/0' AS lsn`)
        await until('the slot has followed', async () => (await slotLsn(postgres)) >= Number(row?.lsn))
      }
      await sql(postgres, `INSERT INTO t VALUES (1, 'x')`)
      await run.until(hasId(1))
    })

    it('sees a table that was altered while it was away, row by row as it was', async () => {
      await using postgres = await prepared(version)
      const offsets = new MemoryOffsets()
      {
        await using run = await startTask(propsOf(postgres, streaming()), offsets)
        await sql(postgres, `INSERT INTO t VALUES (1, 'x')`)
        await run.until(hasId(1))
      }
      await sql(
        postgres,
        `INSERT INTO t VALUES (2, 'old')`,
        'ALTER TABLE t ADD COLUMN n int',
        `INSERT INTO t VALUES (3, 'new', 5)`,
        'ALTER TABLE t DROP COLUMN v',
        'INSERT INTO t VALUES (4, 6)',
      )
      await using run = await startTask(propsOf(postgres, streaming()), offsets)
      await run.until(hasId(4))
      assert.deepEqual(run.records.map(afterOf), [
        { id: 2, v: 'old' },
        { id: 3, v: 'new', n: 5 },
        { id: 4, n: 6 },
      ])
    })

    it('reads a row of 50 MB in snapshot and stream', async () => {
      await using postgres = await prepared(version)
      const size = 50_000_000
      await sql(postgres, `INSERT INTO t VALUES (1, repeat('é', ${size / 2}))`)
      await using run = await startTask(propsOf(postgres))
      await run.until((one) => snapshotOf(one) === 'last')
      await sql(postgres, `INSERT INTO t VALUES (2, repeat('y', ${size})), (3, 'small')`)
      await run.until(hasId(3))
      assert.deepEqual(
        run.records.map((one) => Buffer.byteLength(String(afterOf(one)?.v))),
        [size, size, 5],
      )
    })

    it('waits for a slot that a killed worker left in the making', async () => {
      await using postgres = await prepared(version)
      const blocker = await connected(postgres)
      const maker = await connected(postgres, { replication: 'database' })
      try {
        // A slot is not whole before the transactions end that were there first.
        await blocker.query(`BEGIN; INSERT INTO t VALUES (1, 'x')`)
        const making = maker.query('CREATE_REPLICATION_SLOT debezium LOGICAL pgoutput').catch(() => {})
        const slots = `SELECT active_pid AS pid FROM pg_replication_slots WHERE confirmed_flush_lsn IS NULL`
        const pid = await until('a slot in the making', async () => (await sql(postgres, slots))[0]?.pid)
        const starting = startTask(propsOf(postgres))
        const asked = `SELECT 1 FROM pg_stat_activity WHERE application_name = 'Debezium General' AND query ~ 'slot_name = '`
        await until('the task has seen it', async () => (await sql(postgres, asked)).length > 0)
        await sql(postgres, `SELECT pg_terminate_backend(${pid})`)
        await making
        await blocker.query('COMMIT')
        await using run = await starting
        await sql(postgres, `INSERT INTO t VALUES (2, 'y')`)
        await run.until(hasId(2))
        assert.deepEqual(idsOf(run), [1, 2])
      } finally {
        await blocker.end().catch(() => {})
        await maker.end().catch(() => {})
      }
    })

    it('says what is lost when the slot is gone, and reads all again when it may', async () => {
      await using postgres = await prepared(version)
      const offsets = new MemoryOffsets()
      {
        await using run = await startTask(propsOf(postgres, streaming()), offsets)
        await sql(postgres, `INSERT INTO t VALUES (1, 'x')`)
        await run.until(hasId(1))
      }
      await sql(postgres, `SELECT pg_drop_replication_slot('debezium')`, `INSERT INTO t VALUES (2, 'missed')`)
      for (const mode of ['initial', 'no_data']) {
        await assert.rejects(
          startTask(propsOf(postgres, streaming({ 'snapshot.mode': mode })), offsets),
          (error: ConnectException) =>
            /slot debezium is gone: changes after .* are lost/.test(error.message) &&
            /when_needed/.test(String(error.context.action)),
        )
      }
      await using run = await startTask(propsOf(postgres, streaming({ 'snapshot.mode': 'when_needed' })), offsets)
      await run.until((one) => snapshotOf(one) === 'last')
      assert.deepEqual(idsOf(run), [1, 2])
    })

    it('notices that the slot was made anew while the connection was broken', async () => {
      await using postgres = await prepared(version)
      const { hostname, port } = new URL(postgres.url)
      await using proxy = await FaultProxy.start({ host: hostname, port: Number(port) })
      await using run = await startTask({ ...propsOf(postgres, streaming()), 'database.port': String(proxy.port) })
      await sql(postgres, `INSERT INTO t VALUES (1, 'x')`)
      await run.until(hasId(1))
      proxy.refuse()
      proxy.cut()
      const inactive = 'SELECT 1 FROM pg_replication_slots WHERE NOT active'
      await until('the slot is free', async () => (await sql(postgres, inactive)).length === 1)
      await sql(
        postgres,
        `SELECT pg_drop_replication_slot('debezium')`,
        `INSERT INTO t VALUES (2, 'missed')`,
        `SELECT pg_create_logical_replication_slot('debezium', 'pgoutput')`,
      )
      proxy.refuse(false)
      assert.match(((await run.failure()) as Error).message, /was dropped and made again, or moved by somebody else/)
    })

    it('says so when the server has given up the slot', async () => {
      await using postgres = await prepared(version, {
        max_slot_wal_keep_size: '1MB',
        min_wal_size: '32MB',
        max_wal_size: '32MB',
      })
      const offsets = new MemoryOffsets()
      {
        await using run = await startTask(propsOf(postgres, streaming()), offsets)
        await sql(postgres, `INSERT INTO t VALUES (1, 'x')`)
        await run.until(hasId(1))
      }
      await sql(postgres, 'CREATE TABLE filler (v text)')
      for (let round = 0; round < 3; round++) {
        await sql(
          postgres,
          `INSERT INTO filler SELECT repeat('x', 1000) FROM generate_series(1, 20000)`,
          'SELECT pg_switch_wal()',
          'CHECKPOINT',
        )
      }
      await assert.rejects(
        startTask(propsOf(postgres, streaming()), offsets),
        /slot debezium is invalidated .*changes are lost/,
      )
    })
  })
}
