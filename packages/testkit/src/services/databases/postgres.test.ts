// The launcher of PostgreSQL: what a server of it can do, and that its data outlive a kill.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import pg from 'pg'
import { type Postgres, startPostgres } from './postgres.ts'
import { type PostgresVersion, whyNoPostgres } from './postgres-binaries.ts'

for (const version of [15, 18] satisfies PostgresVersion[]) {
  describe(`PostgreSQL ${version}`, { skip: whyNoPostgres(version) }, () => {
    it('is started, killed and started again on its data, and decodes logically', async () => {
      await using server = await startPostgres({ version })
      await ask(server, 'CREATE TABLE t (id int PRIMARY KEY)')
      await ask(server, 'INSERT INTO t VALUES (1)')
      await server.kill()
      await assert.rejects(ask(server, 'SELECT 1'))
      await server.restart()
      assert.deepEqual(await ask(server, 'SELECT id FROM t'), [{ id: 1 }])
      await server.end()
      await server.restart()
      const [row] = await ask(server, `SELECT current_setting('wal_level') AS level, version() AS version`)
      assert.equal(row?.level, 'logical')
      assert.match(String(row?.version), new RegExp(`^PostgreSQL ${version}\\.`))
    })
  })
}

async function ask(server: Postgres, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: server.url })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end().catch(() => {})
  }
}
