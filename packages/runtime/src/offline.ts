// What can be asked of configurations and plugins without a running worker: for the command line and for tools.
import type { ConnectorProps, RawConfig } from '@millrace/api'
import { ConfigTransformer } from './config/config-transformer.ts'
import type { ConfigInfos } from './plane/messages.ts'
import { pluginPaths, scanPluginPath } from './plugins/plugin-path.ts'
import type { PluginRegistry } from './plugins/registry.ts'
import type { PluginSource } from './plugins/sources.ts'
import { validateConnector } from './validation/validate-connector.ts'

/** Where the plugins of a worker configuration come from: the given ones and those on its `plugin.path`. */
export async function pluginModulesOf(
  workerProps: ConnectorProps,
  modules: readonly string[],
): Promise<readonly PluginSource[]> {
  return [...modules, ...(await scanPluginPath(pluginPaths(workerProps))).modules]
}

/** Validates a connector's configuration as a worker of these settings would, references resolved. @throws ConnectException */
export async function resolveAndValidate(
  registry: PluginRegistry,
  workerProps: ConnectorProps,
  config: RawConfig,
): Promise<ConfigInfos> {
  const transformer = await ConfigTransformer.create(workerProps, registry)
  try {
    return await validateConnector(registry, workerProps, (await transformer.resolve(config)).props)
  } finally {
    await transformer.close()
  }
}
