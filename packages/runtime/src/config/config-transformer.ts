// `${provider:path:key}` in configurations (KIP-297): looked up at the last moment, and never shown afterwards.
import {
  type ConfigData,
  ConfigException,
  type ConfigProvider,
  ConnectException,
  type ConnectorProps,
  errorMessage,
  parseConfigValue,
  type RawConfig,
} from '@millrace/api'
import type { PluginRegistry } from '../plugins/registry.ts'
import { withPrefix } from './client-configs.ts'

/** A configuration with its references resolved. */
export interface Resolved<P> {
  readonly props: P
  /** Every text that a provider returned: secrets. */
  readonly secrets: readonly string[]
  /** Shortest time in milliseconds after which a value runs out, at most what a timer can wait; undefined when none does. */
  readonly ttlMs: number | undefined
}

/** Provider ends at the first colon, path at the second; without a second there is only a key. */
const REFERENCE = /\$\{([^}]*?):(?:([^}]*?):)?([^}]*?)\}/g

/** 24.8 days. A timer that is to wait longer fires at once: leases of 32 days are common, and would restart without end. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** Resolves references by the providers of one worker. */
export class ConfigTransformer {
  readonly #providers: ReadonlyMap<string, ConfigProvider>

  constructor(providers: ReadonlyMap<string, ConfigProvider>) {
    this.#providers = providers
  }

  /**
   * Makes and configures the providers that `workerProps` names. Their own settings may have references to those that have
   * none themselves, or that stand before them in the list.
   * @throws ConfigException for a provider without a class or with settings that do not fit
   */
  static async create(workerProps: ConnectorProps, registry: PluginRegistry): Promise<ConfigTransformer> {
    const providers = new Map<string, ConfigProvider>()
    const transformer = new ConfigTransformer(providers)
    const names = parseConfigValue('config.providers', 'list', workerProps['config.providers'] ?? '') ?? []
    const settings = names.map((name) => ({ name, props: withPrefix(workerProps, `config.providers.${name}.param.`) }))
    const refers = ({ props }: (typeof settings)[number]) => Object.values(props).some(hasReference)
    try {
      for (const { name, props } of settings.toSorted((a, b) => Number(refers(a)) - Number(refers(b)))) {
        const key = `config.providers.${name}.class`
        const className = workerProps[key]
        if (className === undefined || className.trim() === '') {
          throw new ConfigException(`The config provider '${name}' has no class: set ${key}.`, { configKey: key })
        }
        const provider = await registry.create('config_provider', className.trim(), key)
        provider.configure((await transformer.resolve(props)).props)
        providers.set(name, provider)
      }
    } catch (error) {
      await transformer.close()
      throw error
    }
    return transformer
  }

  /** Resolves references; what no provider knows stays as it is. Resolved texts are not looked into again. */
  async resolve<P extends RawConfig>(props: P): Promise<Resolved<P>> {
    if (this.#providers.size === 0) return { props, secrets: [], ttlMs: undefined }
    const found = await this.#lookUp(wanted(props))
    const secrets = new Set<string>()
    const replace = (whole: string, provider: string, path: string | undefined, key: string) => {
      const texts = found.texts.get(provider)?.get(path ?? '')
      // Own members only: constructor and its like are names as any other.
      const text = texts !== undefined && Object.hasOwn(texts, key) ? texts[key] : undefined
      if (text === undefined) return whole
      secrets.add(text)
      return text
    }
    const resolved = Object.fromEntries(
      Object.entries(props).map(([key, value]) => [key, value === null ? null : value.replace(REFERENCE, replace)]),
    )
    return { props: resolved as P, secrets: [...secrets].filter((one) => one !== ''), ttlMs: found.ttlMs }
  }

  /** Closes all providers. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#providers.values()].map((provider) => provider.close?.()))
  }

  async #lookUp(keys: ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>) {
    const texts = new Map<string, Map<string, Readonly<Record<string, string>>>>()
    let ttlMs: number | undefined
    for (const [name, paths] of keys) {
      const provider = this.#providers.get(name)
      if (provider === undefined) continue
      const byPath = new Map<string, Readonly<Record<string, string>>>()
      for (const [path, wantedKeys] of paths) {
        const answer = await ask(name, provider, path, wantedKeys)
        byPath.set(path, answer.data)
        if (answer.ttlMs !== undefined && answer.ttlMs >= 0) ttlMs = Math.min(ttlMs ?? LONGEST_TIMER_MS, answer.ttlMs)
      }
      texts.set(name, byPath)
    }
    return { texts, ttlMs }
  }
}

/** What a provider answers, which may be anybody's code: its failures name it, and only texts pass. */
async function ask(
  name: string,
  provider: ConfigProvider,
  path: string,
  keys: ReadonlySet<string>,
): Promise<ConfigData> {
  let answer: ConfigData
  try {
    answer = await provider.get(path, keys)
  } catch (error) {
    if (error instanceof ConnectException) throw error
    throw new ConfigException(`The config provider '${name}' failed at path '${path}': ${errorMessage(error)}`, {
      cause: error,
    })
  }
  const data = answer?.data
  if (typeof data !== 'object' || data === null) {
    throw new ConfigException(`The config provider '${name}' gave no data for path '${path}': get must return { data }`)
  }
  for (const key of keys) {
    if (!Object.hasOwn(data, key) || data[key] === undefined || typeof data[key] === 'string') continue
    throw new ConfigException(`The config provider '${name}' gave no text for ${key} of path '${path}'`)
  }
  return answer
}

/** True when the text has a reference in it. */
export function hasReference(text: string | null | undefined): boolean {
  return text?.includes('${') === true && text.search(REFERENCE) >= 0
}

/**
 * Task configs as they are stored: where the connector's own setting of the same key is a reference, the reference
 * stands in place of the text it resolved to.
 */
export function reverseTransform(
  connectorProps: ConnectorProps,
  taskConfigs: readonly ConnectorProps[],
): ConnectorProps[] {
  const references = Object.entries(connectorProps).filter(([, value]) => hasReference(value))
  if (references.length === 0) return [...taskConfigs]
  return taskConfigs.map((task) => {
    const copy: Record<string, string> = { ...task }
    for (const [key, value] of references) if (Object.hasOwn(copy, key)) copy[key] = value
    return copy
  })
}

/** Keys wanted, by provider and path. */
function wanted(props: RawConfig): Map<string, Map<string, Set<string>>> {
  const keys = new Map<string, Map<string, Set<string>>>()
  for (const value of Object.values(props)) {
    if (value === null) continue
    for (const [, provider = '', path = '', key = ''] of value.matchAll(REFERENCE)) {
      const paths = keys.get(provider) ?? new Map<string, Set<string>>()
      keys.set(provider, paths)
      paths.set(path, (paths.get(path) ?? new Set()).add(key))
    }
  }
  return keys
}
