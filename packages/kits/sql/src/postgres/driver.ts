// A connection to PostgreSQL over `pg`, with every value as the text the server sent: nothing is rounded on the way.
import { readFileSync } from 'node:fs'
import { ConfigException, errorMessage } from '@millrace/api'
import type { Cell, ResultColumn, RowBatch, SqlConnection } from '../connection.ts'
import type { ConnectOptions } from '../dialect.ts'
import { kindOfSqlState, networkCode, SqlError, toSqlError } from '../sql-error.ts'
import { type JdbcHost, property } from '../url/jdbc-url.ts'

type Client = import('pg').Client
type Field = import('pg').FieldDef

const PORT = 5432
const SSL_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full']
/** Reads every type as the text that came. */
const RAW = { getTypeParser: () => (text: string) => text }

/** Connects to the first host that answers, as the JVM's driver does with a list of them. */
export async function connectPostgres(options: ConnectOptions): Promise<SqlConnection> {
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
  const mode = sslMode(options)
  const user = options.user ?? property(url, 'user') ?? undefined
  const base = {
    host: host.host,
    port: host.port ?? PORT,
    user,
    password: options.password ?? property(url, 'password') ?? undefined,
    database: url.database ?? user,
    application_name: property(url, 'ApplicationName') ?? options.applicationName,
    options: startupOptions(options),
    keepAlive: true,
    connectionTimeoutMillis: seconds(property(url, 'connectTimeout', 'loginTimeout')) ?? 10_000,
    query_timeout: seconds(property(url, 'socketTimeout')),
    types: RAW,
  }
  const { default: pg } = await import('pg')
  const attempts =
    mode === 'disable' ? [false] : mode === 'allow' ? [false, true] : mode === 'prefer' ? [true, false] : [true]
  for (const [i, encrypted] of attempts.entries()) {
    const client = new pg.Client({ ...base, ssl: encrypted ? tls(options, mode) : false } as never)
    try {
      // A connection that breaks between two statements says so by an event; the next statement fails with it.
      const connection = new PostgresConnection(client)
      await client.connect()
      return connection
    } catch (error) {
      const last = i === attempts.length - 1
      await client.end().catch(() => undefined)
      if (!last && /does not support SSL|no pg_hba.conf entry/.test(errorMessage(error))) continue
      throw connectError(error, host)
    }
  }
  throw new SqlError('connection', '', `Cannot connect to PostgreSQL at ${host.host}`)
}

function connectError(error: unknown, host: JdbcHost): SqlError {
  const where = `Cannot connect to PostgreSQL at ${host.host}:${host.port ?? PORT}`
  const state = stateOf(error)
  const kind = state === '' || networkCode(error) !== undefined ? 'connection' : kindOfSqlState(state)
  return new SqlError(kind, state, `${where}: ${errorMessage(error) || networkCode(error) || 'no answer'}`, error)
}

function startupOptions({ url }: ConnectOptions): string | undefined {
  const parts: string[] = []
  const given = property(url, 'options')
  if (given !== undefined) parts.push(given)
  const schema = property(url, 'currentSchema')
  if (schema !== undefined) parts.push(`-c search_path=${schema.replace(/([\\ ])/g, '\\$1')}`)
  return parts.length === 0 ? undefined : parts.join(' ')
}

function sslMode({ url }: ConnectOptions): string {
  const mode = property(url, 'sslmode')?.toLowerCase()
  if (mode !== undefined && !SSL_MODES.includes(mode)) {
    throw new ConfigException(`sslmode=${mode} of connection.url is none of ${SSL_MODES.join(', ')}`, {
      configKey: 'connection.url',
    })
  }
  const ssl = property(url, 'ssl')
  return mode ?? (ssl === '' || ssl === 'true' ? 'verify-full' : 'prefer')
}

function tls({ url }: ConnectOptions, mode: string) {
  const file = (name: string) => {
    const path = property(url, name)
    if (path === undefined) return undefined
    try {
      return readFileSync(path)
    } catch (cause) {
      throw new ConfigException(`Cannot read ${name} of connection.url: ${errorMessage(cause)}`, {
        configKey: 'connection.url',
        cause,
      })
    }
  }
  const ca = file('sslrootcert')
  return {
    rejectUnauthorized: mode.startsWith('verify') || (mode === 'require' && ca !== undefined),
    ...(mode !== 'verify-full' && { checkServerIdentity: () => undefined }),
    ...(ca !== undefined && { ca }),
    cert: file('sslcert'),
    key: file('sslkey'),
    passphrase: property(url, 'sslpassword'),
  }
}

function seconds(text: string | undefined): number | undefined {
  const value = Number(text)
  return text === undefined || !(value > 0) ? undefined : value * 1000
}

function stateOf(error: unknown): string {
  const code = (error as { code?: unknown }).code
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : ''
}

