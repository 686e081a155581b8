// Every plugin this worker knows, found by any of its names. Code is loaded when a plugin is first made.
import {
  type AnyPluginDescriptor,
  ConfigException,
  ConnectException,
  errorMessage,
  type PluginDescriptor,
  type PluginKind,
  type PluginKinds,
  suggest,
} from '@millrace/api'
import { computeAliases, prunedName, simpleName } from './aliases.ts'
import { plugins as runtimePlugins } from './runtime-plugins.ts'
import { compareVersions } from './versions.ts'

/** Either kind of connector. */
export type ConnectorDescriptor = PluginDescriptor<'source'> | PluginDescriptor<'sink'>

/** The plugins of one worker; immutable. Every thread has its own, made from the same modules. */
export class PluginRegistry {
  readonly #plugins: readonly AnyPluginDescriptor[]
  readonly #aliases: ReadonlyMap<string, string>
  readonly #byClass = new Map<string, AnyPluginDescriptor[]>()

  constructor(plugins: readonly AnyPluginDescriptor[]) {
    this.#plugins = Object.freeze(newestFirst(plugins))
    this.#aliases = computeAliases(plugins)
    for (const plugin of this.#plugins) {
      const same = this.#byClass.get(plugin.className)
      if (same === undefined) this.#byClass.set(plugin.className, [plugin])
      else same.push(plugin)
    }
  }

  /**
   * Imports modules and takes their `plugins` export; the runtime's own plugins are always among them.
   * @param modules import specifiers or file URLs
   * @throws ConnectException naming the module that cannot be imported or has no such export
   */
  static async load(modules: readonly string[]): Promise<PluginRegistry> {
    const found = await Promise.all(modules.map(importPlugins))
    return new PluginRegistry([...runtimePlugins, ...found.flat()])
  }

  /** All plugins of a kind, or all. */
  list<K extends PluginKind>(kind: K): readonly PluginDescriptor<K>[]
  list(): readonly AnyPluginDescriptor[]
  list(kind?: PluginKind): readonly AnyPluginDescriptor[] {
    return kind === undefined ? this.#plugins : this.#plugins.filter((one) => one.kind === kind)
  }

  /** The class name that `name` (class, simple or pruned name) stands for, whatever its kind. */
  classNameOf(name: string): string | undefined {
    return this.#byClass.has(name) ? name : this.#aliases.get(name)
  }

  /** All descriptors of the class that `name` stands for: several when one class has several kinds. */
  named(name: string): readonly AnyPluginDescriptor[] {
    const className = this.classNameOf(name)
    return className === undefined ? [] : (this.#byClass.get(className) ?? [])
  }

  /** The plugin of a kind under any of its names, or undefined. */
  find<K extends PluginKind>(kind: K, name: string): PluginDescriptor<K> | undefined {
    const direct = this.named(name).find((one) => one.kind === kind)
    // A name that is ambiguous among all plugins may still be clear within its kind.
    return (direct ?? this.#withinKind(kind, name)) as PluginDescriptor<K> | undefined
  }

  /**
   * The plugin of a kind for the value `name` of the configuration key `key`.
   * @throws ConfigException in the reference's words, with the nearest names
   */
  resolve<K extends PluginKind>(kind: K, name: string, key: string): PluginDescriptor<K> {
    const found = this.find(kind, name)
    if (found !== undefined) return found
    throw ConfigException.invalidValue(key, name, `Class ${name} could not be found.${this.#didYouMean([kind], name)}`)
  }

  /**
   * The connector under any of its names.
   * @throws ConnectException when there is none (naming the near ones and all there are), or several
   */
  connector(name: string): ConnectorDescriptor {
    const matches = this.#connectors().filter(
      (one) =>
        one.className === name || simpleName(one.className) === name || prunedName(one.kind, one.className) === name,
    )
    const exact = matches.find((one) => one.className === name) ?? this.#declared(name)
    if (exact !== undefined) return exact
    if (matches.length === 1) return matches[0] as ConnectorDescriptor
    if (matches.length > 1) {
      throw new ConnectException(
        `More than one connector matches alias ${name}. Please use full package and class name instead. ` +
          `Classes found: ${matches.map((one) => one.className).join(', ')}`,
        { configKey: 'connector.class' },
      )
    }
    const known = this.#connectors().map((one) => one.className)
    throw new ConnectException(
      `Failed to find any class that implements Connector and which name matches ${name}, available connectors are: ` +
        `${known.join(', ') || 'none'}.${this.#didYouMean(['source', 'sink'], name)}`,
      { configKey: 'connector.class' },
    )
  }

  /** Loads and constructs a plugin. @throws ConfigException when there is none, ConnectException when its code fails */
  async create<K extends PluginKind>(kind: K, name: string, key: string): Promise<PluginKinds[K]> {
    return instantiate(this.resolve(kind, name, key))
  }

  #connectors(): ConnectorDescriptor[] {
    return this.#plugins.filter((one) => one.kind === 'source' || one.kind === 'sink')
  }

