// A connection to MySQL or MariaDB over `mysql2`, with every value as the bytes the server sent: nothing is rounded on the way.
import { readFileSync } from 'node:fs'
import { ConfigException, errorMessage } from '@millrace/api'
import type { Cell, ResultColumn, RowBatch, SqlConnection } from '../connection.ts'
import type { ConnectOptions } from '../dialect.ts'
import { kindOfSqlState, networkCode, SqlError, type SqlErrorKind, toSqlError } from '../sql-error.ts'
import { type JdbcHost, property } from '../url/jdbc-url.ts'
import { columnOf, type MysqlField } from './columns.ts'

const PORT = 3306

/** What is used of a connection of `mysql2`. */
interface Client {
  query(
    options: object,
    done?: (error: unknown, rows: unknown, fields: unknown) => void,
  ): { stream(options: object): AsyncIterable<unknown> }
  end(done: (error: unknown) => void): void
  destroy(): void
  on(event: string, listener: (error?: unknown) => void): void
}

/** Connects to the first host that answers. */
export async function connectMysql(options: ConnectOptions): Promise<SqlConnection> {
  const hosts: readonly JdbcHost[] =
    options.url.hosts.length > 0 ? options.url.hosts : [{ host: 'localhost', port: null }]
  let failure: unknown
  for (const host of hosts) {
    try {
      return await connectOne(options, host)
    } catch (error) {
      failure = error
      if (!(error instanceof SqlError) || error.kind !== 'connection') throw error
    }
  }
  throw failure
}

async function connectOne(options: ConnectOptions, host: JdbcHost): Promise<SqlConnection> {
  const { url } = options
  const { default: mysql } = await import('mysql2')
  const ssl = tls(options)
  const client = mysql.createConnection({
    host: host.host,
    port: host.port ?? PORT,
    user: options.user ?? property(url, 'user') ?? '',
    password: options.password ?? property(url, 'password') ?? '',
    ...(url.database !== null && { database: url.database }),
    ...(ssl !== undefined && { ssl }),
    charset: 'utf8mb4',
    connectTimeout: Number(property(url, 'connectTimeout') ?? 10_000) || 10_000,
    enableKeepAlive: true,
    rowsAsArray: true,
    // Bytes for every value: `columnOf` knows which of them are text.
    typeCast: false,
    // Rows that are found, not rows that change: an update to the same values has found its row.
    flags: ['FOUND_ROWS'],
  }) as unknown as Client
  const connection = new MysqlConnection(client)
  try {
    await new Promise<void>((resolve, reject) => {
      client.on('connect', () => resolve())
      client.on('error', (error) => reject(error))
    })
    await connection.prepare(property(url, 'sessionVariables'))
    return connection
  } catch (error) {
    client.destroy()
    const where = `Cannot connect to MySQL at ${host.host}:${host.port ?? PORT}`
    const wrapped = error instanceof SqlError ? error : wrap(error)
    throw new SqlError(
      wrapped.kind,
      wrapped.sqlState,
      `${where}: ${wrapped.message || networkCode(error) || 'no answer'}`,
      error,
    )
  }
}

function tls({ url }: ConnectOptions): object | undefined {
  const mode = (property(url, 'sslMode') ?? '').toUpperCase().replaceAll('-', '_')
  const asked = mode === '' ? property(url, 'useSSL', 'requireSSL') === 'true' : !/^(DISABLED?|PREFERRED)$/.test(mode)
  if (!asked) return undefined
  const path = property(url, 'serverSslCert', 'trustCertificateKeyStoreUrl')
  const verifies = mode.startsWith('VERIFY') || property(url, 'verifyServerCertificate') === 'true'
  if (path === undefined) return { rejectUnauthorized: verifies, verifyIdentity: /IDENTITY|FULL/.test(mode) }
  try {
    return {
      ca: readFileSync(path.replace(/^(file|classpath):/, '')),
      rejectUnauthorized: true,
      verifyIdentity: /IDENTITY|FULL/.test(mode),
    }
  } catch (cause) {
    throw new ConfigException(`Cannot read the certificate ${path} of connection.url: ${errorMessage(cause)}`, {
      configKey: 'connection.url',
      cause,
    })
  }
}

const TRANSIENT = new Set([1205, 1213, 1216, 1452, 1040, 1203, 1226, 1290, 1836, 1317, 3024, 1020, 1614])
const DATA = new Set([1264, 1265, 1366, 1364, 1411, 1153, 1292, 1406, 1048, 4025, 3140])
const LOST = new Set([1053, 1077, 1079, 1927, 2006, 2013, 4031])

function kindOf(error: unknown): SqlErrorKind {
  const { errno, sqlState, code, fatal } = error as {
    errno?: number
    sqlState?: string
    code?: string
    fatal?: boolean
  }
  if (networkCode(error) !== undefined || LOST.has(errno ?? 0)) return 'connection'
  if (TRANSIENT.has(errno ?? 0)) return 'transient'
  if (DATA.has(errno ?? 0)) return 'data'
  if (sqlState !== undefined && sqlState !== 'HY000') return kindOfSqlState(sqlState)
  return fatal === true || /closed state|timeout/i.test(`${code} ${errorMessage(error)}`) ? 'connection' : 'other'
}

