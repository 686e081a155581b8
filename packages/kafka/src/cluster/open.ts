// The way to a cluster for those who need no producer, consumer or admin client, and should not pay for loading them.
import { type Logger, silentLogger } from '@millrace/api'
import { ADMIN_KEYS } from '../config/admin.ts'
import { type ClientProps, parseClientConfig } from '../config/client-config.ts'
import type { TrafficListener } from '../network/traffic.ts'
import type { ClusterClient } from './cluster-client.ts'

export type { TrafficListener } from '../network/traffic.ts'
export type { ClusterClient } from './cluster-client.ts'

/** A view of the cluster by an admin client's properties. Nothing is connected until it is used. @throws ConfigException */
export function openCluster(props: ClientProps, options: OpenClusterOptions = {}): ClusterClient {
  const config = parseClientConfig('admin', ADMIN_KEYS, props, options.log ?? silentLogger)
  return config.openCluster(undefined, options.traffic)
}

/** What a view of a cluster takes beside its properties. */
export interface OpenClusterOptions {
  readonly log?: Logger
  /** Hears of its connections. */
  readonly traffic?: TrafficListener
}
