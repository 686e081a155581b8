// The shared suite, on the binlog of a real server from its beginning: each test has a table of its own.
import { createHash } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { sourceContract, startMysql, type TemporaryFolder, whyNoMysql } from '@millrace/testkit'
import { createConnection } from 'mysql2/promise'
import { MariaDbConnector } from './connector.ts'
import { propsFor } from './testing/run.ts'

const why = whyNoMysql('mariadb-10.11')
if (why === undefined) {
  const server = await startMysql()
  after(() => server.stop())
  const { host, port, user, password, database } = server
  const nameOf = (folder: TemporaryFolder) => `t_${createHash('md5').update(folder.path).digest('hex').slice(0, 12)}`
  sourceContract('MariaDbConnector', {
    connector: MariaDbConnector,
    props: (folder) =>
      propsFor(server, folder.file('history.json'), {
        'snapshot.mode': 'never',
        'table.include.list': `inventory\\.${nameOf(folder)}`,
      }),
    async feed(folder, from, count) {
      const sql = await createConnection({ host, port, user, password, database })
      try {
        if (from === 0) await sql.query(`CREATE TABLE ${nameOf(folder)} (id int PRIMARY KEY)`)
        const rows = Array.from({ length: count }, (_, i) => `(${from + i + 1})`)
        await sql.query(`INSERT INTO ${nameOf(folder)} VALUES ${rows.join()}`)
      } finally {
        sql.destroy()
      }
    },
    identity: (record) => JSON.stringify(record.key),
  })
} else describe('MariaDbConnector keeps the source contract', { skip: why }, () => it('needs MariaDB', () => {}))