function wrap(error: unknown): SqlError {
  const { sqlState, errno } = error as { sqlState?: string; errno?: number }
  return toSqlError(error, kindOf(error), sqlState === undefined ? '' : `${sqlState} ${errno}`)
}

class MysqlConnection implements SqlConnection {
  readonly #client: Client
  #lost: unknown = null
  #closed = false
  /** The most bytes of one statement. */
  maxPacket = 1_048_576

  constructor(client: Client) {
    this.#client = client
    client.on('error', (error) => {
      this.#lost ??= error
    })
    client.on('end', () => {
      this.#lost ??= new Error('The server closed the connection')
    })
  }

  get open(): boolean {
    return this.#lost === null && !this.#closed
  }

  /** Strict mode, as the JVM's driver sets it, so that nothing is cut in silence; and backslashes that escape, as our literals expect. */
  async prepare(variables: string | undefined): Promise<void> {
    const { rows } = await this.query('SELECT @@SESSION.sql_mode, @@max_allowed_packet')
    const [mode, packet] = rows[0] as [string, string]
    this.maxPacket = Number(packet)
    const modes = new Set(mode.split(',').filter((one) => one !== '' && one !== 'NO_BACKSLASH_ESCAPES'))
    await this.execute(`SET SESSION sql_mode='${[...modes.add('STRICT_TRANS_TABLES')].join(',')}'`)
    if (variables !== undefined) await this.execute(`SET SESSION ${variables.replaceAll(';', ',')}`)
  }

  async query(sql: string, params: readonly Cell[] = []): Promise<RowBatch> {
    const [rows, fields] = await this.#run(sql, params)
    if (!Array.isArray(rows)) return { columns: [], rows: [] }
    const columns = (fields as MysqlField[]).map(columnOf)
    return { columns, rows: (rows as (Buffer | null)[][]).map((row) => textRow(row, columns)) }
  }

  async execute(sql: string, params: readonly Cell[] = []): Promise<number> {
    const [result] = await this.#run(sql, params)
    return (result as { affectedRows?: number }).affectedRows ?? 0
  }

  async *stream(sql: string, params: readonly Cell[], size: number): AsyncGenerator<RowBatch> {
    this.#check()
    let columns: ResultColumn[] = []
    let done = false
    const query = this.#client.query(optionsOf(sql, params)) as unknown as {
      stream(options: object): AsyncIterable<(Buffer | null)[]>
      on(event: 'fields', listener: (fields: MysqlField[]) => void): void
    }
    query.on('fields', (fields) => {
      columns = (fields ?? []).map(columnOf)
    })
    try {
      let rows: unknown[][] = []
      for await (const row of query.stream({ highWaterMark: size })) {
        rows.push(textRow(row, columns))
        if (rows.length >= size) {
          yield { columns, rows }
          rows = []
        }
      }
      done = true
      if (rows.length > 0) yield { columns, rows }
    } catch (error) {
      throw this.#failed(error)
    } finally {
      // Rows still on their way would meet the next statement: there is no way to call them back but to hang up.
      if (!done) {
        this.#closed = true
        this.#client.destroy()
      }
    }
  }

  async begin(): Promise<void> {
    await this.#run('START TRANSACTION', [])
  }
  async commit(): Promise<void> {
    await this.#run('COMMIT', [])
  }
  async rollback(): Promise<void> {
    await this.#run('ROLLBACK', [])
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    if (this.#lost !== null) return this.#client.destroy()
    await new Promise<void>((resolve) => this.#client.end(() => resolve()))
  }

  #check(): void {
    if (this.open) return
    throw new SqlError(
      'connection',
      '08006',
      `The connection to MySQL was lost: ${errorMessage(this.#lost ?? 'closed')}`,
      this.#lost ?? undefined,
    )
  }

  #run(sql: string, params: readonly Cell[]): Promise<[unknown, unknown]> {
    this.#check()
    return new Promise((resolve, reject) => {
      this.#client.query(optionsOf(sql, params), (error, rows, fields) => {
        if (error !== null && error !== undefined) reject(this.#failed(error))
        else resolve([rows, fields])
      })
    })
  }

  #failed(error: unknown): SqlError {
    const wrapped = wrap(error)
    if (wrapped.kind === 'connection') this.#lost ??= error
    return wrapped
  }
}

/** Without values nothing is looked for in the text: literals may hold question marks. */
function optionsOf(sql: string, params: readonly Cell[]): object {
  if (params.length === 0) return { sql }
  return { sql, values: params.map((one) => (typeof one === 'bigint' ? String(one) : one)) }
}

function textRow(row: readonly (Buffer | null)[], columns: readonly ResultColumn[]): unknown[] {
  return row.map((cell, i) => (cell === null || columns[i]?.type.startsWith('binary:') ? cell : cell.toString('utf8')))
}

/** The most bytes that one statement may have on a connection of this driver. */
export function maxPacketOf(connection: SqlConnection): number {
  return connection instanceof MysqlConnection ? connection.maxPacket : 1_048_576
}