interface TypeInfo {
  readonly name: string
  readonly schema: string
}

class PostgresConnection implements SqlConnection {
  readonly #client: Client
  readonly #types = new Map<number, TypeInfo>()
  #lost: unknown = null
  #closed = false
  #cursors = 0

  constructor(client: Client) {
    this.#client = client
    client.on('error', (error) => {
      this.#lost ??= error
    })
    client.on('end', () => {
      this.#lost ??= new Error('Connection terminated')
    })
  }

  get open(): boolean {
    return this.#lost === null && !this.#closed
  }

  async query(sql: string, params: readonly Cell[] = []): Promise<RowBatch> {
    const result = await this.#run(sql, params)
    return { columns: await this.#columns(result.fields), rows: result.rows }
  }

  async execute(sql: string, params: readonly Cell[] = []): Promise<number> {
    return (await this.#run(sql, params)).rowCount ?? 0
  }

  /** A cursor of the server, in a transaction of its own. */
  async *stream(sql: string, params: readonly Cell[], size: number): AsyncGenerator<RowBatch> {
    const name = `millrace_${++this.#cursors}`
    await this.begin()
    try {
      await this.#run(`DECLARE ${name} NO SCROLL CURSOR FOR ${sql}`, params)
      for (;;) {
        const batch = await this.query(`FETCH ${size} FROM ${name}`)
        if (batch.rows.length > 0) yield batch
        if (batch.rows.length < size) return
      }
    } finally {
      if (this.open) await this.rollback().catch(() => undefined)
    }
  }

  async begin(): Promise<void> {
    await this.#run('BEGIN', [])
  }
  async commit(): Promise<void> {
    const result = await this.#run('COMMIT', [])
    // A transaction in which a statement failed answers COMMIT with ROLLBACK, and with no error.
    if (result.command === 'ROLLBACK')
      throw new SqlError('other', '25P02', 'The transaction was rolled back by the server')
  }
  async rollback(): Promise<void> {
    await this.#run('ROLLBACK', [])
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#client.end().catch(() => undefined)
  }

  async #run(sql: string, params: readonly Cell[]) {
    if (this.#lost !== null) {
      throw new SqlError(
        'connection',
        '08006',
        `The connection to PostgreSQL was lost: ${errorMessage(this.#lost)}`,
        this.#lost,
      )
    }
    try {
      return await this.#client.query<unknown[], unknown[]>({
        text: sql,
        values: params as unknown[],
        rowMode: 'array',
      })
    } catch (error) {
      throw this.#wrap(error)
    }
  }

  #wrap(error: unknown): SqlError {
    const state = stateOf(error)
    if (state === '') {
      const kind =
        this.#lost !== null || networkCode(error) !== undefined || /terminated|timeout/i.test(errorMessage(error))
          ? 'connection'
          : 'other'
      if (kind === 'connection') this.#lost ??= error
      return toSqlError(error, kind, kind === 'connection' ? '08006' : '')
    }
    const { detail, hint } = error as { detail?: string; hint?: string }
    const more = [detail, hint].filter((one) => one !== undefined).join(' ')
    return new SqlError(
      kindOfSqlState(state),
      state,
      `${errorMessage(error)}${more === '' ? '' : `: ${more}`} [${state}]`,
      error,
    )
  }

  async #columns(fields: readonly Field[]): Promise<ResultColumn[]> {
    const unknown = [...new Set(fields.map((field) => field.dataTypeID))].filter((oid) => !this.#types.has(oid))
    if (unknown.length > 0) {
      const { rows } = await this.#run(
        'SELECT t.oid, t.typname, n.nspname FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace WHERE t.oid = ANY($1::oid[])',
        [`{${unknown.join(',')}}`],
      )
      for (const [oid, name, schema] of rows as [string, string, string][])
        this.#types.set(Number(oid), { name, schema })
    }
    return fields.map((field) => {
      const type = this.#types.get(field.dataTypeID)?.name ?? 'unknown'
      return {
        name: field.name,
        baseName: field.name,
        type,
        ...modifiers(type, field.dataTypeModifier),
        nullable: null,
        table: null,
      }
    })
  }
}

/** Precision and scale out of a type modifier, as `pg_attribute.atttypmod` has them. */
export function modifiers(type: string, mod: number): { precision: number | null; scale: number | null } {
  if (mod < 0) return { precision: null, scale: null }
  if (type === 'numeric') {
    const scale = (mod - 4) & 0x7ff
    // Eleven bits with a sign since PostgreSQL 15: a scale may be negative.
    return { precision: ((mod - 4) >> 16) & 0xffff, scale: scale > 1023 ? scale - 2048 : scale }
  }
  if (type === 'varchar' || type === 'bpchar') return { precision: mod - 4, scale: null }
  return { precision: mod, scale: null }
}
