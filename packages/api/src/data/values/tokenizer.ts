// Splits header text into tokens: delimiters `: , { } [ ] "` stand alone unless a backslash comes before them.

const DELIMITERS = new Set([':', ',', '{', '}', '[', ']', '"'])

/** True for text of nothing but characters up to space, which Java's `trim` removes. */
export function isBlank(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x20) return false
  return true
}

/** Java's `trim`: characters up to space go from both ends, others stay, also where JavaScript would call them space. */
export function trim(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && text.charCodeAt(start) <= 0x20) start++
  while (end > start && text.charCodeAt(end - 1) <= 0x20) end--
  return text.slice(start, end)
}

/** Tokens of a text, one ahead, with a way back. */
export class Tokenizer {
  readonly text: string
  #at = 0
  #ahead: string | null = null
  #previous: string | null = null

  constructor(text: string) {
    this.text = text
  }

  /** Where the token after the one looked at begins. */
  get position(): number {
    return this.#at
  }
  /** The last token taken by {@link next}. */
  get previous(): string | null {
    return this.#previous
  }
  get hasNext(): boolean {
    return this.#ahead !== null || this.#at < this.text.length
  }

  /** A place to come back to: before the token looked at. */
  mark(): number {
    return this.#at - (this.#ahead?.length ?? 0)
  }
  rewind(mark: number): void {
    this.#at = mark
    this.#ahead = null
    this.#previous = null
  }

  /** The next token; empty at the end. */
  next(): string {
    const token = this.#ahead ?? this.#scan()
    this.#ahead = null
    this.#previous = token
    return token
  }

  /** The text of the next `count` tokens, or null, and nothing taken, when there are fewer. */
  nextOf(count: number): string | null {
    const start = this.mark()
    for (let taken = 0; taken < count; taken++) {
      if (!this.hasNext) {
        this.rewind(start)
        return null
      }
      this.next()
    }
    return this.text.slice(start, this.#at)
  }

  /** Takes the next token that is not blank if it is `wanted` but for white space. */
  take(wanted: string): boolean {
    if (this.#ahead === null) {
      if (this.#at >= this.text.length) return false
      this.#ahead = this.#scan()
    }
    while (isBlank(this.#ahead) && this.#at < this.text.length) this.#ahead = this.#scan()
    if (trim(this.#ahead) !== wanted) return false
    this.#ahead = null
    return true
  }

  #scan(): string {
    const { text } = this
    const start = this.#at
    let escaped = false
    for (; this.#at < text.length; this.#at++) {
      const char = text[this.#at] as string
      if (char === '\\') {
        escaped = !escaped
      } else if (DELIMITERS.has(char) && !escaped) {
        if (start === this.#at) this.#at++
        break
      } else {
        escaped = false
      }
    }
    return text.slice(start, this.#at)
  }
}
