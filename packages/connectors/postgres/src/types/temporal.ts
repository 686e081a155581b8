// Dates and times from the server's ISO text to Debezium's numbers and texts, without a Date in between.
import type { Decode } from './decoder.ts'

const DAY_US = 86_400_000_000
const DAY_MS = 86_400_000
const MINUS = 0x2d
const COLON = 0x3a
const DOT = 0x2e
const B = 0x42
const ZERO = 0x30

/** What pgjdbc's infinities become: milliseconds that Debezium takes as they are. */
const INFINITY = 9_223_372_036_825_200_000n
const MINUS_INFINITY = -9_223_372_036_832_400_000n
const LONG_MAX = 9_223_372_036_854_775_807n

/** Days from 1970-01-01 to a day of the proleptic Gregorian calendar; year 0 is 1 BC. */
export function daysFromCivil(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year
  const era = Math.floor(shifted / 400)
  const ofEra = shifted - era * 400
  const ofYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  return era * 146_097 + ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear - 719_468
}

/** Year, month and day of days since 1970-01-01. */
export function civilFromDays(days: number): [number, number, number] {
  const shifted = days + 719_468
  const era = Math.floor(shifted / 146_097)
  const ofEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  )
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const monthIndex = Math.floor((5 * ofYear + 2) / 153)
  const day = ofYear - Math.floor((153 * monthIndex + 2) / 5) + 1
  const month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
  return [yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day]
}

/** Where reading of a part ended: kept outside, so that no pair is made for each value. */
let next = 0

function digits(bytes: Buffer, from: number, end: number): number {
  let value = 0
  let at = from
  for (; at < end; at++) {
    const digit = (bytes[at] as number) - ZERO
    if (digit < 0 || digit > 9) break
    value = value * 10 + digit
  }
  next = at
  return value
}

/** Days since 1970-01-01 of the date that begins at `start`; ` BC` stands at the end of the whole text. */
function readDate(bytes: Buffer, start: number, end: number): number {
  const year = digits(bytes, start, end)
  const month = digits(bytes, next + 1, end)
  const day = digits(bytes, next + 1, end)
  const isBc = bytes[end - 2] === B && bytes[end - 1] === 0x43
  return daysFromCivil(isBc ? 1 - year : year, month, day)
}

