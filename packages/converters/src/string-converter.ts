// StringConverter: the text form of any value out, text in.
import {
  type ByteSink,
  type ByteSource,
  defineConfig,
  type Headers,
  type RawConfig,
  type Schema,
  type SchemaAndValue,
  Schemas,
  type Value,
  type ValueSlot,
  valueToString,
} from '@millrace/api'
import { CONVERTER_TYPE, ValueConverter, withConverterType } from './base.ts'
import { type Charset, charsetOf } from './charset.ts'
import { utf8Bytes } from './utf8.ts'

const ENCODING = 'converter.encoding'

const CONFIG = defineConfig({
  'converter.type': CONVERTER_TYPE,
  [ENCODING]: {
    type: 'string',
    default: 'UTF-8',
    importance: 'high',
    width: 'medium',
    displayName: 'Encoding',
    doc: 'The name of the Java character set to use for encoding strings as byte arrays.',
  },
})

/** `org.apache.kafka.connect.storage.StringConverter`. What is not a string is written as Java's `toString` prints it. */
export class StringConverter extends ValueConverter {
  readonly config = CONFIG
  /** Null for UTF-8, which has ways of its own. */
  #charset: Charset | null = null

  override configure(configs: RawConfig, isKey?: boolean): void {
    const charset = charsetOf(CONFIG.parse(withConverterType(configs, isKey))[ENCODING], ENCODING)
    this.#charset = charset.name === 'UTF-8' ? null : charset
  }

  override fromConnectData(
    _topic: string,
    _headers: Headers | null,
    schema: Schema | null,
    value: Value,
  ): Uint8Array | null {
    if (value === null || value === undefined) return null
    const text = typeof value === 'string' ? value : valueToString(value, schema)
    return this.#charset === null ? utf8Bytes(text) : this.#charset.encode(text)
  }

  override toConnectData(_topic: string, _headers: Headers | null, bytes: Buffer | null): SchemaAndValue {
    return { schema: Schemas.OPTIONAL_STRING, value: bytes === null ? null : this.#decode(bytes) }
  }

  override write(
    _topic: string,
    _headers: Headers | null,
    schema: Schema | null,
    value: Value,
    out: ByteSink,
  ): boolean {
    if (value === null || value === undefined) return false
    const text = typeof value === 'string' ? value : valueToString(value, schema)
    if (this.#charset === null) out.utf8(text)
    else out.bytes(this.#charset.encode(text))
    return true
  }

  override read(_topic: string, _headers: Headers | null, source: ByteSource, into: ValueSlot): void {
    into.schema = Schemas.OPTIONAL_STRING
    into.value = this.#charset === null ? source.text() : this.#decode(source.bytes())
  }

  #decode(bytes: Buffer): string {
    return this.#charset === null ? bytes.toString('utf8') : this.#charset.decode(bytes)
  }
}
