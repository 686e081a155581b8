// A standby is promoted while its primary is captured: what it has goes on, what it lacks is said.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ConnectException, ConnectorProps, SourceRecord } from '@millrace/api'
import {
  FaultProxy,
  MemoryOffsets,
  type Postgres,
  STANDBY,
  startPostgres,
  startPostgresStandby,
  until as untilFact,
  whyNoPostgres,
} from '@millrace/testkit'
import { afterOf, propsOf, type Running, snapshotOf, sql, startTask } from './testing/task.ts'

/** Two servers that start and follow each other take their time on a busy machine. */
const until = (what: string, fact: () => Promise<boolean>) => untilFact(what, fact, { timeoutMs: 120_000 })
const hasId = (id: number) => (record: SourceRecord) => afterOf(record)?.id === id
const idsOf = (run: Pick<Running, 'records'>) => run.records.map((one) => Number(afterOf(one)?.id))
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index)
const rows = (from: number, to: number) => `INSERT INTO t SELECT i, 'x' FROM generate_series(${from}, ${to}) i`

/** A primary and its standby; both are reached by proxies, the connector's and the standby's. */
interface Pair extends AsyncDisposable {
  readonly primary: Postgres
  readonly standby: Postgres
  readonly props: ConnectorProps
  /** Cuts the standby off: what comes after is lost with the primary. */
  cutOff(): void
  /** Keeps the slot as it is now on the standby. */
  keepSlot(): Promise<void>
  /** Kills the primary, promotes the standby, and sends the connector there. */
  failOver(): Promise<void>
}

async function pair(more: ConnectorProps = {}): Promise<Pair> {
  const stack = new AsyncDisposableStack()
  const primary = stack.use(await startPostgres({ version: 18 }))
  await sql(primary, 'CREATE TABLE t (id int PRIMARY KEY, v text)')
  const addressOf = ({ url }: Postgres) => ({ host: new URL(url).hostname, port: Number(new URL(url).port) })
  const [entry, link] = [await FaultProxy.start(addressOf(primary)), await FaultProxy.start(addressOf(primary))]
  stack.use(entry)
  stack.use(link)
  const standby = stack.use(await startPostgresStandby(primary, { port: link.port }))
  const replayed = async () => {
    const [now] = await sql(primary, `SELECT pg_current_wal_lsn()::text AS lsn`)
    await until('the standby has all', async () => {
      const [row] = await sql(standby, `SELECT pg_last_wal_replay_lsn() >= '${now?.lsn}' AS has`)
      return row?.has === true
    })
  }
  return {
    primary,
    standby,
    props: propsOf(primary, {
      'snapshot.mode': 'no_data',
      'slot.failover': 'true',
      'status.update.interval.ms': '100',
      'database.port': String(entry.port),
      ...more,
    }),
    cutOff() {
      link.refuse()
      link.cut()
    },
    async keepSlot() {
      await until('the slot is on the standby', async () => {
        // A slot is taken over at a moment that the log describes; the server does so by itself every 15 s.
        await sql(primary, 'SELECT pg_log_standby_snapshot()')
        await replayed()
        // The standby is to have at least as much as the slot.
        await sql(standby, `SELECT pg_sync_replication_slots()`)
        const kept = await sql(standby, `SELECT 1 FROM pg_replication_slots WHERE synced AND NOT temporary`)
        return kept.length > 0
      })
    },
    async failOver() {
      await primary.kill()
      await sql(standby, 'SELECT pg_promote()')
      entry.target = addressOf(standby)
      entry.cut()
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

describe('A primary that is lost', { skip: whyNoPostgres(18) }, () => {
  it('is gone on from where its standby has the slot and the changes', async () => {
    await using servers = await pair()
    const offsets = new MemoryOffsets()
    {
      await using run = await startTask(servers.props, offsets)
      await sql(servers.primary, rows(1, 100))
      await run.until(hasId(100))
      await servers.keepSlot()
      // The slot on the standby stays behind, the log does not.
      await sql(servers.primary, rows(101, 200))
      await run.until(hasId(200))
      const [now] = await sql(servers.primary, `SELECT pg_current_wal_lsn()::text AS lsn`)
      await until('the standby has it', async () => {
        const [row] = await sql(servers.standby, `SELECT pg_last_wal_replay_lsn() >= '${now?.lsn}' AS has`)
        return row?.has === true
      })
      await servers.failOver()
      await sql(servers.standby, rows(201, 300))
      await run.until(hasId(300))
      assert.deepEqual(idsOf(run), range(1, 300))
    }
    await sql(servers.standby, rows(301, 310))
    await using again = await startTask(servers.props, offsets)
    await again.until(hasId(310))
    assert.deepEqual(idsOf(again), range(301, 310))
  })

  it('is not gone on from without a word where the standby lacks what was sent', async () => {
    await using servers = await pair()
    const offsets = new MemoryOffsets()
    await using run = await startTask(servers.props, offsets)
    await sql(servers.primary, rows(1, 100))
    await run.until(hasId(100))
    await servers.keepSlot()
    servers.cutOff()
    await sql(servers.primary, rows(101, 200))
    await run.until(hasId(200))
    await servers.failOver()
    // More than was lost: by its length alone the log could be that of the old primary.
    await sql(servers.standby, rows(1_001, 3_000))
    const isTold = (error: unknown) =>
      /promoted without all changes: its log left timeline 1 at .*, before the position/.test(
        (error as Error).message,
      ) && /when_needed/.test(String((error as ConnectException).context.action))
    assert.ok(isTold(await run.failure()))
    await assert.rejects(startTask(servers.props, offsets), isTold)
    await using all = await startTask({ ...servers.props, 'snapshot.mode': 'when_needed' }, offsets)
    await all.until((one) => snapshotOf(one) === 'last')
    assert.deepEqual(idsOf(all), [...range(1, 100), ...range(1_001, 3_000)])
  })

  it('is said to have taken the slot with it where the standby has none', async () => {
    await using servers = await pair({ 'slot.failover': 'false' })
    await using run = await startTask(servers.props)
    await sql(servers.primary, rows(1, 100))
    await run.until(hasId(100))
    await until('the standby has it', async () => (await sql(servers.standby, 'SELECT 1 FROM t')).length === 100)
    await servers.failOver()
    assert.match(((await run.failure()) as Error).message, /slot debezium is gone: changes after .* are lost/)
  })

  it('keeps changes back until the standby has them, where it is told to', async () => {
    await using servers = await pair()
    await sql(servers.primary, `ALTER SYSTEM SET synchronized_standby_slots = '${STANDBY}'`, 'SELECT pg_reload_conf()')
    await using run = await startTask(servers.props)
    await sql(servers.primary, rows(1, 100))
    await run.until(hasId(100))
    await servers.keepSlot()
    servers.cutOff()
    await sql(servers.primary, rows(101, 200))
    await servers.failOver()
    await sql(servers.standby, rows(1_001, 1_100))
    await run.until(hasId(1_100))
    assert.deepEqual(idsOf(run), [...range(1, 100), ...range(1_001, 1_100)])
  })
})
