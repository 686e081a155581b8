// JSON as schemas need it: numbers keep their kind and all digits, objects their order. Read and printed as Jackson does,
// because the text of a schema is compared letter by letter.
import { Decimal, doubleToString, floatToString } from '@millrace/api'
import { SchemaParseException } from './language.ts'

/** A number of a JSON text. */
export class JsonNumber {
  /** As Jackson prints it. */
  readonly text: string
  readonly value: number | bigint
  /** False for an integer without point and exponent. */
  readonly floating: boolean

  constructor(text: string, value: number | bigint, floating: boolean) {
    this.text = text
    this.value = value
    this.floating = floating
  }
  static integer(value: number | bigint): JsonNumber {
    return new JsonNumber(String(value), value, false)
  }
  /** What has no number in JSON is printed as a string. */
  static double(value: number): JsonNumber {
    return new JsonNumber(Number.isFinite(value) ? doubleToString(value) : `"${doubleToString(value)}"`, value, true)
  }
  /** A number with a point or an exponent, with all its digits. */
  static decimal(text: string): JsonNumber {
    return new JsonNumber(Decimal.parse(text).toString(), Number(text), true)
  }
  static float(value: number): JsonNumber {
    return new JsonNumber(Number.isFinite(value) ? floatToString(value) : `"${floatToString(value)}"`, value, true)
  }
}

/** Any JSON value. */
export type JsonNode = null | boolean | string | JsonNumber | readonly JsonNode[] | JsonObject
export type JsonObject = ReadonlyMap<string, JsonNode>

/** True for an object. */
export function isObject(node: JsonNode | undefined): node is JsonObject {
  return node instanceof Map
}

/** True for an array. */
export function isArray(node: JsonNode | undefined): node is readonly JsonNode[] {
  return Array.isArray(node)
}

/** What a number with a point or an exponent is read as: what Avro's parser has, or that of JSON schemas. */
export type Floats = 'double' | 'decimal'

/**
 * Parses a text. Comments of both kinds are skipped, as Avro's parser skips them.
 * @throws {SchemaParseException} with the position
 */
export function parseJson(text: string, floats: Floats = 'double'): JsonNode {
  const reader = new Reader(text, floats)
  try {
    return reader.whole()
  } catch (error) {
    if (error instanceof RangeError) throw new SchemaParseException('The schema is nested too deeply', { cause: error })
    throw error
  }
}

/** Prints a value without spaces. */
export function printJson(node: JsonNode): string {
  if (node === null || typeof node === 'boolean') return String(node)
  if (typeof node === 'string') return quote(node)
  if (node instanceof JsonNumber) return node.text
  if (isArray(node)) return `[${node.map(printJson).join(',')}]`
  return `{${[...node].map(([name, value]) => `${quote(name)}:${printJson(value)}`).join(',')}}`
}

/** A string in quotation marks; only what must be escaped is. */
export function quote(text: string): string {
  return `"${text.replace(ESCAPED, escaped)}"`
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must be escaped
const ESCAPED = /["\\\u0000-\u001f]/g
const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\f': '\\f',
  '\r': '\\r',
}
function escaped(character: string): string {
  return SHORT[character] ?? `\\u00${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
}

/** Characters of a number that keeps all its digits. */
const MOST_DIGITS = 1000
const SPACE = /(?:[ \t\r\n]|\/\*[\s\S]*?\*\/|\/\/[^\r\n]*)*/y
const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters may not stand in strings
const STRING = /"((?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*)"/y
const WORD = /true|false|null/y

class Reader {
  readonly #text: string
  readonly #floats: Floats
  #at = 0

  constructor(text: string, floats: Floats) {
    this.#text = text
    this.#floats = floats
  }
  whole(): JsonNode {
    const node = this.#value()
    this.#skip()
    if (this.#at < this.#text.length) throw this.#wrong('something follows the schema')
    return node
  }

  #value(): JsonNode {
    this.#skip()
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object()
      case '[':
        return this.#array()
      case '"':
        return this.#string()
      default: {
        const word = this.#match(WORD)
        if (word !== null) return word[0] === 'null' ? null : word[0] === 'true'
        return this.#number()
      }
    }
  }
  #object(): JsonObject {
    const entries = new Map<string, JsonNode>()
    this.#at++
    this.#skip()
    if (this.#take('}')) return entries
    do {
      this.#skip()
      const name = this.#string()
      this.#skip()
      if (!this.#take(':')) throw this.#wrong('a colon is missing')
      entries.set(name, this.#value())
      this.#skip()
    } while (this.#take(','))
    if (!this.#take('}')) throw this.#wrong('a comma or a closing brace is missing')
    return entries
  }
  #array(): readonly JsonNode[] {
    const items: JsonNode[] = []
    this.#at++
    this.#skip()
    if (this.#take(']')) return items
    do {
      items.push(this.#value())
      this.#skip()
    } while (this.#take(','))
    if (!this.#take(']')) throw this.#wrong('a comma or a closing bracket is missing')
    return items
  }
  #string(): string {
    const match = this.#match(STRING)
    if (match === null) throw this.#wrong('a string is missing, or it is not closed or not escaped')
    return match[1]?.includes('\\') === true ? JSON.parse(match[0]) : (match[1] as string)
  }
  #number(): JsonNumber {
    const match = this.#match(NUMBER)
    if (match === null) throw this.#wrong(this.#at < this.#text.length ? 'this is no JSON' : 'it ends too early')
    if (match[1] !== undefined || match[2] !== undefined) return this.#float(match[0])
    const exact = BigInt(match[0])
    return JsonNumber.integer(Number.isSafeInteger(Number(exact)) ? Number(exact) : exact)
  }

  #float(literal: string): JsonNumber {
    if (this.#floats === 'double') return JsonNumber.double(Number(literal))
    if (literal.length > MOST_DIGITS) throw this.#wrong(`a number has more than ${MOST_DIGITS} characters`)
    return JsonNumber.decimal(literal)
  }

  #skip(): void {
    this.#match(SPACE)
  }
  #take(sign: string): boolean {
    if (this.#text[this.#at] !== sign) return false
    this.#at++
    return true
  }
  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#text)
    if (match !== null) this.#at = pattern.lastIndex
    return match
  }
  #wrong(why: string): SchemaParseException {
    const before = this.#text.slice(0, this.#at).split('\n')
    const place = `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`
    return new SchemaParseException(`The schema is not valid JSON: at ${place} ${why}`)
  }
}
