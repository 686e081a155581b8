// The converters of a task: the connector's own where it names one, else the worker's.
import type { ConnectorProps, Converter, HeaderConverter } from '@millrace/api'
import { withPrefix } from '../config/client-configs.ts'
import type { PluginRegistry } from '../plugins/registry.ts'

const SIMPLE_HEADER_CONVERTER = 'org.apache.kafka.connect.storage.SimpleHeaderConverter'

/** Converters, and their class names for reports. */
export interface TaskConverters {
  readonly key: Converter
  readonly value: Converter
  readonly header: HeaderConverter
  readonly keyClass: string
  readonly valueClass: string
  readonly headerClass: string
}

/**
 * Makes the converters of a task. Settings of a converter come from where its class is named: a connector that does not
 * name one gets the worker's class with the worker's settings.
 * @throws ConfigException for a class that cannot be found
 */
export async function createConverters(
  connectorProps: ConnectorProps,
  workerProps: ConnectorProps,
  plugins: PluginRegistry,
): Promise<TaskConverters> {
  const keyAt = settingsOf('key.converter', connectorProps, workerProps)
  const valueAt = settingsOf('value.converter', connectorProps, workerProps)
  const headerAt = settingsOf('header.converter', connectorProps, workerProps)
  const key = await plugins.create('converter', keyAt.className, 'key.converter', keyAt.version)
  const value = await plugins.create('converter', valueAt.className, 'value.converter', valueAt.version)
  const header = await plugins.create('header_converter', headerAt.className, 'header.converter', headerAt.version)
  key.configure({ ...keyAt.configs, 'converter.type': 'key' }, true)
  value.configure({ ...valueAt.configs, 'converter.type': 'value' }, false)
  header.configure({ ...headerAt.configs, 'converter.type': 'header' })
  return {
    key,
    value,
    header,
    keyClass: keyAt.className,
    valueClass: valueAt.className,
    headerClass: headerAt.className,
  }
}

function settingsOf(name: string, connectorProps: ConnectorProps, workerProps: ConnectorProps) {
  const owner = connectorProps[name] === undefined ? workerProps : connectorProps
  return {
    className: owner[name] ?? SIMPLE_HEADER_CONVERTER,
    version: owner[`${name}.plugin.version`],
    configs: withPrefix(owner, `${name}.`),
  }
}

/** Closes all converters. */
export async function closeConverters(converters: TaskConverters): Promise<void> {
  await converters.key.close?.()
  await converters.value.close?.()
  await converters.header.close?.()
}
