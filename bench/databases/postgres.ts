// PostgreSQL in the contest of databases: tables of orders, and what a connector to them is configured with.
import { type Postgres, type PostgresVersion, startPostgres, until } from '@millrace/testkit'
import pg from 'pg'
import type { CaptureDatabase } from './capture.ts'

const ROWS_A_TRANSACTION = 500

/** With what the jobs of latency and of the sink need besides. */
export interface PostgresDatabase extends CaptureDatabase {
  readonly server: Postgres
  readonly client: pg.Client
}

/** A server of the contest's own. */
export async function openPostgres(version: PostgresVersion): Promise<PostgresDatabase> {
  const server = await startPostgres({ version, settings: { max_wal_size: '8GB', shared_buffers: '256MB' } })
  const client = new pg.Client({ connectionString: server.url })
  await client.connect()
  return {
    title: 'PostgreSQL',
    server,
    client,
    createOrders: async (table, rows) => {
      await client.query(
        `CREATE TABLE ${table} (id int8 PRIMARY KEY, customer int4 NOT NULL, item text NOT NULL, price numeric(10,2) NOT NULL,
          paid bool NOT NULL, note text, created timestamp NOT NULL, weight float8)`,
      )
      await client.query(
        `INSERT INTO ${table} SELECT i, i % 1000, 'item ' || i, (i % 10000) / 100.0, i % 2 = 0,
          CASE WHEN i % 3 = 0 THEN NULL ELSE repeat('x', 20) END, timestamp '2024-01-01' + i * interval '1 second', i / 7.0
          FROM generate_series(1, ${rows}) i`,
      )
      await client.query(`VACUUM ANALYZE ${table}`)
    },
    dropTable: async (table) => {
      await client.query(`DROP TABLE ${table}`)
    },
    updateOrders: async (table, rows) => {
      await client.query(`DO $$ BEGIN FOR low IN 0..${rows - 1} BY ${ROWS_A_TRANSACTION} LOOP
        UPDATE ${table} SET customer = customer + 1 WHERE id > low AND id <= least(low + ${ROWS_A_TRANSACTION}, ${rows});
        COMMIT; END LOOP; END $$`)
    },
    config: ({ id, table, snapshotMode }) => ({
      'connector.class': 'io.debezium.connector.postgresql.PostgresConnector',
      'tasks.max': '1',
      'database.hostname': server.host,
      'database.port': String(server.port),
      'database.user': server.user,
      'database.password': server.password,
      'database.dbname': server.database,
      'plugin.name': 'pgoutput',
      'slot.name': id,
      'publication.name': id,
      'publication.autocreate.mode': 'filtered',
      'topic.prefix': id,
      'table.include.list': `public.${table}`,
      'snapshot.mode': snapshotMode,
    }),
    topic: ({ id, table }) => `${id}.public.${table}`,
    isRead: async (id) => {
      const { rowCount } = await client.query(
        'SELECT 1 FROM pg_replication_slots WHERE slot_name = $1 AND active AND confirmed_flush_lsn IS NOT NULL',
        [id],
      )
      return rowCount === 1
    },
    forget: async (id) => {
      await until('the end of reading', async () => {
        await client.query(
          'SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1',
          [id],
        )
        return true
      })
      await client.query(`DROP PUBLICATION IF EXISTS ${id}`)
    },
    [Symbol.asyncDispose]: async () => {
      await client.end()
      await server.stop()
    },
  }
}
