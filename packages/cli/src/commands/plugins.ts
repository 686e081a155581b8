// millrace plugins: what can be named in a configuration, without starting a worker.
import { loadWorkerFile, PluginRegistry, pluginModulesOf } from '@millrace/runtime'
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
