// What the converters of all schema languages share: which schema stands for a record, and the frame that tells it.
import {
  type ByteSink,
  type ByteSource,
  type ConfigDef,
  ConnectException,
  type Converter,
  DataException,
  errorMessage,
  type Headers,
  type RawConfig,
  type Schema,
  type SchemaAndValue,
  schemaEquals,
  type Value,
  type ValueSlot,
} from '@millrace/api'
import type { ParsedSchema, SchemaLanguage, SchemaReference } from '@millrace/schemas'
import { withConverterType } from '../base.ts'
import type { BytesOut } from '../bytes-out.ts'
import { Lru } from '../json/lru.ts'
import { SchemaRegistryClient } from './client.ts'
import type { RegistryConfig } from './config.ts'
import { frameLength, GUID_FRAME, guidFrame, idFrame, MAGIC_ID, readGuid, readId, schemaIdHeader } from './framing.ts'
import { type IdReading, type IdWriting, idReading, idWriting } from './framing-config.ts'
import { isPromise, type Maybe, whenKnown } from './maybe.ts'
import { SchemaFinder, type SchemaToRead } from './schema-finder.ts'

/** The compiled way from values of one Connect schema to the converter's bytes. */
export interface ValueWriter {
  /** What stands between the frame and the value: the indexes of a Protobuf message; empty for the other languages. */
  readonly prefix: Uint8Array
  /** Appends a value to the converter's buffer. @throws DataException */
  write(value: Value): void
  /** The same as a text, in languages whose values are texts: it goes straight into the batch. @throws DataException */
  text?(value: Value): string
}

/** The compiled way from bytes under one registered schema to values. */
export interface ValueReader {
  /**
   * Reads the value in a slice.
   * @param prefix what followed the frame in a header, or null: then it stands at the start of the slice
   * @throws DataException
   */
  read(buffer: Buffer, start: number, end: number, into: ValueSlot, prefix: Buffer | null): void
}

interface PreparedWriter {
  readonly writer: ValueWriter
  /** Frame and prefix, before each value. */
  readonly frame: Uint8Array
  /** The same as a header's value when ids go there; null when they go before the value. */
  readonly header: Buffer | null
  /** When the choice of the schema must be made anew; Infinity for never. */
  readonly expiresMs: number
}
interface PreparedReader {
  readonly reader: ValueReader
  readonly expiresMs: number
}

const NO_FRAME = new Uint8Array(0)
const TOPICS = 256

/** A converter that keeps its schemas in a registry. A language adds what is its own: schemas, writers and readers. */
export abstract class RegistryConverter<Parsed extends ParsedSchema> implements Converter {
  abstract readonly config: ConfigDef
  protected abstract readonly language: SchemaLanguage<Parsed>
  /** Where {@link ValueWriter.write} writes. */
  protected readonly out: BytesOut
  #client: SchemaRegistryClient | null = null
  #finder: SchemaFinder<Parsed> | null = null
  #idWriting: IdWriting = 'prefix'
  #idReading: IdReading = 'dual'
  #headerName = ''
  #fixedId: number | string = 0
  #cacheSize = 1000
  readonly #writers = new Lru<string, Lru<Schema | null, PreparedWriter>>(TOPICS)
  readonly #readers = new Lru<string, Lru<number | string, PreparedReader>>(TOPICS)
  // What the record before used: records of a task come in runs.
  #writeTopic: string | null = null
  #writeSchema: Schema | null = null
  #lastWriter: PreparedWriter | null = null
  #readTopic: string | null = null
  #readId: number | string = -1
  #lastReader: PreparedReader | null = null
  #awaitedReader: PreparedReader | null = null

  constructor(out: BytesOut) {
    this.out = out
  }

