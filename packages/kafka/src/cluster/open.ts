// The way to a cluster for those who need no producer, consumer or admin client, and should not pay for loading them.
import { type Logger, silentLogger } from '@millrace/api'
import { ADMIN_KEYS } from '../config/admin.ts'
import { type ClientProps, parseClientConfig } from '../config/client-config.ts'
import type { ClusterClient } from './cluster-client.ts'

export type { ClusterClient } from './cluster-client.ts'

/** A view of the cluster by an admin client's properties. Nothing is connected until it is used. @throws ConfigException */
export function openCluster(props: ClientProps, options: { readonly log?: Logger } = {}): ClusterClient {
  return parseClientConfig('admin', ADMIN_KEYS, props, options.log ?? silentLogger).openCluster()
}
