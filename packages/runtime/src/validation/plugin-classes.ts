// Keys whose value is a plugin's class: which kind, what there is to choose from, and what is wrong with a choice.
import {
  type AnyPluginDescriptor,
  type ConfigKeySpec,
  type ConfigValue,
  errorMessage,
  type PluginKind,
  type Recommender,
  satisfies,
  type Validator,
} from '@millrace/api'
import { noSuchVersion, type PluginRegistry } from '../plugins/registry.ts'
import { isLatest, versionFits } from '../plugins/versions.ts'

/** Interface names for messages. */
const INTERFACE: Readonly<Partial<Record<PluginKind, string>>> = {
  converter: 'Converter',
  header_converter: 'HeaderConverter',
  transformation: 'Transformation',
  predicate: 'Predicate',
}

/** Recommends the class names of a kind, in order. */
export function classesOf(registry: PluginRegistry, kind: PluginKind): Recommender {
  const names = [...new Set(registry.list(kind).map((one) => one.className))].sort()
  return { validValues: () => names }
}

/** The plugin whose version is asked for: the newest of its class. */
type Installed = Pick<AnyPluginDescriptor, 'kind' | 'className' | 'version'>

/** Key of a version beside a class: default and recommendation are what is installed (KIP-891). */
export function versionSpec(
  spec: ConfigKeySpec,
  plugin: Installed | undefined,
  registry: PluginRegistry,
): ConfigKeySpec {
  const version = plugin?.version
  const known = version !== undefined && version !== ''
  const versions = known ? registry.versionsOf(plugin?.kind as PluginKind, plugin?.className as string) : []
  return {
    ...spec,
    default: known ? version : null,
    validator: installed(plugin, versions),
    recommender: { validValues: () => versions, visible: () => known },
  }
}

/** A wanted version must be an installed one, or a range that holds one. */
function installed(plugin: Installed | undefined, versions: readonly string[]): Validator {
  return satisfies('latest, a version, or a range of versions', (value) => {
    if (typeof value !== 'string' || isLatest(value) || plugin === undefined || plugin.version === '') return undefined
    const fits = versions.map((one) => versionFits(value, one))
    if (fits.includes(undefined)) return 'It must be latest, a version, or a range such as [1.0,2.0)'
    return fits.includes(true) ? undefined : noSuchVersion(plugin.className, value, versions)
  })
}

/** The outcome of a class key, with the full class name as its value, or with what is wrong. */
export function checkClass(registry: PluginRegistry, kind: PluginKind, value: ConfigValue): ConfigValue {
  if (typeof value.value !== 'string' || value.errors.length > 0) return value
  const found = registry.find(kind, value.value)
  if (found !== undefined) return { ...value, value: found.className }
  return { ...value, value: null, errors: [...value.errors, problem(registry, kind, value)] }
}

function problem(registry: PluginRegistry, kind: PluginKind, value: ConfigValue): string {
  const name = String(value.value)
  const other = registry.classNameOf(name)
  if (other !== undefined) return `Class class ${other} does not implement the ${INTERFACE[kind] ?? kind} interface`
  try {
    registry.resolve(kind, name, value.name)
  } catch (error) {
    return errorMessage(error)
  }
  return `Class ${name} could not be found.`
}
