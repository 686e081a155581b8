// A worker's REST API put together: routes of the herder, metrics, extensions.
import type { Logger, RawConfig } from '@millrace/api'
import type { Herder } from '../control/herder.ts'
import type { Logging } from '../logging/logging.ts'
import type { PluginRegistry } from '../plugins/registry.ts'
import { connectorRoutes } from '../rest/connector-routes.ts'
import type { Route } from '../rest/router.ts'
import type { RestServer } from '../rest/server.ts'
import { adminRoutes, metricsRoute, openApiRoute, workerRoutes } from '../rest/worker-routes.ts'

/** Settings that decide what is served. */
export interface ServeConfig {
  readonly 'topic.tracking.enable': boolean
  readonly 'topic.tracking.allow.reset': boolean
  readonly 'admin.listeners': readonly string[] | null
  readonly 'rest.extension.classes': readonly string[]
}

/** What the API is made of. */
export interface ServeParts {
  readonly rest: RestServer
  readonly herder: Herder
  readonly registry: PluginRegistry
  readonly props: RawConfig
  readonly config: ServeConfig
  readonly logging: Logging
  /** Empty when no broker answers. */
  readonly clusterId: () => Promise<string>
  /** Has requests answered by another worker where that must be. */
  readonly forward?: (routes: readonly Route[]) => readonly Route[]
}

/** Makes the routes and begins to answer. @returns what ends the REST extensions */
export async function serve(parts: ServeParts): Promise<() => Promise<void>> {
  const { rest, herder, registry, props, config, logging, clusterId, forward = (routes) => routes } = parts
  const log: Logger = logging.logger('org.apache.kafka.connect.runtime.rest.ConnectRestServer')
  const renderMetrics = async (details: boolean) => {
    const { CONTENT_TYPE, processText, toPrometheusText } = await import('../metrics/prometheus.ts')
    return { contentType: CONTENT_TYPE, text: toPrometheusText(await herder.metrics(), details) + processText() }
  }
  const tracking = { enabled: config['topic.tracking.enable'], resettable: config['topic.tracking.allow.reset'] }
  const extended: Route[] = []
  const main: Route[] = [
    openApiRoute(() => [...main, ...extended, ...admin]),
    ...workerRoutes(herder, renderMetrics),
    ...forward(connectorRoutes(herder, tracking)),
  ]
  const admin = adminRoutes(herder, log)
  const adminOnly = config['admin.listeners'] === null ? admin : [...admin, metricsRoute(renderMetrics)]
  const classes = config['rest.extension.classes'].filter((name) => name !== '')
  if (classes.length === 0) {
    rest.serve({ main, admin: adminOnly, filters: [] })
    return async () => {}
  }
  const { loadExtensions } = await import('../rest/extensions.ts')
  const extensions = await loadExtensions(classes, props, registry, herder, await clusterId(), log)
  extended.push(...extensions.routes)
  rest.serve({ main: [...main, ...extended], admin: adminOnly, filters: extensions.filters })
  return () => extensions.close()
}
