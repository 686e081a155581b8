// A JSON parser in JavaScript for what JSON.parse cannot do: integers beyond 2^53 and decimals to the last digit, the
// reference's leniencies (leading zeros, content after the first value), and errors that say where. Slower than
// JSON.parse, so it reads only texts that need it.
import { DataException } from '@millrace/api'

/** A number that JSON.parse would round or reformat: its text. Readers take from it what their schema needs. */
export class NumberText {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** What happens to a literal with a point or an exponent: read as a double, or kept as {@link NumberText}. */
export type FloatMode = 'double' | 'text'

const MAX_DEPTH = 1000
/** Most characters of a number. */
export const MAX_NUMBER = 1000
const NUMBER = /-?\d+(\.\d+)?([eE][+-]?\d+)?/y
const NUMBER_WORD = /(?:NaN|-?Infinity)(?!\w)/y
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON strings may not hold them
const NOT_LITERAL = /[\\\u0000-\u001f]/
const SPACE = /[ \t\n\r]*/y

/** Stands for no content at all: empty or only white space. */
export const MISSING: unique symbol = Symbol('missing')

/**
 * Parses the first value of `text`. Safe integers are numbers, longer ones bigints.
 * @param words whether `NaN`, `Infinity` and `-Infinity` are numbers, as some writers have them
 * @throws DataException saying where
 */
export function parseExact(text: string, floats: FloatMode, words = false): unknown {
  const parser = new JsonParser(text, floats, undefined, words)
  return parser.atEnd() ? MISSING : parser.root()
}

/** Reads values one after another from a text. */
export class JsonParser {
  readonly text: string
  /** Where the next value or mark is looked for. */
  at: number
  readonly #floats: FloatMode
  readonly #words: boolean

  constructor(text: string, floats: FloatMode, at = text.startsWith('\ufeff') ? 1 : 0, words = false) {
    this.text = text
    this.#floats = floats
    this.#words = words
    this.at = at
  }

  /** True when only white space is left. */
  atEnd(): boolean {
    this.#skipSpace()
    return this.at >= this.text.length
  }

  /** A value at the top: a bare number must end at white space. */
  root(): unknown {
    const value = this.value(0)
    const next = this.text[this.at]
    const isNumber = typeof value === 'number' || typeof value === 'bigint' || value instanceof NumberText
    if (isNumber && next !== undefined && !/\s/.test(next)) throw this.#unexpected('white space after a number')
    return value
  }

  /** The value at the current place. */
  value(depth: number): unknown {
    this.#skipSpace()
    switch (this.text[this.at]) {
      case '{':
        return this.#object(depth + 1)
      case '[':
        return this.#array(depth + 1)
      case '"':
        return this.#string()
      case 't':
        return this.#word('true', true)
      case 'f':
        return this.#word('false', false)
      case 'n':
        return this.#word('null', null)
      default:
        return this.#number()
    }
  }

  /** Passes `mark` and returns true, or stays and returns false. */
  take(mark: string): boolean {
    this.#skipSpace()
    if (this.text[this.at] !== mark) return false
    this.at++
    return true
  }

  /** Reads a member name and the colon after it. */
  name(): string {
    this.#skipSpace()
    if (this.text[this.at] !== '"') throw this.#unexpected('a double-quoted member name')
    const name = this.#string()
    if (!this.take(':')) throw this.#unexpected("':'")
    return name
  }

  #object(depth: number): Record<string, unknown> {
    this.#enter(depth)
    const result: Record<string, unknown> = {}
    if (this.take('}')) return result
    do {
      const name = this.name()
      const value = this.value(depth)
      if (name === '__proto__') define(result, name, value)
      else result[name] = value
    } while (this.take(','))
    if (!this.take('}')) throw this.#unexpected("',' or '}'")
    return result
  }

  #array(depth: number): unknown[] {
    this.#enter(depth)
    const result: unknown[] = []
    if (this.take(']')) return result
    do result.push(this.value(depth))
    while (this.take(','))
    if (!this.take(']')) throw this.#unexpected("',' or ']'")
    return result
  }

  #enter(depth: number): void {
    if (depth > MAX_DEPTH) throw this.#error(`Document nesting depth exceeds the maximum allowed (${MAX_DEPTH})`)
    this.at++
  }

  #string(): string {
    const end = this.#closingQuote()
    const content = this.text.slice(this.at + 1, end)
    let value = content
    if (NOT_LITERAL.test(content)) {
      try {
        value = JSON.parse(`"${content}"`) as string
      } catch {
        throw this.#error('String with a control character or a wrong escape')
      }
    }
    this.at = end + 1
    return value
  }

  #closingQuote(): number {
    for (let end = this.at; ; ) {
      end = this.text.indexOf('"', end + 1)
      if (end < 0) throw this.#error('String is not closed')
      let slashes = 0
      while (this.text[end - 1 - slashes] === '\\') slashes++
      if (slashes % 2 === 0) return end
    }
  }

  #word<T>(word: string, value: T): T {
    if (!this.text.startsWith(word, this.at) || /\w/.test(this.text[this.at + word.length] ?? ' ')) {
      throw this.#unexpected('a JSON value')
    }
    this.at += word.length
    return value
  }

  #number(): unknown {
    NUMBER.lastIndex = this.at
    const match = NUMBER.exec(this.text)
    if (match === null) return this.#numberWord()
    const literal = match[0]
    const next = this.text[this.at + literal.length]
    if (next !== undefined && /[\w.]/.test(next)) throw this.#error(`Number is malformed: ${literal}${next}`)
    if (literal.length > MAX_NUMBER)
      throw this.#error(`Number of ${literal.length} characters: at most ${MAX_NUMBER} are read`)
    this.at += literal.length
    if (match[1] !== undefined || match[2] !== undefined) {
      return this.#floats === 'text' ? new NumberText(literal) : Number(literal)
    }
    const number = Number(literal)
    return Number.isSafeInteger(number) ? number : BigInt(literal)
  }

  #numberWord(): number {
    NUMBER_WORD.lastIndex = this.at
    const word = this.#words ? NUMBER_WORD.exec(this.text)?.[0] : undefined
    if (word === undefined) throw this.#unexpected('a JSON value')
    this.at += word.length
    return Number(word)
  }

  #skipSpace(): void {
    SPACE.lastIndex = this.at
    SPACE.test(this.text)
    this.at = SPACE.lastIndex
  }

  #unexpected(wanted: string): DataException {
    const found = this.text[this.at]
    return this.#error(`expected ${wanted} but found ${found === undefined ? 'the end' : JSON.stringify(found)}`)
  }

  #error(reason: string): DataException {
    return new DataException(`${reason} at character ${this.at}`)
  }
}

/** Sets a member whose name would otherwise reach the prototype. */
export function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true })
}
