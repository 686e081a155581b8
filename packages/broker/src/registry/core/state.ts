// What the topic says, in memory: records go in one by one, in order; questions are answered from maps.
import { schemaGuid } from '../model/schema-hash.ts'
import { isWithin, parseSubject, qualify, relativeTo } from '../model/subject-name.ts'
import type { Mode, RegistryConfig, SchemaContent, SchemaVersion } from '../model/values.ts'
import type { RegistryRecord, SchemaRecord } from '../topic/format.ts'

/** An id, which is unique in its context only. */
export interface ContextId {
  readonly context: string
  readonly id: number
}

/** What became of a record: `duplicate-id` when its id is another schema's already; then nothing changed. */
export type Applied = 'applied' | 'duplicate-id'

/** Indexes of one context. */
interface Context {
  /** Id to the versions that have it: at most one of each subject, the newest. */
  readonly byId: Map<number, Map<string, number>>
  /** GUID to id. */
  readonly byGuid: Map<string, number>
  /** Subject and version to ids of schemas that refer to it. */
  readonly referrers: Map<string, Map<string, ContextId>>
  maxId: number | undefined
}

/** All that is registered. */
export class RegistryState {
  readonly #subjects = new Map<string, Map<number, SchemaVersion>>()
  readonly #contexts = new Map<string, Context>()
  readonly #named = new Set<string>()
  readonly #configs = new Map<string | null, RegistryConfig>()
  readonly #modes = new Map<string | null, Mode>()

