// REST extensions: code of users that filters requests and adds endpoints.
import { errorMessage, type Logger, type RawConfig, type RestResponse } from '@millrace/api'
import type { Herder } from '../control/herder.ts'
import type { PluginRegistry } from '../plugins/registry.ts'
import type { Filter } from './exchange.ts'
import type { Route, RouteAnswer } from './router.ts'

/** What the extensions registered, and how to end them. */
export interface Extensions {
  readonly filters: readonly Filter[]
  readonly routes: readonly Route[]
  close(): Promise<void>
}

/** Loads, configures and registers `rest.extension.classes`, in order. @throws ConnectException when one cannot be */
export async function loadExtensions(
  classes: readonly string[],
  props: RawConfig,
  registry: PluginRegistry,
  herder: Herder,
  kafkaClusterId: string,
  log: Logger,
): Promise<Extensions> {
  const filters: Filter[] = []
  const routes: Route[] = []
  const loaded: { close?(): unknown }[] = []
  for (const name of classes.filter((one) => one !== '')) {
    const extension = await registry.create('rest_extension', name, 'rest.extension.classes')
    extension.configure(props)
    await extension.register({
      onRequest: (filter) => filters.push(async (request) => toAnswer(await filter(request))),
      route: (method, path, handler) =>
        routes.push({
          method,
          path,
          anyType: true,
          handler: async (request) => toAnswer(await handler(request)) ?? { status: 204 },
        }),
      clusterState: {
        connectors: async () => herder.connectors(),
        connectorConfig: async (connector) => herder.connectorInfo(connector).config,
        kafkaClusterId,
      },
    })
    loaded.push(extension)
  }
  const close = async () => {
    for (const extension of loaded) {
      try {
        await extension.close?.()
      } catch (error) {
        log.warn(`A REST extension did not close as it should: ${errorMessage(error)}`, { error })
      }
    }
  }
  return { filters, routes, close }
}

function toAnswer(response: RestResponse | undefined): RouteAnswer | undefined {
  if (response === undefined) return undefined
  return {
    status: response.status,
    ...(response.body !== undefined && { text: response.body }),
    ...(response.headers !== undefined && { headers: response.headers }),
  }
}
