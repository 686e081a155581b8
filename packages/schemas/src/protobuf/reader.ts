// The text of a .proto file, read piece by piece. Comments and space are skipped wherever they may stand.
// Source: https://protobuf.dev/reference/protobuf/textformat-spec/#text and https://protobuf.com/docs/language-spec#lexical-elements
import { SchemaParseException } from '../language.ts'

const SPACE = /(?:[ \t\r\n\f\v]+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y
const IDENTIFIER = /[A-Za-z_]\w*/y
const INTEGER = /-?(?:0[xX][0-9a-fA-F]+|\d+)(?![\w.])/y
const NUMBER = /[-+]?\.?\d[\w.]*(?:(?<=[eE])[-+]\d+)?|-\s*(?:inf|infinity|nan)\b/iy
/** Up to the next quotation mark or escape. */
const PLAIN = /[^'"\\]+/y
const ESCAPE = /\\(?:[xX]([0-9a-fA-F]{1,2})|([0-7]{1,3})|u([0-9a-fA-F]{4})|U(00[0-9a-fA-F]{6})|([\s\S]))/y

const SHORT: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
}

/** How deep messages and values may be nested. */
const MAX_DEPTH = 64

/** A cursor over a text. */
export class ProtoReader {
  readonly #text: string
  #at = 0
  #depth = 0

  constructor(text: string) {
    this.#text = text
    this.#skip()
  }

  /** Where the next piece begins: for messages about what is read after it. */
  get position(): number {
    return this.#at
  }
  get atEnd(): boolean {
    return this.#at === this.#text.length
  }
  /** The next character; empty at the end. */
  get next(): string {
    return this.#text[this.#at] ?? ''
  }

  /** Takes a sign if it comes next. */
  take(sign: string): boolean {
    if (this.next !== sign) return false
    this.#at++
    this.#skip()
    return true
  }
  require(sign: string): void {
    if (!this.take(sign)) throw this.wrong(`'${sign}' is expected, not ${this.#seen()}`)
  }
  /** The identifier that comes next, without taking it; empty when there is none. */
  peekWord(): string {
    IDENTIFIER.lastIndex = this.#at
    return IDENTIFIER.exec(this.#text)?.[0] ?? ''
  }
  /** Takes a word if it comes next. */
  takeWord(word: string): boolean {
    if (this.peekWord() !== word) return false
    this.#at += word.length
    this.#skip()
    return true
  }
  identifier(): string {
    const word = this.#match(IDENTIFIER)
    if (word === null) throw this.wrong(`a name is expected, not ${this.#seen()}`)
    return word[0]
  }
  /** A name with dots, one in front too when it may be. */
  fullName(absolute = true): string {
    let name = absolute && this.take('.') ? '.' : ''
    name += this.identifier()
    while (this.take('.')) name += `.${this.identifier()}`
    return name
  }
  /** An integer of 32 bits. */
  integer(): number {
    const start = this.#at
    const match = this.#match(INTEGER)
    if (match === null) throw this.wrong(`a whole number is expected, not ${this.#seen()}`)
    const value = integerValue(match[0])
    if (value < -2147483648 || value > 2147483647) throw this.wrong(`${match[0]} does not fit 32 bits`, start)
    return value
  }
  /** A number of any kind, as written; null when none comes next. */
  number(): string | null {
    return this.#match(NUMBER)?.[0].replace(/\s/g, '') ?? null
  }
  get atString(): boolean {
    return this.next === '"' || this.next === "'"
  }
  /** A text in quotation marks; those that follow each other are one. */
  string(): string {
    if (!this.atString) throw this.wrong(`a text in quotation marks is expected, not ${this.#seen()}`)
    let text = ''
    while (this.atString) text += this.#quoted()
    return text
  }

  /** A text that is written as it is: names and paths, which have nothing that would have to be escaped. */
  plainString(): string {
    const start = this.#at
    const text = this.string()
    if (/["\\\n\r]/.test(text)) throw this.wrong('the name has signs that no name has', start)
    return text
  }

  /** Runs a reader of something that may contain itself. */
  nested<T>(read: () => T): T {
    if (++this.#depth > MAX_DEPTH) throw this.wrong(`nesting is deeper than ${MAX_DEPTH}`)
    try {
      return read()
    } finally {
      this.#depth--
    }
  }

  /** What is wrong, with the place: the one given, or else the next piece. */
  wrong(why: string, position = this.#at): SchemaParseException {
    const before = this.#text.slice(0, position).split('\n')
    const place = `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`
    return new SchemaParseException(`The schema is not valid Protobuf: at ${place}: ${why}`)
  }

  #quoted(): string {
    const start = this.#at
    const quote = this.next
    let text = ''
    this.#at++
    for (;;) {
      text += this.#matchHere(PLAIN)?.[0] ?? ''
      const sign = this.next
      if (sign === quote) break
      if (sign === '\\') text += this.#escape()
      else if (sign === '') throw this.wrong('the text is not closed', start)
      else {
        text += sign
        this.#at++
      }
    }
    this.#at++
    this.#skip()
    return text
  }
  #escape(): string {
    const match = this.#matchHere(ESCAPE)
    if (match === null) throw this.wrong('the escape is not complete')
    const [, hex, octal, four, eight, sign] = match
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16))
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8))
    const point = four ?? eight
    if (point === undefined) return SHORT[sign as string] ?? (sign as string)
    const code = Number.parseInt(point, 16)
    if (code > 0x10ffff) throw this.wrong(`there is no character ${point}`)
    return String.fromCodePoint(code)
  }
  #skip(): void {
    this.#matchHere(SPACE)
    if (this.#text.startsWith('/*', this.#at)) throw this.wrong('the comment is not closed')
  }
  #match(pattern: RegExp): RegExpExecArray | null {
    const match = this.#matchHere(pattern)
    if (match !== null) this.#skip()
    return match
  }
  #matchHere(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#text)
    if (match !== null) this.#at += match[0].length
    return match
  }
  #seen(): string {
    if (this.atEnd) return 'the end of the text'
    const word = this.peekWord()
    return `'${word === '' ? this.next : word}'`
  }
}

/** Decimal, hexadecimal after `0x`, octal after `0`. */
function integerValue(text: string): number {
  const negative = text.startsWith('-')
  const digits = negative ? text.slice(1) : text
  const value = /^0\d/.test(digits) ? Number.parseInt(digits, 8) : Number(digits)
  return negative ? 0 - value : value
}
