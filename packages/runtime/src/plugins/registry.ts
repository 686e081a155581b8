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
import { descriptorsOf, type PluginSource } from './sources.ts'
import { compareVersions, isLatest, versionFits } from './versions.ts'

/** Either kind of connector. */
export type ConnectorDescriptor = PluginDescriptor<'source'> | PluginDescriptor<'sink'>

/** The plugins of one worker. Plugins are added and never taken away. Every thread has its own, made from the same sources. */
export class PluginRegistry {
  /** Of one class the newest first. */
  #plugins: readonly AnyPluginDescriptor[] = []
  /** Connectors by the names they were asked for. */
  readonly #newest = new Map<string, ConnectorDescriptor>()
  #aliases: ReadonlyMap<string, string> = new Map()
  #byClass = new Map<string, AnyPluginDescriptor[]>()

  constructor(plugins: readonly AnyPluginDescriptor[]) {
    this.#take(plugins)
  }

  /**
   * Lists the plugins of sources; the runtime's own plugins are always among them. Modules that have no list are imported
   * for it.
   * @throws ConnectException naming the module that cannot be imported or has no export `plugins`
   */
  static async load(sources: readonly PluginSource[]): Promise<PluginRegistry> {
    const found = await Promise.all(sources.map(descriptorsOf))
    return new PluginRegistry([...runtimePlugins, ...found.flat()])
  }

  /** Adds the plugins of more sources. What was there stays the same. @throws ConnectException as {@link load} */
  async add(sources: readonly PluginSource[]): Promise<void> {
    const found = await Promise.all(sources.map(descriptorsOf))
    this.#take([...this.#plugins, ...found.flat()])
  }

