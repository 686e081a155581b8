// The plugins of a worker as REST lists them (KIP-769).
import type { PluginKind } from '@millrace/api'
import type { PluginRegistry } from '../plugins/registry.ts'
import type { PluginInfo } from './entities.ts'

const CONNECTORS: readonly PluginKind[] = ['sink', 'source']
/** Kinds in the order in which they are listed; the others are not. */
const LISTED: readonly PluginKind[] = [...CONNECTORS, 'transformation', 'predicate', 'converter', 'header_converter']

/** Plugins by kind, then by class name, then by version. */
export function listPlugins(registry: PluginRegistry, connectorsOnly: boolean): PluginInfo[] {
  return (connectorsOnly ? CONNECTORS : LISTED).flatMap((kind) =>
    [...registry.list(kind)]
      .reverse()
      .sort((a, b) => (a.className < b.className ? -1 : a.className > b.className ? 1 : 0))
      .map((one) => ({
        class: one.className,
        type: kind,
        ...(one.version !== '' && one.version !== 'undefined' && { version: one.version }),
      })),
  )
}
