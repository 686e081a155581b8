// What both Avro converters share: compiled ways from Connect values to Avro's bytes and back.
import { DataException, decimalFromBytes, LogicalName, type Schema, type ValueSlot } from '@millrace/api'
import type { AvroSchema } from '@millrace/schemas/avro'
import { AvroIn } from './avro-in.ts'
import type { AvroOut } from './avro-out.ts'
import type { AvroOptions } from './config.ts'
import { scrubName } from './names.ts'
import { ReaderCompiler } from './readers.ts'
import { isAnything, toConnectSchema } from './schema-in.ts'
import { anythingReader } from './schemaless-in.ts'
import { type AvroWriter, WriterCompiler } from './writers.ts'

/** Reads the value in a slice, and says where it ended. */
export type SliceReader = (buffer: Buffer, start: number, end: number, into: ValueSlot) => number

/** The writer of a Connect schema's values under an Avro schema. @throws DataException when they cannot stand under it */
export function avroWriter(schema: Schema | null, avro: AvroSchema, out: AvroOut, options: AvroOptions): AvroWriter {
  return new WriterCompiler(out, options).compile(schema, avro)
}

/**
 * The reader of bytes written under one schema, as another one has them.
 * @param version the Connect schema's version, if it has none of its own
 * @throws DataException when the one cannot be read as the other
 */
export function avroReader(
  written: AvroSchema,
  wanted: AvroSchema,
  version: number | null,
  options: AvroOptions,
): SliceReader {
  const input = new AvroIn()
  const connect = isAnything(wanted) ? null : toConnectSchema(wanted, version, options)
  const read =
    connect === null
      ? anythingReader(written, input)
      : new ReaderCompiler(input, (name) => scrubName(name, options.scrub)).compile(written, wanted, connect)
  return (buffer, start, end, into) => {
    input.open(buffer, start, end)
    into.value = read()
    into.schema = into.value === null && connect === null ? null : connect
    return input.at
  }
}

/** The reader of bytes that are the value themselves, without a length: how the registry's serializers write a schema of bytes. */
export function bareBytesReader(written: AvroSchema, version: number | null, options: AvroOptions): SliceReader {
  const connect = toConnectSchema(written, version, options) as Schema
  const isDecimal = connect.name === LogicalName.DECIMAL
  return (buffer, start, end, into) => {
    const bytes = Buffer.from(buffer.subarray(start, end))
    into.schema = connect
    into.value = isDecimal ? decimalFromBytes(connect, bytes) : bytes
    return end
  }
}

/** An error for bytes that follow a value. */
export function trailing(left: number): DataException {
  return new DataException(
    `${left} bytes follow the Avro value; set avro.fail.on.trailing.data=false to have them ignored`,
  )
}
