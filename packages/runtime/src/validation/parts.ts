// Parts of a connector's configuration that belong to somebody else: its converters, and the Kafka clients it overrides.
import {
  type ClientConfigOverridePolicy,
  type ClientOverride,
  type ConfigDef,
  type ConfigValue,
  errorMessage,
  parseConfigValue,
  type RawConfig,
} from '@millrace/api'
import type { ConfigInfos, ConfigKeyInfo, ConfigValueInfo } from '../plane/messages.ts'
import { instantiate, type PluginRegistry } from '../plugins/registry.ts'
import { keyInfo, valueInfo } from './key-info.ts'

type Entry = ConfigInfos['configs'][number]

/** Entries of a part. Of these the keys with errors are counted, not the errors. */
export interface PartResult {
  readonly entries: readonly Entry[]
  readonly groups: readonly string[]
  readonly errorCount: number
}

const NOTHING: PartResult = { entries: [], groups: [], errorCount: 0 }

/** Checks the settings of one converter. An error that keeps it from being checked goes to `complain`. */
export async function validateConverter(
  registry: PluginRegistry,
  which: 'key' | 'value' | 'header',
  className: string,
  props: RawConfig,
  complain: (message: string) => void,
): Promise<PartResult> {
  const kind = which === 'header' ? 'header_converter' : 'converter'
  const newest = registry.find(kind, className)
  const plugin = newest && registry.fitting(newest, props[`${which}.converter.plugin.version`])
  if (plugin === undefined) return NOTHING
  let def: ConfigDef
  try {
    def = (await instantiate<'converter' | 'header_converter'>(plugin)).config
  } catch (error) {
    complain(errorMessage(error))
    return NOTHING
  }
  const prefix = `${which}.converter.`
  const settings: Record<string, string | null> = { 'converter.type': which }
  for (const [key, value] of Object.entries(props)) {
    if (key.startsWith(prefix)) settings[key.slice(prefix.length)] = value
  }
  try {
    return part(def, def.validate(settings), prefix)
  } catch (error) {
    complain(`Failed to perform config validation for ${which} converter: ${errorMessage(error)}`)
    return NOTHING
  }
}

/**
 * Checks the overrides of one kind of client against the worker's policy.
 * @throws ConfigException for a value that the client could not parse
 */
export function validateOverrides(
  client: ClientOverride['client'],
  def: ConfigDef,
  props: RawConfig,
  policy: ClientConfigOverridePolicy,
): PartResult {
  const prefix = `${client}.override.`
  const values: ConfigValue[] = []
  for (const [name, text] of Object.entries(props)) {
    if (!name.startsWith(prefix)) continue
    const key = name.slice(prefix.length)
    const known = def.keys.get(key)
    const value = known === undefined ? text : parseConfigValue(key, known.type, text)
    const refused = policy.check({ client, key, value: text })
    values.push({
      name: key,
      value,
      recommendedValues: [],
      errors: refused === undefined ? [] : [refused],
      visible: true,
    })
  }
  return part(def, values, prefix)
}

function part(def: ConfigDef, values: readonly ConfigValue[], prefix: string): PartResult {
  const groups = new Set<string>()
  const entries = values.map((value): { definition: ConfigKeyInfo | null; value: ConfigValueInfo } => {
    const key = def.keys.get(value.name)
    if (key !== undefined && key.group !== null) groups.add(key.group)
    return { definition: key === undefined ? null : keyInfo(key, prefix), value: valueInfo(value, prefix) }
  })
  return { entries, groups: [...groups], errorCount: values.filter((one) => one.errors.length > 0).length }
}
