// Text to moments by a pattern, leniently as SimpleDateFormat: numbers out of range roll over, what follows is ignored.
import { DAY_MS, epochDayOf } from './calendar.ts'
import { DAYS, ERAS, HALVES, MONTHS, short, ZONES } from './names.ts'
import type { Token } from './pattern.ts'

const CENTURY = 100
/** Years of two digits lie from 80 years ago to 20 years ahead. */
const YEARS_BACK = 80
const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000

/** Why a text is no date of the pattern. */
export class DateParseError extends Error {}

/** Reads one text at a time; keeps its state between calls to make none. */
export class DateReader {
  readonly #tokens: readonly Token[]
  #text = ''
  #at = 0
  #year = 0
  #month = 0
  #day = 0
  /** 0 when the date is given by month and day. */
  #dayOfYear = 0
  #isBeforeChrist = false
  #hour = 0
  #halfHour = 0
  #half = 0
  /** Which of the two kinds of hour came last. */
  #usesHalves = false
  #minute = 0
  #second = 0
  #millisecond = 0
  #offset = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  /** Milliseconds since the epoch, UTC unless the text has a zone. @throws DateParseError */
  read(text: string): number {
    this.#reset(text)
    const tokens = this.#tokens
    for (let index = 0; index < tokens.length; index++) {
      const token = tokens[index] as Token
      if (token.letter === '') this.#literal(token.text)
      // A number directly before another field has as many digits as letters.
      else this.#field(token, (tokens[index + 1]?.letter ?? '') === '' ? 0 : token.count)
    }
    return this.#moment()
  }

  #reset(text: string): void {
    this.#text = text
    this.#at = 0
    this.#year = 1970
    this.#month = 1
    this.#day = 1
    this.#dayOfYear = 0
    this.#isBeforeChrist = false
    this.#hour = 0
    this.#halfHour = 0
    this.#half = 0
    this.#usesHalves = false
    this.#minute = 0
    this.#second = 0
    this.#millisecond = 0
    this.#offset = 0
  }

  #moment(): number {
    const year = this.#isBeforeChrist ? 1 - this.#year : this.#year
    const day =
      this.#dayOfYear === 0 ? epochDayOf(year, this.#month, this.#day) : epochDayOf(year, 1, 1) + this.#dayOfYear - 1
    const hour = this.#usesHalves ? this.#halfHour + 12 * this.#half : this.#hour
    const time = hour * HOUR_MS + this.#minute * MINUTE_MS + this.#second * 1000 + this.#millisecond
    return day * DAY_MS + time - this.#offset
  }

  #literal(text: string): void {
    if (!this.#text.startsWith(text, this.#at)) throw this.#error(`"${text}"`)
    this.#at += text.length
  }

  #field({ letter, count }: Token, digits: number): void {
    this.#skipSpace()
    switch (letter) {
      case 'y':
        this.#readYear(count, digits)
        return
      case 'M':
      case 'L':
        this.#month = count <= 2 ? this.#number(digits) : this.#name(MONTHS) + 1
        return
      case 'd':
        this.#day = this.#number(digits)
        this.#dayOfYear = 0
        return
      case 'D':
        this.#dayOfYear = this.#number(digits)
        return
      case 'H':
        this.#hour = this.#number(digits)
        this.#usesHalves = false
        return
      case 'k': {
        const hour = this.#number(digits)
        this.#hour = hour === 24 ? 0 : hour
        this.#usesHalves = false
        return
      }
      case 'K':
      case 'h': {
        const hour = this.#number(digits)
        this.#halfHour = letter === 'h' && hour === 12 ? 0 : hour
        this.#usesHalves = true
        return
      }
      case 'a':
        this.#half = this.#name(HALVES)
        this.#usesHalves = true
        return
      case 'm':
        this.#minute = this.#number(digits)
        return
      case 's':
        this.#second = this.#number(digits)
        return
      case 'S':
        this.#millisecond = this.#number(digits)
        return
      case 'G':
        this.#isBeforeChrist = this.#name(ERAS) === 0
        return
      case 'E':
        // A day of the week says nothing beside a date.
        this.#name(DAYS)
        return
      case 'u':
        this.#number(digits)
        return
      case 'z':
      case 'Z':
      case 'X':
        this.#offset = this.#zone(letter, count)
        return
      default:
        throw new DateParseError(`the field ${letter} of a pattern can be written, but not read here`)
    }
  }

  #readYear(count: number, digits: number): void {
    const from = this.#at
    const year = this.#number(digits)
    const isShort = count <= 2 && this.#at - from === 2 && year >= 0
    this.#year = isShort ? fullYear(year) : year
  }

  #skipSpace(): void {
    const text = this.#text
    for (let code = text.charCodeAt(this.#at); code === 0x20 || code === 0x09; ) code = text.charCodeAt(++this.#at)
    if (this.#at >= text.length) throw this.#error('more text')
  }

  #number(digits: number): number {
    const text = this.#text
    const end = digits === 0 ? text.length : this.#at + digits
    if (end > text.length) throw this.#error(`${digits} digits`)
    let at = this.#at
    const negative = text.charCodeAt(at) === 0x2d
    if (negative) at++
    const from = at
    let value = 0
    for (; at < end; at++) {
      const digit = text.charCodeAt(at) - 0x30
      if (!(digit >= 0 && digit <= 9)) break
      value = value * 10 + digit
    }
    if (at === from) throw this.#error('a number')
    this.#at = at
    return (negative ? -value : value) | 0
  }

  /** Position of the longest name, long or short, that comes next, whatever its case. */
  #name(names: readonly string[]): number {
    const rest = this.#text.slice(this.#at).toLowerCase()
    for (const form of [(name: string) => name, short]) {
      const found = names.findIndex((name) => rest.startsWith(form(name).toLowerCase()))
      if (found < 0) continue
      this.#at += form(names[found] as string).length
      return found
    }
    throw this.#error(`one of ${names.join(', ')}`)
  }

  /** Milliseconds east of UTC. */
  #zone(letter: string, count: number): number {
    const rest = this.#text.slice(this.#at)
    const match = letter === 'X' ? ISO_ZONES[count - 1]?.exec(rest) : /^(?:GMT)?([+-])(\d{1,2}):?(\d{2})/.exec(rest)
    if (match !== null && match !== undefined) {
      this.#at += match[0].length
      if (match[1] === undefined) return 0
      const size = Number(match[2]) * HOUR_MS + Number(match[3] ?? 0) * MINUTE_MS
      return match[1] === '-' ? -size : size
    }
    const name = letter === 'X' ? undefined : Object.keys(ZONES).find((zone) => rest.toUpperCase().startsWith(zone))
    if (name === undefined) throw this.#error('a time zone')
    this.#at += name.length
    return (ZONES[name] as number) * HOUR_MS
  }

  #error(wanted: string): DateParseError {
    return new DateParseError(`${wanted} was expected at position ${this.#at}`)
  }
}

const ISO_ZONES = [/^(?:Z|([+-])(\d{2}))/, /^(?:Z|([+-])(\d{2})(\d{2}))/, /^(?:Z|([+-])(\d{2}):(\d{2}))/]

function fullYear(year: number): number {
  const start = new Date().getUTCFullYear() - YEARS_BACK
  const century = start - (start % CENTURY)
  return century + year + (year < start % CENTURY ? CENTURY : 0)
}
