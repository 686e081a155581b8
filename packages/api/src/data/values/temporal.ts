// Dates, times and timestamps in header text. The reference formats and parses them in the JVM's default time zone although
// the text ends with a literal Z, so the process's time zone is used here; with TZ=UTC the text means what it says.
import type { SchemaAndValue } from '../../plugin/converter.ts'
import { LogicalSchemas } from '../logical.ts'

const DAY_MS = 86_400_000
const DATE_LENGTH = 10
const TIME_LENGTH = 13
const TIMESTAMP_LENGTH = 24

const DATE = /^[ \t]*(-?\d+)-[ \t]*(-?\d+)-[ \t]*(-?\d+)/
const TIME = /^[ \t]*(-?\d+):[ \t]*(-?\d+):[ \t]*(-?\d+)\.[ \t]*(-?\d+)Z/
const TIMESTAMP = /^[ \t]*(-?\d+)-[ \t]*(-?\d+)-[ \t]*(-?\d+)T[ \t]*(-?\d+):[ \t]*(-?\d+):[ \t]*(-?\d+)\.[ \t]*(-?\d+)Z/

/** A Date, Time or Timestamp by the length and form of a text, or null. Numbers out of range roll over, as in Java. */
export function parseTemporal(text: string): SchemaAndValue | null {
  const plain = text.replaceAll('\\:', ':')
  switch (plain.length) {
    case TIME_LENGTH: {
      const parts = numbers(TIME, plain)
      return parts && { schema: LogicalSchemas.TIME, value: instant([1970, 1, 1, ...parts]) }
    }
    case TIMESTAMP_LENGTH: {
      const parts = numbers(TIMESTAMP, plain)
      return parts && { schema: LogicalSchemas.TIMESTAMP, value: instant(parts) }
    }
    case DATE_LENGTH: {
      const parts = numbers(DATE, plain)
      return parts && { schema: LogicalSchemas.DATE, value: instant(parts) }
    }
    default:
      return null
  }
}

function numbers(pattern: RegExp, text: string): number[] | null {
  return pattern.exec(text)?.slice(1).map(Number) ?? null
}

function instant([year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0, ms = 0]: number[]): Date {
  const date = new Date(1970, 0, 1)
  date.setFullYear(year, month - 1, day)
  if (isJulian(date)) date.setDate(date.getDate() + julianShift(year, month))
  date.setHours(hour, minute, second, ms)
  return date
}

/** Java's calendar is the Julian one before 15 October 1582. */
function isJulian(date: Date): boolean {
  return date.getTime() < new Date(1582, 9, 15).getTime()
}

/** Days by which the Julian calendar is behind the Gregorian one from March of a year on. */
function julianShift(year: number, month: number): number {
  const from = month <= 2 ? year - 1 : year
  return Math.floor(from / 100) - Math.floor(from / 400) - 2
}

/**
 * Text of a Date as headers carry it: a time below one day (also before 1970, as the reference has it), a date when it
 * is a whole number of days, else a timestamp.
 */
export function temporalToString(value: Date): string {
  const ms = value.getTime()
  if (ms < DAY_MS) return timeText(value)
  return ms % DAY_MS === 0 ? dateText(value) : `${dateText(value)}T${timeText(value)}`
}

function dateText(value: Date): string {
  return `${digits(value.getFullYear(), 4)}-${digits(value.getMonth() + 1, 2)}-${digits(value.getDate(), 2)}`
}

function timeText(value: Date): string {
  const clock = [value.getHours(), value.getMinutes(), value.getSeconds()].map((part) => digits(part, 2)).join(':')
  return `${clock}.${digits(value.getMilliseconds(), 3)}Z`
}

function digits(value: number, width: number): string {
  return String(value).padStart(width, '0')
}
