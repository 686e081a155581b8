// MariaDB and MySQL for tests, with a full row binlog: a server of the test's own, from the programs at hand.
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type TemporaryFolder, temporaryFolder } from '../../folder.ts'
import { freePorts } from '../ports.ts'
import { ServiceProcess } from '../process.ts'
import { type DatabaseServer, startServer } from './database-server.ts'
import { findMysql, type MysqlFlavor, type MysqlInstallation } from './mysql-binaries.ts'

const run = promisify(execFile)
const START_ATTEMPTS = 3
const USER = 'millrace'
const PASSWORD = 'mysql-secret'
const DATABASE = 'inventory'

/** Options of {@link startMysql}. */
export interface MysqlOptions {
  /** Default `mariadb-10.11`. */
  readonly flavor?: MysqlFlavor
  /** Options of the server above the defaults for tests, without dashes: `{ 'binlog-row-metadata': 'MINIMAL' }`. */
  readonly settings?: Readonly<Record<string, string>>
}

/** A server of the MySQL family, of the test's own. */
export interface Mysql extends DatabaseServer {
  readonly flavor: MysqlFlavor
  readonly dataFolder: string
}

const SETTINGS: Readonly<Record<string, string>> = {
  'bind-address': '127.0.0.1',
  'server-id': '1',
  'log-bin': 'binlog',
  'binlog-format': 'ROW',
  'innodb-flush-log-at-trx-commit': '2',
  'default-time-zone': '+00:00',
}
const SETTINGS_OF: Readonly<Record<MysqlFlavor, Readonly<Record<string, string>>>> = {
  'mariadb-10.11': mariaDb(),
  // It would make itself a certificate at each start, whose key takes 3 to 16 seconds to find.
  'mariadb-11.4': { ...mariaDb(), ssl: '0' },
  'mysql-5.5': { 'innodb-buffer-pool-size': '32M' },
}

function mariaDb(): Record<string, string> {
  return {
    'binlog-row-image': 'FULL',
    'binlog-row-metadata': 'FULL',
    'gtid-strict-mode': '1',
    'innodb-buffer-pool-size': '64M',
    'innodb-log-file-size': '32M',
  }
}

/**
 * A server that answers, with a database `inventory` and a user that may do everything.
 * @throws Error when it is not installed, or with the end of its log when it does not start
 */
export async function startMysql(options: MysqlOptions = {}): Promise<Mysql> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(options)
    } catch (error) {
      if (attempt === START_ATTEMPTS || !/Address already in use/.test(String(error))) throw error
    }
  }
}

async function startOnce({ flavor = 'mariadb-10.11', settings = {} }: MysqlOptions): Promise<Mysql> {
  const installation = findMysql(flavor)
  const folder = await temporaryFolder('millrace-mysql-')
  const [port] = (await freePorts(1)) as [number]
  try {
    const dataFolder = await fillData(flavor, installation, folder)
    const all = { ...SETTINGS, ...SETTINGS_OF[flavor], port: String(port), ...settings }
    const user = process.getuid?.() === 0 ? ['--user=root'] : []
    const mysqld = new ServiceProcess({
      command: [
        installation.daemon,
        '--no-defaults',
        ...user,
        ...baseOf(flavor, installation),
        `--datadir=${dataFolder}`,
        `--socket=${folder.file('s.sock')}`,
        `--tmpdir=${temporary(folder)}`,
        `--init-file=${initFile(folder)}`,
        '--skip-name-resolve',
        ...Object.entries(all).map(([name, value]) => `--${name}=${value}`),
      ],
      logFile: folder.file('server.log'),
      cwd: folder.path,
    })
    const server = await startServer({
      title: installation.title,
      scheme: 'mysql',
      port,
      user: USER,
      password: PASSWORD,
      database: DATABASE,
      folder: folder.path,
      process: mysqld,
      endSignal: 'SIGTERM',
      asks: () => ask(port),
      removeFolder: async () => folder[Symbol.asyncDispose](),
    })
    return Object.assign(server, { flavor, dataFolder })
  } catch (error) {
    await folder[Symbol.asyncDispose]()
    throw error
  }
}

function baseOf(flavor: MysqlFlavor, { base }: MysqlInstallation): string[] {
  if (base === undefined) return []
  return flavor === 'mysql-5.5'
    ? [`--basedir=${base}`, `--lc-messages-dir=${join(base, 'share')}`]
    : [`--basedir=${base}`]
}

/** The system tables: MySQL 5.5 comes with a folder of them, MariaDB with a script that makes them. */
async function fillData(flavor: MysqlFlavor, { base }: MysqlInstallation, folder: TemporaryFolder): Promise<string> {
  const dataFolder = folder.file('data')
  if (flavor === 'mysql-5.5') {
    cpSync(join(base!, 'data'), dataFolder, { recursive: true })
    return dataFolder
  }
  const script = base === undefined ? 'mariadb-install-db' : join(base, 'scripts', 'mariadb-install-db')
  const options = ['--auth-root-authentication-method=normal', '--skip-test-db', `--datadir=${dataFolder}`]
  if (process.getuid?.() === 0) options.push('--user=root')
  if (base !== undefined) options.push(`--basedir=${base}`)
  await run(script, ['--no-defaults', ...options], {
    cwd: folder.path,
    env: { ...process.env, TMPDIR: temporary(folder) },
  })
  return dataFolder
}

/** Each server its own: one that starts deletes the temporary tables that it finds, as its own of before. */
function temporary(folder: TemporaryFolder): string {
  const path = folder.file('tmp')
  mkdirSync(path, { recursive: true })
  return path
}

/** Run at every start, one statement a line; not for the binlog, in which tests look for their own statements. */
function initFile(folder: TemporaryFolder): string {
  const file = folder.file('init.sql')
  const statements = [
    'SET sql_log_bin = 0;',
    `GRANT ALL ON *.* TO '${USER}'@'127.0.0.1' IDENTIFIED BY '${PASSWORD}' WITH GRANT OPTION;`,
    `CREATE DATABASE IF NOT EXISTS ${DATABASE};`,
  ]
  writeFileSync(file, `${statements.join('\n')}\n`)
  return file
}

async function ask(port: number): Promise<void> {
  const { createConnection } = await import('mysql2/promise')
  const client = await createConnection({ host: '127.0.0.1', port, user: USER, password: PASSWORD })
  // A server that goes away while it is asked tells so by an event, too.
  client.on('error', () => {})
  try {
    await client.query('SELECT 1')
  } finally {
    client.destroy()
  }
}
