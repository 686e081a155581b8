// The shared suite, on the stream of a real server: each test has a table, a publication and a slot of its own.
import { createHash } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { sourceContract, startPostgres, type TemporaryFolder, whyNoPostgres } from '@millrace/testkit'
import { PostgresConnector } from './connector.ts'
import { propsOf, sql } from './testing/task.ts'

const why = whyNoPostgres(18)
if (why === undefined) {
  const postgres = await startPostgres({ version: 18, settings: { max_replication_slots: '40' } })
  after(() => postgres.stop())
  const nameOf = (folder: TemporaryFolder) => `t_${createHash('md5').update(folder.path).digest('hex').slice(0, 12)}`
  sourceContract('PostgresConnector', {
    connector: PostgresConnector,
    props: (folder) =>
      propsOf(postgres, {
        'snapshot.mode': 'no_data',
        'slot.name': nameOf(folder),
        'publication.name': nameOf(folder),
        'publication.autocreate.mode': 'filtered',
        'table.include.list': `public.${nameOf(folder)}`,
      }),
    async feed(folder, from, count) {
      const name = nameOf(folder)
      if (from === 0) {
        await sql(
          postgres,
          `CREATE TABLE ${name} (id int PRIMARY KEY)`,
          `CREATE PUBLICATION ${name} FOR TABLE ${name}`,
          `SELECT pg_create_logical_replication_slot('${name}', 'pgoutput')`,
        )
      }
      await sql(postgres, `INSERT INTO ${name} SELECT generate_series(${from + 1}, ${from + count})`)
    },
    identity: (record) => JSON.stringify(record.key),
  })
} else describe('PostgresConnector keeps the source contract', { skip: why }, () => it('needs PostgreSQL', () => {}))
