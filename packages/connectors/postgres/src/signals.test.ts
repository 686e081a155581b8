// Signals on a real server: incremental and blocking snapshots while rows change. What the records say in the end has to be
// what the table holds.
import assert from 'node:assert/strict'
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import type { ConnectorProps, SourceRecord } from '@millrace/api'
import { MemoryOffsets, startPostgres, temporaryFolder, whyNoPostgres } from '@millrace/testkit'
import { afterOf, propsOf, snapshotOf, sql, startTask } from './testing/task.ts'

const ROWS = 3_000
const why = whyNoPostgres(18)

describe('Signals', { skip: why }, async () => {
  if (why !== undefined) return
  const postgres = await startPostgres({
    version: 18,
    settings: { max_replication_slots: '20', max_wal_senders: '20' },
  })
  after(() => postgres.stop())

  /** A table of its own, with a table of signals beside it. */
  async function prepared(name: string, more: ConnectorProps = {}): Promise<ConnectorProps> {
    await sql(
      postgres,
      `CREATE TABLE ${name} (a int, b text, v int NOT NULL, PRIMARY KEY (a, b))`,
      `INSERT INTO ${name} SELECT i / 10, 'k' || i % 10, i FROM generate_series(1, ${ROWS}) i`,
      `CREATE TABLE ${name}_signals (id text PRIMARY KEY, type text NOT NULL, data text)`,
    )
    return propsOf(postgres, {
      'slot.name': name,
      'publication.name': name,
      'publication.autocreate.mode': 'filtered',
      'table.include.list': `public.${name}`,
      'signal.data.collection': `public.${name}_signals`,
      'snapshot.mode': 'no_data',
      'incremental.snapshot.chunk.size': '200',
      'notification.enabled.channels': 'sink,log',
      'notification.sink.topic.name': 'told',
      ...more,
    })
  }
  const signal = (name: string, type: string, data: object) =>
    sql(
      postgres,
      `INSERT INTO ${name}_signals VALUES (gen_random_uuid()::text, '${type}', '${JSON.stringify(data).replaceAll("'", "''")}')`,
    )
  const execute = (name: string, more: object = {}) =>
    signal(name, 'execute-snapshot', { 'data-collections': [`public.${name}`], ...more })
  const told = (type: string) => (one: SourceRecord) =>
    one.topic === 'told' && (one.value as { type: string }).type === type
  const ofTable = (records: readonly SourceRecord[], name: string) =>
    records.filter((one) => one.topic === `ref.public.${name}`)
  const opOf = (one: SourceRecord) => (one.value as { op?: string } | null)?.op
  const readOf = (records: readonly SourceRecord[], name: string) =>
    ofTable(records, name).filter((one) => opOf(one) === 'r')

  /** The table as its topic's records have it, last one of a key wins. */
  function state(records: readonly SourceRecord[]): Map<string, number> {
    const rows = new Map<string, number>()
    for (const one of records) {
      const { a, b } = one.key as { a: number; b: string }
      const row = afterOf(one)
      if (row === null) rows.delete(`${a}/${b}`)
      else rows.set(`${a}/${b}`, Number(row.v))
    }
    return rows
  }
  async function assertSame(records: readonly SourceRecord[], name: string): Promise<void> {
    const rows = await sql(postgres, `SELECT * FROM ${name}`)
    const wanted = new Map(rows.map((row) => [`${row.a}/${row.b}`, Number(row.v)]))
    assert.deepEqual(new Map([...state(ofTable(records, name))].sort()), new Map([...wanted].sort()))
  }

  for (const strategy of ['insert_insert', 'insert_delete']) {
    it(`read tables beside the stream, between marks (${strategy})`, async () => {
      const name = `rows_${strategy}`
      const props = await prepared(name, { 'incremental.snapshot.watermarking.strategy': strategy })
      await using run = await startTask(props)
      await execute(name)
      let isDone = false
      const changing = (async () => {
        for (let n = 0; !isDone; n++) {
          const a = (n * 37) % (ROWS / 10)
          await sql(
            postgres,
            `UPDATE ${name} SET v = -${n} WHERE a = ${a}`,
            `DELETE FROM ${name} WHERE a = ${(a + 5) % (ROWS / 10)} AND b = 'k3'`,
            `INSERT INTO ${name} VALUES (${a}, 'new${n}', ${n})`,
            `UPDATE ${name} SET b = 'moved' || b WHERE a = ${a} AND b = 'k7'`,
          )
        }
      })()
      await run.until(told('COMPLETED'))
      isDone = true
      await changing
      await sql(postgres, `INSERT INTO ${name} VALUES (-1, 'end', 0)`)
      await run.until((one) => afterOf(one)?.b === 'end')
      await assertSame(run.records, name)
      const read = readOf(run.records, name)
      assert.ok(read.length > ROWS / 2, `${read.length} rows were read`)
      assert.ok(read.every((one) => snapshotOf(one) === 'incremental'))
    })
  }

  it('pause, go on, also after a restart, and stop', async () => {
    const props = await prepared('paused')
    const offsets = new MemoryOffsets()
    const records: SourceRecord[] = []
    {
      await using run = await startTask(props, offsets)
      await execute('paused')
      await run.until((one) => opOf(one) === 'r')
      await signal('paused', 'pause-snapshot', {})
      await run.until(told('PAUSED'))
      await signal('paused', 'resume-snapshot', {})
      await run.until(told('RESUMED'))
      assert.ok(!run.records.some(told('COMPLETED')))
      await run[Symbol.asyncDispose]()
      records.push(...run.records)
    }
    assert.ok(readOf(records, 'paused').length < ROWS)
    {
      await using run = await startTask(props, offsets)
      await run.until(told('COMPLETED'))
      records.push(...run.records)
    }
    await assertSame(records, 'paused')
    await using run = await startTask(props, offsets)
    await execute('paused')
    await run.until((one) => opOf(one) === 'r')
    await signal('paused', 'stop-snapshot', { 'data-collections': ['public.paused'], type: 'INCREMENTAL' })
    await run.until(told('ABORTED'))
    await sql(postgres, `INSERT INTO paused VALUES (-1, 'end', 0)`)
    await run.until((one) => afterOf(one)?.b === 'end')
    assert.ok(readOf(run.records, 'paused').length < ROWS)
  })

  it('take conditions and another order, from a file too', async () => {
    await using folder = await temporaryFolder()
    const file = join(folder.path, 'signals')
    const props = await prepared('picked', {
      'signal.enabled.channels': 'file',
      'signal.file': file,
      'signal.poll.interval.ms': '50',
    })
    await using run = await startTask(props)
    const data = {
      'data-collections': ['public.picked'],
      'additional-conditions': [{ 'data-collection': 'public.picked', filter: 'v % 3 = 0' }],
      'surrogate-key': 'v',
    }
    await appendFile(file, `${JSON.stringify({ id: 'f', type: 'execute-snapshot', data })}\n`)
    await run.until(told('COMPLETED'))
    assert.deepEqual(
      readOf(run.records, 'picked').map((one) => afterOf(one)?.v),
      Array.from({ length: ROWS / 3 }, (_, n) => 3 * (n + 1)),
    )
    assert.ok(
      run.records.filter((one) => one.topic === 'told').every((one) => (one.value as { id: string }).id === 'f'),
    )
  })

  it('hold the stream for a blocking snapshot', async () => {
    const props = await prepared('blocked')
    await using run = await startTask(props)
    await execute('blocked', {
      type: 'BLOCKING',
      'additional-conditions': [{ 'data-collection': 'public.blocked', filter: 'v <= 500' }],
    })
    await run.until(told('COMPLETED'))
    await sql(postgres, `UPDATE blocked SET v = 0 WHERE v = 1`, `INSERT INTO blocked VALUES (-1, 'end', 0)`)
    await run.until((one) => afterOf(one)?.b === 'end')
    const read = readOf(run.records, 'blocked')
    assert.equal(read.length, 500)
    assert.deepEqual([snapshotOf(read[0] as SourceRecord), snapshotOf(read[499] as SourceRecord)], ['first', 'last'])
    assert.equal(ofTable(run.records, 'blocked').filter((one) => opOf(one) === 'u').length, 1)
    // The stream is where it was: nothing is read again after a restart.
    const { offsets } = run
    await run[Symbol.asyncDispose]()
    await using again = await startTask(props, offsets)
    await sql(postgres, `INSERT INTO blocked VALUES (-2, 'end', 0)`)
    await again.until((one) => afterOf(one)?.a === -2)
    assert.equal(ofTable(again.records, 'blocked').length, 1)
  })

  it('are refused where they cannot be', async () => {
    const props = await prepared('refused', { 'read.only': 'true', 'publication.autocreate.mode': 'disabled' })
    await sql(postgres, `CREATE PUBLICATION refused FOR TABLE refused, refused_signals`, `CREATE TABLE keyless (v int)`)
    await using run = await startTask(props)
    await execute('refused')
    await sql(postgres, `INSERT INTO refused VALUES (-1, 'end', 0)`)
    await run.until((one) => afterOf(one)?.b === 'end')
    assert.match(JSON.stringify(run.log.lines.map((one) => String(one.fields.error))), /needs marks in the log/)
  })
})