  /** Takes in a record. `timestamp` in milliseconds since the epoch. */
  apply({ key, value }: RegistryRecord, timestamp: number): Applied {
    switch (key.keytype) {
      case 'SCHEMA':
        if (value === null) this.#remove(key.subject, key.version)
        else return this.#put(value as SchemaRecord, timestamp)
        break
      case 'CONFIG':
        set(this.#configs, key.subject, value as RegistryConfig | null)
        break
      case 'MODE':
        set(this.#modes, key.subject, value as Mode | null)
        break
      case 'DELETE_SUBJECT':
        if (value !== null) this.#markDeleted(key.subject, value as number)
        break
      case 'CLEAR_SUBJECT':
        if (value !== null) this.#clear(key.subject)
        break
      case 'CONTEXT':
        if (value === null) this.#named.delete(key.context)
        else this.#named.add(key.context)
        break
      case 'NOOP':
    }
    return 'applied'
  }

  /** Versions of a subject, oldest first, deleted ones too. */
  versions(subject: string): SchemaVersion[] {
    return [...(this.#subjects.get(subject)?.values() ?? [])].sort((a, b) => a.version - b.version)
  }

  version(subject: string, version: number): SchemaVersion | undefined {
    return this.#subjects.get(subject)?.get(version)
  }

  /** Names of all subjects that have versions, deleted ones too, sorted. */
  subjects(): string[] {
    return [...this.#subjects.keys()].sort()
  }

  /** Contexts that have names, without the default one, sorted. */
  contexts(): string[] {
    return [...this.#named].sort()
  }

  config(subject: string | null): RegistryConfig | undefined {
    return this.#configs.get(subject)
  }

  /** Subjects and contexts with settings of their own. */
  configs(): ReadonlyMap<string | null, RegistryConfig> {
    return this.#configs
  }

  mode(subject: string | null): Mode | undefined {
    return this.#modes.get(subject)
  }

  modes(): ReadonlyMap<string | null, Mode> {
    return this.#modes
  }

  /** Where a schema is registered in a context: its id, and a version by subject. */
  find(context: string, content: SchemaContent): { id: number; versions: ReadonlyMap<string, number> } | undefined {
    const found = this.#contexts.get(context)
    const id = found?.byGuid.get(schemaGuid(content))
    const versions = id === undefined ? undefined : found?.byId.get(id)
    return id === undefined || versions === undefined || versions.size === 0 ? undefined : { id, versions }
  }

  /** The version by which each subject knows an id. */
  versionsOfId(context: string, id: number): ReadonlyMap<string, number> | undefined {
    return this.#contexts.get(context)?.byId.get(id)
  }

  idOfGuid(context: string, guid: string): number | undefined {
    const found = this.#contexts.get(context)
    const id = found?.byGuid.get(guid)
    return id !== undefined && found?.byId.has(id) ? id : undefined
  }

  /** Schemas that refer to a version, those of deleted versions too. */
  referrers(subject: string, version: number): ContextId[] {
    const { context } = parseSubject(subject)
    return [...(this.#contexts.get(context)?.referrers.get(referenceKey(subject, version))?.values() ?? [])]
  }

  /** The greatest id that was ever seen in a context; undefined before the first. */
  maxId(context: string): number | undefined {
    return this.#contexts.get(context)?.maxId
  }

  #put(record: SchemaRecord, timestamp: number): Applied {
    const { context: name } = parseSubject(record.subject)
    const context = this.#context(name)
    const holder = context.byId.get(record.id)?.entries().next().value
    const held = holder === undefined ? undefined : this.version(holder[0], holder[1])
    // First come, first served: what two writers gave one id to must not become two schemas to readers.
    if (held !== undefined && held.schema !== record.schema) return 'duplicate-id'
    const before = this.version(record.subject, record.version)
    if (before !== undefined && before.id !== record.id) this.#remove(record.subject, record.version)
    let versions = this.#subjects.get(record.subject)
    if (versions === undefined) this.#subjects.set(record.subject, (versions = new Map()))
    versions.set(record.version, { ...record, timestamp })
    let subjects = context.byId.get(record.id)
    if (subjects === undefined) context.byId.set(record.id, (subjects = new Map()))
    subjects.set(record.subject, record.version)
    context.byGuid.set(schemaGuid(record), record.id)
    context.maxId = Math.max(record.id, context.maxId ?? 1)
    for (const reference of record.references) {
      const subject = relativeTo(record.subject, reference.subject)
      const { referrers } = this.#context(parseSubject(subject).context)
      const key = referenceKey(subject, reference.version)
      let ids = referrers.get(key)
      if (ids === undefined) referrers.set(key, (ids = new Map()))
      ids.set(`${name} ${record.id}`, { context: name, id: record.id })
    }
    return 'applied'
  }

  #remove(subject: string, version: number): void {
    const record = this.version(subject, version)
    if (record === undefined) return
    this.#drop(record)
    const { context: name } = parseSubject(subject)
    const subjects = this.#contexts.get(name)?.byId.get(record.id)
    if (subjects?.get(subject) === version) subjects.delete(subject)
    if (subjects?.size === 0) this.#contexts.get(name)?.byId.delete(record.id)
    // The id may live on in other subjects; what they refer to stays referred to.
    if (subjects !== undefined && subjects.size > 0) return
    for (const reference of record.references) {
      const referred = relativeTo(subject, reference.subject)
      const referrers = this.#contexts.get(parseSubject(referred).context)?.referrers
      const key = referenceKey(referred, reference.version)
      referrers?.get(key)?.delete(`${name} ${record.id}`)
      if (referrers?.get(key)?.size === 0) referrers.delete(key)
    }
  }

  #drop({ subject, version }: SchemaVersion): void {
    const versions = this.#subjects.get(subject)
    versions?.delete(version)
    if (versions?.size === 0) this.#subjects.delete(subject)
  }

  #markDeleted(subject: string, upTo: number): void {
    for (const one of this.versions(subject)) {
      if (one.version <= upTo && !one.deleted) {
        this.#subjects.get(subject)?.set(one.version, { ...one, deleted: true })
      }
    }
  }

  /** Forgets the deleted versions of a subject, or of a context. */
  #clear(name: string | null): void {
    for (const subject of this.subjects()) {
      if (!isWithin(subject, name)) continue
      for (const one of this.versions(subject)) if (one.deleted) this.#remove(subject, one.version)
    }
  }

  #context(name: string): Context {
    let context = this.#contexts.get(name)
    if (context === undefined) {
      context = { byId: new Map(), byGuid: new Map(), referrers: new Map(), maxId: undefined }
      this.#contexts.set(name, context)
    }
    return context
  }
}

function referenceKey(subject: string, version: number): string {
  return `${qualify(parseSubject(subject))} ${version}`
}

function set<K, V>(map: Map<K, V>, key: K, value: V | null): void {
  if (value === null) map.delete(key)
  else map.set(key, value)
}