/** Microseconds of the day of the time that begins at `start`. */
function readTime(bytes: Buffer, start: number, end: number): number {
  const hours = digits(bytes, start, end)
  const minutes = digits(bytes, next + 1, end)
  let seconds = 0
  if (bytes[next] === COLON) seconds = digits(bytes, next + 1, end)
  let micros = 0
  if (bytes[next] === DOT) {
    const from = next + 1
    micros = digits(bytes, from, end)
    for (let have = next - from; have < 6; have++) micros *= 10
  }
  return ((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + micros
}

/** Seconds east of UTC of `+02`, `-05:30`, `+00:19:32`. */
function readOffset(bytes: Buffer, start: number, end: number): number {
  const negative = bytes[start] === MINUS
  let seconds = digits(bytes, start + 1, end) * 3600
  if (bytes[next] === COLON) seconds += digits(bytes, next + 1, end) * 60
  if (bytes[next] === COLON) seconds += digits(bytes, next + 1, end)
  return negative ? -seconds : seconds
}

/** 1 for `infinity`, -1 for `-infinity`, else 0. */
function infinite(bytes: Buffer, start: number): number {
  const first = bytes[start] as number
  return first === 0x69 ? 1 : first === MINUS ? -1 : 0
}

/** Microseconds as a number when they are safe, else exact. */
function micros(days: number, ofDay: number): number | bigint {
  const sum = days * DAY_US + ofDay
  return Number.isSafeInteger(sum) ? sum : BigInt(days) * BigInt(DAY_US) + BigInt(ofDay)
}

/** date: days since 1970-01-01. */
export function decodeDate(bytes: Buffer, start: number, end: number): number {
  const sign = infinite(bytes, start)
  if (sign !== 0) return daysFromCivil(-5_877_611, 6, sign > 0 ? 21 : 22)
  return readDate(bytes, start, end)
}

export const decodeTimeMillis: Decode = (bytes, start, end) => Math.floor(readTime(bytes, start, end) / 1000)
export const decodeTimeMicros: Decode = (bytes, start, end) => readTime(bytes, start, end)
export const decodeTimeNanos: Decode = (bytes, start, end) => readTime(bytes, start, end) * 1000

/** timestamp: milliseconds since 1970. */
export function decodeTimestampMillis(bytes: Buffer, start: number, end: number): number | bigint {
  const sign = infinite(bytes, start)
  if (sign !== 0) return sign > 0 ? INFINITY / 1000n : MINUS_INFINITY / 1000n
  const days = readDate(bytes, start, end)
  return days * DAY_MS + Math.floor(readTime(bytes, next + 1, end) / 1000)
}
/** timestamp: microseconds since 1970. */
export function decodeTimestampMicros(bytes: Buffer, start: number, end: number): number | bigint {
  const sign = infinite(bytes, start)
  if (sign !== 0) return sign > 0 ? INFINITY : MINUS_INFINITY
  const days = readDate(bytes, start, end)
  return micros(days, readTime(bytes, next + 1, end))
}
/** timestamp: nanoseconds since 1970. */
export function decodeTimestampNanos(bytes: Buffer, start: number, end: number): number | bigint {
  const sign = infinite(bytes, start)
  if (sign !== 0) return sign > 0 ? LONG_MAX : -LONG_MAX - 1n
  const days = readDate(bytes, start, end)
  const ofDay = readTime(bytes, next + 1, end)
  return BigInt.asIntN(64, (BigInt(days) * BigInt(DAY_US) + BigInt(ofDay)) * 1000n)
}

const two = (value: number): string => (value < 10 ? `0${value}` : String(value))

/** ISO date as Java's: four digits, more with a sign, years before 1 as proleptic ones. */
function isoDate(days: number): string {
  const [year, month, day] = civilFromDays(days)
  const size = String(Math.abs(year)).padStart(4, '0')
  const text = year < 0 ? `-${size}` : year > 9999 ? `+${size}` : size
  return `${text}-${two(month)}-${two(day)}`
}

/** Time of day with seconds; a fraction only when there is one, without zeros at its end. */
function isoTime(us: number): string {
  const seconds = Math.floor(us / 1_000_000)
  const text = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
  return text + fraction(us % 1_000_000)
}
function fraction(us: number): string {
  return us === 0 ? '' : `.${String(us).padStart(6, '0').replace(/0+$/, '')}`
}

/** timestamptz: ISO text in UTC. The fraction has as many digits as the column, or as few as needed with 0. */
export function timestampTzDecoder(digitsOfFraction: number): Decode {
  return (bytes, start, end) => {
    const sign = infinite(bytes, start)
    if (sign !== 0) return sign > 0 ? 'infinity' : '-infinity'
    const isBc = bytes[end - 1] === 0x43
    let days = readDate(bytes, start, end)
    let us = readTime(bytes, next + 1, end)
    us -= readOffset(bytes, next, isBc ? end - 3 : end) * 1_000_000
    days += Math.floor(us / DAY_US)
    us -= Math.floor(us / DAY_US) * DAY_US
    if (digitsOfFraction === 0) return `${isoDate(days)}T${isoTime(us)}Z`
    const whole = isoTime(us - (us % 1_000_000))
    const part = String(us % 1_000_000)
      .padStart(6, '0')
      .slice(0, digitsOfFraction)
    return `${isoDate(days)}T${whole}.${part}Z`
  }
}

/** timetz: ISO text in UTC; the day it falls on is lost. */
export const decodeTimeTz: Decode = (bytes, start, end) => {
  const us = readTime(bytes, start, end) - readOffset(bytes, next, end) * 1_000_000
  return `${isoTime(((us % DAY_US) + DAY_US) % DAY_US)}Z`
}

/** `isostring` precision: texts as the server has them, in ISO form. */
export const decodeIsoDate: Decode = (bytes, start, end) => `${isoDate(decodeDate(bytes, start, end))}Z`
export const decodeIsoTime: Decode = (bytes, start, end) => `${isoTime(readTime(bytes, start, end))}Z`
export const decodeIsoTimestamp: Decode = (bytes, start, end) => {
  const sign = infinite(bytes, start)
  if (sign !== 0) return sign > 0 ? 'infinity' : '-infinity'
  const days = readDate(bytes, start, end)
  return `${isoDate(days)}T${isoTime(readTime(bytes, next + 1, end))}Z`
}
export const decodeConnectDate: Decode = (bytes, start, end) => {
  const ms = decodeDate(bytes, start, end) * DAY_MS
  return new Date(Math.max(-FURTHEST_MS, Math.min(FURTHEST_MS, ms)))
}
export const decodeConnectTime: Decode = (bytes, start, end) => new Date(Math.floor(readTime(bytes, start, end) / 1000))
/** Infinities are the furthest that a Date reaches. */
export const decodeConnectTimestamp: Decode = (bytes, start, end) => {
  const ms = Number(decodeTimestampMillis(bytes, start, end))
  return new Date(Math.max(-FURTHEST_MS, Math.min(FURTHEST_MS, ms)))
}
const FURTHEST_MS = 8_640_000_000_000_000
