// `plugin.path`: folders with packages of plugins. A package is taken when it is built on the api package of this project;
// what else lies there, Java archives above all, is left alone and named.
import { readdir, readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { errorMessage } from '@millrace/api'

/** What was found. */
export interface PluginPathScan {
  /** Modules to import, as file URLs. */
  readonly modules: readonly string[]
  /** What is worth a warning. */
  readonly warnings: readonly string[]
}

/** Looks into each folder, and one level deeper. Throws nothing. */
export async function scanPluginPath(paths: readonly string[]): Promise<PluginPathScan> {
  const modules: string[] = []
  const warnings: string[] = []
  for (const path of paths.map((one) => one.trim()).filter((one) => one !== '')) {
    try {
      const { packages, archives } = await scan(resolve(path))
      modules.push(...packages)
      if (archives > 0) {
        warnings.push(
          `plugin.path ${path} holds ${archives} Java archives, which cannot be loaded. Built-in plugins stand in for many of them.`,
        )
      }
    } catch (error) {
      warnings.push(`plugin.path ${path} cannot be read and is left out: ${errorMessage(error)}`)
    }
  }
  return { modules, warnings }
}

async function scan(path: string): Promise<{ packages: string[]; archives: number }> {
  if ((await stat(path)).isFile()) {
    return path.endsWith('.jar') ? { packages: [], archives: 1 } : { packages: [pathToFileURL(path).href], archives: 0 }
  }
  const own = await packageEntry(path)
  if (own !== undefined) return { packages: [own], archives: 0 }
  const packages: string[] = []
  let archives = 0
  for (const entry of await readdir(path, { withFileTypes: true })) {
    if (entry.name.endsWith('.jar')) archives++
    if (!entry.isDirectory()) continue
    const child = join(path, entry.name)
    const found = await packageEntry(child)
    if (found !== undefined) packages.push(found)
    else archives += (await readdir(child)).filter((name) => name.endsWith('.jar')).length
  }
  return { packages, archives }
}

/** Entry module of a package of plugins, or undefined. */
async function packageEntry(folder: string): Promise<string | undefined> {
  const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const manifest = JSON.parse(text) as {
    readonly main?: string
    readonly exports?: unknown
    readonly dependencies?: Record<string, string>
    readonly peerDependencies?: Record<string, string>
  }
  const needs = { ...manifest.dependencies, ...manifest.peerDependencies }
  if (needs['@millrace/api'] === undefined) return undefined
  const entry = mainExport(manifest.exports) ?? manifest.main ?? 'index.js'
  return pathToFileURL(join(folder, entry)).href
}

function mainExport(exports: unknown): string | undefined {
  if (typeof exports === 'string') return exports
  if (typeof exports !== 'object' || exports === null) return undefined
  const map = exports as Readonly<Record<string, unknown>>
  return mainExport(map['.'] ?? map.import ?? map.default)
}
