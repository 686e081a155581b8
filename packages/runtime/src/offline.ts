// What can be asked of configurations and plugins without a running worker: for the command line and for tools.
import { type ConnectorProps, parseConfigValue, type RawConfig } from '@millrace/api'
import { ConfigTransformer } from './config/config-transformer.ts'
import type { ConfigInfos } from './plane/messages.ts'
import { scanPluginPath } from './plugins/plugin-path.ts'
import type { PluginRegistry } from './plugins/registry.ts'
import { validateConnector } from './validation/validate-connector.ts'

/** The modules with plugins of a worker configuration: the given ones and those on its `plugin.path`. */
export async function pluginModulesOf(
  workerProps: ConnectorProps,
  modules: readonly string[],
): Promise<readonly string[]> {
  const paths = parseConfigValue('plugin.path', 'list', workerProps['plugin.path'] ?? '') ?? []
  return paths.length === 0 ? modules : [...modules, ...(await scanPluginPath(paths)).modules]
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
