// PostgreSQL for tests, ready for logical decoding: a server of the test's own, from the programs at hand.
import { execFile } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { temporaryFolder } from '../../folder.ts'
import { freePorts } from '../ports.ts'
import { ServiceProcess } from '../process.ts'
import { type DatabaseServer, startServer } from './database-server.ts'
import { findPostgres, type PostgresVersion } from './postgres-binaries.ts'
import { giveTo, unprivilegedUser } from './unprivileged.ts'

const run = promisify(execFile)
const START_ATTEMPTS = 3
const USER = 'postgres'
const PASSWORD = 'postgres-secret'

/** Options of {@link startPostgres}. */
export interface PostgresOptions {
  /** Default 18. */
  readonly version?: PostgresVersion
  /** Settings above the defaults for tests, as in postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>
  /** Fills the data folder instead of `initdb`: with a copy of another server's, for a standby. */
  readonly fill?: (dataFolder: string) => Promise<void>
  /** See `ProcessOptions.detached`. */
  readonly detached?: boolean
}

/** A PostgreSQL of the test's own. */
export interface Postgres extends DatabaseServer {
  readonly version: PostgresVersion
  readonly dataFolder: string
}

/** Enough for several connectors; durable against the death of the process, which is what tests kill. */
const SETTINGS: Readonly<Record<string, string>> = {
  wal_level: 'logical',
  max_wal_senders: '20',
  max_replication_slots: '20',
  max_prepared_transactions: '10',
  max_connections: '100',
  fsync: 'off',
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  shared_buffers: '64MB',
  timezone: 'UTC',
}

/**
 * A PostgreSQL that answers.
 * @throws Error when it is not installed, or with the end of its log when it does not start
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<Postgres> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(options)
    } catch (error) {
      if (attempt === START_ATTEMPTS || !/could not bind|Address already in use/.test(String(error))) throw error
    }
  }
}

async function startOnce({ version = 18, settings = {}, fill, detached = false }: PostgresOptions): Promise<Postgres> {
  const { folder: programs, env } = findPostgres(version)
  const user = unprivilegedUser()
  const folder = await temporaryFolder('millrace-postgres-')
  // The folder is made for its owner alone, and another user is to go through it.
  chmodSync(folder.path, 0o755)
  const dataFolder = folder.file('data')
  await mkdir(dataFolder, { mode: 0o700 })
  giveTo(user, dataFolder)
  const [port] = (await freePorts(1)) as [number]
  try {
    if (fill !== undefined) await fill(dataFolder)
    else {
      const passwordFile = folder.file('password')
      writeFileSync(passwordFile, PASSWORD)
      giveTo(user, passwordFile)
      const args = ['-D', dataFolder, '-U', USER, `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '-E', 'UTF8']
      await run(join(programs, 'initdb'), [...args, '--locale=C', '--no-sync', '--no-instructions'], {
        cwd: folder.path,
        env: { ...process.env, ...env },
        ...user,
      })
    }
    const all = { ...SETTINGS, port: String(port), ...settings }
    const postgres = new ServiceProcess({
      command: [
        join(programs, 'postgres'),
        ...['-D', dataFolder],
        ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      ],
      logFile: folder.file('postgres.log'),
      cwd: folder.path,
      env,
      detached,
      ...(user !== undefined && { user }),
    })
    const server = await startServer({
      title: `PostgreSQL ${version}`,
      scheme: 'postgres',
      port,
      user: USER,
      password: PASSWORD,
      database: 'postgres',
      folder: folder.path,
      process: postgres,
      endSignal: 'SIGINT',
      asks: () => ask(port),
      removeFolder: async () => folder[Symbol.asyncDispose](),
    })
    return Object.assign(server, { version, dataFolder })
  } catch (error) {
    await folder[Symbol.asyncDispose]()
    throw error
  }
}

async function ask(port: number): Promise<void> {
  const { default: pg } = await import('pg')
  const client = new pg.Client({ host: '127.0.0.1', port, user: USER, password: PASSWORD, database: 'postgres' })
  // A server that goes away while it is asked tells so by an event, too.
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query('SELECT 1')
  } finally {
    await client.end().catch(() => {})
  }
}
