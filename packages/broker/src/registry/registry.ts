// The registry: what is registered, how to ask, and how to change it. It knows no HTTP and no Kafka.
import type { CompatibilityLevel } from '@millrace/schemas'
import { RegistryDeletions } from './core/deletions.ts'
import { type LanguageLoaders, Languages } from './core/languages.ts'
import type { RegistryLog } from './core/log.ts'
import { RegistryQueries } from './core/queries.ts'
import { RegistrySchemas } from './core/schemas.ts'
import { RegistrySettings } from './core/settings.ts'
import type { RegistryState } from './core/state.ts'

/** What the registry says of itself. */
export interface AboutRegistry {
  readonly clusterId: string | null
  readonly groupId: string
  readonly version: string
  readonly commitId: string
}

/** What a registry is made of. */
export interface RegistryOptions {
  /** What `log` applies its records to. */
  readonly state: RegistryState
  readonly log: RegistryLog
  readonly languages: LanguageLoaders
  /** The level where none is set. */
  readonly defaultLevel: CompatibilityLevel
  readonly modesMayChange: boolean
  readonly about: AboutRegistry
}

/** All rooms of the registry. */
export class Registry {
  readonly queries: RegistryQueries
  readonly languages: Languages
  readonly schemas: RegistrySchemas
  readonly deletions: RegistryDeletions
  readonly settings: RegistrySettings
  readonly about: AboutRegistry

  constructor({ state, log, languages, defaultLevel, modesMayChange, about }: RegistryOptions) {
    this.queries = new RegistryQueries(state, defaultLevel)
    this.languages = new Languages(languages)
    const parts = { queries: this.queries, languages: this.languages, log }
    this.schemas = new RegistrySchemas(parts)
    this.deletions = new RegistryDeletions(parts)
    this.settings = new RegistrySettings(parts, modesMayChange)
    this.about = about
  }
}
