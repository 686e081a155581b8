// Schema languages: each is loaded when its first schema comes; what was parsed is kept for a while.
import { type ParsedSchema, type SchemaLanguage, SchemaParseException, type SchemaType } from '@millrace/schemas'
import { errors } from '../errors.ts'
import { relativeTo } from '../model/subject-name.ts'
import type { SchemaContent, SchemaVersion } from '../model/values.ts'

/** How a language is had. Absent languages are answered with an invalid schema type. */
export type LanguageLoaders = { readonly [type in SchemaType]?: () => Promise<SchemaLanguage> }

/** Finds a version of a subject for references; -1 is the latest. */
export type VersionFinder = (subject: string, version: number) => SchemaVersion | undefined

/** A schema with its references, parsed. */
export interface ParsedContent {
  readonly content: SchemaContent
  readonly parsed: ParsedSchema
  readonly language: SchemaLanguage
}

const MOST_CACHED = 500
const DEEPEST = 64

/** Parses schemas of all languages. */
export class Languages {
  readonly #loaders: LanguageLoaders
  readonly #loaded = new Map<SchemaType, Promise<SchemaLanguage>>()
  readonly #cache = new Map<string, ParsedSchema>()

  constructor(loaders: LanguageLoaders) {
    this.#loaders = loaders
  }

  /** Names of all languages, in the reference's order. */
  get types(): SchemaType[] {
    return (['JSON', 'PROTOBUF', 'AVRO'] as const).filter((type) => this.#loaders[type] !== undefined)
  }

  /** @throws RegistryError 42201 for a language that is not there */
  language(type: SchemaType): Promise<SchemaLanguage> {
    const load = this.#loaders[type]
    if (load === undefined) throw errors.invalidSchema(`Invalid schema type ${type}`)
    let language = this.#loaded.get(type)
    if (language === undefined) this.#loaded.set(type, (language = load()))
    return language
  }

  /**
   * Parses a schema as a subject refers to others.
   * @returns the content with the canonical text, or the normal one, and every reference to the latest version resolved
   * @throws RegistryError 42201 when it is no schema or lacks a reference
   */
  async parse(
    subject: string,
    content: SchemaContent,
    find: VersionFinder,
    options: { readonly normalize: boolean },
  ): Promise<ParsedContent> {
    const { schemaType } = content
    const language = await this.language(schemaType)
    try {
      const texts = new Map<string, string>()
      const references = this.#resolve(subject, content, find, texts, 0)
      const key = JSON.stringify([schemaType, content.schema, [...texts], options.normalize])
      let parsed = this.#cache.get(key)
      if (parsed === undefined) {
        parsed = language.parse(content.schema, texts)
        if (options.normalize) parsed = language.normalize(parsed)
        if (this.#cache.size >= MOST_CACHED) this.#cache.delete(this.#cache.keys().next().value as string)
        this.#cache.set(key, parsed)
      }
      const sorted = options.normalize ? distinct(references) : references
      return { content: { ...content, schema: parsed.canonicalText, references: sorted }, parsed, language }
    } catch (cause) {
      if (!(cause instanceof SchemaParseException)) throw cause
      throw errors.invalidSchema(`Invalid schema of type ${schemaType}, details: ${cause.message}`, { cause })
    }
  }

  /** Texts of references, those of references first; the references with their versions. */
  #resolve(
    subject: string,
    content: SchemaContent,
    find: VersionFinder,
    texts: Map<string, string>,
    depth: number,
  ): SchemaContent['references'] {
    if (depth > DEEPEST) throw new SchemaParseException(`References lie more than ${DEEPEST} deep, or go in a circle`)
    return content.references.map((reference) => {
      const { name, subject: referred, version } = reference
      if (name === '' || referred === '' || version === 0) {
        throw new SchemaParseException(`Invalid reference: {name='${name}', subject='${referred}', version=${version}}`)
      }
      const place = relativeTo(subject, referred)
      const found = find(place, version)
      if (found === undefined) {
        throw new SchemaParseException(`No schema reference found for subject "${place}" and version ${version}`)
      }
      if (!texts.has(name)) {
        this.#resolve(found.subject, found, find, texts, depth + 1)
        texts.set(name, found.schema)
      }
      return { name, subject: referred, version: found.version }
    })
  }
}

/** Sorted by subject and version, each once: the references of a normal form. */
function distinct(references: SchemaContent['references']): SchemaContent['references'] {
  const unique = new Map(references.map((one) => [JSON.stringify([one.name, one.subject, one.version]), one]))
  return [...unique.values()].sort((a, b) => {
    if (a.subject !== b.subject) return a.subject < b.subject ? -1 : 1
    return a.version - b.version
  })
}
