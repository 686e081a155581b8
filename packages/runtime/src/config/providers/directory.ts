// Texts from files of a folder, one file a key, as orchestrators mount secrets: `${directory:/run/secrets:password}`.
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type ConfigData, ConfigException, type ConfigProvider, errorMessage, type RawConfig } from '@millrace/api'
import { ALLOWED_PATHS_CONFIG, AllowedPaths } from './allowed-paths.ts'

/** Key is the name of a regular file, value its whole text in UTF-8, untrimmed. */
export class DirectoryConfigProvider implements ConfigProvider {
  readonly config = ALLOWED_PATHS_CONFIG
  #allowed = new AllowedPaths({})

  configure(configs: RawConfig): void {
    this.#allowed = new AllowedPaths(configs)
  }

  async get(path: string, keys?: ReadonlySet<string>): Promise<ConfigData> {
    const folder = path === '' ? undefined : this.#allowed.allow(path)
    if (folder === undefined) return { data: {} }
    const data: Record<string, string> = {}
    for (const name of await this.#names(folder)) {
      if (keys !== undefined && !keys.has(name)) continue
      const file = join(folder, name)
      try {
        if ((await stat(file)).isFile()) data[name] = await readFile(file, 'utf8')
      } catch (error) {
        throw new ConfigException(`Could not read file ${file} for property ${name}: ${errorMessage(error)}`, {
          cause: error,
        })
      }
    }
    return { data }
  }

  async #names(folder: string): Promise<string[]> {
    try {
      return await readdir(folder)
    } catch (error) {
      throw new ConfigException(`Could not list directory ${folder}: ${errorMessage(error)}`, { cause: error })
    }
  }
}
