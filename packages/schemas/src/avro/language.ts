// Avro as a schema language of the registry.
import type { ParsedSchema, ParseOptions, ReferencedTexts, SchemaLanguage } from '../language.ts'
import { incompatibilities } from './compatibility.ts'
import { type AvroSchema, isNamed } from './model.ts'
import { normalizeAvro } from './normalize.ts'
import { AvroParser } from './parser.ts'
import { printAvro } from './print.ts'

/** An Avro schema that has been parsed. */
export interface ParsedAvro extends ParsedSchema {
  readonly type: 'AVRO'
  readonly schema: AvroSchema
  /** Full names of the schemas it refers to: the text does not define them. */
  readonly referred: readonly string[]
}

/** Wraps a schema that was made and not parsed. */
export function avroSchema(schema: AvroSchema, referred: readonly string[] = []): ParsedAvro {
  let text: string | undefined
  return Object.freeze({
    type: 'AVRO' as const,
    schema,
    referred,
    name: schema.type === 'record' ? schema.fullName : null,
    get canonicalText() {
      text ??= printAvro(schema, referred)
      return text
    },
  })
}

/**
 * Parses a schema.
 * @throws {SchemaParseException} when the text is no schema, or lacks a reference
 */
export function parseAvro(text: string, references?: ReferencedTexts, options?: ParseOptions): ParsedAvro {
  const parser = new AvroParser(options)
  const referred: string[] = []
  for (const reference of references?.values() ?? []) {
    const schema = parser.parse(reference)
    if (isNamed(schema)) referred.push(schema.fullName)
  }
  return avroSchema(parser.parse(text), referred)
}

/** Avro. Source: https://avro.apache.org/docs/1.12.0/specification/ */
export const AVRO: SchemaLanguage<ParsedAvro> = Object.freeze({
  type: 'AVRO' as const,
  parse: parseAvro,
  normalize: (parsed: ParsedAvro) => avroSchema(normalizeAvro(parsed.schema), parsed.referred),
  incompatibilities: (reader: ParsedAvro, writer: ParsedAvro) => incompatibilities(reader.schema, writer.schema),
})
