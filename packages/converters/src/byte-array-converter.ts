// ByteArrayConverter: bytes pass as they are.
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

/** `org.apache.kafka.connect.converters.ByteArrayConverter`: any `Uint8Array` out, a `Buffer` in, null as null. */
export class ByteArrayConverter extends ValueConverter {
  readonly config = PLAIN_CONFIG

  override fromConnectData(
    _topic: string,
    _headers: Headers | null,
    schema: Schema | null,
    value: Value,
  ): Uint8Array | null {
    if (schema !== null && schema.type !== 'BYTES') {
      throw new DataException(`Invalid schema type for ByteArrayConverter: ${schema.type}`)
    }
    if (value === null || value === undefined || value instanceof Uint8Array) return value ?? null
    throw new DataException(
      `ByteArrayConverter is not compatible with objects of type class ${javaClassOf(value, schema)}`,
    )
  }

  override toConnectData(_topic: string, _headers: Headers | null, bytes: Buffer | null): SchemaAndValue {
    return { schema: Schemas.OPTIONAL_BYTES, value: bytes }
  }

  override write(topic: string, headers: Headers | null, schema: Schema | null, value: Value, out: ByteSink): boolean {
    const bytes = this.fromConnectData(topic, headers, schema, value)
    if (bytes === null) return false
    out.bytes(bytes)
    return true
  }

  override read(_topic: string, _headers: Headers | null, source: ByteSource, into: ValueSlot): void {
    into.schema = Schemas.OPTIONAL_BYTES
    into.value = source.bytes()
  }
}
