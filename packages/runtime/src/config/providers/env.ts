// Texts from environment variables: `${env:NAME}`.
import {
  type ConfigData,
  ConfigException,
  type ConfigProvider,
  compileJavaRegex,
  defineConfig,
  type RawConfig,
} from '@millrace/api'

const CONFIG = defineConfig({
  'allowlist.pattern': {
    type: 'string',
    default: null,
    importance: 'low',
    doc: 'Regular expression that the whole name of a variable must match to be readable. Without it all are.',
  },
})

/** Reads the environment of the process. */
export class EnvVarConfigProvider implements ConfigProvider {
  readonly config = CONFIG
  #pattern: RegExp | null = null

  configure(configs: RawConfig): void {
    const pattern = configs['allowlist.pattern']
    // An empty pattern is one: it allows nothing, as in the reference. Whoever leaves the list empty does not mean all.
    if (pattern === null || pattern === undefined) return
    const compiled = compileJavaRegex(pattern)
    if (typeof compiled === 'string')
      throw ConfigException.invalidValue('allowlist.pattern', pattern, `Invalid regex: ${compiled}`)
    this.#pattern = compiled
  }

  get(path: string, keys?: ReadonlySet<string>): ConfigData {
    if (path !== '') {
      throw new ConfigException(`Path is not supported for EnvVarConfigProvider, invalid value '${path}'`)
    }
    const data: Record<string, string> = {}
    for (const [name, value] of Object.entries(process.env)) {
      if (value === undefined || (keys !== undefined && !keys.has(name))) continue
      if (this.#pattern === null || this.#pattern.test(name)) data[name] = value
    }
    return { data }
  }
}