  #declared(name: string): ConnectorDescriptor | undefined {
    return this.#connectors().find((one) => one.aliases?.includes(name))
  }

  #withinKind(kind: PluginKind, name: string): AnyPluginDescriptor | undefined {
    if (this.classNameOf(name) !== undefined) return undefined
    const matches = this.#plugins.filter(
      (one) => one.kind === kind && (simpleName(one.className) === name || prunedName(kind, one.className) === name),
    )
    return matches.length === 1 ? matches[0] : undefined
  }

  #didYouMean(kinds: readonly PluginKind[], name: string): string {
    const near = suggestClasses(
      name,
      this.#plugins.filter((one) => kinds.includes(one.kind)),
    )
    return near.length === 0 ? '' : ` Did you mean ${near.join(' or ')}?`
  }
}

/** Loads and constructs a plugin. @throws ConnectException naming the class when its code cannot be loaded or constructed */
export async function instantiate<K extends PluginKind>(plugin: PluginDescriptor<K>): Promise<PluginKinds[K]> {
  try {
    const Plugin = await plugin.load()
    return new Plugin()
  } catch (error) {
    throw new ConnectException(`Failed to load class ${plugin.className}: ${errorMessage(error)}`, { cause: error })
  }
}

/** Class names near `name`, compared by every name that they have. */
export function suggestClasses(name: string, plugins: readonly AnyPluginDescriptor[]): string[] {
  const classes = new Map<string, string>()
  for (const one of plugins) {
    for (const alias of [prunedName(one.kind, one.className), simpleName(one.className), one.className]) {
      classes.set(alias, one.className)
    }
  }
  const near = [...suggest(name, classes.keys()), ...suggest(simpleName(name), classes.keys())]
  return [...new Set(near.map((alias) => classes.get(alias) as string))].slice(0, 3)
}

async function importPlugins(specifier: string): Promise<readonly AnyPluginDescriptor[]> {
  let loaded: { readonly plugins?: unknown }
  try {
    loaded = await import(specifier)
  } catch (error) {
    throw new ConnectException(`Cannot load plugins of ${specifier}: ${errorMessage(error)}`, { cause: error })
  }
  if (!Array.isArray(loaded.plugins)) {
    throw new ConnectException(
      `Cannot load plugins of ${specifier}: it has no export \`plugins\`. Add \`export const plugins = definePlugins([...])\`.`,
    )
  }
  return loaded.plugins
}

/** Of several versions of a class (same kind) the highest is the one in use. Order of first appearance is kept. */
function newestFirst(plugins: readonly AnyPluginDescriptor[]): AnyPluginDescriptor[] {
  const newest = new Map<string, AnyPluginDescriptor>()
  for (const plugin of plugins) {
    const key = `${plugin.kind} ${plugin.className}`
    const known = newest.get(key)
    if (known === undefined || compareVersions(plugin.version, known.version) > 0) newest.set(key, plugin)
  }
  return [...newest.values()]
}
