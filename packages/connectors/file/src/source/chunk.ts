// Whole lines, decoded at once: line ends are found in one string, and byte positions come from a second view of the same bytes.
import { isAscii, isUtf8 } from 'node:buffer'

const LF = '\n'
const CR = '\r'

/** Makes something of a line: its text without the line end, and the position in bytes after the line end. */
export type LineMaker<T> = (line: string, end: number) => T

/**
 * A run of whole lines. In an ASCII chunk, characters are bytes. In any other, the same bytes are decoded twice: as
 * UTF-8 for the text, as latin1 for the positions. A line end is one byte in both and part of no other character, so
 * the two strings have the same number of lines. Lines are substrings: they share the chunk's memory.
 */
export class Chunk {
  readonly #text: string
  /** The latin1 view, or null when it would equal the text. */
  readonly #bytes: string | null
  /** True when equal lengths in both views prove a line to be ASCII; malformed UTF-8 proves nothing. */
  readonly #lengthsTell: boolean
  /** True when no carriage return is inside: then only line feeds end lines. */
  readonly #lineFeedsOnly: boolean
  readonly #base: number
  #textEnds: LineEnds | null = null
  #bytesEnds: LineEnds | null = null
  #textAt = 0
  #bytesAt = 0

  /**
   * @param base position of the first byte of `region` in the file
   * @param lineFeedsOnly whether no carriage return is in `region`
   */
  constructor(region: Buffer, base: number, lineFeedsOnly: boolean) {
    const ascii = isAscii(region)
    const latin1 = region.toString('latin1')
    this.#text = ascii ? latin1 : region.toString('utf8')
    this.#bytes = ascii ? null : latin1
    this.#lengthsTell = !ascii && isUtf8(region)
    this.#lineFeedsOnly = lineFeedsOnly
    this.#base = base
  }

  get isEmpty(): boolean {
    return this.#textAt >= this.#text.length
  }

  /** Takes at most `max` lines. */
  take<T>(max: number, make: LineMaker<T>): T[] {
    if (!this.#lineFeedsOnly) return this.#takeMixedEnds(max, make)
    return this.#bytes === null ? this.#takeAscii(max, make) : this.#takeUtf8(max, make, this.#bytes)
  }

  #takeAscii<T>(max: number, make: LineMaker<T>): T[] {
    const text = this.#text
    const base = this.#base + 1
    const taken: T[] = []
    let at = this.#textAt
    while (taken.length < max) {
      const end = text.indexOf(LF, at)
      if (end < 0) break
      taken.push(make(text.substring(at, end), base + end))
      at = end + 1
    }
    this.#textAt = at
    return taken
  }

  #takeUtf8<T>(max: number, make: LineMaker<T>, bytes: string): T[] {
    const text = this.#text
    const base = this.#base + 1
    const taken: T[] = []
    let at = this.#textAt
    let bytesAt = this.#bytesAt
    while (taken.length < max) {
      const end = text.indexOf(LF, at)
      if (end < 0) break
      const bytesEnd = bytes.indexOf(LF, bytesAt)
      // A one-byte string where possible: half the memory, and cheaper to write later.
      const ascii = this.#lengthsTell && bytesEnd - bytesAt === end - at
      taken.push(make(ascii ? bytes.substring(bytesAt, bytesEnd) : text.substring(at, end), base + bytesEnd))
      at = end + 1
      bytesAt = bytesEnd + 1
    }
    this.#textAt = at
    this.#bytesAt = bytesAt
    return taken
  }

  /** Lines ended by CR LF, LF, or CR alone, as the reference ends them. */
  #takeMixedEnds<T>(max: number, make: LineMaker<T>): T[] {
    const text = (this.#textEnds ??= new LineEnds(this.#text))
    const bytes = this.#bytes === null ? text : (this.#bytesEnds ??= new LineEnds(this.#bytes))
    const taken: T[] = []
    while (taken.length < max && text.next < this.#text.length) {
      const start = text.next
      text.advance()
      if (bytes !== text) bytes.advance()
      taken.push(make(this.#text.substring(start, text.end), this.#base + bytes.next))
    }
    this.#textAt = text.next
    return taken
  }
}

/** Walks the line ends of a string of whole lines. Remembers where the next of each kind is, so that no stretch is searched twice. */
class LineEnds {
  /** End of the current line's text. */
  end = 0
  /** Start of the line after it. */
  next = 0
  readonly #text: string
  #lf: number
  #cr: number

  constructor(text: string) {
    this.#text = text
    this.#lf = position(text, LF, 0)
    this.#cr = position(text, CR, 0)
  }

  advance(): void {
    if (this.#lf < this.next) this.#lf = position(this.#text, LF, this.next)
    if (this.#cr < this.next) this.#cr = position(this.#text, CR, this.next)
    this.end = Math.min(this.#lf, this.#cr)
    this.next = this.end + (this.#lf === this.#cr + 1 ? 2 : 1)
  }
}

function position(text: string, what: string, from: number): number {
  const at = text.indexOf(what, from)
  return at < 0 ? Number.POSITIVE_INFINITY : at
}
