// java.text.SimpleDateFormat in UTC and English, for the transformations that take such patterns.
import type { Fields } from './calendar.ts'
import { splitInto } from './calendar.ts'
import { granularity, type Writer, writersOf } from './format.ts'
import { DateReader } from './parse.ts'
import { parsePattern } from './pattern.ts'

const SECOND_MS = 1000

/** A compiled pattern. */
export class DateFormat {
  readonly pattern: string
  readonly #reader: DateReader
  /** What stands before the first field of milliseconds, that field, and what stands behind it. */
  readonly #before: readonly Writer[]
  readonly #millis: Writer | null
  readonly #behind: readonly Writer[]
  /** In milliseconds: for how long the texts before and behind stay. */
  readonly #step: number
  readonly #fields: Fields = { year: 0, month: 0, day: 0, epochDay: 0, time: 0 }
  /** Records that follow one another often have the same second, or day: their text is kept. */
  #lastStep = Number.NaN
  #lastBefore = ''
  #lastBehind = ''

  /** @throws IllegalArgumentException for what is no pattern */
  constructor(pattern: string) {
    const tokens = parsePattern(pattern)
    const writers = writersOf(tokens)
    const millis = tokens.findIndex(({ letter }) => letter === 'S')
    const behind = millis < 0 ? tokens.length : millis + 1
    const isOnly = tokens.slice(behind).every(({ letter }) => letter !== 'S')
    this.pattern = pattern
    this.#reader = new DateReader(tokens)
    this.#before = writers.slice(0, millis < 0 ? tokens.length : millis)
    this.#millis = writers[millis] ?? null
    this.#behind = writers.slice(behind)
    this.#step = millis < 0 ? granularity(tokens) : isOnly ? SECOND_MS : 1
  }

  /** Text of milliseconds since the epoch. */
  format(ms: number): string {
    const step = Math.floor(ms / this.#step)
    if (step !== this.#lastStep) {
      splitInto(this.#fields, ms)
      this.#lastBefore = this.#text(this.#before)
      this.#lastBehind = this.#text(this.#behind)
      this.#lastStep = step
    }
    if (this.#millis === null) return this.#lastBefore
    this.#fields.time = ms - Math.floor(ms / SECOND_MS) * SECOND_MS
    return this.#lastBefore + this.#millis(this.#fields) + this.#lastBehind
  }

  /** Milliseconds since the epoch of a text that begins as the pattern says. @throws DateParseError */
  parse(text: string): number {
    return this.#reader.read(text)
  }

  #text(writers: readonly Writer[]): string {
    let text = ''
    for (const write of writers) text += write(this.#fields)
    return text
  }
}
