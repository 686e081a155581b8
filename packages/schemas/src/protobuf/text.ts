// What a registry takes as the text of a Protobuf schema.
import type { ProtoFile } from './model.ts'
import { parseProtoText } from './parse.ts'

/**
 * Parses the text of a schema.
 * @throws {SchemaParseException} when it is none
 */
export function readProto(text: string): ProtoFile {
  return parseProtoText(text)
}
