// MariaDB in the contest of databases: tables of orders, and what a connector to them is configured with.
import { startMysql } from '@millrace/testkit'
import { createConnection } from 'mysql2/promise'
import type { CaptureDatabase } from './capture.ts'

const ROWS_A_TRANSACTION = 500
let serverId = 7_000

/** A server of the contest's own. */
export async function openMariaDb(): Promise<CaptureDatabase> {
  const server = await startMysql({
    settings: { 'max-binlog-size': '1073741824', 'innodb-buffer-pool-size': '256M', 'innodb-log-file-size': '256M' },
  })
  const { host, port, user, password, database } = server
  const client = await createConnection({ host, port, user, password, database })
  const readers = async () => {
    const [rows] = await client.query("SELECT id FROM information_schema.processlist WHERE command LIKE 'Binlog Dump%'")
    return rows as { id: number }[]
  }
  return {
    title: 'MariaDB',
    createOrders: async (table, rows) => {
      await client.query(
        `CREATE TABLE ${table} (id bigint PRIMARY KEY, customer int NOT NULL, item varchar(50) NOT NULL, price decimal(10,2) NOT NULL,
          paid boolean NOT NULL, note text, created datetime(6) NOT NULL, weight double)`,
      )
      await client.query(
        `INSERT INTO ${table} SELECT seq, seq % 1000, CONCAT('item ', seq), (seq % 10000) / 100, seq % 2 = 0,
          IF(seq % 3 = 0, NULL, REPEAT('x', 20)), TIMESTAMP '2024-01-01 00:00:00' + INTERVAL seq SECOND, seq / 7 FROM seq_1_to_${rows}`,
      )
    },
    dropTable: async (table) => {
      await client.query(`DROP TABLE ${table}`)
    },
    updateOrders: async (table, rows) => {
      for (let low = 0; low < rows; low += ROWS_A_TRANSACTION) {
        const high = Math.min(low + ROWS_A_TRANSACTION, rows)
        await client.query(`UPDATE ${table} SET customer = customer + 1 WHERE id > ${low} AND id <= ${high}`)
      }
    },
    config: ({ id, table, snapshotMode, bootstrap }) => ({
      'connector.class': 'io.debezium.connector.mariadb.MariaDbConnector',
      'tasks.max': '1',
      'database.hostname': host,
      'database.port': String(port),
      'database.user': user,
      'database.password': password,
      'database.server.id': String(++serverId),
      'topic.prefix': id,
      'database.include.list': database,
      'table.include.list': `${database}.${table}`,
      'include.schema.changes': 'false',
      'snapshot.mode': snapshotMode,
      'schema.history.internal.kafka.bootstrap.servers': bootstrap,
      'schema.history.internal.kafka.topic': `${id}.history`,
      'schema.history.internal.store.only.captured.tables.ddl': 'true',
    }),
    topic: ({ id, table }) => `${id}.${database}.${table}`,
    isRead: async () => (await readers()).length > 0,
    forget: async () => {
      // The server sees that a reader has gone when it has something for it, and until then lists it as if it were there.
      for (const { id } of await readers()) await client.query(`KILL ${id}`)
    },
    [Symbol.asyncDispose]: async () => {
      client.destroy()
      await server.stop()
    },
  }
}
