// Finds the place in a value at which writing it failed. Runs after a failure only, so that success costs nothing.
import { type Schema, SchemaBuilder, type Value } from '@millrace/api'
import { linkProto } from '@millrace/schemas/protobuf'
import { locate } from '../json/locate.ts'
import type { ProtobufOptions } from './config.ts'
import { ProtobufOut } from './protobuf-out.ts'
import { toProtoFile } from './schema-out.ts'
import { WriterCompiler } from './writers.ts'

/** The same error, with the place in `value` that cannot be written at the end of its message. */
export function locateInValue(error: unknown, schema: Schema, value: Value, options: ProtobufOptions): unknown {
  return locate(error, schema, value, (inner, item) => writeAlone(inner, item, options))
}

/** A value in a struct of its own. */
function writeAlone(schema: Schema, value: Value, options: ProtobufOptions): void {
  const whole = SchemaBuilder.struct().name('MillraceWhole').field('value', schema).build()
  const { file, message } = toProtoFile(whole, options)
  const linked = linkProto(file).byName.get(message)
  if (linked?.kind === 'message') new WriterCompiler(new ProtobufOut(), options).compile(whole, linked)({ value })
}
