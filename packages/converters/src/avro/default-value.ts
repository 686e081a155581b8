// The default of a field that the bytes do not have, made anew for each value: nobody changes another one's.
import type { Schema } from '@millrace/api'
import type { AvroSchema, JsonNode } from '@millrace/schemas/avro'
import { AvroIn } from './avro-in.ts'
import { defaultBytes } from './default-bytes.ts'
import { type AvroReader, ReaderCompiler } from './readers.ts'

/** Reads the default, from its own bytes. @throws DataException when it is none of its schema */
export function defaultReader(
  schema: AvroSchema,
  node: JsonNode,
  connect: Schema,
  fieldName: (name: string) => string,
): AvroReader {
  const bytes = defaultBytes(schema, node)
  const input = new AvroIn()
  const read = new ReaderCompiler(input, fieldName).compile(schema, schema, connect)
  return () => {
    input.open(bytes, 0, bytes.length)
    return read()
  }
}
