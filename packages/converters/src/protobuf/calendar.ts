// Days as java.util.GregorianCalendar counts them: Julian before 15 October 1582, Gregorian since.

const DAY_MS = 86_400_000
/** Days from the epoch to 1582-10-15. */
const CUTOVER = -141_427
/** Days from the epoch to 0000-03-01 of each calendar. */
const GREGORIAN_START = -719_468
const JULIAN_START = -719_470
const LENGTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
/** `Date` ends here. */
const LAST_YEAR = 275_760

/** Days since the epoch of a day that there is; null for one that there is not. */
export function daysOf(year: number, month: number, day: number): number | null {
  if (year < 1 || year > LAST_YEAR || month < 1 || month > 12 || day < 1) return null
  const gregorian = daysFromStart(year, month, day, true) + GREGORIAN_START
  const isGregorian = gregorian >= CUTOVER
  const isLeap = year % 4 === 0 && (!isGregorian || year % 100 !== 0 || year % 400 === 0)
  if (day > (LENGTHS[month - 1] as number) + (month === 2 && isLeap ? 1 : 0)) return null
  if (isGregorian) return gregorian
  const julian = daysFromStart(year, month, day, false) + JULIAN_START
  // The ten days that were left out.
  return julian < CUTOVER ? julian : null
}

/** Year, month and day of days since the epoch; a year before Christ is given as it was counted, from 1 upwards. */
export function dayOf(days: number): { readonly year: number; readonly month: number; readonly day: number } {
  if (days >= CUTOVER) {
    const date = new Date(days * DAY_MS)
    return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() }
  }
  // Cycles of four years that begin in March.
  const from = days - JULIAN_START
  const cycle = Math.floor(from / 1461)
  const inCycle = from - cycle * 1461
  const yearOfCycle = Math.min(3, Math.floor(inCycle / 365))
  const inYear = inCycle - yearOfCycle * 365
  const shifted = Math.floor((5 * inYear + 2) / 153)
  const day = inYear - Math.floor((153 * shifted + 2) / 5) + 1
  const month = shifted < 10 ? shifted + 3 : shifted - 9
  const year = cycle * 4 + yearOfCycle + (month <= 2 ? 1 : 0)
  return { year: year > 0 ? year : 1 - year, month, day }
}

/** Days since 1 March of the year 0. */
function daysFromStart(year: number, month: number, day: number, isGregorian: boolean): number {
  const years = month <= 2 ? year - 1 : year
  const months = (month + 9) % 12
  const inYear = Math.floor((153 * months + 2) / 5) + day - 1
  const leaps = Math.floor(years / 4) - (isGregorian ? Math.floor(years / 100) - Math.floor(years / 400) : 0)
  return years * 365 + leaps + inYear
}
