// `allowed.paths` of the file and directory providers: nothing outside is read, whatever a connector's author asks for.
import { existsSync } from 'node:fs'
import { isAbsolute, normalize, sep } from 'node:path'
import { ConfigException, defineConfig, parseConfigValue, type RawConfig } from '@millrace/api'

export const ALLOWED_PATHS_CONFIG = defineConfig({
  'allowed.paths': {
    type: 'list',
    default: null,
    importance: 'low',
    doc: 'Files and folders that may be read, with all below them, as absolute paths. Without it everything may be read.',
  },
})

/** Which paths may be read. */
export class AllowedPaths {
  readonly #prefixes: readonly string[]

  /** @throws ConfigException for a path that is relative or does not exist */
  constructor(configs: RawConfig) {
    const paths = parseConfigValue('allowed.paths', 'list', configs['allowed.paths']) ?? []
    this.#prefixes = paths.map(checked)
  }

  /** The normalized path, or undefined when it may not be read. */
  allow(path: string): string | undefined {
    const normal = normalize(path)
    if (this.#prefixes.length === 0) return normal
    return this.#prefixes.some((prefix) => normal === prefix || normal.startsWith(withSeparator(prefix)))
      ? normal
      : undefined
  }
}

function checked(path: string): string {
  if (!isAbsolute(path)) throw ConfigException.invalidValue('allowed.paths', path, `Path ${path} is not absolute`)
  if (!existsSync(path)) throw ConfigException.invalidValue('allowed.paths', path, `Path ${path} does not exist`)
  const normal = normalize(path)
  return normal.length > 1 && normal.endsWith(sep) ? normal.slice(0, -1) : normal
}

function withSeparator(path: string): string {
  return path.endsWith(sep) ? path : path + sep
}
