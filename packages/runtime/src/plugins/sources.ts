// Where plugins come from: modules to import, or modules with a manifest, which are imported when a plugin is first made.
import { stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type AnyPluginDescriptor, ConnectException, errorMessage, type PluginKind } from '@millrace/api'

/** One plugin as a manifest names it: a descriptor without its code. */
export interface ManifestEntry {
  readonly kind: PluginKind
  readonly className: string
  readonly version: string
  readonly aliases?: readonly string[]
  readonly runsConfiguredCode?: boolean
}

/** A module whose plugins are known without importing it. Crosses thread boundaries as it is. */
export interface ListedModule {
  /** URL of the module that exports `plugins`. */
  readonly module: string
  /** State of the module's file when it was listed. @see stampOf */
  readonly stamp: string
  readonly plugins: readonly ManifestEntry[]
}

/** An import specifier or file URL of a module that is imported to be listed, or a module that is listed already. */
export type PluginSource = string | ListedModule

/** The descriptors of a source. @throws ConnectException naming the module that cannot be imported or has no such export */
export async function descriptorsOf(source: PluginSource): Promise<readonly AnyPluginDescriptor[]> {
  if (typeof source === 'string') return importPlugins(source)
  // One import for all plugins of the module. A failed one is tried again, since what was missing may have come.
  let loading: Promise<readonly AnyPluginDescriptor[]> | undefined
  const all = () => {
    loading ??= importUnchanged(source).catch((error) => {
      loading = undefined
      throw error
    })
    return loading
  }
  return source.plugins.map((entry) => ({ ...entry, load: async () => loadOf(entry, source, await all()) }) as never)
}

async function loadOf(entry: ManifestEntry, source: ListedModule, real: readonly AnyPluginDescriptor[]) {
  const found = real.find((one) => one.kind === entry.kind && one.className === entry.className)
  if (found !== undefined && found.version === entry.version) return found.load()
  const there = found === undefined ? 'does not have that plugin' : `has version ${found.version} of it`
  throw new ConnectException(
    `The manifest names ${entry.className} version ${entry.version}, but ${source.module} ${there}. ` +
      'Write the manifest anew: millrace plugins manifest FOLDER.',
  )
}

/** A module that was changed since it was listed is not imported: threads would run different code of one version. */
async function importUnchanged({ module, stamp }: ListedModule): Promise<readonly AnyPluginDescriptor[]> {
  if ((await stampOf(module)) !== stamp) {
    throw new ConnectException(
      `${module} was changed since this worker found it. Restart the worker, or put each version into a folder of its own.`,
    )
  }
  return importPlugins(module)
}

/** Size and time of change of a module's file. */
export async function stampOf(module: string): Promise<string> {
  const { size, mtimeMs } = await stat(fileURLToPath(module))
  return `${size}-${mtimeMs}`
}

/** Imports a module and gives its `plugins`. @throws ConnectException */
export async function importPlugins(specifier: string): Promise<readonly AnyPluginDescriptor[]> {
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

/** Descriptors as a manifest holds them. */
export function entriesOf(plugins: readonly AnyPluginDescriptor[]): ManifestEntry[] {
  return plugins.map(({ kind, className, version, aliases, runsConfiguredCode }) => ({
    kind,
    className,
    version,
    ...(aliases !== undefined && aliases.length > 0 && { aliases: [...aliases] }),
    ...(runsConfiguredCode === true && { runsConfiguredCode }),
  }))
}
