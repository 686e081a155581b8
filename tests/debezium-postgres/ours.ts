// The connector of this project, and how it is configured.
import type { ConnectorProps } from '@millrace/api'
import { plugins } from '@millrace/connector-postgres'
import type { MemoryOffsets, Postgres } from '@millrace/testkit'
import { type ConnectorType, type Running, startTask as start } from '../debezium-common/task.ts'

/** Configuration that connects to a server. */
export function propsOf(postgres: Pick<Postgres, 'url'>, more: ConnectorProps = {}): ConnectorProps {
  const { hostname, port, username, password, pathname } = new URL(postgres.url)
  return {
    'database.hostname': hostname,
    'database.port': port,
    'database.user': username,
    'database.password': password,
    'database.dbname': pathname.slice(1),
    'plugin.name': 'pgoutput',
    'topic.prefix': 'ref',
    ...more,
  }
}

/** Starts the connector's task; its records are committed as they come. */
export async function startTask(props: ConnectorProps, offsets?: MemoryOffsets): Promise<Running> {
  return await start((await plugins[0]?.load()) as unknown as ConnectorType, props, offsets)
}
