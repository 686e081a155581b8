// Reads `{"schema":...,"payload":...}`. Records of a topic mostly begin with the same text up to the payload, so the schema
// is parsed once and known again by that text; only the payload is parsed per record.
import { DataException, type Schema, type SchemaAndValue } from '@millrace/api'
import type { JsonOptions } from './config.ts'
import { locateInNode } from './locate.ts'
import { Lru } from './lru.ts'
import { NodeReader } from './node-reader.ts'
import { checkUtf8, MISSING, parseJson, READ_ERROR } from './parse.ts'
import { JsonParser } from './parser.ts'
import { compileReader, type JsonReader, NEEDS_TEXT } from './readers.ts'
import { parseSchema } from './schema-parse.ts'

const RECENT = 8
const CLOSING_BRACE = 0x7d
const NOT_AN_ENVELOPE =
  'JsonConverter with schemas.enable requires "schema" and "payload" fields and may not contain additional fields. ' +
  'If you are trying to deserialize plain JSON data, set schemas.enable=false in your converter configuration.'

/** How payloads of one schema are read. */
export interface PayloadReader {
  readonly schema: Schema | null
  readonly read: JsonReader
  /** Reads nodes with the text of floats; made once a value needed it, and used from then on. */
  readWithText: JsonReader | null
  /** Payloads of one schema are mostly alike. */
  readonly nodes: NodeReader
}

/** A schema known by the text before the payload. */
interface Known extends PayloadReader {
  /** The text up to the payload, and how many bytes it has. */
  readonly prefix: string
  readonly prefixBytes: number
}

/** A text and the bytes it was read from. */
export interface JsonSlice {
  readonly text: string
  readonly buffer: Buffer
  readonly start: number
  readonly end: number
}

/** Makes the reader of a schema's payloads. */
export function payloadReader(schema: Schema | null, options: JsonOptions): PayloadReader {
  return {
    schema,
    read: compileReader(schema, { ...options, withText: false }),
    readWithText: null,
    nodes: new NodeReader(),
  }
}

/** Parses and reads one payload; `undefined` goes for no content. @throws DataException */
export function readPayload(reader: PayloadReader, slice: JsonSlice, options: JsonOptions): unknown {
  if (reader.readWithText === null) {
    const node = present(reader.nodes.read(slice.text, slice.buffer, slice.start, slice.end))
    try {
      return reader.read(node)
    } catch (error) {
      if (error !== NEEDS_TEXT) throw relocated(error, reader.schema, slice, options)
      reader.readWithText = compileReader(reader.schema, { ...options, withText: true })
    }
  }
  const node = present(parseJson(slice.text, false, 'text'))
  try {
    return reader.readWithText(node)
  } catch (error) {
    throw relocated(error, reader.schema, slice, options)
  }
}

/** The error with its place; the text is parsed again because reading changes nodes in place. */
function relocated(error: unknown, schema: Schema | null, slice: JsonSlice, options: JsonOptions): unknown {
  return locateInNode(error, schema, parseJson(slice.text, false, 'text'), options)
}

function present(node: unknown): unknown {
  return node === MISSING ? undefined : node
}

/** Reads envelopes; one for each converter. */
export class EnvelopeReader {
  readonly #options: JsonOptions
  readonly #byPrefix: Lru<string, Known>
  /** The last few used, latest first: a topic often carries several schemas in turn. */
  #recent: readonly Known[] = []

  constructor(options: JsonOptions, cacheSize: number) {
    this.#options = options
    this.#byPrefix = new Lru(cacheSize)
  }

  /** @throws DataException for anything that is not an envelope, and for a payload that does not fit its schema */
  read(slice: JsonSlice): SchemaAndValue {
    const { text } = slice
    const known = this.#known(text)
    if (known === null || slice.buffer[slice.end - 1] !== CLOSING_BRACE) return this.#whole(slice)
    const payload = {
      text: text.slice(known.prefix.length, -1),
      buffer: slice.buffer,
      start: slice.start + known.prefixBytes,
      end: slice.end - 1,
    }
    if (payload.text.length < 4 && payload.text.trim() === '') return this.#whole(slice)
    checkUtf8(payload.text, slice.buffer, payload.start, payload.end)
    let value: unknown
    try {
      value = readPayload(known, payload, this.#options)
    } catch (error) {
      // A third member, or something after the envelope: the whole text says what is wrong. A wrong value is wrong either way.
      if (error instanceof DataException && !error.message.startsWith(READ_ERROR)) throw error
      return this.#whole(slice)
    }
    return { schema: known.schema, value }
  }

  #known(text: string): Known | null {
    for (let at = 0; at < this.#recent.length; at++) {
      const known = this.#recent[at] as Known
      // Comparing a slice is seven times faster than startsWith.
      if (text.slice(0, known.prefix.length) === known.prefix) {
        if (at > 0) this.#remember(known)
        return known
      }
    }
    const prefix = prefixOf(text)
    // Bytes that are not UTF-8 would make the prefix's length in bytes wrong.
    if (prefix === null || prefix.includes('\ufffd')) return null
    let known = this.#byPrefix.get(prefix)
    if (known === undefined) {
      const schema = parseSchema(schemaNode(prefix), this.#options)
      known = { ...payloadReader(schema, this.#options), prefix, prefixBytes: Buffer.byteLength(prefix) }
      this.#byPrefix.set(prefix, known)
    }
    this.#remember(known)
    return known
  }

  #remember(known: Known): void {
    this.#recent = [known, ...this.#recent.filter((one) => one !== known)].slice(0, RECENT)
  }

  /** Any order of members, any white space, and all errors. */
  #whole(slice: JsonSlice): SchemaAndValue {
    checkUtf8(slice.text, slice.buffer, slice.start, slice.end)
    const node = parseJson(slice.text, false, 'text')
    if (typeof node !== 'object' || node === null || Array.isArray(node)) throw new DataException(NOT_AN_ENVELOPE)
    const envelope = node as Readonly<Record<string, unknown>>
    const isEnvelope = Object.hasOwn(envelope, 'schema') && Object.hasOwn(envelope, 'payload')
    if (!isEnvelope || Object.keys(envelope).length !== 2) throw new DataException(NOT_AN_ENVELOPE)
    const schema = parseSchema(envelope.schema, this.#options)
    try {
      return { schema, value: compileReader(schema, { ...this.#options, withText: true })(envelope.payload) }
    } catch (error) {
      const again = parseJson(slice.text, false, 'text') as typeof envelope
      throw locateInNode(error, schema, again.payload, this.#options)
    }
  }
}

/** The text up to the payload when it begins with the schema and goes on with the payload, else null. */
function prefixOf(text: string): string | null {
  const parser = new JsonParser(text, 'text')
  try {
    if (!parser.take('{') || parser.name() !== 'schema') return null
    parser.value(1)
    if (!parser.take(',') || parser.name() !== 'payload') return null
    return text.slice(0, parser.at)
  } catch {
    return null
  }
}

function schemaNode(prefix: string): unknown {
  const parser = new JsonParser(prefix, 'text')
  parser.take('{')
  parser.name()
  return parser.value(1)
}
