// What a registry takes as the text of a Protobuf schema: a .proto text, or a serialized descriptor in base64, which is what
// clients have who know no more than their generated classes.
import { SchemaParseException } from '../language.ts'
import { fileFromDescriptor } from './descriptor/from-descriptor.ts'
import type { ProtoFile } from './model.ts'
import { parseProtoText } from './parse.ts'
import { printProto } from './print.ts'

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/

/**
 * Reads the text of a schema.
 * @throws {SchemaParseException} when it is none
 */
export function readProto(text: string): ProtoFile {
  try {
    return parseProtoText(text)
  } catch (error) {
    if (!(error instanceof SchemaParseException) || !BASE64.test(text)) throw error
    try {
      // What is stored is the .proto text, so that it must be one: descriptors may have any names.
      return parseProtoText(printProto(fileFromDescriptor(Buffer.from(text, 'base64'))))
    } catch {
      throw error
    }
  }
}
