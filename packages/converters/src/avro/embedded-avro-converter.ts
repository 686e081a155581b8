// Avro without a registry: each value is an Avro object container file that begins with its schema.
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
import { parseAvro } from '@millrace/schemas/avro'
import { CONVERTER_TYPE, ValueConverter, withConverterType } from '../base.ts'
import { Lru } from '../json/lru.ts'
import { AvroOut } from './avro-out.ts'
import { avroReader, avroWriter, type SliceReader, trailing } from './codec.ts'
import { AVRO_DATA_CONFIG, AVRO_DATA_KEYS, type AvroOptions, avroOptions } from './config.ts'
import { type ContainerHead, containerHead, type ReadHead, readHead, valueSlice } from './container.ts'
import { toAvroSchema } from './schema-out.ts'
import type { AvroWriter } from './writers.ts'

/** Keys of the converter. */
export const EMBEDDED_AVRO_CONFIG = defineConfig({ 'converter.type': CONVERTER_TYPE, ...AVRO_DATA_KEYS })

interface Prepared {
  readonly head: ContainerHead
  readonly write: AvroWriter
}
interface Readable {
  readonly head: ReadHead
  readonly read: SliceReader
}
const FIRST_CACHE = 1000

/**
 * `millrace.EmbeddedAvroConverter`: what any reader of Avro files understands, at the price of the schema in each record.
 * The mapping is that of AvroConverter, and so are its keys.
 */
export class EmbeddedAvroConverter extends ValueConverter {
  readonly config = EMBEDDED_AVRO_CONFIG
  readonly #out = new AvroOut()
  readonly #value = new AvroOut()
  #options: AvroOptions = avroOptions(AVRO_DATA_CONFIG.parse({}))
  #prepared = new Lru<Schema | null, Prepared>(FIRST_CACHE)
  #readable = new Lru<string, Readable>(FIRST_CACHE)
  #last: Readable | null = null

  override configure(configs: RawConfig, isKey?: boolean): void {
    const config = EMBEDDED_AVRO_CONFIG.parse(withConverterType(configs, isKey))
    const size = Math.max(1, config['schemas.cache.config'])
    this.#options = avroOptions(config)
    this.#prepared = new Lru(size)
    this.#readable = new Lru(size)
    this.#last = null
  }

  override fromConnectData(
    _topic: string,
    _headers: Headers | null,
    schema: Schema | null,
    value: Value,
  ): Buffer | null {
    return this.#encode(schema, value) ? this.#out.copy() : null
  }
  override write(
    _topic: string,
    _headers: Headers | null,
    schema: Schema | null,
    value: Value,
    out: ByteSink,
  ): boolean {
    if (!this.#encode(schema, value)) return false
    out.bytes(this.#out.buffer, 0, this.#out.at)
    return true
  }
  override toConnectData(_topic: string, _headers: Headers | null, bytes: Buffer | null): SchemaAndValue {
    const into: ValueSlot = { schema: null, value: null }
    if (bytes !== null) this.#decode(bytes, 0, bytes.length, into)
    return into
  }
  override read(_topic: string, _headers: Headers | null, source: ByteSource, into: ValueSlot): void {
    this.#decode(source.buffer, source.start, source.end, into)
  }

  /** False for null bytes. */
  #encode(schema: Schema | null, value: Value): boolean {
    if (value === null || value === undefined) {
      if (schema === null || schema.optional) return false
      throw new DataException('Found null value for non-optional schema')
    }
    const out = this.#out
    const body = this.#value
    try {
      let prepared = this.#prepared.get(schema)
      if (prepared === undefined) {
        const avro = toAvroSchema(schema, this.#options)
        prepared = { head: containerHead(avro), write: avroWriter(schema, avro, body, this.#options) }
        this.#prepared.set(schema, prepared)
      }
      body.reset()
      prepared.write(value)
      out.reset()
      out.bytes(prepared.head.bytes)
      out.count(1)
      out.block(body.written)
      out.bytes(prepared.head.sync)
    } catch (error) {
      throw asDataException(error, 'Failed to serialize Avro data')
    }
    return true
  }

  #decode(buffer: Buffer, start: number, end: number, into: ValueSlot): void {
    try {
      const { head, read } = this.#readableOf(buffer, start, end)
      const slice = valueSlice(buffer, start + head.bytes.length, end, head.codec)
      const at = read(slice.buffer, slice.start, slice.end, into)
      if (at < slice.end) throw trailing(slice.end - at)
    } catch (error) {
      throw asDataException(error, 'Failed to deserialize Avro data')
    }
  }
  /** Records of a topic mostly begin alike: then nothing of the head is read. */
  #readableOf(buffer: Buffer, start: number, end: number): Readable {
    const last = this.#last
    if (last !== null) {
      const { bytes } = last.head
      if (end - start > bytes.length && buffer.compare(bytes, 0, bytes.length, start, start + bytes.length) === 0)
        return last
    }
    const head = readHead(buffer, start, end)
    const known = this.#readable.get(head.schemaText)
    const readable = { head, read: known?.read ?? this.#reader(head.schemaText) }
    this.#readable.set(head.schemaText, readable)
    this.#last = readable
    return readable
  }
  #reader(text: string): SliceReader {
    const { schema } = parseAvro(text)
    return avroReader(schema, schema, null, this.#options)
  }
}

function asDataException(error: unknown, doing: string): ConnectException {
  return error instanceof ConnectException
    ? error
    : new DataException(`${doing}: ${errorMessage(error)}`, { cause: error })
}
