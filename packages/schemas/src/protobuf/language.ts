// Protobuf as a schema language of the registry.
import type { ParsedSchema, ReferencedTexts, SchemaLanguage } from '../language.ts'
import { incompatibilities } from './compatibility.ts'
import { descriptorOf } from './descriptor/to-descriptor.ts'
import { linkProto } from './link.ts'
import type { LinkedFile, ProtoFile } from './model.ts'
import { ProtoNames } from './names.ts'
import { normalizeProto } from './normalize.ts'
import { printProto } from './print.ts'
import { joinName } from './scope.ts'
import { readProto } from './text.ts'
import { wellKnownFile } from './well-known/index.ts'

/** A .proto file that has been parsed. */
export interface ParsedProto extends ParsedSchema {
  readonly type: 'PROTOBUF'
  readonly file: ProtoFile
  /** Texts of the files it imports, and of those that they import, by path. */
  readonly references: ReferencedTexts
  readonly names: ProtoNames
  /**
   * With its types resolved.
   * @throws {SchemaParseException} when it imports what is not there, or uses numbers or names twice
   */
  readonly linked: LinkedFile
}

const NO_REFERENCES: ReferencedTexts = new Map()

/** Wraps a file that was made and not parsed. */
export function protoSchema(
  file: ProtoFile,
  references = NO_REFERENCES,
  names = new ProtoNames(file, references),
): ParsedProto {
  let text: string | undefined
  let linked: LinkedFile | undefined
  return Object.freeze({
    type: 'PROTOBUF' as const,
    file,
    references,
    names,
    name: nameOf(file),
    get canonicalText() {
      text ??= printProto(file)
      return text
    },
    get linked() {
      linked ??= linkProto(file, references)
      return linked
    },
  })
}

/** The first message names a file, or else the first enumeration. */
function nameOf({ types, packageName }: ProtoFile): string | null {
  const first = types.find(({ kind }) => kind === 'message') ?? types[0]
  return first === undefined ? null : joinName(packageName, first.name)
}

/**
 * Parses a schema.
 * @throws {SchemaParseException} when the text is no schema, or a type that it names is not there
 */
export function parseProto(text: string, references: ReferencedTexts = NO_REFERENCES): ParsedProto {
  const parsed = protoSchema(readProto(text), references)
  normalizeProto(parsed.file, parsed.names)
  return parsed
}

/** Formats beside the canonical text: a serialized descriptor in base64, and the text without extensions. */
function formatProto(parsed: ParsedProto, format: string): string {
  const { file, names, references } = parsed
  switch (format.toLowerCase()) {
    case 'serialized': {
      const isKnown = (path: string) => references.has(path) || wellKnownFile(path) !== undefined
      return descriptorOf(file, names, isKnown).toString('base64')
    }
    case 'ignore_extensions':
      return printProto(file, { ignoreExtensions: true })
    default:
      return parsed.canonicalText
  }
}

/** Protobuf. Source: https://protobuf.com/docs/language-spec */
export const PROTOBUF: SchemaLanguage<ParsedProto> = Object.freeze({
  type: 'PROTOBUF' as const,
  parse: parseProto,
  normalize: (parsed: ParsedProto) => protoSchema(normalizeProto(parsed.file, parsed.names), parsed.references),
  format: formatProto,
  incompatibilities,
})
