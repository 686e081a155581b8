// The schema registry as converters see it: what was asked once is known, and then no call waits.
import type { RawConfig } from '@millrace/api'
import type { ReferencedTexts, SchemaReference } from '@millrace/schemas'
import { AnswerCache } from './cache.ts'
import { CLIENT_CONFIG } from './config.ts'
import { type RegisteredSchema, readSchema, type SchemaText } from './entities.ts'
import { RegistryErrorCode, RegistryException } from './errors.ts'
import type { Maybe } from './maybe.ts'
import { RegistryRest } from './rest.ts'

/** What else goes with a schema to register or to look up. */
export interface SchemaRequest {
  /** Let the registry bring the schema into its normal form first. */
  readonly normalize?: boolean
  /** Give a new version the tags of the one before. */
  readonly propagateTags?: boolean
  /** Find the schema in versions that were deleted, too. */
  readonly deleted?: boolean
}

/** References of references, this deep, are no schema that anybody uses. */
const DEEPEST = 64
const SECOND = 1000

/**
 * A client of a Confluent-compatible schema registry. Every question is asked once and its answer kept, as long as the
 * reference's client keeps it: methods return the answer itself when it is at hand, and a promise only when it must be asked for.
 * All fail with a {@link RegistryException}.
 */
export class SchemaRegistryClient {
  readonly #rest: RegistryRest
  readonly #byId: AnswerCache<RegisteredSchema>
  readonly #byGuid: AnswerCache<RegisteredSchema>
  readonly #registered: AnswerCache<RegisteredSchema>
  readonly #lookedUp: AnswerCache<RegisteredSchema>
  readonly #byVersion: AnswerCache<RegisteredSchema>
  readonly #latest: AnswerCache<RegisteredSchema>

  /**
   * @param raw the converter's configuration, with its prefix removed
   * @param now milliseconds since any fixed point
   * @throws ConfigException for keys that cannot be used
   */
  constructor(raw: RawConfig, now: () => number = () => performance.now()) {
    this.#rest = new RegistryRest(raw)
    const config = CLIENT_CONFIG.parse(raw)
    const size = config['max.schemas.per.subject']
    const missing = Math.min(size, config['missing.cache.size'])
    const cache = (missingSeconds: number, codes: readonly number[], ttlSeconds = -1, most = size) =>
      new AnswerCache<RegisteredSchema>({
        size: Math.max(1, most),
        ttlMs: ttlSeconds < 0 ? Number.POSITIVE_INFINITY : ttlSeconds * SECOND,
        missingTtlMs: missing === 0 ? 0 : missingSeconds * SECOND,
        isMissing: (error) => error instanceof RegistryException && codes.includes(error.errorCode),
        now,
      })
    const { SUBJECT_NOT_FOUND, SCHEMA_NOT_FOUND, VERSION_NOT_FOUND } = RegistryErrorCode
    const noSchema = [SUBJECT_NOT_FOUND, SCHEMA_NOT_FOUND]
    this.#byId = cache(config['missing.id.cache.ttl.sec'], noSchema)
    this.#byGuid = cache(config['missing.id.cache.ttl.sec'], noSchema)
    this.#registered = cache(0, [])
    this.#lookedUp = cache(config['missing.schema.cache.ttl.sec'], noSchema)
    this.#byVersion = cache(config['missing.version.cache.ttl.sec'], [VERSION_NOT_FOUND])
    this.#latest = cache(0, [], config['latest.cache.ttl.sec'], config['latest.cache.size'])
  }

