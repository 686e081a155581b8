// The connectors on real servers: snapshot, stream, restarts at every record, servers that go away, logs that are gone.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { ConnectException, type OffsetMap, type SourceRecord } from '@millrace/api'
import { type Mysql, startMysql, type TemporaryFolder, temporaryFolder, until, whyNoMysql } from '@millrace/testkit'
import { type Connection, createConnection } from 'mysql2/promise'
import { propsFor, Run } from './testing/run.ts'

const done = (records: readonly SourceRecord[]) => records.at(-1)?.topic === 'p.inventory.done'

for (const flavor of ['mariadb-10.11', 'mariadb-11.4', 'mysql-5.5'] as const) {
  describe(`capturing ${flavor}`, { skip: whyNoMysql(flavor) }, () => {
    let server: Mysql
    let sql: Connection
    let folder: TemporaryFolder
    let files = 0
    const history = () => folder.file(`history-${++files}.json`)
    const end = () => sql.query('REPLACE INTO done VALUES (1)')
    before(async () => {
      folder = await temporaryFolder('millrace-capture-')
      server = await startMysql({ flavor })
      sql = await connect(server)
      await sql.query('CREATE TABLE done (id int PRIMARY KEY)')
    })
    after(async () => {
      sql.destroy()
      await server[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    })

    it('reads tables, then follows their changes through changes of their columns', async () => {
      await sql.query('CREATE TABLE pets (id int PRIMARY KEY, name varchar(20)) CHARACTER SET utf8')
      await sql.query("INSERT INTO pets VALUES (1,'Fé'),(2,NULL)")
      await using run = await Run.start(
        server,
        propsFor(server, history(), { 'table.include.list': 'inventory\\.(pets|done)' }),
      )
      await run.until((records) => records.length === 2)
      await sql.query('ALTER TABLE pets ADD COLUMN age tinyint unsigned FIRST, CHANGE name title varchar(30)')
      await sql.query("INSERT INTO pets VALUES (200,3,'x')")
      await sql.query('UPDATE pets SET id = 4 WHERE id = 3')
      await sql.query('RENAME TABLE pets TO others, others TO pets')
      await sql.query('DELETE FROM pets WHERE id = 4')
      await end()
      const seen = (await run.until(done)).slice(0, -1).map(shown)
      assert.deepEqual(seen, [
        ['r', null, { id: 1, name: 'Fé' }],
        ['r', null, { id: 2, name: null }],
        ['c', null, { age: 200, id: 3, title: 'x' }],
        ['d', { age: 200, id: 3, title: 'x' }, null],
        null,
        ['c', null, { age: 200, id: 4, title: 'x' }],
        ['d', { age: 200, id: 4, title: 'x' }, null],
        null,
      ])
    })

    it('goes on behind every record, inside transactions too', async () => {
      await sql.query('CREATE TABLE steps (id int PRIMARY KEY, n int)')
      const props = propsFor(server, history(), { 'table.include.list': 'inventory\\.(steps|done)' })
      let start: OffsetMap
      {
        await using run = await Run.start(server, props)
        await end()
        await run.until(done)
        await sql.query('DELETE FROM done')
        await end()
        start = (await run.until((records) => operationOf(records.at(-1)!) === 'c')).at(-1)!.sourceOffset!
      }
      await sql.query('BEGIN')
      await sql.query('INSERT INTO steps VALUES (1,1),(2,2),(3,3)')
      await sql.query('UPDATE steps SET n = n + 1')
      await sql.query('INSERT INTO steps VALUES (4,4)')
      await sql.query('COMMIT')
      await sql.query('ALTER TABLE steps ADD COLUMN m int DEFAULT 5')
      await sql.query('DELETE FROM steps WHERE id > 2')
      await sql.query('DELETE FROM done')
      await end()
      const whole = await runFrom(start)
      assert.ok(whole.length > 11)
      for (const [i, record] of whole.slice(0, -1).entries()) {
        const rest = await runFrom(record.sourceOffset!)
        // A deletion and its tombstone have one offset: behind either, both are done.
        const first = whole.findIndex((one, at) => at > i && !sameOffset(one, record))
        assert.deepEqual(rest.map(shown), whole.slice(first).map(shown), `behind record ${i}`)
      }

      async function runFrom(offset: OffsetMap): Promise<SourceRecord[]> {
        await using run = await Run.start(server, { ...props, 'database.server.id': String(7_000 + files++) }, offset)
        return await run.until(done)
      }
    })

    it('goes on when the server was killed and is there again', async () => {
      await sql.query('CREATE TABLE lasting (id int PRIMARY KEY)')
      await using run = await Run.start(
        server,
        propsFor(server, history(), { 'table.include.list': 'inventory\\.(lasting|done)' }),
      )
      await sql.query('INSERT INTO lasting VALUES (1),(2)')
      await run.until((records) => records.filter(({ topic }) => topic.endsWith('lasting')).length >= 2)
      sql.destroy()
      await server.kill()
      await server.restart()
      sql = await connect(server)
      await sql.query('INSERT INTO lasting VALUES (3),(4)')
      const ids = () =>
        run.records.filter(({ topic }) => topic.endsWith('lasting')).map(({ key }) => (key as { id: number }).id)
      await run.until(() => ids().includes(4))
      assert.deepEqual([...new Set(ids())], [1, 2, 3, 4])
    })

    it('tells when the binlog behind its offset is gone, and reads the tables again if it may', async () => {
      await sql.query('CREATE TABLE old (id int PRIMARY KEY)')
      await sql.query('INSERT INTO old VALUES (1)')
      const props = propsFor(server, history(), { 'table.include.list': 'inventory\\.old' })
      let offset: OffsetMap
      {
        await using run = await Run.start(server, props)
        offset = (await run.until((records) => records.length === 1)).at(-1)!.sourceOffset!
      }
      await sql.query('INSERT INTO old VALUES (2)')
      await sql.query('FLUSH LOGS')
      await sql.query('INSERT INTO old VALUES (3)')
      await sql.query('FLUSH LOGS')
      // A server keeps files that it still sends, and needs a moment to see that a reader is gone.
      await until('the old files are gone', async () => {
        const [logs] = await sql.query('SHOW BINARY LOGS')
        await sql.query('PURGE BINARY LOGS TO ?', [(logs as { Log_name: string }[]).at(-1)!.Log_name])
        await sql.query('INSERT INTO done VALUES (9) ON DUPLICATE KEY UPDATE id = 9')
        return (logs as unknown[]).length === 1
      })
      {
        await using run = await Run.start(server, { ...props, 'database.server.id': '7998' }, offset)
        await assert.rejects(
          run.until(() => false),
          (error) => error instanceof ConnectException && /no longer has what comes after/.test(error.message),
        )
      }
      await using run = await Run.start(
        server,
        { ...props, 'snapshot.mode': 'when_needed', 'database.server.id': '7999' },
        offset,
      )
      const records = await run.until((all) => all.length === 3)
      assert.deepEqual(
        records.map(({ key }) => key),
        [{ id: 1 }, { id: 2 }, { id: 3 }],
      )
    })
  })
}

async function connect(server: Mysql): Promise<Connection> {
  const { host, port, user, password, database } = server
  const sql = await createConnection({ host, port, user, password, database })
  sql.on('error', () => {})
  return sql
}

function operationOf({ value }: SourceRecord): unknown {
  return (value as { op?: unknown } | null)?.op
}

function shown(record: SourceRecord): unknown {
  if (record.value === null) return null
  const { op, before, after } = record.value as Record<string, unknown>
  return [op, before, after]
}

function sameOffset(a: SourceRecord, b: SourceRecord): boolean {
  return JSON.stringify(a.sourceOffset) === JSON.stringify(b.sourceOffset)
}
