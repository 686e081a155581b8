// What the kit brings, by the connector's configuration, on a real server.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { OffsetMap, SourceRecord } from '@millrace/api'
import { type Mysql, startMysql, type TemporaryFolder, temporaryFolder, until, whyNoMysql } from '@millrace/testkit'
import { type Connection, createConnection } from 'mysql2/promise'
import { propsFor, Run } from './testing/run.ts'

describe('options of the MariaDB connector', { skip: whyNoMysql('mariadb-10.11') }, () => {
  let server: Mysql
  let sql: Connection
  let folder: TemporaryFolder
  let files = 0
  const props = (tables: string, more: Readonly<Record<string, string>> = {}) =>
    propsFor(server, folder.file(`history-${++files}.json`), {
      'table.include.list': `inventory\\.(${tables})`,
      ...more,
    })
  before(async () => {
    folder = await temporaryFolder('millrace-options-')
    server = await startMysql({})
    const { host, port, user, password, database } = server
    sql = await createConnection({ host, port, user, password, database })
  })
  after(async () => {
    sql.destroy()
    await server[Symbol.asyncDispose]()
    await folder[Symbol.asyncDispose]()
  })

  it('reads several tables at a time, each row once, with one first and one last', async () => {
    for (const name of ['p1', 'p2', 'p3', 'p4']) {
      await sql.query(`CREATE TABLE ${name} (id int PRIMARY KEY)`)
      await sql.query(`INSERT INTO ${name} SELECT seq FROM seq_1_to_3000`)
    }
    await using run = await Run.start(
      server,
      props('p.', { 'snapshot.max.threads': '3', 'max.queue.size': '200', 'max.batch.size': '100' }),
    )
    const records = await run.until((all) => all.length === 12_000)
    assert.equal(new Set(records.map(({ topic, key }) => `${topic}${(key as { id: number }).id}`)).size, 12_000)
    assert.equal(records.filter((one) => markerOf(one) === 'first').length, 1)
    assert.deepEqual(records.map(markerOf).indexOf('last'), 11_999)
    await sql.query('INSERT INTO p4 VALUES (9999)')
    assert.deepEqual((await run.until((all) => all.length === 12_001)).at(-1)!.key, { id: 9999 })
  })

  it('masks columns, takes keys of a list, tells of transactions and beats', async () => {
    await sql.query('CREATE TABLE people (id int PRIMARY KEY, name varchar(20), code int)')
    await sql.query('CREATE TABLE beats (id int AUTO_INCREMENT PRIMARY KEY)')
    await using run = await Run.start(
      server,
      props('people', {
        'column.mask.with.3.chars': 'inventory.people.name',
        'message.key.columns': 'inventory.people:code',
        'provide.transaction.metadata': 'true',
        'heartbeat.interval.ms': '20',
        'heartbeat.action.query': 'INSERT INTO inventory.beats VALUES ()',
        'poll.interval.ms': '20',
        'snapshot.mode': 'no_data',
      }),
    )
    await run.until((all) => all.some(({ topic }) => topic === '__debezium-heartbeat.p'))
    await sql.query("INSERT INTO people VALUES (1,'Ann',7),(2,'Bob',8)")
    const all = await run.until((seen) => seen.some((one) => one.topic === 'p.transaction' && endsWith(one, 2)))
    const people = all.filter(({ topic }) => topic === 'p.inventory.people')
    assert.deepEqual(
      people.map(({ key, value }) => [key, (value as { after: unknown }).after]),
      [
        [{ code: 7 }, { id: 1, name: '***', code: 7 }],
        [{ code: 8 }, { id: 2, name: '***', code: 8 }],
      ],
    )
    const { transaction } = people[1]!.value as { transaction: { total_order: number } }
    assert.equal(transaction.total_order, 2)
    await until('a beat ran its statement', async () => {
      const [[count]] = (await sql.query('SELECT COUNT(*) AS n FROM beats')) as unknown as [[{ n: number }]]
      return count.n > 0
    })
  })

  it('makes the schema history anew and loses nothing that came while it was away', async () => {
    await sql.query('CREATE TABLE away (id int PRIMARY KEY)')
    await sql.query('INSERT INTO away VALUES (1)')
    let offset: OffsetMap
    {
      await using run = await Run.start(server, props('away'))
      offset = (await run.until((all) => all.length === 1)).at(-1)!.sourceOffset!
    }
    await sql.query('INSERT INTO away VALUES (2),(3)')
    const lost = props('away')
    await using without = await Run.start(server, lost, offset)
    await assert.rejects(
      without.until(() => false),
      /schema history is empty or missing/,
    )
    await using run = await Run.start(server, { ...lost, 'snapshot.mode': 'recovery' }, offset)
    const records = await run.until((all) => all.length === 2)
    assert.deepEqual(
      records.map(({ key }) => key),
      [{ id: 2 }, { id: 3 }],
    )
  })
})

function markerOf({ value }: SourceRecord): unknown {
  return (value as { source: { snapshot: unknown } }).source.snapshot
}

function endsWith({ value }: SourceRecord, count: number): boolean {
  const { status, event_count } = value as { status: string; event_count: number | null }
  return status === 'END' && event_count === count
}