  /** The schema of an id. With a subject, the id is looked for in the subject's context. */
  schemaById(id: number, subject: string | null = null): Maybe<RegisteredSchema> {
    return this.#byId.get(`${id} ${subject ?? ''}`, async () => {
      const query = subject === null ? '' : `&subject=${encodeURIComponent(subject)}`
      return this.#schema('GET', `/schemas/ids/${id}?fetchMaxId=false${query}`, null, { id })
    })
  }

  /** The schema of a GUID. Its id is -1 when the registry does not tell it. */
  schemaByGuid(guid: string): Maybe<RegisteredSchema> {
    return this.#byGuid.get(guid, () =>
      this.#schema('GET', `/schemas/guids/${encodeURIComponent(guid)}`, null, { id: -1, guid }),
    )
  }

  /** Registers a schema under a subject, or finds it there: with its id, and its GUID and version where the registry gives them. */
  register(subject: string, schema: SchemaText, request: SchemaRequest = {}): Maybe<RegisteredSchema> {
    return this.#registered.get(keyOf(subject, schema, request), async () => {
      const path = `/subjects/${encodeURIComponent(subject)}/versions?normalize=${request.normalize === true}`
      const registered = await this.#schema('POST', path, bodyOf(schema, request), { ...schema, subject })
      // A version more: what was the latest one may not be it any more.
      this.#latest.delete(subject)
      return registered
    })
  }

  /** Finds a schema under a subject: with its id and version. */
  lookup(subject: string, schema: SchemaText, request: SchemaRequest = {}): Maybe<RegisteredSchema> {
    return this.#lookedUp.get(keyOf(subject, schema, request), async () => {
      const query = `normalize=${request.normalize === true}&deleted=${request.deleted === true}`
      const path = `/subjects/${encodeURIComponent(subject)}?${query}`
      return this.#schema('POST', path, bodyOf(schema, request), { ...schema, subject })
    })
  }

  /** The latest version of a subject, for as long as `latest.cache.ttl.sec` says. */
  latest(subject: string): Maybe<RegisteredSchema> {
    return this.#latest.get(subject, () =>
      this.#schema('GET', `/subjects/${encodeURIComponent(subject)}/versions/latest`, null, { subject }),
    )
  }

  /** The latest version of a subject that has these metadata properties. */
  latestWithMetadata(subject: string, properties: ReadonlyMap<string, string>): Maybe<RegisteredSchema> {
    const query = [...properties].map(
      ([name, value]) => `key=${encodeURIComponent(name)}&value=${encodeURIComponent(value)}`,
    )
    const path = `/subjects/${encodeURIComponent(subject)}/metadata?${[...query, 'deleted=false'].join('&')}`
    return this.#latest.get(path, () => this.#schema('GET', path, null, { subject }))
  }

  /** A version of a subject, deleted or not. */
  version(subject: string, version: number): Maybe<RegisteredSchema> {
    return this.#byVersion.get(`${version} ${subject}`, () =>
      this.#schema('GET', `/subjects/${encodeURIComponent(subject)}/versions/${version}?deleted=true`, null, {
        subject,
        version,
      }),
    )
  }

  /** Numbers of a subject's versions, in order. Always asked. */
  async versions(subject: string): Promise<readonly number[]> {
    const path = `/subjects/${encodeURIComponent(subject)}/versions`
    const answer = await this.#rest.send('GET', path)
    if (Array.isArray(answer)) return answer.map(Number)
    throw unreadable('GET', path, 'it is no list of versions')
  }

  /** Names of all subjects. Always asked. */
  async subjects(): Promise<readonly string[]> {
    const answer = await this.#rest.send('GET', '/subjects')
    if (Array.isArray(answer)) return answer.map(String)
    throw unreadable('GET', '/subjects', 'it is no list of subjects')
  }

  /** The subjects that are associated with a topic; none with a registry that knows no associations. Always asked. */
  async associatedSubjects(cluster: string, topic: string, type: 'key' | 'value'): Promise<readonly string[]> {
    const place = `${encodeURIComponent(cluster)}/${encodeURIComponent(topic)}`
    const query = `resourceType=topic&associationType=${type}&offset=0&limit=-1`
    try {
      const answer = await this.#rest.send('GET', `/associations/resources/${place}?${query}`)
      return Array.isArray(answer) ? answer.map((one) => String(Object(one).subject)) : []
    } catch (error) {
      if (error instanceof RegistryException && error.isNotFound) return []
      throw error
    }
  }

  /** The texts of all that a schema refers to, and of all that those refer to, by the names under which they are known. */
  referencedTexts(references: readonly SchemaReference[]): Maybe<ReferencedTexts> {
    return references.length === 0 ? NO_TEXTS : this.#collect(references, new Map(), 0)
  }

  /** Closes idle connections. Requests under way are ended with an error. */
  close(): void {
    this.#rest.close()
  }

  async #collect(
    references: readonly SchemaReference[],
    into: Map<string, string>,
    depth: number,
  ): Promise<ReferencedTexts> {
    for (const { name, subject, version } of references) {
      if (into.has(name)) continue
      const found = await this.version(subject, version)
      if (depth < DEEPEST) await this.#collect(found.references, into, depth + 1)
      // Those it refers to come first: a parser may need them in this order.
      into.set(name, found.schema)
    }
    return into
  }

  async #schema(
    method: 'GET' | 'POST',
    path: string,
    body: unknown,
    known: Partial<RegisteredSchema>,
  ): Promise<RegisteredSchema> {
    const answer = await this.#rest.send(method, path, body)
    try {
      return readSchema(answer, known)
    } catch (error) {
      throw unreadable(method, path, error instanceof Error ? error.message : String(error))
    }
  }
}

const NO_TEXTS: ReferencedTexts = new Map()

function keyOf(subject: string, schema: SchemaText, request: SchemaRequest): string {
  const flags = `${request.normalize === true}${request.deleted === true}`
  return [subject, schema.schemaType, flags, JSON.stringify(schema.references), schema.schema].join('\0')
}

/** As the reference's client sends it: Avro is not named, and references stand only where there are some. */
function bodyOf(schema: SchemaText, request: SchemaRequest): unknown {
  return {
    schema: schema.schema,
    ...(schema.schemaType !== 'AVRO' && { schemaType: schema.schemaType }),
    ...(schema.references.length > 0 && { references: schema.references }),
    ...(request.propagateTags === true && { propagateSchemaTags: true }),
  }
}

function unreadable(method: string, path: string, why: string): RegistryException {
  return new RegistryException(`${method} ${path}: the schema registry’s answer cannot be used: ${why}`, {
    status: -1,
    errorCode: 0,
  })
}
