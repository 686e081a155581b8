// Writes values with or without their envelope. All that depends on the schema alone is made once per schema.
import type { ByteSink, Schema } from '@millrace/api'
import type { JsonOptions } from './config.ts'
import { Lru } from './lru.ts'
import { schemaText } from './schema-text.ts'
import { schemalessText } from './schemaless-write.ts'
import { type Escapes, escapesOf } from './text.ts'
import { compileWriter, type JsonWriter } from './writers.ts'

/** What is known of a schema: how its values are written, and the envelope's text before them. */
interface Prepared {
  readonly write: JsonWriter
  /** `{"schema":...,"payload":`, made when first needed. */
  prefix: string | null
  prefixBytes: Buffer
}

const NO_SCHEMA = '{"schema":null,"payload":'
const CLOSING_BRACE = 0x7d
const NONE = Buffer.alloc(0)

/** Writes values; one for each converter. */
export class EnvelopeWriter {
  readonly #options: JsonOptions
  readonly #escapes: Escapes
  readonly #prepared: Lru<Schema, Prepared>
  #lastSchema: Schema | null = null
  #last: Prepared | null = null

  constructor(options: JsonOptions, cacheSize: number) {
    this.#options = options
    this.#escapes = escapesOf(options)
    this.#prepared = new Lru(cacheSize)
  }

  /** The whole text. */
  text(schema: Schema | null, value: unknown, envelope: boolean): string {
    if (schema === null) {
      const plain = schemalessText(value, this.#escapes)
      return envelope ? `${NO_SCHEMA}${plain}}` : plain
    }
    const prepared = this.#prepare(schema)
    const payload = prepared.write(value)
    return envelope ? `${this.#prefix(schema, prepared)}${payload}}` : payload
  }

  /** The same text as UTF-8, in parts. */
  write(schema: Schema | null, value: unknown, envelope: boolean, out: ByteSink): void {
    if (!envelope) {
      out.utf8(schema === null ? schemalessText(value, this.#escapes) : this.#prepare(schema).write(value))
      return
    }
    if (schema === null) {
      out.utf8(this.text(null, value, true))
      return
    }
    const prepared = this.#prepare(schema)
    const payload = prepared.write(value)
    this.#prefix(schema, prepared)
    out.bytes(prepared.prefixBytes)
    out.utf8(payload)
    out.int8(CLOSING_BRACE)
  }

  #prepare(schema: Schema): Prepared {
    if (schema === this.#lastSchema) return this.#last as Prepared
    let prepared = this.#prepared.get(schema)
    if (prepared === undefined) {
      prepared = { write: compileWriter(schema, this.#options), prefix: null, prefixBytes: NONE }
      this.#prepared.set(schema, prepared)
    }
    this.#lastSchema = schema
    this.#last = prepared
    return prepared
  }

  #prefix(schema: Schema, prepared: Prepared): string {
    if (prepared.prefix === null) {
      prepared.prefix = `{"schema":${schemaText(schema, this.#options)},"payload":`
      prepared.prefixBytes = Buffer.from(prepared.prefix)
    }
    return prepared.prefix
  }
}
