// From the bytes of a record to its value under a registered schema: the parser that is fast enough for what is there, then
// the compiled reader.
import { DataException, type Schema, type ValueSlot } from '@millrace/api'
import { copy, locate } from '../json/locate.ts'
import { NodeReader } from '../json/node-reader.ts'
import { checkUtf8, MISSING, parseJson } from '../json/parse.ts'
import { type JsonReader, NEEDS_TEXT } from '../json/readers.ts'
import type { ValueReader } from '../registry/registry-converter.ts'
import type { JsonSchemaOptions } from './config.ts'
import { compileSchemaReader } from './readers.ts'
import type { Validator } from './validation.ts'

/** Reads the values of one schema. */
export class TextReader implements ValueReader {
  readonly #schema: Schema
  readonly #options: JsonSchemaOptions
  readonly #validate: Validator | null
  readonly #nodes = new NodeReader(true)
  readonly #read: JsonReader
  /** Reads nodes with the text of floats; made once a value needed it, and used from then on. */
  #readWithText: JsonReader | null = null

  constructor(schema: Schema, options: JsonSchemaOptions, validate: Validator | null) {
    this.#schema = schema
    this.#options = options
    this.#validate = validate
    this.#read = compileSchemaReader(schema, { ...options, withText: false })
  }

  read(buffer: Buffer, start: number, end: number, into: ValueSlot): void {
    const text = buffer.utf8Slice(start, end)
    this.#validate?.(text)
    into.value = this.#value(text, buffer, start, end)
    into.schema = this.#schema
  }

  #value(text: string, buffer: Buffer, start: number, end: number): unknown {
    if (this.#readWithText === null) {
      const node = present(this.#nodes.read(text, buffer, start, end))
      try {
        return this.#read(node)
      } catch (error) {
        if (error !== NEEDS_TEXT) throw this.#located(error, text)
        this.#readWithText = compileSchemaReader(this.#schema, { ...this.#options, withText: true })
      }
    } else checkUtf8(text, buffer, start, end)
    try {
      return this.#readWithText(present(parseJson(text, false, 'text', true)))
    } catch (error) {
      throw this.#located(error, text)
    }
  }

  /** The error with its place; the text is parsed again because reading changes nodes in place. */
  #located(error: unknown, text: string): unknown {
    if (!(error instanceof DataException)) return error
    let node: unknown
    try {
      node = parseJson(text, false, 'text', true)
    } catch {
      return error
    }
    const options = { ...this.#options, withText: true, inStruct: this.#schema.type === 'STRUCT' }
    return locate(error, this.#schema, node, (schema, item) => compileSchemaReader(schema, options)(copy(item)))
  }
}

function present(node: unknown): unknown {
  if (node !== MISSING) return node
  throw new DataException('There is no JSON: the value has no bytes but those of the frame')
}
