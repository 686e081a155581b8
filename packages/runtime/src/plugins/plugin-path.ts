// `plugin.path`: npm packages, folders of them, and single modules. A package with a manifest is listed without running its
// code; any other module is imported once in a thread of its own. Java archives are named with what stands in for them.
import { readdir, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { errorMessage, parseConfigValue, type RawConfig } from '@millrace/api'
import { discover } from './discovery.ts'
import { type JavaPlugin, readJavaPlugin } from './java-archives.ts'
import { readPackage } from './manifest.ts'
import { type ListedModule, stampOf } from './sources.ts'

/** What was found. */
export interface PluginPathScan {
  readonly modules: readonly ListedModule[]
  /** Plugins of Java, which cannot be loaded. */
  readonly java: readonly JavaPlugin[]
  /** What is worth a warning. */
  readonly warnings: readonly string[]
}

/** Single modules. Tests and declarations are none. */
const MODULE = /\.[mc]?[jt]s$/
const NOT_A_MODULE = /\.d\.[mc]?ts$|\.test\.[mc]?[jt]s$/
/** Folders that hold packages in turn: scopes of npm, and its place for packages. */
const NESTED = /^@|^node_modules$/

const NOTHING: PluginPathScan = { modules: [], java: [], warnings: [] }

/** `plugin.path` as a list; its variables are not resolved, as the reference's are not. */
export function pluginPaths(workerProps: RawConfig): readonly string[] {
  return parseConfigValue('plugin.path', 'list', workerProps['plugin.path'] ?? '') ?? []
}

/** Looks at each file, into each folder, and one level deeper. Throws nothing. */
export async function scanPluginPath(paths: readonly string[]): Promise<PluginPathScan> {
  const modules = new Map<string, ListedModule>()
  const java: JavaPlugin[] = []
  const warnings: string[] = []
  for (const path of paths.map((one) => one.trim()).filter((one) => one !== '')) {
    try {
      const whole = resolve(path)
      const found = (await stat(whole)).isFile() ? await ofFile(whole) : await ofFolder(whole, 0)
      for (const one of found.modules) modules.set(one.module, one)
      java.push(...found.java)
      warnings.push(...found.warnings)
    } catch (error) {
      warnings.push(`plugin.path ${path} cannot be read and is left out: ${errorMessage(error)}`)
    }
  }
  return { modules: [...modules.values()], java, warnings }
}

async function ofFile(path: string): Promise<PluginPathScan> {
  if (path.endsWith('.jar')) return { ...NOTHING, java: [await readJavaPlugin(path, [path])] }
  return taken(path, async () => discover(pathToFileURL(path).href))
}

async function ofFolder(path: string, depth: number): Promise<PluginPathScan> {
  const own = await ofPackage(path)
  if (own !== undefined) return own
  const parts: Promise<PluginPathScan>[] = []
  const archives: string[] = []
  for (const entry of (await readdir(path, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const child = join(path, entry.name)
    const folder = entry.isDirectory() || (entry.isSymbolicLink() && (await stat(child)).isDirectory())
    if (!folder && entry.name.endsWith('.jar')) archives.push(child)
    else if (!folder && MODULE.test(entry.name) && !NOT_A_MODULE.test(entry.name) && depth === 0)
      parts.push(ofFile(child))
    else if (folder && !entry.name.startsWith('.') && (depth === 0 || NESTED.test(basename(path)))) {
      parts.push(ofFolder(child, depth + 1))
    }
  }
  const found = await Promise.all(parts)
  // Archives of the folder itself are a plugin each; those of a folder in it are one plugin with its libraries.
  const groups = depth === 0 ? archives.map((one) => [one]) : archives.length === 0 ? [] : [archives]
  const java = await Promise.all(
    groups.map((group) => readJavaPlugin(depth === 0 ? (group[0] as string) : path, group)),
  )
  return {
    modules: found.flatMap((one) => one.modules),
    java: [...found.flatMap((one) => one.java), ...java],
    warnings: found.flatMap((one) => one.warnings),
  }
}

async function ofPackage(folder: string): Promise<PluginPathScan | undefined> {
  try {
    const found = await readPackage(folder)
    if (found === undefined) return undefined
    const { module, manifest } = found
    return await taken(folder, async () =>
      manifest === undefined ? discover(module) : { module, stamp: await stampOf(module), plugins: manifest },
    )
  } catch (error) {
    return { ...NOTHING, warnings: [leftOut(folder, error)] }
  }
}

async function taken(path: string, find: () => Promise<ListedModule>): Promise<PluginPathScan> {
  try {
    return { ...NOTHING, modules: [await find()] }
  } catch (error) {
    return { ...NOTHING, warnings: [leftOut(path, error)] }
  }
}

function leftOut(path: string, error: unknown): string {
  return `${path} on plugin.path is left out: ${errorMessage(error)}`
}
