// The messages that stand for Connect's logical types, read.
import { DataException, Decimal } from '@millrace/api'
import { MAX_SCALE } from '../raw/reading.ts'
import { daysOf } from './calendar.ts'

const DAY_MS = 86_400_000
const SECOND = 1000
const NANOS_PER_MS = 1_000_000
const NANOS_PER_SECOND = 1_000_000_000
/** Seconds of 0001-01-01 and of the last second of 9999: what a Timestamp message may hold. */
const FIRST_SECOND = -62_135_596_800
const LAST_SECOND = 253_402_300_799

/** @throws DataException for what is no time from the year 1 to 9999 */
export function readTimestamp(seconds: number | bigint, nanos: number): Date {
  if (
    typeof seconds === 'bigint' ||
    seconds < FIRST_SECOND ||
    seconds > LAST_SECOND ||
    nanos < 0 ||
    nanos >= NANOS_PER_SECOND
  ) {
    throw new DataException(`Timestamp is not valid: seconds ${seconds}, nanos ${nanos}`)
  }
  return new Date(seconds * SECOND + Math.trunc(nanos / NANOS_PER_MS))
}

/** @throws DataException for what is no day */
export function readDate(year: number, month: number, day: number): Date {
  const days = daysOf(year, month, day)
  if (days === null) throw new DataException(`Date is not valid: year ${year}, month ${month}, day ${day}`)
  return new Date(days * DAY_MS)
}

/** @throws DataException for what is no time of a day */
export function readTime(hours: number, minutes: number, seconds: number, nanos: number): Date {
  const isTime = isIn(hours, 24) && isIn(minutes, 60) && isIn(seconds, 60) && isIn(nanos, NANOS_PER_SECOND)
  if (!isTime) {
    throw new DataException(`TimeOfDay is not valid: ${hours} h, ${minutes} min, ${seconds} s, ${nanos} ns`)
  }
  return new Date(((hours * 60 + minutes) * 60 + seconds) * SECOND + Math.trunc(nanos / NANOS_PER_MS))
}
function isIn(value: number, limit: number): boolean {
  return value >= 0 && value < limit
}

/** A decimal of its bytes, rounded half up to its precision when it has more digits. @throws DataException */
export function readDecimal(value: Buffer, precision: number, scale: number): Decimal {
  if (value.length === 0) throw new DataException('Decimal has no value: its bytes are empty')
  if (Math.abs(scale) > MAX_SCALE) throw new DataException(`Decimal has scale ${scale}, beyond ${MAX_SCALE}`)
  if (precision > 2 ** 31 - 1) throw new DataException(`Decimal has precision ${precision}, beyond 2147483647`)
  const decimal = Decimal.fromBytes(value, scale)
  if (precision === 0) return decimal
  const { unscaled } = decimal
  const negative = unscaled < 0n
  const size = negative ? -unscaled : unscaled
  const more = digitsOf(size) - precision
  if (more <= 0) return decimal
  const power = 10n ** BigInt(more)
  let rounded = size / power
  let left = scale - more
  if ((size % power) * 2n >= power) rounded += 1n
  // 99.5 to two digits is 1.0E+2.
  if (digitsOf(rounded) > precision) {
    rounded /= 10n
    left--
  }
  return new Decimal(negative ? -rounded : rounded, left)
}

/** Decimal digits of a number that is not negative. */
export function digitsOf(value: bigint): number {
  return value.toString().length
}
