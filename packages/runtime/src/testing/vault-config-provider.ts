// Secrets of a HashiCorp Vault, key-value engine version 2: `${vault:secret/data/orders:password}`.
import {
  type ConfigData,
  ConfigException,
  type ConfigProvider,
  defineConfig,
  definePlugins,
  type RawConfig,
} from '@millrace/api'

const CONFIG = defineConfig({
  address: { type: 'string', importance: 'high', doc: 'Address of the vault, as https://vault:8200.' },
  token: { type: 'password', importance: 'high', doc: 'Token to log in with.' },
})

class VaultConfigProvider implements ConfigProvider {
  readonly config = CONFIG
  #address = ''
  #token = ''

  configure(configs: RawConfig): void {
    const config = CONFIG.parse(configs)
    this.#address = config.address
    this.#token = config.token.value
  }

  async get(path: string, keys?: ReadonlySet<string>): Promise<ConfigData> {
    const headers = { 'x-vault-token': this.#token }
    const response = await fetch(`${this.#address}/v1/${path}`, { headers, signal: AbortSignal.timeout(10_000) })
    if (!response.ok) throw new ConfigException(`The vault answered ${response.status} for ${path}`)
    const secret = (await response.json()) as { data: { data: Record<string, string> }; lease_duration: number }
    const data = Object.fromEntries(Object.entries(secret.data.data).filter(([key]) => keys?.has(key) ?? true))
    return secret.lease_duration > 0 ? { data, ttlMs: secret.lease_duration * 1000 } : { data }
  }
}

export const plugins = definePlugins([
  {
    kind: 'config_provider',
    className: 'my.VaultConfigProvider',
    version: '1.0',
    load: async () => VaultConfigProvider,
  },
])
