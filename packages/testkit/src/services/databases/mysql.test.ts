// The launcher of MariaDB and MySQL: what a server of it can do, and that its data outlive a kill.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { type Mysql, startMysql } from './mysql.ts'
import { type MysqlFlavor, whyNoMysql } from './mysql-binaries.ts'

const FLAVORS: Readonly<Record<MysqlFlavor, RegExp>> = {
  'mariadb-10.11': /^10\.11\..*MariaDB/,
  'mariadb-11.4': /^11\.4\..*MariaDB/,
  'mysql-5.5': /^5\.5\./,
}

for (const [flavor, version] of Object.entries(FLAVORS) as [MysqlFlavor, RegExp][]) {
  describe(flavor, { skip: whyNoMysql(flavor) }, () => {
    it('is started, killed and started again on its data, and keeps a row binlog', async () => {
      await using server = await startMysql({ flavor })
      await ask(server, 'CREATE TABLE t (id int PRIMARY KEY) ENGINE=InnoDB')
      await ask(server, 'INSERT INTO t VALUES (1)')
      await server.kill()
      await assert.rejects(ask(server, 'SELECT 1'))
      await server.restart()
      assert.deepEqual(await ask(server, 'SELECT id FROM t'), [{ id: 1 }])
      await server.end()
      await server.restart()
      const [row] = await ask(server, 'SELECT @@binlog_format AS format, version() AS version')
      assert.equal(row?.format, 'ROW')
      assert.match(String(row?.version), version)
      const events = await ask(server, "SHOW BINLOG EVENTS IN 'binlog.000001'")
      assert.ok(events.some((event) => String(event.Info).includes('CREATE TABLE t')))
      assert.ok(events.every((event) => !String(event.Info).includes('GRANT')))
    })
  })
}

async function ask(server: Mysql, sql: string): Promise<Record<string, unknown>[]> {
  const { host, port, user, password, database } = server
  const client = await createConnection({ host, port, user, password, database })
  client.on('error', () => {})
  try {
    const [rows] = await client.query<RowDataPacket[]>(sql)
    return Array.isArray(rows) ? rows.map((row) => ({ ...row })) : []
  } finally {
    client.destroy()
  }
}
