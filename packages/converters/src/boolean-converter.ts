// BooleanConverter: one byte, 1 or 0.
import {
  type ByteSink,
  type ByteSource,
  DataException,
  type Headers,
  javaClassOf,
  type Schema,
  type SchemaAndValue,
  Schemas,
  type Value,
  type ValueSlot,
} from '@millrace/api'
import { PLAIN_CONFIG, ValueConverter } from './base.ts'

/** `org.apache.kafka.connect.converters.BooleanConverter` (KIP-907). */
export class BooleanConverter extends ValueConverter {
  readonly config = PLAIN_CONFIG

  override fromConnectData(
    _topic: string,
    _headers: Headers | null,
    schema: Schema | null,
    value: Value,
  ): Uint8Array | null {
    const checked = check(schema, value)
    return checked === null ? null : Buffer.of(checked ? 1 : 0)
  }

  override toConnectData(_topic: string, _headers: Headers | null, bytes: Buffer | null): SchemaAndValue {
    const value = bytes === null ? null : decode(bytes, 0, bytes.length)
    return { schema: Schemas.OPTIONAL_BOOLEAN, value }
  }

  override write(
    _topic: string,
    _headers: Headers | null,
    schema: Schema | null,
    value: Value,
    out: ByteSink,
  ): boolean {
    const checked = check(schema, value)
    if (checked === null) return false
    out.int8(checked ? 1 : 0)
    return true
  }

  override read(_topic: string, _headers: Headers | null, source: ByteSource, into: ValueSlot): void {
    into.schema = Schemas.OPTIONAL_BOOLEAN
    into.value = decode(source.buffer, source.start, source.end)
  }
}

function check(schema: Schema | null, value: Value): boolean | null {
  if (schema !== null && schema.type !== 'BOOLEAN') {
    throw new DataException(`Invalid schema type for BooleanConverter: ${schema.type}`)
  }
  if (value === null || value === undefined || typeof value === 'boolean') return value ?? null
  throw new DataException(`BooleanConverter is not compatible with objects of type class ${javaClassOf(value, schema)}`)
}

function decode(buffer: Buffer, start: number, end: number): boolean {
  if (end - start !== 1) {
    throw new DataException(
      `Failed to deserialize boolean: Size of data received by BooleanDeserializer is not 1 but ${end - start}`,
    )
  }
  const byte = buffer[start]
  if (byte !== 0 && byte !== 1) {
    throw new DataException(
      `Failed to deserialize boolean: Unexpected byte received by BooleanDeserializer: ${buffer.readInt8(start)}`,
    )
  }
  return byte === 1
}
