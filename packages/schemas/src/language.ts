// What every schema language offers, whoever asks: a converter, the registry.

/** The languages of the registry protocol, by the names it uses (`schemaType`). */
export type SchemaType = 'AVRO' | 'PROTOBUF' | 'JSON'

/** A schema that another one names: an import of Protobuf, a `$ref` of JSON Schema, a type name of Avro. */
export interface SchemaReference {
  /** The name under which the schema that refers knows it. */
  readonly name: string
  readonly subject: string
  readonly version: number
}

/** The texts of all referred schemas, by the name under which they are known, those of references' references too. */
export type ReferencedTexts = ReadonlyMap<string, string>

/** One way in which a reader's schema cannot read what a writer's schema wrote. */
export interface Incompatibility {
  /** The name of the rule that is broken, as the reference's checker calls it (`READER_FIELD_MISSING_DEFAULT_VALUE`). */
  readonly type: string
  /** Where in the schema, in the notation of the reference's checker (`/fields/1`). */
  readonly path: string
  /** One sentence for people. */
  readonly message: string
}

/** A schema that has been parsed, opaque to those who only pass it on. */
export interface ParsedSchema {
  readonly type: SchemaType
  /** The text as the registry stores and compares it: what the reference's `canonicalString()` gives. */
  readonly canonicalText: string
  /** The full name of the record, message or title, if it has one. */
  readonly name: string | null
}

/** How strictly to read. */
export interface ParseOptions {
  /** Refuse what a registry refuses in schemas that it does not have yet, and only there: Avro's defaults that do not fit their field. */
  readonly asNew?: boolean
}

/** A schema language. */
export interface SchemaLanguage<Parsed extends ParsedSchema = ParsedSchema> {
  readonly type: SchemaType
  /**
   * Parses a schema.
   * @throws {SchemaParseException} when the text is not a schema of this language or lacks a reference
   */
  parse(text: string, references?: ReferencedTexts, options?: ParseOptions): Parsed
  /** The text that is looked up when a client asks for normalisation (`normalize=true`). */
  normalize(schema: Parsed): Parsed
  /**
   * The text in a format that a client asks for (`format=serialized`), where the language has such; the canonical text in a
   * format that it does not know.
   */
  format?(schema: Parsed, format: string): string
  /** Why `reader` cannot read all that `writer` wrote; empty when it can. */
  incompatibilities(reader: Parsed, writer: Parsed): readonly Incompatibility[]
}

/** A text that is not a schema; says where and why. */
export class SchemaParseException extends Error {
  override readonly name = 'SchemaParseException'
}
