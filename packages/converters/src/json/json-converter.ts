// JsonConverter: JSON with or without a schema beside each value.
import {
  type ByteSink,
  type ByteSource,
  ConfigException,
  ConnectException,
  DataException,
  errorMessage,
  type Headers,
  type RawConfig,
  type Schema,
  type SchemaAndValue,
  type Value,
  type ValueSlot,
} from '@millrace/api'
import { ValueConverter, withConverterType } from '../base.ts'
import { JSON_CONFIG, type JsonOptions, jsonOptions } from './config.ts'
import { EnvelopeReader, type JsonSlice, type PayloadReader, payloadReader, readPayload } from './envelope-read.ts'
import { EnvelopeWriter } from './envelope-write.ts'
import { locateInValue } from './locate.ts'
import { checkUtf8, MISSING, READ_ERROR } from './parse.ts'
import { parseExact } from './parser.ts'
import { parseSchema } from './schema-parse.ts'
import { SchemalessReader } from './schemaless-read.ts'
import { schemalessText } from './schemaless-write.ts'
import { escapesOf, ownEscapes } from './text.ts'

const WRITE_ERROR = 'Converting Kafka Connect data to byte[] failed due to serialization error: '

/**
 * `org.apache.kafka.connect.json.JsonConverter`. Beyond the reference: integers without a schema keep all their digits,
 * and the texts NaN, Infinity and -Infinity that it writes for a float are read back as such.
 */
export class JsonConverter extends ValueConverter {
  readonly config = JSON_CONFIG
  #withSchemas = true
  #options = DEFAULTS
  #escapes = ownEscapes
  #writer = new EnvelopeWriter(DEFAULTS, 0)
  #envelopes = new EnvelopeReader(DEFAULTS, 0)
  readonly #schemaless = new SchemalessReader()
  /** Reader of the schema given by `schema.content`. */
  #fixed: PayloadReader | null = null

  /** @throws ConfigException for a key or a `schema.content` that cannot be used */
  override configure(configs: RawConfig, isKey?: boolean): void {
    const config = JSON_CONFIG.parse(withConverterType(configs, isKey))
    const options = jsonOptions(config)
    const cacheSize = config['schemas.cache.size']
    this.#withSchemas = config['schemas.enable']
    this.#options = options
    this.#escapes = escapesOf(options)
    this.#writer = new EnvelopeWriter(options, cacheSize)
    this.#envelopes = new EnvelopeReader(options, cacheSize)
    const content = config['schema.content']
    this.#fixed = this.#withSchemas && content !== null && content !== '' ? fixedReader(content, options) : null
  }

  override fromConnectData(
    _topic: string,
    _headers: Headers | null,
    schema: Schema | null,
    value: Value,
  ): Uint8Array | null {
    if (schema === null && (value === null || value === undefined)) return null
    try {
      // JSON text has no lone surrogates: they are written as escapes.
      return Buffer.from(this.#writer.text(schema, value, this.#withSchemas))
    } catch (error) {
      throw this.#writeError(error, schema, value)
    }
  }

  override write(
    _topic: string,
    _headers: Headers | null,
    schema: Schema | null,
    value: Value,
    out: ByteSink,
  ): boolean {
    if (schema === null && (value === null || value === undefined)) return false
    try {
      if (schema === null && !this.#withSchemas) out.utf8(schemalessText(value, this.#escapes))
      else this.#writer.write(schema, value, this.#withSchemas, out)
    } catch (error) {
      throw this.#writeError(error, schema, value)
    }
    return true
  }

  override toConnectData(_topic: string, _headers: Headers | null, bytes: Buffer | null): SchemaAndValue {
    if (bytes === null) return { schema: null, value: null }
    return this.#read({ text: bytes.toString('utf8'), buffer: bytes, start: 0, end: bytes.length })
  }

  override read(_topic: string, _headers: Headers | null, source: ByteSource, into: ValueSlot): void {
    const { buffer, start, end } = source
    const text = source.text()
    if (!this.#withSchemas) {
      into.schema = null
      into.value = this.#schemaless.read(text, buffer, start, end)
      return
    }
    const result = this.#read({ text, buffer, start, end })
    into.schema = result.schema
    into.value = result.value
  }

  /** What is not yet an error of Connect comes from a value nested without end, or from a getter. */
  #writeError(error: unknown, schema: Schema | null, value: Value): unknown {
    if (!(error instanceof ConnectException))
      return new DataException(WRITE_ERROR + errorMessage(error), { cause: error })
    return locateInValue(error, schema, value, this.#options)
  }

  #read(slice: JsonSlice): SchemaAndValue {
    const { text, buffer, start, end } = slice
    if (!this.#withSchemas) return { schema: null, value: this.#schemaless.read(text, buffer, start, end) }
    try {
      if (this.#fixed === null) return this.#envelopes.read(slice)
      checkUtf8(text, buffer, start, end)
      return { schema: this.#fixed.schema, value: readPayload(this.#fixed, slice, this.#options) }
    } catch (error) {
      throw readError(error)
    }
  }
}

const DEFAULTS: JsonOptions = { decimalFormat: 'BASE64', replaceNullWithDefault: true, exactEscapes: false }

function fixedReader(content: string, options: JsonOptions): PayloadReader {
  try {
    const node = parseExact(content, 'text')
    return payloadReader(parseSchema(node === MISSING ? null : node, options), options)
  } catch (cause) {
    throw new ConfigException(
      `Failed to parse schema in converter config due to serialization error: ${errorMessage(cause)}`,
      { cause, configKey: 'schema.content' },
    )
  }
}

function readError(error: unknown): ConnectException {
  return error instanceof ConnectException
    ? error
    : new DataException(READ_ERROR + errorMessage(error), { cause: error })
}
