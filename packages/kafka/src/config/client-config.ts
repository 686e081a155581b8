// From a client's properties to its typed configuration and its view of the cluster; unknown keys are told once.
import type { ConfigDef, ConfigSpec, ConfigValues, Logger } from '@millrace/api'
import { type ClusterClient, createCluster, type SharedClusters } from '../cluster/index.ts'
import type { TrafficListener } from '../network/traffic.ts'
import { createSecurity } from '../security/create-security.ts'
import { parseBootstrapServers } from './bootstrap.ts'
import { COMMON_KEYS } from './common.ts'
import { SECURITY_KEYS } from './security.ts'
import { unknownKeysWarning } from './unknown-keys.ts'

/** Properties of a client, as the Java client takes them. */
export type ClientProps = Readonly<Record<string, string>>

/** The parsed configuration of a client: its own keys and what all clients share. */
export interface ClientConfig<S extends ConfigSpec> {
  readonly own: ConfigValues<S>
  /** The keys that were given, for rules about what was and was not said. */
  readonly given: ReadonlySet<string>
  /**
   * Makes this client's view of the cluster. Nothing is connected yet.
   * @param clusters where clients with the same settings share connections and metadata; without it the client has its own
   * @param traffic hears of its connections, if they are its own
   */
  openCluster(clusters?: SharedClusters, traffic?: TrafficListener): ClusterClient
}

/**
 * Parses a client's properties: its own keys (`def`), the common ones and security.
 * @param kind `producer`, `consumer`, `admin`: for messages
 * @throws ConfigException naming every key at fault
 */
export function parseClientConfig<S extends ConfigSpec>(
  kind: string,
  def: ConfigDef<S>,
  props: ClientProps,
  log: Logger,
): ClientConfig<S> {
  const own = def.parse(props)
  const { defaults, all } = ofKind(def)
  const common = COMMON_KEYS.parse({ ...defaults, ...props })
  const idleMs = common['connections.max.idle.ms']
  const security = createSecurity(SECURITY_KEYS.parse(props), log)
  const bootstrap = parseBootstrapServers(common['bootstrap.servers'])
  const warning = unknownKeysWarning(kind, all, props)
  if (warning !== undefined) log.warn(warning)
  return {
    own,
    given: new Set(Object.keys(props)),
    openCluster: (clusters, traffic) => {
      const options = {
        bootstrap,
        clientId: common['client.id'],
        requestTimeoutMs: common['request.timeout.ms'],
        connectTimeoutMs: common['socket.connection.setup.timeout.ms'],
        ...(idleMs >= 0 && { maxIdleMs: idleMs }),
        metadataMaxAgeMs: common['metadata.max.age.ms'],
        retryBackoff: { initialMs: common['retry.backoff.ms'], maxMs: common['retry.backoff.max.ms'] },
        reconnectBackoff: { initialMs: common['reconnect.backoff.ms'], maxMs: common['reconnect.backoff.max.ms'] },
        security,
        traffic,
        log,
      }
      return clusters === undefined ? createCluster(options) : clusters.view(sameFor(common, props), options)
    },
  }
}

/** What follows from the keys of one kind of client alone: worked out once, for workers open hundreds of clients. */
interface SharedByKind {
  /** A client's own defaults of common keys: they win over the common ones. */
  readonly defaults: ClientProps
  /** Every key that the client knows. */
  readonly all: ConfigDef
}

const kinds = new WeakMap<object, SharedByKind>()

function ofKind<S extends ConfigSpec>(def: ConfigDef<S>): SharedByKind {
  const known = kinds.get(def)
  if (known !== undefined) return known
  const defaults = Object.fromEntries(
    [...def.keys.values()]
      .filter((key) => COMMON_KEYS.keys.has(key.name) && key.defaultValue != null)
      .map((key) => [key.name, String(key.defaultValue)]),
  )
  const made = { defaults, all: COMMON_KEYS.merge(SECURITY_KEYS).merge(def) as ConfigDef }
  kinds.set(def, made)
  return made
}

/** Equal for clients that may share connections: all that is common to clients but their names, and how they log in. */
function sameFor(common: Readonly<Record<string, unknown>>, props: ClientProps): string {
  const security = [...SECURITY_KEYS.keys.keys()].map((name) => [name, props[name]])
  return JSON.stringify([{ ...common, 'client.id': '' }, security])
}
