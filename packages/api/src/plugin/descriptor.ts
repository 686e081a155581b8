// What a package of plugins says about itself: enough to list and find plugins without loading their code.
import type { ConfigProvider } from './config-provider.ts'
import type { SinkConnector, SourceConnector } from './connector.ts'
import type { Converter, HeaderConverter } from './converter.ts'
import type { ClientConfigOverridePolicy } from './policy.ts'
import type { ConnectRestExtension } from './rest-extension.ts'
import type { Predicate, Transformation } from './transformation.ts'

/** Kinds of plugin and the type of their instances. */
export interface PluginKinds {
  source: SourceConnector
  sink: SinkConnector
  converter: Converter
  header_converter: HeaderConverter
  transformation: Transformation
  predicate: Predicate
  config_provider: ConfigProvider
  rest_extension: ConnectRestExtension
  override_policy: ClientConfigOverridePolicy
}
export type PluginKind = keyof PluginKinds

/** One plugin. `className` is the name in configurations: the reference's Java class name where there is one. */
export interface PluginDescriptor<K extends PluginKind = PluginKind> {
  readonly kind: K
  readonly className: string
  /** More names under which it is found, beside the simple and pruned class name that always work. */
  readonly aliases?: readonly string[]
  readonly version: string
  /**
   * True for a plugin that runs code out of its configuration. A worker that does not allow that
   * (`script.transformations.enable=false`) lists the plugin and refuses to make it.
   */
  readonly runsConfiguredCode?: boolean
  /** Loads the code and gives the class; called when the plugin is first used, in every thread that uses it. */
  load(): Promise<new () => PluginKinds[K]>
}

/** Any descriptor. */
export type AnyPluginDescriptor = { [K in PluginKind]: PluginDescriptor<K> }[PluginKind]

/** Declares the plugins of a package: `export const plugins = definePlugins([...])` in its entry module, which imports nothing heavy. */
export function definePlugins(plugins: readonly AnyPluginDescriptor[]): readonly AnyPluginDescriptor[] {
  return Object.freeze([...plugins])
}
