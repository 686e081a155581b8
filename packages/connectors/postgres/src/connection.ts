// Connections to the server: for statements, and for the replication protocol.
import { readFileSync } from 'node:fs'
import type { Duplex } from 'node:stream'
import { ConnectException, errorMessage } from '@millrace/api'
import pg from 'pg'
import type { PostgresConfig } from './config.ts'
import { sqlState } from './protocol/database-error.ts'
import type { Ask } from './types/catalog.ts'

/** What values depend on: the same on every connection, so that snapshot and stream write the same text. */
const SESSION = '-c DateStyle=ISO -c IntervalStyle=postgres -c TimeZone=UTC -c extra_float_digits=1 -c bytea_output=hex'
const CONNECT_TIMEOUT_MS = 30_000

/** What a connection is for, as its `application_name` says. */
export type Purpose = 'Debezium General' | 'Debezium Streaming' | 'Debezium Validate'

/** An open connection. */
export class Connection {
  readonly client: pg.Client
  #broken: Error | null = null

  private constructor(client: pg.Client) {
    this.client = client
    client.on('error', (error) => {
      this.#broken ??= error
    })
  }

  /**
   * Connects; with `sslmode` `prefer` or `allow` also without encryption when the server has none.
   * @throws ConnectException naming host, port and database
   */
  static async open(config: PostgresConfig, purpose: Purpose, replication = false): Promise<Connection> {
    const mode = config['database.sslmode']
    const tries = mode === 'prefer' ? [true, false] : mode === 'allow' ? [false, true] : [mode !== 'disable']
    let last: unknown
    for (const encrypted of tries) {
      try {
        return await Connection.#once(config, purpose, replication, encrypted)
      } catch (error) {
        last = error
        const mayDiffer = /SSL|encryption/i.test(errorMessage(error))
        if (!mayDiffer) break
      }
    }
    const { 'database.hostname': host, 'database.port': port, 'database.dbname': database } = config
    throw new ConnectException(`Cannot connect to PostgreSQL at ${host}:${port}/${database}: ${errorMessage(last)}`, {
      cause: last,
    })
  }

  static async #once(
    config: PostgresConfig,
    purpose: Purpose,
    replication: boolean,
    encrypted: boolean,
  ): Promise<Connection> {
    const client = new pg.Client({
      host: config['database.hostname'],
      port: config['database.port'],
      user: config['database.user'],
      password: config['database.password']?.value,
      database: config['database.dbname'],
      application_name: purpose,
      options: SESSION,
      keepAlive: config['database.tcpKeepAlive'],
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      ssl: encrypted ? sslOptions(config) : false,
      ...(replication && { replication: 'database' }),
    } as pg.ClientConfig)
    const connection = new Connection(client)
    try {
      await client.connect()
    } catch (error) {
      await client.end().catch(() => {})
      throw error
    }
    const timeout = config['database.query.timeout.ms']
    if (!replication && timeout > 0) await client.query(`SET statement_timeout = ${timeout}`)
    for (const statement of replication ? [] : statements(config['database.initial.statements'])) {
      await client.query(statement)
    }
    return connection
  }

  /** Asks; values are text, numbers and JSON as `pg` reads them. @throws the server's error */
  readonly ask: Ask = async (sql, values) => {
    if (this.#broken !== null) throw this.#broken
    return (await this.client.query(sql, values === undefined ? undefined : [...values])).rows
  }

  /** The socket, to be read by others while no query runs. */
  get socket(): Duplex {
    return (this.client as unknown as { connection: { stream: Duplex } }).connection.stream
  }

  /** Ends in good order, or at once when that takes long. */
  async close(): Promise<void> {
    const cut = setTimeout(() => this.socket.destroy(), 2_000)
    await this.client.end().catch(() => {})
    clearTimeout(cut)
  }
  /** Ends at once: for a connection in the middle of copying. */
  destroy(): void {
    this.socket.destroy()
  }
}

/** Whether an error may pass: connections that break, a server that restarts, and slots still in use. */
export function isTransient(error: unknown): boolean {
  const state = sqlState(error)
  if (state !== undefined) return /^(08|57P0[123]|53[23]|55006)/.test(state)
  const code = (error as { code?: string } | null)?.code ?? ''
  return (
    /^(ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)/.test(code) ||
    /Connection terminated|closed the connection|not queryable|Client has encountered/.test(errorMessage(error))
  )
}

function sslOptions(config: PostgresConfig): object {
  const mode = config['database.sslmode']
  const read = (key: 'database.sslcert' | 'database.sslkey' | 'database.sslrootcert') => {
    const file = config[key]
    return file === null || file === '' ? undefined : readFileSync(file)
  }
  const checks = mode === 'verify-ca' || mode === 'verify-full'
  return {
    rejectUnauthorized: checks,
    ca: read('database.sslrootcert'),
    cert: read('database.sslcert'),
    key: read('database.sslkey'),
    passphrase: config['database.sslpassword']?.value,
    ...(mode === 'verify-ca' && { checkServerIdentity: () => undefined }),
  }
}

/** Splits at single semicolons; two are one that belongs to a statement. */
function statements(all: string | null): string[] {
  return (all ?? '')
    .split(/(?<!;);(?!;)/)
    .map((one) => one.replaceAll(';;', ';').trim())
    .filter((one) => one !== '')
}

/** An identifier in double quotes. */
export function quoted(...parts: string[]): string {
  return parts.map((part) => `"${part.replaceAll('"', '""')}"`).join('.')
}
/** A text literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
