// Validation of a connector's configuration: the framework's keys, the connector's own, its converters and client overrides,
// merged into one answer in the order that the reference gives it in.
import {
  type ConfigDef,
  ConfigException,
  type ConfigValue,
  type Connector,
  errorMessage,
  type RawConfig,
} from '@millrace/api'
import { sinkTopicProblems } from '../config/sink-config.ts'
import type { ConfigInfos } from '../plane/messages.ts'
import { type ConnectorDescriptor, instantiate, type PluginRegistry } from '../plugins/registry.ts'
import { clientDefinition } from './client-definitions.ts'
import { addError, frameworkKeys, validateFramework } from './framework-keys.ts'
import { sinkGroupProblems } from './group-problems.ts'
import { keyInfo, valueInfo } from './key-info.ts'
import { type PartResult, validateConverter, validateOverrides } from './parts.ts'
import { sourceProblems } from './source-problems.ts'

const NULL_VALUE = 'Null value can not be supplied as the configuration value.'
const POLICY_KEY = 'connector.client.config.override.policy'

/**
 * Validates `props`, whose references are resolved.
 * @throws ConnectException for an unknown connector class, ConfigException where no answer can be given at all
 */
export async function validateConnector(
  registry: PluginRegistry,
  workerProps: RawConfig,
  props: RawConfig,
): Promise<ConfigInfos> {
  const className = props['connector.class'] ?? ''
  const newest = registry.connector(className.trim())
  // A version that is not there is said at its key; the rest is judged by the newest.
  const descriptor = (registry.fitting<'source' | 'sink'>(newest, props['connector.plugin.version']) ??
    newest) as ConnectorDescriptor
  const connector = await instantiate<'source' | 'sink'>(descriptor)
  const keys = await frameworkKeys(registry, workerProps, descriptor, props)
  const outcomes = validateFramework(keys, registry, props)
  const isValid = (key: string) => outcomes.get(key)?.errors.length === 0
  const problems =
    descriptor.kind === 'sink'
      ? [...sinkTopicProblems(props), ...sinkGroupProblems(props, workerProps)]
      : sourceProblems(connector, workerProps, props, isValid)
  for (const { key, message } of problems) addError(outcomes, key, message)
  for (const [key, value] of Object.entries(props)) if (value === null) addError(outcomes, key, NULL_VALUE)

  const converters: PartResult[] = []
  for (const which of ['header', 'key', 'value'] as const) {
    const key = `${which}.converter`
    const chosen = outcomes.get(key)
    if (props[key] === undefined || chosen === undefined || chosen.errors.length > 0) continue
    const complain = (message: string) => addError(outcomes, key, message)
    converters.push(await validateConverter(registry, which, String(chosen.value), props, complain))
  }
  const own = await ownOutcomes(connector, props)
  for (const value of own) outcomes.set(value.name, value)

  const clients = await validateClients(registry, workerProps, descriptor.kind, props)
  const merged = new Map([...keys.def.keys, ...connector.config.keys])
  return answer(className, merged, [...keys.def.groups, ...connector.config.groups], outcomes, [
    ...clients,
    ...converters,
  ])
}

/** The connector's own word on the configuration. */
async function ownOutcomes(connector: Connector, props: RawConfig): Promise<readonly ConfigValue[]> {
  const given = Object.fromEntries(Object.entries(props).filter(([, value]) => value !== null))
  const values = await connector.validate(given)
  const hidden = new Set([...connector.config.keys.values()].filter((key) => key.internal).map((key) => key.name))
  return values.filter((value) => !hidden.has(value.name) || value.errors.length > 0)
}

async function validateClients(
  registry: PluginRegistry,
  workerProps: RawConfig,
  type: 'source' | 'sink',
  props: RawConfig,
): Promise<PartResult[]> {
  const dlq = type === 'sink' && (props['errors.deadletterqueue.topic.name'] ?? '') !== ''
  const creation = type === 'source' && Object.keys(props).some((key) => key.startsWith('topic.creation.'))
  const used = {
    producer: type === 'source' || dlq,
    consumer: type === 'sink',
    admin: creation || dlq,
  }
  const clients = (['producer', 'consumer', 'admin'] as const).filter(
    (client) => used[client] && Object.keys(props).some((key) => key.startsWith(`${client}.override.`)),
  )
  if (clients.length === 0) return []
  const policy = await registry.create('override_policy', workerProps[POLICY_KEY]?.trim() || 'All', POLICY_KEY)
  policy.configure(workerProps)
  const results: PartResult[] = []
  for (const client of clients) {
    try {
      results.push(validateOverrides(client, await clientDefinition(client), props, policy))
    } catch (error) {
      throw new ConfigException(`The settings ${client}.override.* cannot be used: ${errorMessage(error)}`, {
        cause: error,
      })
    }
  }
  return results
}

function answer(
  name: string,
  keys: ConfigDef['keys'],
  groups: readonly string[],
  outcomes: ReadonlyMap<string, ConfigValue>,
  parts: readonly PartResult[],
): ConfigInfos {
  const undefinedValues = [...outcomes.values()].filter((value) => !keys.has(value.name))
  const shown = [...keys.values()].filter((key) => !key.internal)
  const configs = [
    ...undefinedValues.map((value) => ({ definition: null, value: valueInfo(value) })),
    ...shown.map((key) => {
      const value = outcomes.get(key.name)
      return { definition: keyInfo(key), value: value === undefined ? null : valueInfo(value) }
    }),
  ]
  const errors = [...outcomes.values()].reduce((sum, value) => sum + value.errors.length, 0)
  return {
    name,
    error_count: parts.reduce((sum, part) => sum + part.errorCount, errors),
    groups: [...new Set([...groups, ...parts.flatMap((part) => part.groups)])],
    configs: [...configs, ...parts.flatMap((part) => part.entries)],
  }
}
