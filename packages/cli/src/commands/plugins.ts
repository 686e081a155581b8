// millrace plugins: what can be named in a configuration, without starting a worker.
import { loadWorkerFile, PluginRegistry, pluginModulesOf, syncManifest } from '@millrace/runtime'
import { BUILTIN_PLUGIN_MODULES } from '../builtin-plugins.ts'
import { tableLines } from '../output/table.ts'

/** Lists plugins: those that come along, and those of a worker configuration's `plugin.path`. */
export async function plugins(options: { readonly worker?: string; readonly json?: boolean }): Promise<void> {
  const workerProps = options.worker === undefined ? {} : await loadWorkerFile(options.worker)
  const registry = await PluginRegistry.load(await pluginModulesOf(workerProps, BUILTIN_PLUGIN_MODULES))
  const all = registry
    .list()
    .map(({ kind, className, version, aliases }) => ({ kind, className, version, aliases: aliases ?? [] }))
  if (options.json === true) {
    console.log(JSON.stringify(all, null, 2))
    return
  }
  const rows = all.map((one) => [one.kind, one.className, one.version, one.aliases.join(', ')])
  console.log(tableLines([['TYPE', 'CLASS', 'VERSION', 'ALSO CALLED'], ...rows]).join('\n'))
}

/** Writes the manifest of a package of plugins, or checks it: then a manifest that is not true sets exit code 1. */
export async function pluginManifest(folder: string, options: { readonly check?: boolean }): Promise<void> {
  const { entries, upToDate } = await syncManifest(folder, options.check === true ? 'check' : 'write')
  const count = `${entries.length} plugin${entries.length === 1 ? '' : 's'}`
  if (upToDate) console.log(`The manifest of ${folder} is up to date: ${count}.`)
  else if (options.check !== true) console.log(`The manifest of ${folder} was written: ${count}.`)
  else {
    console.error(`The manifest of ${folder} is not what its code says. Write it: millrace plugins manifest ${folder}`)
    process.exitCode = 1
  }
}
