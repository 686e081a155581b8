// Questions about what is registered: settings in scope, versions that count, lists with their filters.

import type { CompatibilityLevel } from '@millrace/schemas'
import {
  contextPrefix,
  DEFAULT_CONTEXT,
  GLOBAL_CONTEXT,
  hasPrefix,
  isWithin,
  parseSubject,
  qualify,
  relativeTo,
} from '../model/subject-name.ts'
import type { Mode, RegistryConfig, SchemaVersion } from '../model/values.ts'
import type { ContextId, RegistryState } from './state.ts'

/** Which versions count: those that live, all, or those deleted softly. */
export type Filter = 'live' | 'all' | 'deleted'

const GLOBAL = contextPrefix(GLOBAL_CONTEXT)

/** True for versions that a filter lets through. */
export function passes(filter: Filter, deleted: boolean): boolean {
  return filter === 'all' || deleted === (filter === 'deleted')
}

/** Reads what is registered. */
export class RegistryQueries {
  readonly state: RegistryState
  readonly #defaultLevel: CompatibilityLevel

  constructor(state: RegistryState, defaultLevel: CompatibilityLevel) {
    this.state = state
    this.#defaultLevel = defaultLevel
  }

  /** Settings of a subject or context itself; null for those of all. The latter are never undefined. */
  config(subject: string | null): RegistryConfig | undefined {
    const own = this.state.config(subject)
    if (own !== undefined) return { compatibilityLevel: this.#defaultLevel, ...own }
    return subject === null || parseSubject(subject).context === GLOBAL_CONTEXT ? this.#defaults() : undefined
  }

  /** Settings that count for a subject: its own, and where it says nothing those above it. */
  configInScope(subject: string | null): RegistryConfig {
    const own = subject === null ? undefined : this.config(subject)
    if (own === undefined) return this.#inherited(subject)
    const { normalize, validateFields, validateNewSchemas, validateRules, compatibilityPolicy, compatibilityGroup } =
      this.config(null) as RegistryConfig
    const above = {
      normalize,
      validateFields,
      validateNewSchemas,
      validateRules,
      compatibilityPolicy,
      compatibilityGroup,
    }
    return { ...(present(above) as RegistryConfig), ...own }
  }

  mode(subject: string | null): Mode | undefined {
    const own = this.state.mode(subject)
    if (own !== undefined) return own
    return subject === null || parseSubject(subject).context === GLOBAL_CONTEXT ? 'READWRITE' : undefined
  }

  modeInScope(subject: string | null): Mode {
    const above = scopes(subject).map((scope) => this.state.mode(scope))
    return above.find((mode) => mode !== undefined) ?? 'READWRITE'
  }

  /** A version; -1 is the latest that lives. */
  version(subject: string, version: number, filter: 'live' | 'all' = 'live'): SchemaVersion | undefined {
    if (version === -1) return this.versions(subject, 'live').at(-1)
    const found = this.state.version(subject, version)
    return found !== undefined && passes(filter, found.deleted) ? found : undefined
  }

  /** As {@link version}; a subject without a context is looked for in all of them, its own first. */
  versionInContexts(subject: string, version: number, filter: 'live' | 'all'): SchemaVersion | undefined {
    for (const name of this.inContexts(subject)) {
      const found = this.version(name, version, filter)
      if (found !== undefined) return found
    }
    return undefined
  }

  /** A subject's names in all contexts, the given one first; only that when it says its context. */
  inContexts(subject: string): string[] {
    const { context, subject: bare } = parseSubject(subject)
    if (context !== DEFAULT_CONTEXT) return [subject]
    return [subject, ...this.state.contexts().map((one) => qualify({ context: one, subject: bare }))]
  }

  versions(subject: string, filter: Filter): SchemaVersion[] {
    return this.state.versions(subject).filter((one) => passes(filter, one.deleted))
  }

  /** Whether a subject, a context, or (null) anything has versions. */
  hasSubjects(name: string | null, filter: 'live' | 'all'): boolean {
    return this.subjectsWithin(name).some((subject) => this.versions(subject, filter).length > 0)
  }

  subjectsWithin(name: string | null): string[] {
    return this.state.subjects().filter((subject) => isWithin(subject, name))
  }

  /** Names that begin with a prefix; a subject counts as deleted when all its versions are. */
  subjects(prefix: string, filter: Filter): string[] {
    return this.state.subjects().filter((subject) => {
      if (!hasPrefix(subject, prefix)) return false
      return passes(filter, this.versions(subject, 'live').length === 0)
    })
  }

  /** Versions of subjects that begin with a prefix, by subject and version. */
  allVersions(prefix: string, filter: Filter, latestOnly: boolean): SchemaVersion[] {
    return this.state
      .subjects()
      .filter((subject) => hasPrefix(subject, prefix))
      .flatMap((subject) => {
        const versions = this.versions(subject, filter)
        return latestOnly ? versions.slice(-1) : versions
      })
  }

  /** One of the versions that have an id, as a subject or context sees it. */
  byId(id: number, subject: string | null): SchemaVersion | undefined {
    const name = subject ?? ''
    const { context, subject: bare } = parseSubject(name)
    const here = this.state.versionsOfId(context, id)
    const first = here?.entries().next().value
    if (bare === '') return first && this.state.version(...first)
    for (const candidate of this.inContexts(name)) {
      const version = this.state.versionsOfId(parseSubject(candidate).context, id)?.get(candidate)
      if (version !== undefined) return this.state.version(candidate, version)
    }
    // Nobody knows the id under this subject: any schema of that id will do, unless the context was said.
    return context === DEFAULT_CONTEXT ? first && this.state.version(...first) : undefined
  }

  /** All versions that have the id of {@link byId}'s. */
  versionsOfId(id: number, subject: string | null, filter: 'live' | 'all'): SchemaVersion[] | undefined {
    const found = this.byId(id, subject)
    if (found === undefined) return undefined
    const versions = this.state.versionsOfId(parseSubject(found.subject).context, id) ?? []
    return [...versions]
      .flatMap(([name, version]) => this.version(name, version, filter) ?? [])
      .sort((a, b) => (a.subject < b.subject ? -1 : 1))
  }

  /** Ids of a GUID, by context. */
  idsOfGuid(guid: string): ContextId[] {
    return [DEFAULT_CONTEXT, ...this.state.contexts()].flatMap((context) => {
      const id = this.state.idOfGuid(context, guid)
      return id === undefined ? [] : [{ context, id }]
    })
  }

  /** Schemas that refer to a version: those of which a version lives, or all. */
  referrers(subject: string, version: number, filter: 'live' | 'all'): ContextId[] {
    const all = this.state.referrers(subject, version).sort((a, b) => a.id - b.id)
    if (filter === 'all') return all
    return all.filter(({ context, id }) => (this.versionsOfId(id, contextPrefix(context), 'live') ?? []).length > 0)
  }

  /** Subjects of the versions that refer to a version. */
  referringSubjects(subject: string, version: number, filter: 'live' | 'all'): Set<string> {
    const ids = this.state.referrers(subject, version)
    return new Set(
      ids.flatMap(({ context, id }) =>
        (this.versionsOfId(id, contextPrefix(context), filter) ?? []).map((one) => one.subject),
      ),
    )
  }

  /** The subject that a name stands for: itself, or what its alias says. */
  unalias(name: string): string {
    const alias = this.state.config(name)?.alias
    return alias === undefined || alias === '' ? name : relativeTo(name, alias)
  }

  #inherited(subject: string | null): RegistryConfig {
    for (const scope of scopes(subject)) {
      const config = this.state.config(scope)
      if (config !== undefined) return { compatibilityLevel: this.#defaultLevel, ...config }
    }
    return this.#defaults()
  }

  #defaults(): RegistryConfig {
    return { compatibilityLevel: this.#defaultLevel }
  }
}

/** Where settings of a subject are looked for, in order. */
function scopes(subject: string | null): (string | null)[] {
  if (subject === null) return [null, GLOBAL]
  const { context } = parseSubject(subject)
  return [subject, context === DEFAULT_CONTEXT ? null : contextPrefix(context), GLOBAL]
}

function present(object: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined))
}
