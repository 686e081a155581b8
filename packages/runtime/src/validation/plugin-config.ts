// GET /connector-plugins/{p}/config: the keys of a plugin; of a connector, the framework's too.
import { type ConfigDef, NotFoundException } from '@millrace/api'
import { SINK_CONNECTOR_CONFIG } from '../config/sink-config.ts'
import { SOURCE_CONNECTOR_CONFIG } from '../config/source-config.ts'
import { BadRequestException } from '../control/errors.ts'
import type { ConfigKeyInfo } from '../plane/messages.ts'
import { type ConnectorDescriptor, instantiate, type PluginRegistry } from '../plugins/registry.ts'
import { keyInfo } from './key-info.ts'

/** Keys of the plugin of any kind. @throws NotFoundException, BadRequestException for a kind that has none */
export async function pluginConfig(
  registry: PluginRegistry,
  className: string,
  version?: string,
): Promise<ConfigKeyInfo[]> {
  for (const newest of registry.named(className)) {
    const plugin = registry.resolve(newest.kind, className, 'version', version)
    switch (plugin.kind) {
      case 'source':
      case 'sink': {
        const { config } = await instantiate<'source' | 'sink'>(plugin as ConnectorDescriptor)
        return shown(config, plugin.kind === 'sink' ? SINK_CONNECTOR_CONFIG : SOURCE_CONNECTOR_CONFIG, plugin.version)
      }
      case 'converter':
      case 'header_converter':
      case 'transformation':
      case 'predicate':
        return shown((await instantiate<typeof plugin.kind>(plugin as never)).config)
      default:
        throw new BadRequestException(
          `Invalid plugin class ${className}. Valid types are sink, source, converter, header_converter, transformation, predicate.`,
        )
    }
  }
  throw new NotFoundException(`Unknown plugin ${className}.`)
}

/** The plugin's keys first, then those of the framework that it does not define itself. */
function shown(own: ConfigDef, framework?: ConfigDef, version?: string): ConfigKeyInfo[] {
  const rest = framework === undefined ? [] : [...framework.keys.values()].filter((key) => !own.keys.has(key.name))
  return [...own.keys.values(), ...rest]
    .filter((key) => !key.internal)
    .map((key) => {
      const info = keyInfo(key)
      return key.name === 'connector.plugin.version' && version !== undefined
        ? { ...info, default_value: version }
        : info
    })
}
