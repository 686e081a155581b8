// Whether plugins may run code that stands in a connector's configuration: the worker's own setting decides.
import { type AnyPluginDescriptor, ConfigException, parseConfigValue, type RawConfig } from '@millrace/api'

/** What is looked at. */
type Plugin = Pick<AnyPluginDescriptor, 'className' | 'runsConfiguredCode'>

/** The worker's key. */
export const CONFIGURED_CODE_KEY = 'script.transformations.enable'

/** Why a worker does not make a plugin, or undefined when it does. */
export function refusal(plugin: Plugin, workerProps: RawConfig): string | undefined {
  if (plugin.runsConfiguredCode !== true) return undefined
  const text = workerProps[CONFIGURED_CODE_KEY]
  if (parseConfigValue(CONFIGURED_CODE_KEY, 'boolean', text ?? 'true') === true) return undefined
  return (
    `${plugin.className} runs code out of its configuration, and this worker does not allow that: ` +
    `${CONFIGURED_CODE_KEY}=false is set in the worker's configuration.`
  )
}

/** @throws ConfigException at `key` for a plugin that the worker does not make */
export function requireAllowed(plugin: Plugin, workerProps: RawConfig, key: string): void {
  const reason = refusal(plugin, workerProps)
  if (reason !== undefined) throw ConfigException.invalidValue(key, plugin.className, reason)
}
