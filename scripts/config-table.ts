// The table of configuration keys of a plugin, from its definition, for reference pages.
import { type AnyPluginDescriptor, type ConfigDef, type ConfigKey, configValueToString } from '@millrace/api'

/** The definition of a plugin, from an instance of it. */
export async function definitionOf(plugin: AnyPluginDescriptor): Promise<ConfigDef> {
  const type = await plugin.load()
  const instance = new type()
  if ('config' in instance && instance.config !== undefined) return instance.config as ConfigDef
  throw new Error(`${plugin.className} has no configuration definition`)
}

/** All keys that are not internal, as a Markdown table. */
export function configTable(definition: ConfigDef): string {
  const rows = [...definition.keys.values()].filter((key) => !key.internal).map(row)
  return [
    '| key | type | default | allowed | importance | what it does |',
    '|---|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n')
}

function row(key: ConfigKey): string {
  const value = key.required ? '**required**' : code(configValueToString(key.defaultValue))
  const allowed = key.validator === null ? '' : cell(key.validator.describe)
  return `| \`${key.name}\` | ${key.type} | ${value} | ${allowed} | ${key.importance} | ${cell(key.doc)} |`
}

function code(text: string | null): string {
  if (text === null) return 'none'
  return text === '' ? 'empty' : `\`${cell(text)}\``
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}
