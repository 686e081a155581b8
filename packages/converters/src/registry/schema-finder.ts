// Which registered schema a record is written with, or was written with: the reference's rules over the client's answers.
import { ConfigException, DataException } from '@millrace/api'
import { type ParsedSchema, type SchemaLanguage, SchemaParseException, type SchemaReference } from '@millrace/schemas'
import type { SchemaRegistryClient } from './client.ts'
import type { RegistryConfig } from './config.ts'
import type { RegisteredSchema, SchemaText } from './entities.ts'
import { converterError, RegistryException } from './errors.ts'
import { type Maybe, whenKnown } from './maybe.ts'
import { type SubjectNames, subjectNames } from './subject-names.ts'

/** The schema to write with. */
export interface SchemaToWrite<Parsed> {
  readonly target: Parsed
  readonly id: number
  /** Given when it was asked for. */
  readonly guid: string | null
  /** When to ask anew, by `performance.now()`; Infinity for never. */
  readonly expiresMs: number
}

/** The schema that was written with, and the one to read as. */
export interface SchemaToRead<Parsed> {
  readonly written: Parsed
  /** The same as `written` unless the latest version is asked for. */
  readonly wanted: Parsed
  /** The written schema's version in its subject; null when the subject does not have it. */
  readonly version: number | null
  readonly expiresMs: number
}

/** What a finder works with. */
export interface FinderParts<Parsed extends ParsedSchema> {
  readonly client: SchemaRegistryClient
  readonly config: RegistryConfig
  readonly isKey: boolean
  readonly language: SchemaLanguage<Parsed>
  /** What a schema refers to; may register it first. */
  readonly references: (schema: Parsed) => Maybe<readonly SchemaReference[]>
}

const VERSION_PROPERTY = 'confluent:version'
const NO_GUID = 'gives no GUIDs: it must be version 8 or later for schema ids in headers'
const SECOND = 1000

/** Finds schemas. Its methods return a promise only when the registry must be asked. */
export class SchemaFinder<Parsed extends ParsedSchema> {
  readonly #client: SchemaRegistryClient
  readonly #config: RegistryConfig
  readonly #language: SchemaLanguage<Parsed>
  readonly #references: FinderParts<Parsed>['references']
  readonly #names: SubjectNames
  readonly #part: 'key' | 'value'
  readonly #metadata: ReadonlyMap<string, string> | null

  /** @throws ConfigException for strategies that are not known */
  constructor({ client, config, isKey, language, references }: FinderParts<Parsed>) {
    this.#client = client
    this.#config = config
    this.#language = language
    this.#references = references
    this.#part = isKey ? 'key' : 'value'
    this.#names = subjectNames(config, isKey, (cluster, topic, type) => client.associatedSubjects(cluster, topic, type))
    this.#metadata = parseProperties(config['use.latest.with.metadata'])
  }

