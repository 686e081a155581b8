// Java's GregorianCalendar in UTC: the Julian calendar before 15 October 1582, the Gregorian one from then on.

export const DAY_MS = 86_400_000
/** 15 October 1582. */
const CUTOVER_DAY = -141_427
const JULIAN_EPOCH = 719_470
const GREGORIAN_EPOCH = 719_468

/** A moment in fields. Years are astronomical: 0 is 1 BC. */
export interface Fields {
  year: number
  /** From 1. */
  month: number
  day: number
  /** Days since 1970-01-01. */
  epochDay: number
  /** Milliseconds since midnight. */
  time: number
}

/** Fills `fields` of milliseconds since the epoch. Days are counted in years that begin in March, so that leap days come last. */
export function splitInto(fields: Fields, ms: number): void {
  const epochDay = Math.floor(ms / DAY_MS)
  fields.time = ms - epochDay * DAY_MS
  fields.epochDay = epochDay
  const gregorian = epochDay >= CUTOVER_DAY
  let yearStart: number
  let dayOfYear: number
  if (gregorian) {
    const days = epochDay + GREGORIAN_EPOCH
    const era = Math.floor(days / 146_097)
    const dayOfEra = days - era * 146_097
    const yearOfEra = Math.floor(
      (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
    )
    yearStart = yearOfEra + era * 400
    dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  } else {
    const days = epochDay + JULIAN_EPOCH
    const era = Math.floor(days / 1461)
    const dayOfEra = days - era * 1461
    const yearOfEra = Math.floor((dayOfEra - Math.floor(dayOfEra / 1460)) / 365)
    yearStart = yearOfEra + era * 4
    dayOfYear = dayOfEra - 365 * yearOfEra
  }
  const shifted = Math.floor((5 * dayOfYear + 2) / 153)
  fields.day = dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1
  fields.month = shifted < 10 ? shifted + 3 : shifted - 9
  fields.year = yearStart + (fields.month <= 2 ? 1 : 0)
}

/** Days since 1970-01-01 of a date; months and days beyond their range roll over. */
export function epochDayOf(year: number, month: number, day: number): number {
  const months = month - 1
  const normalYear = year + Math.floor(months / 12)
  const normalMonth = months - Math.floor(months / 12) * 12 + 1
  const gregorian = dayNumber(normalYear, normalMonth, day, true)
  return gregorian >= CUTOVER_DAY ? gregorian : dayNumber(normalYear, normalMonth, day, false)
}

function dayNumber(year: number, month: number, day: number, gregorian: boolean): number {
  const start = month <= 2 ? year - 1 : year
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  const leaps = Math.floor(start / 4)
  if (!gregorian) return start * 365 + leaps + dayOfYear - JULIAN_EPOCH
  return start * 365 + leaps - Math.floor(start / 100) + Math.floor(start / 400) + dayOfYear - GREGORIAN_EPOCH
}

/** Day of the year, from 1. */
export function dayOfYear(fields: Fields): number {
  return fields.epochDay - epochDayOf(fields.year, 1, 1) + 1
}

/** Day of the week, 0 for Sunday. */
export function dayOfWeek(epochDay: number): number {
  return (((epochDay + 4) % 7) + 7) % 7
}
