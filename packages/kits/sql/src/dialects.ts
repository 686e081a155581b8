// Which dialect a connector uses: by its name, or by the URL.
import { ConfigException } from '@millrace/api'
import type { Dialect } from './dialect.ts'
import { mysqlDialect } from './mysql/dialect.ts'
import { postgresDialect } from './postgres/dialect.ts'
import { sqliteDialect } from './sqlite/dialect.ts'
import type { JdbcUrl } from './url/jdbc-url.ts'

const BY_SUBPROTOCOL: Readonly<Record<string, Dialect>> = {
  postgresql: postgresDialect,
  mysql: mysqlDialect,
  mariadb: mysqlDialect,
  sqlite: sqliteDialect,
}

/** Names that `dialect.name` may have here. */
export const DIALECT_NAMES: readonly string[] = [
  ...new Set(Object.values(BY_SUBPROTOCOL).map((dialect) => dialect.name)),
]

/**
 * The dialect of a URL, or the one named.
 * @throws ConfigException naming what there is
 */
export function dialectOf(url: JdbcUrl, name: string): Dialect {
  if (name !== '') {
    const named = Object.values(BY_SUBPROTOCOL).find((dialect) => dialect.name === name)
    if (named !== undefined) return named
    throw new ConfigException(
      `Invalid value ${name} for configuration dialect.name: there are ${DIALECT_NAMES.join(', ')}`,
      {
        configKey: 'dialect.name',
      },
    )
  }
  const found = BY_SUBPROTOCOL[url.subprotocol]
  if (found !== undefined) return found
  throw new ConfigException(
    `Invalid value for configuration connection.url: there is no dialect for jdbc:${url.subprotocol}; there are ones for ` +
      Object.keys(BY_SUBPROTOCOL).join(', '),
    { configKey: 'connection.url' },
  )
}
