// Registering, finding and comparing schemas.

import { errors, RegistryError } from '../errors.ts'
import { contextPrefix, DEFAULT_CONTEXT, parseSubject } from '../model/subject-name.ts'
import type { SchemaVersion } from '../model/values.ts'
import { isImport, type Mode, type RegistryConfig, type SchemaContent } from '../model/values.ts'
import type { SchemaRecord } from '../topic/format.ts'
import { compatibilityMessages, type EarlierVersion } from './compatibility.ts'
import type { Languages, ParsedContent } from './languages.ts'
import type { RegistryLog } from './log.ts'
import { populated, sameRegistration } from './metadata.ts'
import type { RegistryQueries } from './queries.ts'

/** What a client wants registered or found. */
export interface SchemaRequest {
  /** An empty text stands for that of the latest version. */
  readonly content: SchemaContent
  /** 0: none given; -1: the next one; others only as the next one or in IMPORT mode. */
  readonly version: number
  /** -1: none given. */
  readonly id: number
}

/** A schema as it was found or registered. */
export type FoundSchema = Omit<SchemaVersion, 'timestamp' | 'deleted'> & {
  readonly timestamp: number | null
  readonly deleted: boolean | null
}

/** What the parts of the registry share. */
export interface RegistryParts {
  readonly queries: RegistryQueries
  readonly languages: Languages
  readonly log: RegistryLog
}

/** Ids and versions that others took while we wrote: after so many the client hears of it. */
const MOST_TRIES = 5

/** Schemas of subjects. The methods that write are for the primary alone, one at a time. */
export class RegistrySchemas {
  readonly #parts: RegistryParts

  constructor(parts: RegistryParts) {
    this.#parts = parts
  }

