// Config providers: where `${provider:path:key}` in a configuration gets its text from.
import type { ConfigDef, RawConfig } from '../config/config-def.ts'
import type { MaybePromise } from './converter.ts'

/** Answer of a provider: texts by key, and how long they hold. */
export interface ConfigData {
  readonly data: Readonly<Record<string, string>>
  /** Milliseconds after which the texts should be asked for again; undefined for ever. */
  readonly ttlMs?: number
}

/** Resolves references in configurations (KIP-297). Everything it returns is treated as a secret: masked on every way out. */
export interface ConfigProvider {
  readonly config: ConfigDef
  configure(configs: RawConfig): void
  /** Texts of `keys` (all keys when undefined) under `path` (empty when the reference has none). Unknown keys are left out. */
  get(path: string, keys?: ReadonlySet<string>): MaybePromise<ConfigData>
  close?(): MaybePromise<void>
}
