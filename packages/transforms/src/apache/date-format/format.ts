// Moments to text by a pattern: every field is a small function chosen once.
import { DAY_MS, dayOfWeek, dayOfYear, epochDayOf, type Fields } from './calendar.ts'
import { DAYS, ERAS, HALVES, MONTHS, short } from './names.ts'
import type { Token } from './pattern.ts'

export type Writer = (fields: Fields) => string

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000

/** The writers of a pattern's tokens. */
export function writersOf(tokens: readonly Token[]): readonly Writer[] {
  return tokens.map(writerOf)
}

/** Milliseconds in which a pattern's text cannot change, but for its milliseconds: a day, an hour, ..., a second. */
export function granularity(tokens: readonly Token[]): number {
  const letters = tokens.map(({ letter }) => letter).join('')
  if (letters.includes('s')) return 1000
  if (letters.includes('m')) return MINUTE_MS
  return /[HkKha]/.test(letters) ? HOUR_MS : DAY_MS
}

function writerOf({ letter, count, text }: Token): Writer {
  switch (letter) {
    case '':
      return () => text
    case 'G':
      return ({ year }) => ERAS[year > 0 ? 1 : 0]
    case 'y':
      return ({ year }) => yearText(year > 0 ? year : 1 - year, count)
    case 'Y':
      return (fields) => yearText(weekYear(fields), count)
    case 'M':
    case 'L':
      if (count >= 4) return ({ month }) => MONTHS[month - 1] as string
      if (count === 3) return ({ month }) => short(MONTHS[month - 1] as string)
      return padded(({ month }) => month, count)
    case 'w':
      return padded(weekOfYear, count)
    case 'W':
      return padded((fields) => weekOf(fields.day, fields.epochDay), count)
    case 'D':
      return padded(dayOfYear, count)
    case 'd':
      return padded(({ day }) => day, count)
    case 'F':
      return padded(({ day }) => Math.floor((day - 1) / 7) + 1, count)
    case 'E':
      return ({ epochDay }) => {
        const name = DAYS[dayOfWeek(epochDay)] as string
        return count >= 4 ? name : short(name)
      }
    case 'u':
      return padded(({ epochDay }) => dayOfWeek(epochDay) || 7, count)
    case 'a':
      return ({ time }) => HALVES[time < 12 * HOUR_MS ? 0 : 1]
    case 'z':
      return () => (count >= 4 ? 'Coordinated Universal Time' : 'UTC')
    case 'Z':
      return () => '+0000'
    case 'X':
      return () => 'Z'
    default:
      return padded(timeField(letter), count)
  }
}

function timeField(letter: string): (fields: Fields) => number {
  const hour = ({ time }: Fields) => Math.floor(time / HOUR_MS)
  switch (letter) {
    case 'H':
      return hour
    case 'k':
      return (fields) => hour(fields) || 24
    case 'K':
      return (fields) => hour(fields) % 12
    case 'h':
      return (fields) => hour(fields) % 12 || 12
    case 'm':
      return ({ time }) => Math.floor(time / MINUTE_MS) % 60
    case 's':
      return ({ time }) => Math.floor(time / 1000) % 60
    default:
      return ({ time }) => time % 1000
  }
}

/** Text of the small numbers, which most fields are. */
const PADDED = [1, 2, 3].map((width) => Array.from({ length: 1000 }, (_, value) => String(value).padStart(width, '0')))

function padded(value: (fields: Fields) => number, count: number): Writer {
  const known = PADDED[count - 1]
  if (known !== undefined) return (fields) => known[value(fields)] as string
  return (fields) => String(value(fields)).padStart(count, '0')
}

function yearText(year: number, count: number): string {
  return count === 2 ? String(year % 100).padStart(2, '0') : String(year).padStart(count, '0')
}

/** Weeks begin on Sunday, and the first one is the one with the first day of the month or year. */
function weekOf(day: number, epochDay: number): number {
  const firstDay = dayOfWeek(epochDay - (day - 1))
  return Math.floor((day - 1 + firstDay) / 7) + 1
}

/** The last days of a year are in the first week of the next, when that begins before their week ends. */
function inNextYear(fields: Fields): boolean {
  const nextYear = epochDayOf(fields.year + 1, 1, 1)
  return fields.epochDay >= nextYear - dayOfWeek(nextYear)
}

function weekOfYear(fields: Fields): number {
  return inNextYear(fields) ? 1 : weekOf(dayOfYear(fields), fields.epochDay)
}

function weekYear(fields: Fields): number {
  return inNextYear(fields) ? fields.year + 1 : fields.year
}
