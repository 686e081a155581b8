// A connection to a SQLite file over `node:sqlite`, with integers as bigints.
import { ConnectException, errorMessage } from '@millrace/api'
import type { Cell, ResultColumn, RowBatch, SqlConnection } from '../connection.ts'
import type { ConnectOptions } from '../dialect.ts'
import { SqlError, type SqlErrorKind } from '../sql-error.ts'
import { property } from '../url/jdbc-url.ts'

type Database = import('node:sqlite').DatabaseSync
type Statement = import('node:sqlite').StatementSync

/** How long a lock of another process is waited for, unless `busy_timeout` says else: the JVM driver's three seconds. */
const BUSY_TIMEOUT_MS = 3000
const PRAGMAS = [
  'foreign_keys',
  'journal_mode',
  'synchronous',
  'busy_timeout',
  'cache_size',
  'locking_mode',
  'temp_store',
]
const KEPT_STATEMENTS = 50

/** Opens the file of the URL; it is made when missing. */
export async function connectSqlite(options: ConnectOptions): Promise<SqlConnection> {
  const path = options.url.database ?? ':memory:'
  let sqlite: typeof import('node:sqlite')
  try {
    sqlite = await import('node:sqlite')
  } catch (cause) {
    throw new ConnectException('SQLite needs Node.js 22.13 or newer, which brings it along', {
      cause,
      action: 'Run the worker on a newer Node.js.',
    })
  }
  try {
    const database = new sqlite.DatabaseSync(path.startsWith('file:') ? (new URL(path) as never) : path, {
      readOnly: property(options.url, 'open_mode') === '1',
    })
    const connection = new SqliteConnection(database)
    await connection.execute(`PRAGMA busy_timeout=${BUSY_TIMEOUT_MS}`)
    for (const pragma of PRAGMAS) {
      const value = property(options.url, pragma)
      if (value !== undefined && /^[-\w]+$/.test(value)) await connection.execute(`PRAGMA ${pragma}=${value}`)
    }
    return connection
  } catch (error) {
    throw new SqlError(
      kindOf(error),
      codeOf(error),
      `Cannot open the SQLite database ${path}: ${errorMessage(error)}`,
      error,
    )
  }
}

/** SQLite's primary result codes (https://www.sqlite.org/rescode.html): the lower byte of an extended one. */
function kindOf(error: unknown): SqlErrorKind {
  const code = (error as { errcode?: number }).errcode
  if (code === undefined) return 'data'
  if (code === 787) return 'transient'
  switch (code & 0xff) {
    case 5:
    case 6:
    case 10:
    case 13:
      return 'transient'
    case 14:
      return 'connection'
    case 18:
    case 19:
    case 20:
    case 25:
      return 'data'
    case 1:
    case 8:
    case 23:
      return 'structure'
    default:
      return 'other'
  }
}

function codeOf(error: unknown): string {
  const code = (error as { errcode?: number }).errcode
  return code === undefined ? String((error as { code?: unknown }).code ?? '') : `SQLITE ${code}`
}

class SqliteConnection implements SqlConnection {
  readonly #database: Database
  readonly #statements = new Map<string, Statement>()
  #closed = false

  constructor(database: Database) {
    this.#database = database
  }

  get open(): boolean {
    return !this.#closed
  }

  async query(sql: string, params: readonly Cell[] = []): Promise<RowBatch> {
    return this.#guard(() => {
      const statement = this.#prepare(sql)
      return { columns: columnsOf(statement), rows: statement.all(...(params as never[])) as unknown as unknown[][] }
    })
  }

  async execute(sql: string, params: readonly Cell[] = []): Promise<number> {
    return this.#guard(() => Number(this.#prepare(sql).run(...(params as never[])).changes))
  }

  /** Runs one statement for many rows, without a turn of the event loop between them. */
  runAll(sql: string, rows: readonly (readonly Cell[])[]): void {
    this.#guard(() => {
      const statement = this.#prepare(sql)
      for (const row of rows) statement.run(...(row as never[]))
    })
  }

  async *stream(sql: string, params: readonly Cell[], size: number): AsyncGenerator<RowBatch> {
    // A statement of its own: a kept one could be asked again while this one is still being read.
    const statement = this.#guard(() => this.#configured(sql))
    const columns = columnsOf(statement)
    const iterator = this.#guard(() => statement.iterate(...(params as never[])))
    try {
      for (;;) {
        const rows = this.#guard(() => {
          const taken: unknown[][] = []
          while (taken.length < size) {
            const next = iterator.next()
            if (next.done) break
            taken.push(next.value as unknown as unknown[])
          }
          return taken
        })
        if (rows.length > 0) yield { columns, rows }
        if (rows.length < size) return
      }
    } finally {
      iterator.return?.()
    }
  }

  async begin(): Promise<void> {
    this.#guard(() => this.#database.exec('BEGIN IMMEDIATE'))
  }
  async commit(): Promise<void> {
    this.#guard(() => this.#database.exec('COMMIT'))
  }
  async rollback(): Promise<void> {
    this.#guard(() => this.#database.isTransaction && this.#database.exec('ROLLBACK'))
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#statements.clear()
    this.#database.close()
  }

  #prepare(sql: string): Statement {
    const kept = this.#statements.get(sql)
    if (kept !== undefined) return kept
    const statement = this.#configured(sql)
    if (this.#statements.size >= KEPT_STATEMENTS) this.#statements.clear()
    this.#statements.set(sql, statement)
    return statement
  }

  #configured(sql: string): Statement {
    const statement = this.#database.prepare(sql)
    statement.setReadBigInts(true)
    statement.setReturnArrays(true)
    return statement
  }

  #guard<T>(work: () => T): T {
    if (this.#closed) throw new SqlError('connection', '', 'The SQLite database is closed')
    try {
      return work()
    } catch (error) {
      if (error instanceof SqlError) throw error
      const code = codeOf(error)
      throw new SqlError(kindOf(error), code, `${errorMessage(error)} [${code}]`, error)
    }
  }
}

function columnsOf(statement: Statement): ResultColumn[] {
  return statement.columns().map(({ name, column, table, type }) => {
    const parts = /^([^(]*)(?:\((\d+)(?:\s*,\s*(-?\d+))?\))?/.exec(type ?? '')
    return {
      name,
      baseName: column ?? name,
      table,
      type: (parts?.[1] ?? '').trim().toLowerCase(),
      precision: parts?.[2] === undefined ? null : Number(parts[2]),
      scale: parts?.[3] === undefined ? null : Number(parts[3]),
      nullable: null,
    }
  })
}

/** Runs one statement for many rows on a connection of this driver. */
export async function runAllSqlite(
  connection: SqlConnection,
  sql: string,
  rows: readonly (readonly Cell[])[],
): Promise<void> {
  if (connection instanceof SqliteConnection) return connection.runAll(sql, rows)
  for (const row of rows) await connection.execute(sql, row)
}
