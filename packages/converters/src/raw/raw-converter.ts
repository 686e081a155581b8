// What CBOR and MessagePack share as converters: values without a schema, or in an envelope with one.
import {
  type ByteSink,
  type ByteSource,
  ConnectException,
  DataException,
  defineConfig,
  errorMessage,
  type Headers,
  type RawConfig,
  type Schema,
  type SchemaAndValue,
  type Value,
  type ValueSlot,
} from '@millrace/api'
import { CONVERTER_TYPE, ValueConverter, withConverterType } from '../base.ts'
import type { JsonOptions } from '../json/config.ts'
import { Lru } from '../json/lru.ts'
import { MISSING } from '../json/parse.ts'
import { parseExact } from '../json/parser.ts'
import { parseSchema } from '../json/schema-parse.ts'
import { schemaText } from '../json/schema-text.ts'
import type { TokenReader, TokenWriter } from './tokens.ts'
import { compileValueReader, type ValueReader } from './value-readers.ts'
import { compileValueWriter, type ValueWriter } from './value-writers.ts'

/** Keys of the raw binary converters. */
export const RAW_CONFIG = defineConfig({
  'converter.type': CONVERTER_TYPE,
  'schemas.enable': {
    type: 'boolean',
    default: false,
    importance: 'high',
    doc:
      'Whether each value goes in an envelope with its schema: a map of "schema" (the text of its JSON form, as JsonConverter has it) ' +
      'and "payload". Without it values are read without a schema.',
  },
  'schemas.cache.size': {
    type: 'int',
    default: 1000,
    importance: 'low',
    doc: 'The maximum number of schemas that can be cached in this converter instance, for each direction.',
  },
  'replace.null.with.default': {
    type: 'boolean',
    default: true,
    importance: 'low',
    doc: 'Whether a null whose schema has a default value becomes that value (true) or stays null (false).',
  },
})

const JSON_OPTIONS: JsonOptions = { decimalFormat: 'BASE64', replaceNullWithDefault: true, exactEscapes: false }
const FIRST_CACHE = 1000

interface Prepared {
  readonly write: ValueWriter
  /** JSON form of the schema; null when none is sent. */
  readonly text: string | null
}
interface Readable {
  readonly schema: Schema | null
  readonly read: ValueReader
}

/** A converter over a format of tokens. */
export abstract class RawConverter extends ValueConverter {
  readonly config = RAW_CONFIG
  readonly #writer: TokenWriter
  readonly #reader: TokenReader
  #withSchemas = false
  #nullToDefault = true
  #prepared = new Lru<Schema, Prepared>(FIRST_CACHE)
  #readable = new Lru<string, Readable>(FIRST_CACHE)
  readonly #plain: ValueWriter
  #lastSchema: Schema | null = null
  #last: Prepared | null = null

  constructor(writer: TokenWriter, reader: TokenReader) {
    super()
    this.#writer = writer
    this.#reader = reader
    this.#plain = compileValueWriter(null, writer, true)
  }

  override configure(configs: RawConfig, isKey?: boolean): void {
    const config = RAW_CONFIG.parse(withConverterType(configs, isKey))
    this.#withSchemas = config['schemas.enable']
    this.#nullToDefault = config['replace.null.with.default']
    this.#prepared = new Lru(config['schemas.cache.size'])
    this.#readable = new Lru(config['schemas.cache.size'])
    this.#lastSchema = null
  }

  override fromConnectData(
    _topic: string,
    _headers: Headers | null,
    schema: Schema | null,
    value: Value,
  ): Buffer | null {
    return this.#encode(schema, value) ? this.#writer.out.copy() : null
  }
  override write(
    _topic: string,
    _headers: Headers | null,
    schema: Schema | null,
    value: Value,
    out: ByteSink,
  ): boolean {
    if (!this.#encode(schema, value)) return false
    out.bytes(this.#writer.out.written)
    return true
  }
  override toConnectData(_topic: string, _headers: Headers | null, bytes: Buffer | null): SchemaAndValue {
    if (bytes === null) return { schema: null, value: null }
    return this.#decode(bytes, 0, bytes.length)
  }
  override read(_topic: string, _headers: Headers | null, source: ByteSource, into: ValueSlot): void {
    if (!this.#withSchemas) {
      into.schema = null
      into.value = this.#reader.read(source.buffer, source.start, source.end)
      return
    }
    const { schema, value } = this.#decode(source.buffer, source.start, source.end)
    into.schema = schema
    into.value = value
  }

  #encode(schema: Schema | null, value: Value): boolean {
    if (schema === null && (value === null || value === undefined)) return false
    const writer = this.#writer
    writer.out.reset()
    try {
      if (schema === null && !this.#withSchemas) this.#plain(value)
      else if (schema === null) this.#envelope(null, this.#plain, value)
      else {
        const { text, write } = this.#prepare(schema)
        if (this.#withSchemas) this.#envelope(text, write, value)
        else write(value)
      }
    } catch (error) {
      // A value nested without end, or a getter that throws.
      if (error instanceof ConnectException) throw error
      throw new DataException(`Converting Kafka Connect data to byte[] failed: ${errorMessage(error)}`, {
        cause: error,
      })
    }
    return true
  }
  #envelope(schema: string | null, write: ValueWriter, value: Value): void {
    const writer = this.#writer
    writer.map(2)
    writer.text('schema')
    if (schema === null) writer.none()
    else writer.text(schema)
    writer.text('payload')
    write(value)
  }
  #prepare(schema: Schema): Prepared {
    if (schema === this.#lastSchema) return this.#last as Prepared
    let prepared = this.#prepared.get(schema)
    if (prepared === undefined) {
      const write = compileValueWriter(schema, this.#writer, this.#nullToDefault)
      prepared = { write, text: this.#withSchemas ? schemaText(schema, JSON_OPTIONS) : null }
      this.#prepared.set(schema, prepared)
    }
    this.#lastSchema = schema
    this.#last = prepared
    return prepared
  }

  #decode(buffer: Buffer, start: number, end: number): SchemaAndValue {
    const plain = this.#reader.read(buffer, start, end)
    if (!this.#withSchemas) return { schema: null, value: plain }
    if (!isEnvelope(plain)) {
      throw new DataException(
        'With schemas.enable=true a value is a map of "schema" and "payload" and nothing else: set schemas.enable=false for values without a schema',
      )
    }
    if (plain.schema === null) return { schema: null, value: plain.payload }
    const { schema, read } = this.#readableOf(plain.schema)
    return { schema, value: read(plain.payload) }
  }
  #readableOf(text: string): Readable {
    let found = this.#readable.get(text)
    if (found === undefined) {
      const node = parseExact(text, 'text')
      const schema = parseSchema(node === MISSING ? null : node, JSON_OPTIONS)
      found = { schema, read: compileValueReader(schema, this.#nullToDefault) }
      this.#readable.set(text, found)
    }
    return found
  }
}

function isEnvelope(plain: unknown): plain is { schema: string | null; payload: unknown } {
  if (typeof plain !== 'object' || plain === null || !('schema' in plain) || !('payload' in plain)) return false
  return (typeof plain.schema === 'string' || plain.schema === null) && Object.keys(plain).length === 2
}