  /** Registers a schema, or finds it registered. @throws RegistryError */
  async register(subject: string, request: SchemaRequest, normalize: boolean, force: boolean): Promise<FoundSchema> {
    const { log } = this.#parts
    this.#checkMode(subject, request.id)
    await log.catchUp()
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const registered = await this.#tryRegister(subject, request, normalize, force)
      if (registered !== undefined) return registered
    }
    throw errors.store('Error while registering the schema due to generating an ID that is already in use.')
  }

  /** A schema that is registered as it is asked for, so that nothing need be written; undefined when it must be. */
  async findRegistered(subject: string, request: SchemaRequest, normalize: boolean): Promise<FoundSchema | undefined> {
    const { queries } = this.#parts
    const config = queries.configInScope(subject)
    const { defaultMetadata, overrideMetadata, defaultRuleSet, overrideRuleSet } = config
    if (defaultMetadata ?? overrideMetadata ?? defaultRuleSet ?? overrideRuleSet) return undefined
    if (request.content.schema.trim() === '') return undefined
    const latestOnly = request.version === -1
    const found = await this.#lookup(subject, request.content, normalize, { deleted: false, latestOnly })
    if (found === undefined) return undefined
    if (request.version === 0 || latestOnly) return request.id < 0 || request.id === found.id ? found : undefined
    return found.id === request.id && found.version === request.version ? found : undefined
  }

  /** Finds a schema under a subject, in other contexts too. @throws RegistryError 42201 when it is no schema */
  async find(
    subject: string,
    content: SchemaContent,
    normalize: boolean,
    deleted: boolean,
  ): Promise<FoundSchema | undefined> {
    const [own, ...others] = this.#parts.queries.inContexts(subject)
    const found = await this.#findUnder(own as string, content, normalize, deleted)
    if (found !== undefined) return found
    for (const other of others) {
      // There it may lack its references; that is no answer to the client's question.
      const elsewhere = await this.#findUnder(other, content, normalize, deleted).catch(ignoreInvalid)
      if (elsewhere !== undefined) return elsewhere
    }
    return undefined
  }

  /** Why a schema may not follow versions of a subject; empty when it may. @throws RegistryError 42201 */
  async compatibility(
    subject: string,
    content: SchemaContent,
    versions: readonly SchemaVersion[],
    normalize: boolean,
  ): Promise<string[]> {
    if (content.schema.trim() === '') throw errors.invalidSchema('Empty schema')
    const next = await this.#parse(subject, content, normalize)
    return this.#messages(next, this.#parts.queries.configInScope(subject), versions)
  }

  /** A schema's text in the format that a client asks for; an empty format is the text as it is stored. */
  async formatted(found: FoundSchema, format: string): Promise<string> {
    if (format.trim() === '') return found.schema
    const { language, parsed } = await this.#parse(found.subject, found, false)
    return language.format?.(parsed, format) ?? parsed.canonicalText
  }

  async #tryRegister(
    subject: string,
    { content: given, version: wanted, id: givenId }: SchemaRequest,
    normalize: boolean,
    force: boolean,
  ): Promise<FoundSchema | undefined> {
    const { queries, log } = this.#parts
    const { state } = queries
    const all = queries.versions(subject, 'all')
    const live = all.filter((one) => !one.deleted)
    const nextVersion = (all.at(-1)?.version ?? 0) + 1
    const config = queries.configInScope(subject)
    const mode = queries.modeInScope(subject)
    const parsed = await this.#parse(
      subject,
      isImport(mode) ? given : this.#populate(given, config, live.at(-1), nextVersion, wanted !== 0),
      normalize && !isImport(mode),
    )
    const { content } = parsed
    const { context } = parseSubject(subject)
    let id = givenId
    const known = state.find(context, content)
    if (known !== undefined && (id < 0 || id === known.id)) {
      const version = known.versions.get(subject)
      if (wanted === 0 && version !== undefined && queries.version(subject, version) !== undefined) {
        return { ...content, subject, version, id: known.id, timestamp: null, deleted: null }
      }
      id = known.id
    }
    if (wanted === 0) {
      for (const old of live.toReversed()) {
        if ((id < 0 || id === old.id) && (await this.#same(content, old))) {
          return { ...content, subject, version: old.version, id: old.id, timestamp: null, deleted: null }
        }
      }
    }
    if (!isImport(mode) && !force) {
      const messages = await this.#messages(parsed, config, live)
      if (messages.length > 0) throw errors.incompatible(subject, messages)
    }
    const version = wanted > 0 ? wanted : nextVersion
    if (version !== nextVersion && !isImport(mode)) {
      throw errors.invalidSchema('Version is not one more than previous version')
    }
    if (id >= 0) this.#checkId(id, subject, content)
    await this.#nameContext(context)
    if (id < 0) id = nextId(state.maxId(context), (one) => state.versionsOfId(context, one) === undefined)
    await this.#dropDeleted(subject, all, id, version)
    const key = { keytype: 'SCHEMA' as const, subject, version }
    const before = state.version(subject, version)
    const value: SchemaRecord = { ...content, subject, version, id, deleted: false }
    if ((await log.append({ key, value })) === 'duplicate-id') {
      // Another writer was faster: nobody took our record in, and no reader that starts later may.
      await log.append({ key, value: before ?? null })
      if (givenId >= 0) throw errors.notPermitted(overwrite(givenId, context))
      return undefined
    }
    return { ...content, subject, version, id, timestamp: null, deleted: null }
  }

  #checkMode(subject: string, id: number): void {
    const mode = this.#parts.queries.modeInScope(subject)
    checkWritable(subject, mode)
    const place = `Subject ${subject} in context ${contextPrefix(parseSubject(subject).context)}`
    if (id >= 0 && !isImport(mode)) throw errors.notPermitted(`${place} is not in import mode`)
    if (id < 0 && mode !== 'READWRITE') throw errors.notPermitted(`${place} is not in read-write mode`)
  }

  #populate(
    given: SchemaContent,
    config: RegistryConfig,
    previous: SchemaVersion | undefined,
    version: number,
    always: boolean,
  ): SchemaContent {
    if (given.schema.trim() !== '') return populated(config, given, previous, { version, always })
    if (previous === undefined) throw errors.invalidSchema('Empty schema')
    const { schema, schemaType, references } = previous
    return populated(config, { ...given, schema, schemaType, references }, previous, { version, always })
  }

  #parse(subject: string, content: SchemaContent, normalize: boolean): Promise<ParsedContent> {
    const { queries, languages } = this.#parts
    const find = (name: string, version: number) => queries.version(name, version, 'all')
    return languages.parse(subject, content, find, { normalize })
  }

  async #messages(next: ParsedContent, config: RegistryConfig, versions: readonly SchemaVersion[]): Promise<string[]> {
    const level = config.compatibilityLevel ?? 'BACKWARD'
    if (level === 'NONE' || versions.length === 0) return []
    const group = config.compatibilityGroup
    const groupOf = ({ metadata }: SchemaContent) => (group === undefined ? undefined : metadata?.properties?.[group])
    const counting = versions.filter((one) => groupOf(one) === groupOf(next.content))
    const asked = level.endsWith('_TRANSITIVE') ? counting : counting.slice(-1)
    const earlier: EarlierVersion[] = []
    for (const version of asked) earlier.push({ ...(await this.#parse(version.subject, version, false)), version })
    return compatibilityMessages(next, earlier, level)
  }

  async #same(content: SchemaContent, old: SchemaVersion): Promise<boolean> {
    if (content.schemaType !== old.schemaType) return false
    if (sameRegistration(content, old, old.version)) return true
    // Its text may have been written by a registry with another canonical form.
    const parsed = await this.#parse(old.subject, old, false)
    return parsed.content.schema !== old.schema && sameRegistration(content, parsed.content, old.version)
  }

  async #findUnder(subject: string, content: SchemaContent, normalize: boolean, deleted: boolean) {
    const { queries } = this.#parts
    if (content.schema.trim() === '') return undefined
    const found = await this.#lookup(subject, content, normalize, { deleted, latestOnly: false })
    const latest = queries.version(subject, -1)
    if (found !== undefined || latest === undefined) return found
    // What registering would have added to it.
    const fuller = populated(queries.configInScope(subject), content, latest, null)
    if (fuller === content) return undefined
    return this.#lookup(subject, fuller, normalize, { deleted, latestOnly: false })
  }

  async #lookup(
    subject: string,
    given: SchemaContent,
    normalize: boolean,
    { deleted, latestOnly }: { readonly deleted: boolean; readonly latestOnly: boolean },
  ): Promise<FoundSchema | undefined> {
    const { queries } = this.#parts
    const filter = deleted ? 'all' : 'live'
    const { content } = await this.#parse(subject, given, normalize)
    if (!latestOnly) {
      const known = queries.state.find(parseSubject(subject).context, content)
      const version = known?.versions.get(subject)
      if (known !== undefined && version !== undefined && queries.version(subject, version, filter) !== undefined) {
        return { ...content, subject, version, id: known.id, timestamp: null, deleted: null }
      }
    }
    const candidates = latestOnly ? queries.versions(subject, 'live').slice(-1) : queries.versions(subject, filter)
    for (const old of candidates.toReversed()) if (await this.#same(content, old)) return old
    return undefined
  }

  #checkId(id: number, subject: string, content: SchemaContent): void {
    const { queries } = this.#parts
    const { context } = parseSubject(subject)
    const holder = queries.byId(id, contextPrefix(context) === '' ? null : contextPrefix(context))
    if (holder === undefined) return
    if (holder.schema !== content.schema || JSON.stringify(holder.references) !== JSON.stringify(content.references)) {
      throw errors.notPermitted(overwrite(id, context))
    }
  }

  async #nameContext(context: string): Promise<void> {
    const { queries, log } = this.#parts
    if (context === DEFAULT_CONTEXT || queries.state.contexts().includes(context)) return
    await log.append({ key: { keytype: 'CONTEXT', context }, value: true })
  }

  /** Takes away deleted versions with the same id, which the new one replaces. */
  async #dropDeleted(subject: string, all: readonly SchemaVersion[], id: number, version: number): Promise<void> {
    const { queries, log } = this.#parts
    for (const old of all) {
      if (!old.deleted || old.id !== id || old.version >= version) continue
      if (queries.referrers(subject, old.version, 'all').length > 0) continue
      await log.append({ key: { keytype: 'SCHEMA', subject, version: old.version }, value: null })
    }
  }
}

/** @throws RegistryError 42205 for a subject that may only be read */
export function checkWritable(subject: string | null, mode: Mode): void {
  if (mode !== 'READONLY' && mode !== 'READONLY_OVERRIDE') return
  const context = subject === null ? '' : contextPrefix(parseSubject(subject).context)
  throw errors.notPermitted(`Subject ${subject} in context ${context} is in read-only mode`)
}

function overwrite(id: number, context: string): string {
  return `Overwrite new schema with id ${id} in context ${contextPrefix(context)} is not permitted.`
}

function nextId(max: number | undefined, free: (id: number) => boolean): number {
  let id = (max ?? 0) + 1
  while (!free(id)) id++
  return id
}

function ignoreInvalid(error: unknown): undefined {
  if (error instanceof RegistryError && error.code === 42201) return undefined
  throw error
}
