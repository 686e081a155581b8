// The manifest of a package of plugins: the key `millrace` of its package.json. It is written and published with the package,
// is read anyway to find the entry module, and tells what is inside without running any of it.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ConnectException, type PluginKind } from '@millrace/api'
import { discover } from './discovery.ts'
import type { ManifestEntry } from './sources.ts'

const KINDS: Readonly<Record<PluginKind, true>> = {
  source: true,
  sink: true,
  converter: true,
  header_converter: true,
  transformation: true,
  predicate: true,
  config_provider: true,
  rest_extension: true,
  override_policy: true,
}

/** The parts of a package.json that say what a package holds. */
export interface PackageJson {
  readonly main?: string
  readonly exports?: unknown
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly millrace?: { readonly plugins?: unknown }
}

/** A package of plugins. */
export interface PluginPackage {
  /** URL of the module that exports `plugins`. */
  readonly module: string
  /** Undefined where the package has no manifest. */
  readonly manifest: readonly ManifestEntry[] | undefined
}

/** The package in a folder; undefined for a folder that is none, or one that has nothing to do with plugins. @throws ConnectException for a bad manifest */
export async function readPackage(folder: string): Promise<PluginPackage | undefined> {
  const file = join(folder, 'package.json')
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const json = parse(text, file)
  const manifest = entries(json.millrace?.plugins, file)
  const needs = { ...json.dependencies, ...json.peerDependencies }
  if (manifest === undefined && needs['@millrace/api'] === undefined) return undefined
  const entry = mainExport(json.exports) ?? json.main ?? 'index.js'
  return { module: pathToFileURL(join(folder, entry)).href, manifest }
}

/**
 * Compares the manifest of the package in `folder` with its code, and writes it anew unless it is only to be checked.
 * @returns the entries, and whether the manifest said just that before
 * @throws ConnectException when the folder has no package or its code cannot be imported
 */
export async function syncManifest(
  folder: string,
  mode: 'write' | 'check',
): Promise<{ readonly entries: readonly ManifestEntry[]; readonly upToDate: boolean }> {
  const file = join(folder, 'package.json')
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new ConnectException(`${folder} has no package.json, and a manifest stands in one.`, { cause })
  })
  const json = parse(text, file)
  const module = pathToFileURL(join(folder, mainExport(json.exports) ?? json.main ?? 'index.js')).href
  const { plugins } = await discover(module)
  const upToDate = JSON.stringify(json.millrace?.plugins) === JSON.stringify(plugins)
  if (!upToDate && mode === 'write') {
    const indent = /\n([ \t]+)"/.exec(text)?.[1] ?? '  '
    const changed = { ...json, millrace: { ...json.millrace, plugins } }
    await writeFile(file, `${JSON.stringify(changed, null, indent)}\n`)
  }
  return { entries: plugins, upToDate }
}

function parse(text: string, file: string): PackageJson {
  try {
    return JSON.parse(text) as PackageJson
  } catch (cause) {
    throw new ConnectException(`${file} is not JSON.`, { cause })
  }
}

function entries(list: unknown, file: string): readonly ManifestEntry[] | undefined {
  if (list === undefined) return undefined
  if (!Array.isArray(list) || !list.every(isEntry)) {
    throw new ConnectException(
      `The manifest in ${file} cannot be read: \`millrace.plugins\` is a list of {kind, className, version, aliases}. ` +
        'Write it anew: millrace plugins manifest FOLDER.',
    )
  }
  return list
}

function isEntry(one: unknown): one is ManifestEntry {
  if (typeof one !== 'object' || one === null) return false
  const { kind, className, version, aliases = [] } = one as Partial<Record<keyof ManifestEntry, unknown>>
  return (
    typeof kind === 'string' &&
    Object.hasOwn(KINDS, kind) &&
    typeof className === 'string' &&
    typeof version === 'string' &&
    Array.isArray(aliases) &&
    aliases.every((alias) => typeof alias === 'string')
  )
}

function mainExport(exports: unknown): string | undefined {
  if (typeof exports === 'string') return exports
  if (typeof exports !== 'object' || exports === null) return undefined
  const map = exports as Readonly<Record<string, unknown>>
  return mainExport(map['.'] ?? map.import ?? map.default)
}
