// java.text.SimpleDateFormat in UTC and English, for the transformations that take such patterns.
import type { Fields } from './calendar.ts'
import { splitInto } from './calendar.ts'
import { granularity, type Writer, writersOf } from './format.ts'
import { DateReader } from './parse.ts'
import { parsePattern } from './pattern.ts'

/** A compiled pattern. */
export class DateFormat {
  readonly pattern: string
  readonly #writers: readonly Writer[]
  readonly #reader: DateReader
  readonly #step: number
  readonly #fields: Fields = { year: 0, month: 0, day: 0, epochDay: 0, time: 0 }
  /** Records that follow one another often have the same second, or day: their text is kept. */
  #lastStep = Number.NaN
  #last = ''

  /** @throws IllegalArgumentException for what is no pattern */
  constructor(pattern: string) {
    const tokens = parsePattern(pattern)
    this.pattern = pattern
    this.#writers = writersOf(tokens)
    this.#reader = new DateReader(tokens)
    this.#step = granularity(tokens)
  }

  /** Text of milliseconds since the epoch. */
  format(ms: number): string {
    const step = Math.floor(ms / this.#step)
    if (step === this.#lastStep) return this.#last
    splitInto(this.#fields, ms)
    let text = ''
    for (const write of this.#writers) text += write(this.#fields)
    this.#lastStep = step
    this.#last = text
    return text
  }

  /** Milliseconds since the epoch of a text that begins as the pattern says. @throws DateParseError */
  parse(text: string): number {
    return this.#reader.read(text)
  }
}
