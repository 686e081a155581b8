// Compiled ways from Connect values to a message's bytes and back.
import { DataException, type Schema, type Value, type ValueSlot } from '@millrace/api'
import type { LinkedMessage } from '@millrace/schemas/protobuf'
import type { ProtobufOptions } from './config.ts'
import { placeOf } from './locate.ts'
import { locateInValue } from './locate-value.ts'
import { ProtobufIn } from './protobuf-in.ts'
import type { ProtobufOut } from './protobuf-out.ts'
import { ReaderCompiler } from './readers.ts'
import { toConnectSchema } from './schema-in.ts'
import { WriterCompiler } from './writers.ts'

/** Reads the message in a slice. @throws DataException */
export type SliceReader = (buffer: Buffer, start: number, end: number, into: ValueSlot) => void

/** The writer of a Connect schema's values as a message. @throws DataException when they are none */
export function protobufWriter(
  schema: Schema,
  message: LinkedMessage,
  out: ProtobufOut,
  options: ProtobufOptions,
): (value: Value) => void {
  const write = new WriterCompiler(out, options).compile(schema, message)
  return (value) => {
    try {
      write(value)
    } catch (error) {
      throw locateInValue(error, schema, value, options)
    }
  }
}

/**
 * The reader of a message.
 * @param version the Connect schema's version
 * @throws DataException for a message that Connect has no schema for
 */
export function protobufReader(message: LinkedMessage, version: number | null, options: ProtobufOptions): SliceReader {
  const input = new ProtobufIn()
  const connect = toConnectSchema(message, version, options)
  const read = new ReaderCompiler(input, options).compile(message, connect)
  return (buffer, start, end, into) => {
    input.open(buffer, start, end)
    try {
      into.value = read()
    } catch (error) {
      // Only now, since it costs time: which field stands where reading failed.
      if (!(error instanceof DataException) || input.buffer !== buffer) throw error
      const place = placeOf(message, buffer, start, end, input.at)
      throw new DataException(`${error.message}, in ${place}`, { cause: error })
    }
    into.schema = connect
  }
}
