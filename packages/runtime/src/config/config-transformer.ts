// `${provider:path:key}` in configurations (KIP-297): looked up at the last moment, and never shown afterwards.
import {
  ConfigException,
  type ConfigProvider,
  type ConnectorProps,
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
  /** Shortest time in milliseconds after which a value runs out; undefined when none does. */
  readonly ttlMs: number | undefined
}

/** Provider ends at the first colon, path at the second; without a second there is only a key. */
const REFERENCE = /\$\{([^}]*?):(?:([^}]*?):)?([^}]*?)\}/g

/** Resolves references by the providers of one worker. */
export class ConfigTransformer {
  readonly #providers: ReadonlyMap<string, ConfigProvider>

  constructor(providers: ReadonlyMap<string, ConfigProvider>) {
    this.#providers = providers
  }

  /**
   * Makes and configures the providers that `workerProps` names.
   * @throws ConfigException for a provider without a class or with settings that do not fit
   */
  static async create(workerProps: ConnectorProps, registry: PluginRegistry): Promise<ConfigTransformer> {
    const providers = new Map<string, ConfigProvider>()
    for (const name of parseConfigValue('config.providers', 'list', workerProps['config.providers'] ?? '') ?? []) {
      const key = `config.providers.${name}.class`
      const className = workerProps[key]
      if (className === undefined || className.trim() === '') {
        throw new ConfigException(`The config provider '${name}' has no class: set ${key}.`, { configKey: key })
      }
      const provider = await registry.create('config_provider', className.trim(), key)
      provider.configure(withPrefix(workerProps, `config.providers.${name}.param.`))
      providers.set(name, provider)
    }
    return new ConfigTransformer(providers)
  }

  /** Resolves references; what no provider knows stays as it is. Resolved texts are not looked into again. */
  async resolve<P extends RawConfig>(props: P): Promise<Resolved<P>> {
    if (this.#providers.size === 0) return { props, secrets: [], ttlMs: undefined }
    const found = await this.#lookUp(wanted(props))
    const secrets = new Set<string>()
    const replace = (whole: string, provider: string, path: string | undefined, key: string) => {
      const text = found.texts.get(provider)?.get(path ?? '')?.[key]
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
        const answer = await provider.get(path, wantedKeys)
        byPath.set(path, answer.data)
        if (answer.ttlMs !== undefined && answer.ttlMs >= 0) ttlMs = Math.min(ttlMs ?? answer.ttlMs, answer.ttlMs)
      }
      texts.set(name, byPath)
    }
    return { texts, ttlMs }
  }
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
