// Under which names a plugin is found: its class name, the simple class name, and the simple name without its type's word.
import type { AnyPluginDescriptor, PluginKind } from '@millrace/api'

/** Words that end the simple names of each kind and may be left out. A source or sink drops `Connector` only. */
const SUFFIX: Readonly<Record<PluginKind, string>> = {
  source: 'Connector',
  sink: 'Connector',
  converter: 'Converter',
  header_converter: 'HeaderConverter',
  transformation: 'Transformation',
  predicate: 'Predicate',
  config_provider: 'ConfigProvider',
  rest_extension: 'ConnectRestExtension',
  override_policy: 'ConnectorClientConfigOverridePolicy',
}

/** `org.x.Cast$Value` gives `Value`, as Java's simple name does. */
export function simpleName(className: string): string {
  return className.slice(Math.max(className.lastIndexOf('.'), className.lastIndexOf('$')) + 1)
}

/** The simple name without the word of its kind. */
export function prunedName(kind: PluginKind, className: string): string {
  const simple = simpleName(className)
  const at = simple.lastIndexOf(SUFFIX[kind])
  return at > 0 ? simple.slice(0, at) : simple
}

/**
 * Class names by alias. An alias that two classes would share is left out, whatever their kinds (KIP-26's rule:
 * ambiguity is never resolved by order); aliases that a plugin declares itself win over derived ones.
 */
export function computeAliases(plugins: readonly AnyPluginDescriptor[]): ReadonlyMap<string, string> {
  const derived = collect(plugins, (one) => [simpleName(one.className), prunedName(one.kind, one.className)])
  const declared = collect(plugins, (one) => one.aliases ?? [])
  return new Map([...unambiguous(derived), ...unambiguous(declared)])
}

function collect(plugins: readonly AnyPluginDescriptor[], names: (one: AnyPluginDescriptor) => readonly string[]) {
  const classes = new Map<string, Set<string>>()
  for (const plugin of plugins) {
    for (const name of names(plugin)) {
      const known = classes.get(name)
      if (known === undefined) classes.set(name, new Set([plugin.className]))
      else known.add(plugin.className)
    }
  }
  return classes
}

function* unambiguous(classes: ReadonlyMap<string, ReadonlySet<string>>): Generator<[string, string]> {
  for (const [name, found] of classes) {
    if (found.size === 1) yield [name, [...found][0] as string]
  }
}
