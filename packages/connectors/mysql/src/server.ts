// Questions to the server: who it is, where its binlog ends, what it still has.
import { ConnectException, errorMessage } from '@millrace/api'
import { JdbcType, quoteTableId, type Table } from '@millrace/kit-cdc'
import type { Connection, RowDataPacket } from 'mysql2/promise'
import { MysqlGtidSet } from './binlog/gtid.ts'
import type { Config } from './config.ts'
import { connectionOptions, openConnection } from './connect.ts'

/** Where the binlog ends, or what is asked to be read from it. */
export interface BinlogPosition {
  readonly file: string
  readonly position: number
  readonly gtids: string | null
}

/** A connection for statements. */
export class Server {
  readonly sql: Connection
  readonly version: string
  readonly isMariaDb: boolean

  private constructor(sql: Connection, version: string) {
    this.sql = sql
    this.version = version
    this.isMariaDb = /mariadb/i.test(version)
  }

  /** @throws ConnectException when the server cannot be reached or does not let the user in */
  static async connect(config: Config): Promise<Server> {
    const options = connectionOptions(config)
    let sql: Connection
    try {
      sql = await openConnection(options, config)
    } catch (cause) {
      throw new ConnectException(
        `Unable to connect to the database at ${options.host}:${options.port} with user '${options.user}': ${errorMessage(cause)}`,
        { cause, action: 'Check database.hostname, database.port, database.user and database.password.' },
      )
    }
    sql.on('error', () => {})
    const server = new Server(sql, String((await one(sql, 'SELECT VERSION() AS version'))?.version))
    for (const statement of (config['database.initial.statements'] ?? '').split(/(?<!;);(?!;)/)) {
      if (statement.trim() !== '') await sql.query(statement.replaceAll(';;', ';'))
    }
    return server
  }

  /** The rows of a statement, their values by name. */
  async rows(sql: string, values?: readonly unknown[]): Promise<RowDataPacket[]> {
    const [rows] = await this.sql.query<RowDataPacket[]>(sql, values === undefined ? undefined : [...values])
    return Array.isArray(rows) ? rows : []
  }
  one(sql: string, values?: readonly unknown[]): Promise<RowDataPacket | undefined> {
    return one(this.sql, sql, values)
  }

  /** The end of the binlog. @throws ConnectException when the server writes none */
  async position(): Promise<BinlogPosition> {
    // MySQL 8.4 knows the old word no longer.
    const row = await this.one('SHOW MASTER STATUS').catch(() => this.one('SHOW BINARY LOG STATUS'))
    if (row === undefined) {
      throw new ConnectException('The server writes no binlog, or the user may not see it', {
        action: 'Set log_bin and binlog_format=ROW on the server, and grant REPLICATION CLIENT.',
      })
    }
    const gtids = this.isMariaDb
      ? String((await this.one('SELECT @@global.gtid_binlog_pos AS gtids'))?.gtids ?? '')
      : String(row.Executed_Gtid_Set ?? '').replace(/\s+/g, '')
    return { file: String(row.File), position: Number(row.Position), gtids: gtids === '' ? null : gtids }
  }

  /** Names of the files that the server still has. */
  async files(): Promise<string[]> {
    return (await this.rows('SHOW BINARY LOGS')).map((row) => String(row.Log_name))
  }

  /** MySQL: transactions that it no longer has in its files. */
  async purged(): Promise<MysqlGtidSet> {
    const row = await this.one('SELECT @@global.gtid_purged AS gtids')
    return MysqlGtidSet.parse(String(row?.gtids ?? ''))
  }

  async charset(): Promise<string> {
    return String((await this.one('SELECT @@character_set_server AS charset'))?.charset)
  }

  /** @throws ConnectException when the binlog does not hold whole rows */
  async checkBinlogFormat(): Promise<void> {
    const row = await this.one("SHOW GLOBAL VARIABLES LIKE 'binlog_format'")
    const format = String(row?.Value ?? 'ROW')
    if (format.toUpperCase() === 'ROW') return
    throw new ConnectException(`The server writes its binlog in the format ${format}, which has no rows`, {
      action: 'Set binlog_format=ROW on the server and connect its applications anew.',
    })
  }

  close(): void {
    this.sql.destroy()
  }
}

async function one(
  sql: Connection,
  statement: string,
  values?: readonly unknown[],
): Promise<RowDataPacket | undefined> {
  const [rows] = await sql.query<RowDataPacket[]>(statement, values === undefined ? undefined : [...values])
  return Array.isArray(rows) ? rows[0] : undefined
}

/** A name in backquotes. */
export function quoteName(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``
}

/** What of a table is read: all columns, each as its values are to come. */
export function selectedColumns({ columns }: Table): string {
  const selected = columns.map((column) => {
    const quoted = quoteName(column.name)
    // The text of a FLOAT has six digits of its seven to nine; as a double it has all.
    return column.jdbcType === JdbcType.FLOAT ? `(${quoted} + 0E0) AS ${quoted}` : quoted
  })
  return selected.join(', ')
}

/** The statement that reads a table's rows: the configuration's own, or all columns. */
export function selectOf(overrides: ReadonlyMap<string, string>, table: Table): string {
  return overrides.get(table.id.text) ?? `SELECT ${selectedColumns(table)} FROM ${quoteTableId(table.id, '`')}`
}
