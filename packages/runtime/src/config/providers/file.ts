// Texts from a .properties file: `${file:/path/secrets.properties:key}`.
import { readFile } from 'node:fs/promises'
import { type ConfigData, ConfigException, type ConfigProvider, errorMessage, type RawConfig } from '@millrace/api'
import { parseProperties } from '../properties.ts'
import { ALLOWED_PATHS_CONFIG, AllowedPaths } from './allowed-paths.ts'

/** Reads a properties file anew at each request, so that a changed secret is found at the next restart. */
export class FileConfigProvider implements ConfigProvider {
  readonly config = ALLOWED_PATHS_CONFIG
  #allowed = new AllowedPaths({})

  configure(configs: RawConfig): void {
    this.#allowed = new AllowedPaths(configs)
  }

  async get(path: string, keys?: ReadonlySet<string>): Promise<ConfigData> {
    if (path === '') return { data: {} }
    const allowed = this.#allowed.allow(path)
    if (allowed === undefined) return { data: {} }
    let text: string
    try {
      text = await readFile(allowed, 'utf8')
    } catch (error) {
      throw new ConfigException(`Could not read properties from file ${path}: ${errorMessage(error)}`, { cause: error })
    }
    const all = parseProperties(text)
    return { data: keys === undefined ? all : pick(all, keys) }
  }
}

function pick(all: Readonly<Record<string, string>>, keys: ReadonlySet<string>): Record<string, string> {
  return Object.fromEntries(Object.entries(all).filter(([key]) => keys.has(key)))
}