  /** Parses the language's own keys and those of the registry. @throws ConfigException */
  protected abstract setUp(configs: RawConfig, isKey: boolean): RegistryConfig & { readonly cacheSize: number }
  /** The schema under which a value of a Connect schema is written. `value` matters only without a schema. @throws DataException */
  protected abstract schemaFor(schema: Schema | null, value: Value): Parsed
  /** Compiles the writer of a Connect schema's values under `target`, which is `own` or what the registry has in its place. */
  protected abstract writerFor(schema: Schema | null, own: Parsed, target: Parsed): ValueWriter
  /** Compiles the reader of bytes written under one schema, as another one has them; `version` is the writer's, if known. */
  protected abstract readerFor(written: Parsed, wanted: Parsed, version: number | null): ValueReader
  /** True when a null under this schema is null bytes, and no schema is asked for. @throws DataException when it is no valid value */
  protected abstract isNullBytes(schema: Schema | null): boolean
  /** What the schema refers to, as the registry knows it; a language whose schemas refer to others registers those here. */
  protected referencesOf(_schema: Parsed): Maybe<readonly SchemaReference[]> {
    return NO_REFERENCES
  }
  /** For languages that register more than one schema. */
  protected get client(): SchemaRegistryClient {
    if (this.#client === null) throw new ConnectException('The converter was not configured')
    return this.#client
  }

  /** @throws ConfigException for a value that does not fit its key */
  configure(configs: RawConfig, isKey: boolean): void {
    const all = withConverterType(configs, isKey)
    const config = this.setUp(all, isKey)
    this.#client?.close()
    const client = new SchemaRegistryClient(configs)
    this.#client = client
    this.#cacheSize = config.cacheSize
    this.#finder = new SchemaFinder({
      client,
      config,
      isKey,
      language: this.language,
      references: (schema) => this.referencesOf(schema),
    })
    this.#idWriting = idWriting(config, isKey)
    this.#idReading = idReading(config, isKey)
    this.#headerName = schemaIdHeader(isKey)
    this.#fixedId = config['use.schema.guid'] ?? config['use.schema.id']
  }
  /** Set once configured: whether the converter looks into the record's headers as they are in Kafka. */
  get readsHeaders(): boolean {
    return this.#idReading === 'dual'
  }
  /** Set once configured: whether the converter adds a header. */
  get writesHeaders(): boolean {
    return this.#idWriting === 'header'
  }

  fromConnectData(
    topic: string,
    headers: Headers | null,
    schema: Schema | null,
    value: Value,
  ): Maybe<Uint8Array | null> {
    if ((value === null || value === undefined) && this.isNullBytes(schema)) return null
    const prepared = this.#writer(topic, schema, value)
    const finish = (found: PreparedWriter) => {
      this.#encode(found, headers, value)
      return this.out.copy()
    }
    return isPromise(prepared) ? prepared.then(finish) : finish(prepared)
  }
  write(topic: string, headers: Headers | null, schema: Schema | null, value: Value, out: ByteSink): Maybe<boolean> {
    if ((value === null || value === undefined) && this.isNullBytes(schema)) return false
    const prepared = this.#writer(topic, schema, value)
    if (isPromise(prepared)) return prepared.then(() => true)
    if (prepared.writer.text === undefined) {
      this.#encode(prepared, headers, value)
      out.bytes(this.out.buffer, 0, this.out.at)
    } else this.#writeText(prepared, prepared.writer.text, headers, value, out)
    return true
  }
  toConnectData(topic: string, headers: Headers | null, bytes: Buffer | null): Maybe<SchemaAndValue> {
    if (bytes === null) return NULL
    const into: ValueSlot = { schema: null, value: null }
    const wait = this.#decode(topic, headers, bytes, 0, bytes.length, into)
    return wait === undefined
      ? into
      : wait.then(() => {
          this.#decode(topic, headers, bytes, 0, bytes.length, into)
          return into
        })
  }
  read(topic: string, headers: Headers | null, source: ByteSource, into: ValueSlot): Maybe<void> {
    return this.#decode(topic, headers, source.buffer, source.start, source.end, into)
  }
  close(): void {
    this.#client?.close()
  }

  #encode(prepared: PreparedWriter, headers: Headers | null, value: Value): void {
    const { out } = this
    out.reset()
    out.bytes(prepared.frame)
    try {
      prepared.writer.write(value)
    } catch (error) {
      throw inLanguage(error, `Failed to serialize ${this.language.type} data`)
    }
    if (prepared.header !== null) this.#addHeader(headers, prepared.header)
  }
  #writeText(
    prepared: PreparedWriter,
    textOf: (value: Value) => string,
    headers: Headers | null,
    value: Value,
    out: ByteSink,
  ): void {
    let text: string
    try {
      text = textOf(value)
    } catch (error) {
      throw inLanguage(error, `Failed to serialize ${this.language.type} data`)
    }
    if (prepared.header !== null) this.#addHeader(headers, prepared.header)
    out.bytes(prepared.frame)
    out.utf8(text)
  }
  #addHeader(headers: Headers | null, frame: Buffer): void {
    if (headers === null) {
      throw new DataException(`The schema's GUID cannot be written: there are no headers for ${this.#headerName}`)
    }
    const known = headers.lastWithName(this.#headerName)?.value
    if (known instanceof Uint8Array && Buffer.compare(known, frame) === 0) return
    headers.add(this.#headerName, frame, null)
  }

  #writer(topic: string, schema: Schema | null, value: Value): PreparedWriter | Promise<PreparedWriter> {
    const last = this.#lastWriter
    if (last !== null && schema === this.#writeSchema && topic === this.#writeTopic && isFresh(last)) return last
    const found = this.#writers.get(topic)?.get(schema)
    if (found !== undefined && isFresh(found)) return this.#useWriter(topic, schema, found)
    // Some connectors make the same schema anew for each record: comparing is cheaper than compiling.
    if (last !== null && topic === this.#writeTopic && isFresh(last) && isEqual(schema, this.#writeSchema)) return last
    return this.#prepareWriter(topic, schema, value)
  }
  #useWriter(topic: string, schema: Schema | null, prepared: PreparedWriter): PreparedWriter {
    this.#writeTopic = topic
    this.#writeSchema = schema
    this.#lastWriter = prepared
    return prepared
  }
  #prepareWriter(topic: string, schema: Schema | null, value: Value): PreparedWriter | Promise<PreparedWriter> {
    const own = inLanguageOf(() => this.schemaFor(schema, value), 'Failed to make a schema for the registry')
    const found = this.#found.toWrite(topic, own, this.#idWriting === 'header')
    return whenKnown(found, ({ target, id, guid, expiresMs }) => {
      const writer = inLanguageOf(() => this.writerFor(schema, own, target), `Failed to use the schema of id ${id}`)
      const inHeader = this.#idWriting === 'header'
      const frame = Buffer.concat([inHeader ? guidFrame(guid ?? '') : idFrame(id), writer.prefix])
      const prepared = { writer, frame: inHeader ? NO_FRAME : frame, header: inHeader ? frame : null, expiresMs }
      slot(this.#writers, topic, this.#cacheSize).set(schema, prepared)
      return this.#useWriter(topic, schema, prepared)
    })
  }

  #decode(
    topic: string,
    headers: Headers | null,
    buffer: Buffer,
    start: number,
    end: number,
    into: ValueSlot,
  ): Promise<void> | undefined {
    if (headers !== null && this.#idReading === 'dual') {
      const frame = headers.lastWithName(this.#headerName)?.value
      if (frame instanceof Uint8Array) return this.#decodeByHeader(topic, toBuffer(frame), buffer, start, end, into)
    }
    if (this.#idReading === 'config') return this.#read(topic, this.#fixedId, buffer, start, end, into, null)
    const length = frameLength(buffer, start, end)
    const id = buffer[start] === MAGIC_ID ? readId(buffer, start) : readGuid(buffer, start)
    return this.#read(topic, id, buffer, start + length, end, into, null)
  }
  #decodeByHeader(
    topic: string,
    frame: Buffer,
    buffer: Buffer,
    start: number,
    end: number,
    into: ValueSlot,
  ): Promise<void> | undefined {
    const length = frameLength(frame, 0, frame.length)
    const id = length === GUID_FRAME ? readGuid(frame, 0) : readId(frame, 0)
    return this.#read(topic, id, buffer, start, end, into, frame.subarray(length))
  }
  #read(
    topic: string,
    id: number | string,
    buffer: Buffer,
    start: number,
    end: number,
    into: ValueSlot,
    prefix: Buffer | null,
  ): Promise<void> | undefined {
    const prepared = this.#reader(topic, id)
    if (isPromise(prepared)) return prepared.then(NOTHING)
    try {
      prepared.reader.read(buffer, start, end, into, prefix)
    } catch (error) {
      throw inLanguage(error, `Failed to deserialize data for topic ${topic} under schema ${id}`)
    }
    return undefined
  }

  #reader(topic: string, id: number | string): PreparedReader | Promise<PreparedReader> {
    const last = this.#lastReader
    if (last !== null && id === this.#readId && topic === this.#readTopic && isFresh(last)) return last
    // What a record waited for serves that record, however short its time is.
    if (last !== null && last === this.#awaitedReader && id === this.#readId && topic === this.#readTopic) {
      this.#awaitedReader = null
      return last
    }
    const found = this.#readers.get(topic)?.get(id)
    return found !== undefined && isFresh(found) ? this.#useReader(topic, id, found) : this.#prepareReader(topic, id)
  }
  #useReader(topic: string, id: number | string, prepared: PreparedReader): PreparedReader {
    this.#readTopic = topic
    this.#readId = id
    this.#lastReader = prepared
    return prepared
  }
  #prepareReader(topic: string, id: number | string): PreparedReader | Promise<PreparedReader> {
    return whenKnown(this.#found.toRead(topic, id), ({ written, wanted, version, expiresMs }: SchemaToRead<Parsed>) => {
      const reader = inLanguageOf(
        () => this.readerFor(written, wanted, version),
        `Failed to use the schema of id ${id}`,
      )
      const prepared = { reader, expiresMs }
      slot(this.#readers, topic, this.#cacheSize).set(id, prepared)
      this.#awaitedReader = prepared
      return this.#useReader(topic, id, prepared)
    })
  }
  get #found(): SchemaFinder<Parsed> {
    if (this.#finder === null) throw new ConnectException('The converter was not configured')
    return this.#finder
  }
}

const NULL: SchemaAndValue = Object.freeze({ schema: null, value: null })
const NO_REFERENCES: readonly SchemaReference[] = []
const NOTHING = () => undefined

function isFresh(prepared: { readonly expiresMs: number }): boolean {
  return prepared.expiresMs === Number.POSITIVE_INFINITY || performance.now() < prepared.expiresMs
}

/** False, too, for schemas that contain themselves: comparing those has no end. */
function isEqual(a: Schema | null, b: Schema | null): boolean {
  try {
    return schemaEquals(a, b)
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

function slot<K, V>(byTopic: Lru<string, Lru<K, V>>, topic: string, size: number): Lru<K, V> {
  let found = byTopic.get(topic)
  if (found === undefined) {
    found = new Lru(size)
    byTopic.set(topic, found)
  }
  return found
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function inLanguageOf<T>(work: () => T, doing: string): T {
  try {
    return work()
  } catch (error) {
    throw inLanguage(error, doing)
  }
}

/** What is not yet an error of Connect comes from a value nested without end, or from a getter. */
function inLanguage(error: unknown, doing: string): ConnectException {
  return error instanceof ConnectException
    ? error
    : new DataException(`${doing}: ${errorMessage(error)}`, { cause: error })
}
