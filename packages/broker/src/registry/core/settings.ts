// Changing settings and modes of subjects, of contexts, and of all.
import { errors } from '../errors.ts'
import { hasPrefix, parseSubject } from '../model/subject-name.ts'
import type { Mode, RegistryConfig } from '../model/values.ts'
import { checkWritable, type RegistryParts } from './schemas.ts'

/** Settings to change: a key with null is taken away, one that is absent stays. */
export type ConfigChange = { readonly [key in keyof RegistryConfig]?: RegistryConfig[key] | null }

/** Changes settings. For the primary alone, one call at a time. A subject is null for settings of all. */
export class RegistrySettings {
  readonly #parts: RegistryParts
  readonly #modesMayChange: boolean

  constructor(parts: RegistryParts, modesMayChange: boolean) {
    this.#parts = parts
    this.#modesMayChange = modesMayChange
  }

  /** @throws RegistryError */
  async updateConfig(subject: string | null, change: ConfigChange): Promise<void> {
    const { queries, log } = this.#parts
    checkWritable(subject, queries.modeInScope(subject))
    await log.catchUp()
    const merged = { ...queries.state.config(subject), ...change }
    await log.append({ key: { keytype: 'CONFIG', subject }, value: inOrder(merged) })
  }

  /** @throws RegistryError */
  async deleteConfig(subject: string | null): Promise<void> {
    const { queries, log } = this.#parts
    checkWritable(subject, queries.modeInScope(subject))
    await log.catchUp()
    await log.append({ key: { keytype: 'CONFIG', subject }, value: null })
  }

  /** @param mode null goes back to what stands above @throws RegistryError */
  async setMode(subject: string | null, mode: Mode | null, force: boolean): Promise<void> {
    const { queries, log } = this.#parts
    this.#checkChangeable()
    await log.catchUp()
    if (mode === 'IMPORT' && queries.modeInScope(subject) !== 'IMPORT' && !force) await this.#makeRoom(subject)
    await log.append({ key: { keytype: 'MODE', subject }, value: mode })
  }

  /** @param recursive with a context: the modes of its subjects, too @throws RegistryError */
  async deleteMode(subject: string | null, recursive: boolean): Promise<void> {
    const { queries, log } = this.#parts
    this.#checkChangeable()
    await log.catchUp()
    await log.append({ key: { keytype: 'MODE', subject }, value: null })
    if (!recursive || (subject !== null && parseSubject(subject).subject !== '')) return
    for (const one of [...queries.state.modes().keys()]) {
      if (one === null || one === subject || !hasPrefix(one, subject ?? '')) continue
      await log.append({ key: { keytype: 'MODE', subject: one }, value: null })
    }
  }

  /** Ids can come from outside only where there are none: what was deleted softly goes for good. */
  async #makeRoom(subject: string | null): Promise<void> {
    const { queries, log } = this.#parts
    if (queries.hasSubjects(subject, 'live')) {
      throw errors.notPermitted('Cannot import since found existing subjects')
    }
    const versions = queries.subjectsWithin(subject).flatMap((one) => queries.versions(one, 'all'))
    for (const one of versions) {
      if (queries.referrers(one.subject, one.version, 'all').length > 0) {
        throw errors.referenceExists(one.subject, one.version)
      }
    }
    for (const { subject: name, version } of versions) {
      await log.append({ key: { keytype: 'SCHEMA', subject: name, version }, value: null })
    }
    await log.append({ key: { keytype: 'CLEAR_SUBJECT', subject }, value: true })
  }

  #checkChangeable(): void {
    if (!this.#modesMayChange) throw errors.notPermitted('Mode changes are not allowed')
  }
}

const ORDER = [
  'alias',
  'aliasForDeks',
  'normalize',
  'validateFields',
  'validateNewSchemas',
  'validateRules',
  'compatibilityLevel',
  'compatibilityPolicy',
  'compatibilityGroup',
  'defaultMetadata',
  'overrideMetadata',
  'defaultRuleSet',
  'overrideRuleSet',
] as const satisfies readonly (keyof RegistryConfig)[]

/** As the reference writes them: in its order, without what is not set. */
function inOrder(config: ConfigChange): RegistryConfig {
  const set = ORDER.filter((key) => config[key] !== undefined && config[key] !== null)
  return Object.fromEntries(set.map((key) => [key, config[key]]))
}
