// The databases that both sinks write to.
import { silentLogger } from '@millrace/api'
import { dialectOf, parseJdbcUrl, type SqlConnection } from '@millrace/kit-sql'
import { type DatabaseServer, startMysql, startPostgres, whyNoMysql, whyNoPostgres } from '@millrace/testkit'
import type { Kind } from './tables.ts'

/** Why there is no such database here, or undefined. */
export function whyNot(kind: Kind): string | undefined {
  return kind === 'postgres' ? whyNoPostgres(15) : whyNoMysql('mariadb-10.11')
}

/** A server with nothing in it but the extensions that columns may need. */
export async function startDatabase(kind: Kind): Promise<DatabaseServer> {
  if (kind === 'mariadb') return await startMysql({ settings: { 'character-set-server': 'utf8mb4' } })
  const server = await startPostgres({ version: 15 })
  const eyes = await look(server, kind)
  for (const one of ['hstore', 'citext', 'ltree']) await eyes.execute(`CREATE EXTENSION IF NOT EXISTS ${one}`)
  await eyes.close()
  return server
}

/** What a sink connects with. */
export function connectionProps(server: DatabaseServer, kind: Kind): Record<string, string> {
  const { host, port, database, user, password } = server
  return {
    'connection.url': `jdbc:${kind === 'postgres' ? 'postgresql' : 'mariadb'}://${host}:${port}/${database}`,
    'connection.username': user,
    'connection.password': password,
  }
}

/** A connection to look into it. */
export async function look(server: DatabaseServer, kind: Kind): Promise<SqlConnection> {
  const props = connectionProps(server, kind)
  const url = parseJdbcUrl(props['connection.url'] as string)
  return await dialectOf(url, '').connect({
    url,
    user: server.user,
    password: server.password,
    applicationName: 'differential',
    log: silentLogger,
  })
}
