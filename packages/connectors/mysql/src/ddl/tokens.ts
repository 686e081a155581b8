// Words of a DDL statement. Comments are passed over; those that servers execute (`/*! ... */`) are read as what they hold.

export type TokenKind = 'word' | 'quoted' | 'string' | 'number' | 'mark' | 'end'

export interface Token {
  readonly kind: TokenKind
  /** Words as written, quoted names and strings without quotes and escapes, numbers as written. */
  readonly text: string
  /** Upper case for words and marks; empty for others, so that a quoted name is never a keyword. */
  readonly word: string
  /** Where it stands in the statement. */
  readonly start: number
  readonly end: number
}

const SPACE = /[\s\uFEFF]+|--(?=[\s]|$)[^\n]*|#[^\n]*/y
const WORD = /[\p{L}\p{N}_$@]+/uy
const NUMBER = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\p{L}_$])/uy
const EXECUTABLE = /\/\*M?!\d{0,6}/y
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', 0: '\0', b: '\b', Z: '\x1a' }

/** A statement that is not in the language of DDL, and where it stops being so. */
export class DdlError extends Error {
  readonly at: number
  constructor(message: string, at: number) {
    super(message)
    this.name = 'DdlError'
    this.at = at
  }
}

/** @throws DdlError for a string, name or comment without end */
export function tokenize(sql: string): Token[] {
  return new Tokenizer(sql).all()
}

class Tokenizer {
  readonly #sql: string
  #at = 0
  /** How many executable comments are open. */
  #open = 0

  constructor(sql: string) {
    this.#sql = sql
  }

  all(): Token[] {
    const tokens: Token[] = []
    for (;;) {
      this.#passOver()
      if (this.#at >= this.#sql.length) break
      tokens.push(this.#next())
    }
    tokens.push({ kind: 'end', text: '', word: '', start: this.#at, end: this.#at })
    return tokens
  }

  #passOver(): void {
    for (;;) {
      if (this.#match(SPACE) !== undefined || this.#comment()) continue
      if (this.#open === 0 || !this.#sql.startsWith('*/', this.#at)) return
      this.#open--
      this.#at += 2
    }
  }

  #comment(): boolean {
    if (!this.#sql.startsWith('/*', this.#at)) return false
    if (this.#match(EXECUTABLE) !== undefined) {
      this.#open++
      return true
    }
    const end = this.#sql.indexOf('*/', this.#at + 2)
    if (end < 0) throw new DdlError('A comment has no end', this.#at)
    this.#at = end + 2
    return true
  }

  #next(): Token {
    const start = this.#at
    const char = this.#sql[start]!
    if (char === '`' || char === '"' || char === "'") {
      const text = this.#quoted(char)
      return this.#token(char === '`' ? 'quoted' : 'string', text, '', start)
    }
    const number = this.#match(NUMBER)
    if (number !== undefined) return this.#token('number', number, '', start)
    const word = this.#match(WORD)
    if (word !== undefined) return this.#token('word', word, word.toUpperCase(), start)
    this.#at++
    return this.#token('mark', char, char, start)
  }

  #token(kind: TokenKind, text: string, word: string, start: number): Token {
    return { kind, text, word, start, end: this.#at }
  }

  #quoted(quote: string): string {
    const start = this.#at++
    let text = ''
    for (;;) {
      const char = this.#sql[this.#at]
      if (char === undefined) throw new DdlError(`What begins with ${quote} has no end`, start)
      this.#at++
      if (char === quote) {
        if (this.#sql[this.#at] !== quote) return text
        this.#at++
      } else if (char === '\\' && quote !== '`') {
        const escaped = this.#sql[this.#at++] ?? ''
        text += ESCAPES[escaped] ?? escaped
        continue
      }
      text += char
    }
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#sql)?.[0]
    if (found !== undefined) this.#at += found.length
    return found
  }
}

/** The tokens of a statement, one after another. */
export class Tokens {
  readonly #tokens: readonly Token[]
  readonly sql: string
  #at = 0

  constructor(sql: string) {
    this.sql = sql
    this.#tokens = tokenize(sql)
  }

  peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)]!
  }
  next(): Token {
    const token = this.peek()
    this.#at++
    return token
  }
  /** Whether these keywords or marks come next. */
  sees(...words: readonly string[]): boolean {
    return words.every((word, i) => this.peek(i).word === word)
  }
  /** Takes these keywords or marks if they come next. */
  accept(...words: readonly string[]): boolean {
    if (!this.sees(...words)) return false
    this.#at += words.length
    return true
  }
  /** @throws DdlError when another word comes */
  expect(word: string): void {
    if (!this.accept(word)) throw this.error(`expected ${word}`)
  }
  acceptAny(...words: readonly string[]): string | undefined {
    return words.find((word) => this.accept(word))
  }
  get atEnd(): boolean {
    const { kind, word } = this.peek()
    return kind === 'end' || word === ';'
  }

  /** A name, quoted or not. @throws DdlError when none comes */
  name(): string {
    const token = this.next()
    if (token.kind === 'mark' || token.kind === 'end') throw this.error('expected a name', token)
    return token.text
  }
  /** `table` or `database.table`. */
  tableName(database: string): { database: string; name: string } {
    const first = this.name()
    if (!this.accept('.')) return { database, name: first.startsWith('.') ? first.slice(1) : first }
    return { database: first, name: this.name() }
  }
  /** Passes over a group in parentheses that comes next. */
  skipGroup(): void {
    this.expect('(')
    for (let depth = 1; depth > 0; ) {
      const { kind, word } = this.next()
      if (kind === 'end') throw this.error('a parenthesis has no end')
      if (word === '(') depth++
      else if (word === ')') depth--
    }
  }
  /** Passes over what comes up to a comma or closing parenthesis that belongs to what is around. */
  skipPart(): void {
    while (!this.atEnd && !this.sees(',') && !this.sees(')')) {
      if (this.sees('(')) this.skipGroup()
      else this.next()
    }
  }

  error(reason: string, token = this.peek()): DdlError {
    const near = this.sql.slice(token.start, token.start + 40)
    return new DdlError(`${reason} at offset ${token.start}, near "${near}"`, token.start)
  }
}
