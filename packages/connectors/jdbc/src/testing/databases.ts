// The databases that the tests run on: SQLite always, the servers where they can be had.
import { after } from 'node:test'
import { silentLogger } from '@millrace/api'
import { dialectOf, parseJdbcUrl, type SqlConnection } from '@millrace/kit-sql'
import {
  type DatabaseServer,
  startMysql,
  startPostgres,
  type TemporaryFolder,
  temporaryFolder,
  whyNoMysql,
  whyNoPostgres,
} from '@millrace/testkit'

/** One database of the matrix. */
export interface TestDatabase {
  readonly title: string
  readonly kind: 'sqlite' | 'postgres' | 'mysql'
  /** Why it is not here; false when it is. */
  readonly skip: string | false
  /** The URL, user and password, once it runs. */
  props(): Promise<Record<string, string>>
  /** A connection to look into it. */
  connect(): Promise<SqlConnection>
  /** The server itself; null for SQLite. */
  server(): Promise<DatabaseServer | null>
}

/** The matrix. Servers start when first asked for and end with the file's tests. */
export function testDatabases(only?: readonly TestDatabase['kind'][]): TestDatabase[] {
  const all = [
    sqlite(),
    server('PostgreSQL 18', 'postgres', 'postgresql', whyNoPostgres(18), () => startPostgres({ version: 18 })),
    server('PostgreSQL 15', 'postgres', 'postgresql', whyNoPostgres(15), () => startPostgres({ version: 15 })),
    server('MariaDB 10.11', 'mysql', 'mariadb', whyNoMysql('mariadb-10.11'), () =>
      startMysql({ settings: { 'character-set-server': 'utf8mb4' } }),
    ),
  ]
  return all.filter((one) => only === undefined || only.includes(one.kind))
}

function sqlite(): TestDatabase {
  let folder: Promise<TemporaryFolder> | undefined
  after(async () => (await folder)?.[Symbol.asyncDispose]())
  const props = async () => {
    folder ??= temporaryFolder()
    return { 'connection.url': `jdbc:sqlite:${(await folder).file('test.db')}` }
  }
  return {
    title: 'SQLite',
    kind: 'sqlite',
    skip: false,
    props,
    connect: () => connectTo(props()),
    server: async () => null,
  }
}

function server(
  title: string,
  kind: 'postgres' | 'mysql',
  subprotocol: string,
  why: string | undefined,
  start: () => Promise<DatabaseServer>,
): TestDatabase {
  let started: Promise<DatabaseServer> | undefined
  after(async () => (await started)?.[Symbol.asyncDispose]())
  const running = () => (started ??= start())
  const props = async () => {
    const { host, port, database, user, password } = await running()
    return {
      'connection.url': `jdbc:${subprotocol}://${host}:${port}/${database}`,
      'connection.user': user,
      'connection.password': password,
    }
  }
  return { title, kind, skip: why ?? false, props, connect: () => connectTo(props()), server: running }
}

/** A connection of a connector's properties. */
export async function connectTo(
  props: Record<string, string> | Promise<Record<string, string>>,
): Promise<SqlConnection> {
  const given = await props
  const url = parseJdbcUrl(given['connection.url'] as string)
  return dialectOf(url, '').connect({
    url,
    user: given['connection.user'] ?? null,
    password: given['connection.password'] ?? null,
    applicationName: 'test',
    log: silentLogger,
  })
}

/** Rows as plain text, nulls as null: what a person sees. */
export async function rowsOf(connection: SqlConnection, sql: string): Promise<(string | null)[][]> {
  const { rows } = await connection.query(sql)
  return rows.map((row) =>
    row.map((cell) =>
      cell === null || cell === undefined
        ? null
        : cell instanceof Uint8Array
          ? Buffer.from(cell).toString('hex')
          : String(cell),
    ),
  )
}