  #take(plugins: readonly AnyPluginDescriptor[]): void {
    this.#plugins = Object.freeze(newestFirst(plugins))
    this.#newest.clear()
    this.#aliases = computeAliases(this.#plugins)
    this.#byClass = Map.groupBy(this.#plugins, (one) => one.className)
  }

  /** All plugins of a kind, or all: each version of a class is one. */
  list<K extends PluginKind>(kind: K): readonly PluginDescriptor<K>[]
  list(): readonly AnyPluginDescriptor[]
  list(kind?: PluginKind): readonly AnyPluginDescriptor[] {
    return kind === undefined ? this.#plugins : this.#plugins.filter((one) => one.kind === kind)
  }

  /** The class name that `name` (class, simple or pruned name) stands for, whatever its kind. */
  classNameOf(name: string): string | undefined {
    return this.#byClass.has(name) ? name : this.#aliases.get(name)
  }

  /** All descriptors of the class that `name` stands for: several when one class has several kinds or versions. */
  named(name: string): readonly AnyPluginDescriptor[] {
    const className = this.classNameOf(name)
    return className === undefined ? [] : (this.#byClass.get(className) ?? [])
  }

  /** Installed versions of a class, the oldest first. */
  versionsOf(kind: PluginKind, className: string): readonly string[] {
    const same = this.#plugins.filter((one) => one.kind === kind && one.className === className)
    return same.map((one) => one.version).reverse()
  }

  /** The newest plugin of a kind under any of its names, or undefined. */
  find<K extends PluginKind>(kind: K, name: string): PluginDescriptor<K> | undefined {
    const direct = this.named(name).find((one) => one.kind === kind)
    // A name that is ambiguous among all plugins may still be clear within its kind.
    return (direct ?? this.#withinKind(kind, name)) as PluginDescriptor<K> | undefined
  }

  /**
   * The plugin of a kind for the value `name` of the configuration key `key`, the newest that `version` allows.
   * @param version `latest`, a version, or ranges in Maven's syntax (KIP-891); the newest of all when left out
   * @throws ConfigException in the reference's words, with the nearest names
   */
  resolve<K extends PluginKind>(kind: K, name: string, key: string, version?: string | null): PluginDescriptor<K> {
    const found = this.find(kind, name)
    if (found !== undefined) return this.#versioned(found, version)
    throw ConfigException.invalidValue(key, name, `Class ${name} could not be found.${this.#didYouMean([kind], name)}`)
  }

  /**
   * The connector under any of its names, the newest that `version` allows.
   * @throws ConnectException when there is none (naming the near ones and all there are), or several; ConfigException for a
   * version that is not there
   */
  connector(name: string, version?: string | null): ConnectorDescriptor {
    // Asked for each connector of each list of states.
    let newest = this.#newest.get(name)
    if (newest === undefined) this.#newest.set(name, (newest = this.#newestConnector(name)))
    return this.#versioned(newest, version) as ConnectorDescriptor
  }

  #newestConnector(name: string): ConnectorDescriptor {
    const newest = new Map(
      this.#connectors()
        .reverse()
        .map((one) => [one.className, one]),
    )
    const matches = [...newest.values()]
      .reverse()
      .filter(
        (one) =>
          one.className === name || simpleName(one.className) === name || prunedName(one.kind, one.className) === name,
      )
    const exact = newest.get(name) ?? this.#declared(name)
    if (exact !== undefined) return exact
    if (matches.length === 1) return matches[0] as ConnectorDescriptor
    if (matches.length > 1) {
      throw new ConnectException(
        `More than one connector matches alias ${name}. Please use full package and class name instead. ` +
          `Classes found: ${matches.map((one) => one.className).join(', ')}`,
        { configKey: 'connector.class' },
      )
    }
    const known = [...newest.keys()].reverse()
    throw new ConnectException(
      `Failed to find any class that implements Connector and which name matches ${name}, available connectors are: ` +
        `${known.join(', ') || 'none'}.${this.#didYouMean(['source', 'sink'], name)}`,
      { configKey: 'connector.class' },
    )
  }

  /** The newest plugin of the same class and kind that a version text allows, or undefined. */
  fitting<K extends PluginKind>(
    plugin: PluginDescriptor<K>,
    wanted: string | null | undefined,
  ): PluginDescriptor<K> | undefined {
    const same = (this.#byClass.get(plugin.className) ?? []).filter((one) => one.kind === plugin.kind)
    return same.find((one) => isLatest(wanted) || versionFits(wanted, one.version) === true) as never
  }

  #versioned<K extends PluginKind>(
    newest: PluginDescriptor<K>,
    wanted: string | null | undefined,
  ): PluginDescriptor<K> {
    const fitting = this.fitting(newest, wanted)
    if (fitting !== undefined) return fitting
    throw new ConfigException(
      noSuchVersion(newest.className, wanted ?? '', this.versionsOf(newest.kind, newest.className)),
    )
  }

  /** Loads and constructs a plugin. @throws ConfigException when there is none, ConnectException when its code fails */
  async create<K extends PluginKind>(
    kind: K,
    name: string,
    key: string,
    version?: string | null,
  ): Promise<PluginKinds[K]> {
    return instantiate(this.resolve(kind, name, key, version))
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
    return new Set(matches.map((one) => one.className)).size === 1 ? matches[0] : undefined
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

/** The connector that a configuration names, in the version that it asks for. @throws as {@link PluginRegistry.connector} */
export function connectorOf(
  registry: PluginRegistry,
  props: Readonly<Record<string, string | null | undefined>>,
): ConnectorDescriptor {
  return registry.connector(props['connector.class']?.trim() ?? '', props['connector.plugin.version'])
}

/** The reference's words for a version that is not there. */
export function noSuchVersion(className: string, wanted: string, versions: readonly string[]): string {
  return `Plugin ${className} not found that matches the version range ${wanted}, available versions: [${versions.join(', ')}]`
}

/** Versions of a class (same kind) together, the newest first; of the same version the first. Else order of first appearance. */
function newestFirst(plugins: readonly AnyPluginDescriptor[]): AnyPluginDescriptor[] {
  const groups = Map.groupBy(plugins, (one) => `${one.kind} ${one.className}`)
  return [...groups.values()].flatMap((same) => {
    const versions = new Map<string, AnyPluginDescriptor>()
    for (const one of same) if (!versions.has(one.version)) versions.set(one.version, one)
    return [...versions.values()].sort((a, b) => compareVersions(b.version, a.version))
  })
}
