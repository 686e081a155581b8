// Deleting: softly, which hides a version from lists but not from readers of its id, and then for good.
import { errors } from '../errors.ts'
import { parseSubject } from '../model/subject-name.ts'
import type { SchemaVersion } from '../model/values.ts'
import { checkWritable, type RegistryParts } from './schemas.ts'

/** Deletes what is registered. For the primary alone, one call at a time. */
export class RegistryDeletions {
  readonly #parts: RegistryParts

  constructor(parts: RegistryParts) {
    this.#parts = parts
  }

  /** @param version -1 is the latest @returns the version @throws RegistryError */
  async version(subject: string, version: number, permanent: boolean): Promise<number> {
    const { queries, log } = this.#parts
    await log.catchUp()
    const found = this.#deletable(subject, version, permanent)
    checkWritable(subject, queries.modeInScope(subject))
    if (queries.referrers(subject, found.version, permanent ? 'all' : 'live').length > 0) {
      throw errors.referenceExists(subject, found.version)
    }
    const key = { keytype: 'SCHEMA' as const, subject, version: found.version }
    if (!permanent) {
      await log.append({ key, value: { ...found, deleted: true } })
      return found.version
    }
    if (!found.deleted) throw errors.versionNotSoftDeleted(subject, found.version)
    await log.append({ key, value: null })
    if (queries.versions(subject, 'all').length === 0) await this.#dropSettings(subject)
    return found.version
  }

  /** Deletes all versions of a subject. @returns the versions deleted, in order @throws RegistryError */
  async subject(subject: string, permanent: boolean): Promise<number[]> {
    const { queries, log } = this.#parts
    await log.catchUp()
    if (!queries.hasSubjects(subject, 'all')) throw errors.subjectNotFound(subject)
    if (!permanent && !queries.hasSubjects(subject, 'live')) throw errors.subjectSoftDeleted(subject)
    checkWritable(subject, queries.modeInScope(subject))
    const versions = queries.versions(subject, permanent ? 'all' : 'live')
    for (const one of versions) {
      const others = queries.referringSubjects(subject, one.version, permanent ? 'all' : 'live')
      others.delete(subject)
      if (others.size > 0) throw errors.referenceExists(subject, one.version)
      if (permanent && !one.deleted) throw errors.subjectNotSoftDeleted(subject)
    }
    if (!permanent) {
      const last = versions.at(-1)?.version ?? 0
      await log.append({ key: { keytype: 'DELETE_SUBJECT', subject }, value: last })
    } else {
      // Newest first: a version may refer to one before it.
      for (const { version } of versions.toReversed()) {
        await log.append({ key: { keytype: 'SCHEMA', subject, version }, value: null })
      }
      await this.#dropSettings(subject)
    }
    return versions.map((one) => one.version)
  }

  /** Forgets a context that has no subjects. @param prefix `:.name:` @throws RegistryError 42211 */
  async context(prefix: string): Promise<void> {
    const { queries, log } = this.#parts
    await log.catchUp()
    if (queries.hasSubjects(prefix, 'all')) throw errors.contextNotEmpty(prefix)
    await log.append({ key: { keytype: 'CONTEXT', context: parseSubject(prefix).context }, value: null })
  }

  #deletable(subject: string, version: number, permanent: boolean): SchemaVersion {
    const { queries } = this.#parts
    const found = queries.version(subject, version, 'all')
    if (found === undefined) {
      if (!queries.hasSubjects(subject, 'all')) throw errors.subjectNotFound(subject)
      throw errors.versionNotFound(version)
    }
    if (!permanent && found.deleted) throw errors.versionSoftDeleted(subject, version)
    return found
  }

  async #dropSettings(subject: string): Promise<void> {
    const { queries, log } = this.#parts
    if (queries.state.mode(subject) !== undefined) {
      await log.append({ key: { keytype: 'MODE', subject }, value: null })
    }
    if (queries.state.config(subject) !== undefined) {
      await log.append({ key: { keytype: 'CONFIG', subject }, value: null })
    }
  }
}