  /** The schema to write `own`'s values of a topic with. @throws DataException, RetriableException */
  toWrite(topic: string, own: Parsed, needsGuid: boolean): Maybe<SchemaToWrite<Parsed>> {
    return this.#guard(`Finding the ${this.#language.type} schema for the ${this.#part} of topic ${topic}`, () =>
      whenKnown(this.#names.of(topic, own), (subject) =>
        whenKnown(this.#references(own), (references) => {
          const text = { schemaType: own.type, schema: own.canonicalText, references }
          return whenKnown(this.#registered(subject ?? '', text, own), (found) =>
            needsGuid && found.guid === null ? this.#withGuid(found, subject) : found,
          )
        }),
      ),
    )
  }

  /** The schema of an id (a number) or a GUID, in a topic. @throws DataException, RetriableException */
  toRead(topic: string, id: number | string): Maybe<SchemaToRead<Parsed>> {
    return this.#guard(`Retrieving the ${this.#language.type} ${this.#part} schema of id ${id}`, () => {
      const early = this.#names.usesSchema ? null : this.#names.of(topic, null)
      return whenKnown(early, (subject) =>
        whenKnown(this.#byId(id, subject), (found) =>
          whenKnown(this.#parse(found), (written) =>
            whenKnown(subject ?? this.#names.of(topic, written), (named) => this.#toRead(named, found, written)),
          ),
        ),
      )
    })
  }

  #toRead(subject: string | null, found: RegisteredSchema, written: Parsed): Maybe<SchemaToRead<Parsed>> {
    return whenKnown(this.#versionOf(subject, found), (version) => {
      const asked = this.#config['use.latest.version'] || this.#metadata !== null
      if (!asked || subject === null) {
        return { written, wanted: written, version, expiresMs: Number.POSITIVE_INFINITY }
      }
      return whenKnown(this.#latest(subject), (latest) =>
        whenKnown(this.#parse(latest), (wanted) => ({ written, wanted, version, expiresMs: this.#latestEnd() })),
      )
    })
  }

  #byId(id: number | string, subject: string | null): Maybe<RegisteredSchema> {
    return typeof id === 'number' ? this.#client.schemaById(id, subject) : this.#client.schemaByGuid(id)
  }

  /** The reference asks for it under the topic's subject. A schema that stands elsewhere has none there, and is read without. */
  #versionOf(subject: string | null, found: RegisteredSchema): Maybe<number | null> {
    const property = Number(found.metadata.get(VERSION_PROPERTY))
    if (Number.isInteger(property) && found.metadata.has(VERSION_PROPERTY)) return property
    if (subject === null) return null
    if (found.subject === subject && found.version !== null) return found.version
    const { schemaType, schema, references } = found
    const asked = attempt(() => this.#client.lookup(subject, { schemaType, schema, references }, { deleted: true }))
    return asked instanceof Promise
      ? asked.then(
          ({ version }) => version,
          (error) => noneWhenMissing(error),
        )
      : asked === null
        ? null
        : asked.version
  }

  /** By the order of the reference's serializer. */
  #registered(subject: string, text: SchemaText, own: Parsed): Maybe<SchemaToWrite<Parsed>> {
    const config = this.#config
    const normalize = config['normalize.schemas']
    const forever = Number.POSITIVE_INFINITY
    if (config['auto.register.schemas']) {
      const request = { normalize, propagateTags: config['propagate.schema.tags'] }
      return this.#as(own, this.#client.register(subject, text, request), forever)
    }
    const id = config['use.schema.id']
    if (id >= 0) return this.#checked(own, this.#client.schemaById(id, subject), 'id', forever)
    const guid = config['use.schema.guid']
    if (guid !== null) {
      return whenKnown(this.#checked(own, this.#client.schemaByGuid(guid), 'id', forever), (found) =>
        found.id >= 0
          ? found
          : whenKnown(
              this.#client.lookup(subject, { ...text, schema: found.target.canonicalText }),
              (known): SchemaToWrite<Parsed> => ({ ...found, id: known.id }),
            ),
      )
    }
    if (this.#metadata !== null || config['use.latest.version']) {
      return this.#checked(own, this.#latest(subject), 'latest', this.#latestEnd())
    }
    return this.#as(own, this.#client.lookup(subject, text, { normalize }), forever)
  }

  #latest(subject: string): Maybe<RegisteredSchema> {
    return this.#metadata === null
      ? this.#client.latest(subject)
      : this.#client.latestWithMetadata(subject, this.#metadata)
  }
  #latestEnd(): number {
    const seconds = this.#config['latest.cache.ttl.sec']
    return seconds < 0 ? Number.POSITIVE_INFINITY : performance.now() + seconds * SECOND
  }

  #as(own: Parsed, asked: Maybe<RegisteredSchema>, expiresMs: number): Maybe<SchemaToWrite<Parsed>> {
    return whenKnown(asked, (found) =>
      whenKnown(found.schema === own.canonicalText ? own : this.#parse(found), (target): SchemaToWrite<Parsed> => {
        const { id, guid } = found
        return { target, id, guid, expiresMs }
      }),
    )
  }
  #checked(
    own: Parsed,
    asked: Maybe<RegisteredSchema>,
    which: 'id' | 'latest',
    expiresMs: number,
  ): Maybe<SchemaToWrite<Parsed>> {
    return whenKnown(this.#as(own, asked, expiresMs), (found) => {
      const key = `${which}.compatibility.strict` as const
      if (!this.#config[key] || found.target === own) return found
      // Only that it can read what is written: the other way round would refuse unions.
      const reason = this.#language.incompatibilities(found.target, own)[0]
      if (reason === undefined) return found
      throw new DataException(
        `Incompatible schema of type '${own.type}': the registered schema ${found.id} cannot read what the record's own schema writes: ` +
          `${reason.message} (at ${reason.path}). Set ${key}=false to disable this check`,
      )
    })
  }

  #withGuid(found: SchemaToWrite<Parsed>, subject: string | null): Maybe<SchemaToWrite<Parsed>> {
    return whenKnown(this.#client.schemaById(found.id, subject), ({ guid }): SchemaToWrite<Parsed> => {
      if (guid !== null) return { ...found, guid }
      throw new ConfigException(`The schema registry ${NO_GUID}`, { configKey: `${this.#part}.schema.id.serializer` })
    })
  }

  #parse(found: RegisteredSchema): Maybe<Parsed> {
    if (found.schemaType !== this.#language.type) {
      throw new DataException(
        `The schema of id ${found.id} is of type ${found.schemaType}, and this converter is for ${this.#language.type}`,
      )
    }
    return whenKnown(this.#client.referencedTexts(found.references), (texts) =>
      this.#language.parse(found.schema, texts),
    )
  }

  /** Runs a search; what fails in it, now or later, is told as errors of a converter. */
  #guard<T>(doing: string, search: () => Maybe<T>): Maybe<T> {
    const fail = (error: unknown): never => {
      if (error instanceof SchemaParseException) {
        throw new DataException(`${doing} failed: ${error.message}`, { cause: error })
      }
      throw converterError(error, doing)
    }
    try {
      const found = search()
      return found instanceof Promise ? found.catch(fail) : found
    } catch (error) {
      return fail(error)
    }
  }
}

function noneWhenMissing(error: unknown): null {
  if (error instanceof RegistryException && error.isNotFound) return null
  throw error
}

/** What is asked; null when it is known not to exist. */
function attempt<T>(ask: () => Maybe<T>): Maybe<T> | null {
  try {
    return ask()
  } catch (error) {
    return noneWhenMissing(error)
  }
}

function parseProperties(text: string | null): ReadonlyMap<string, string> | null {
  if (text === null || text.trim() === '') return null
  const key = 'use.latest.with.metadata'
  return new Map(
    text.split(',').map((pair): [string, string] => {
      const at = pair.indexOf('=')
      if (at <= 0) throw ConfigException.invalidValue(key, text, 'Expected name=value, with commas between them')
      return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()]
    }),
  )
}
