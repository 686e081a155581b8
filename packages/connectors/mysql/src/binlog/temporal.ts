// Dates and times as they lie in row events, old forms and those with fractions of a second.
// https://dev.mysql.com/doc/dev/mysql-server/latest/field__types_8h.html and my_time.h's "packed" forms.
import type { ColumnForms } from './column-forms.ts'
import type { Cursor } from './cursor.ts'

type Read = (cursor: Cursor) => unknown

const DATETIME_BIAS = 0x8000000000
const TIME_BIAS = 0x800000
const DAY_SECONDS = 86_400

/** Days since 1970-01-01 of a date of the proleptic Gregorian calendar; a day beyond its month runs into the next. */
export function epochDays(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const ofEra = y - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  return era * 146_097 + ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + dayOfYear - 719_468
}

/** Days of a date, or null where it is none: a zero year, month or day, or a day that its month does not have. */
export function validEpochDays(year: number, month: number, day: number): number | null {
  if (year === 0 || month === 0 || day === 0 || month > 12 || day > daysOfMonth(year, month)) return null
  return epochDays(year, month, day)
}

function daysOfMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

export function dateReader(forms: ColumnForms): Read {
  return (cursor) => {
    const packed = cursor.u24()
    return forms.date(validEpochDays(packed >> 9, (packed >> 5) & 15, packed & 31))
  }
}

/** TIME of MySQL before 5.6: HHMMSS in three bytes, signed. */
export function oldTimeReader(forms: ColumnForms): Read {
  return (cursor) => {
    const packed = (cursor.u24() << 8) >> 8
    const all = Math.abs(packed)
    const seconds = Math.trunc(all / 10_000) * 3_600 + (Math.trunc(all / 100) % 100) * 60 + (all % 100)
    return forms.time((packed < 0 ? -seconds : seconds) * 1_000_000)
  }
}

/** DATETIME of MySQL before 5.6: YYYYMMDDHHMMSS in eight bytes. */
export function oldDateTimeReader(forms: ColumnForms): Read {
  return (cursor) => {
    const packed = Number(cursor.u64())
    const date = Math.trunc(packed / 1_000_000)
    const time = packed % 1_000_000
    const days = validEpochDays(Math.trunc(date / 10_000), Math.trunc(date / 100) % 100, date % 100)
    if (days === null) return forms.dateTime(null, 0)
    const ofDay = Math.trunc(time / 10_000) * 3_600 + (Math.trunc(time / 100) % 100) * 60 + (time % 100)
    return forms.dateTime(days * DAY_SECONDS + ofDay, 0)
  }
}

export function oldTimestampReader(forms: ColumnForms): Read {
  return (cursor) => {
    const seconds = cursor.u32()
    return forms.timestamp(seconds === 0 ? null : seconds, 0)
  }
}

/** TIMESTAMP with fractions: seconds big-endian, then the fraction; `digits` is 0 to 6. */
export function timestampReader(digits: number, forms: ColumnForms): Read {
  return (cursor) => {
    cursor.need(4)
    const seconds = cursor.buffer.readUInt32BE(cursor.at)
    cursor.at += 4
    const microseconds = readFraction(cursor, digits)
    return forms.timestamp(seconds === 0 && microseconds === 0 ? null : seconds, microseconds)
  }
}

/** DATETIME with fractions: 17 bits of year and month, 5 of day, 5 of hour, 6 of minute, 6 of second, big-endian. */
export function dateTimeReader(digits: number, forms: ColumnForms): Read {
  return (cursor) => {
    cursor.need(5)
    const packed = cursor.buffer.readUIntBE(cursor.at, 5) - DATETIME_BIAS
    cursor.at += 5
    const microseconds = readFraction(cursor, digits)
    const date = Math.floor(packed / 0x20000)
    const time = packed - date * 0x20000
    const yearMonth = date >> 5
    const days = validEpochDays(Math.trunc(yearMonth / 13), yearMonth % 13, date & 31)
    if (days === null) return forms.dateTime(null, microseconds)
    const ofDay = (time >> 12) * 3_600 + ((time >> 6) & 63) * 60 + (time & 63)
    return forms.dateTime(days * DAY_SECONDS + ofDay, microseconds)
  }
}

/** TIME with fractions: a biased number of hour, minute and second with the fraction below, so that it sorts as bytes. */
export function timeReader(digits: number, forms: ColumnForms): Read {
  const fractionBytes = (digits + 1) >> 1
  const unit = 256 ** fractionBytes
  const microsecondsOfUnit = fractionBytes === 0 ? 0 : 10 ** (6 - 2 * fractionBytes)
  const length = 3 + fractionBytes
  return (cursor) => {
    cursor.need(length)
    const packed = cursor.buffer.readUIntBE(cursor.at, length) - TIME_BIAS * unit
    cursor.at += length
    const all = Math.abs(packed)
    const time = Math.floor(all / unit)
    const seconds = ((time >> 12) & 0x3ff) * 3_600 + ((time >> 6) & 63) * 60 + (time & 63)
    const microseconds = seconds * 1_000_000 + (all - time * unit) * microsecondsOfUnit
    return forms.time(packed < 0 ? -microseconds : microseconds)
  }
}

/** The fraction's microseconds: one byte of hundredths, two of ten-thousandths or three of millionths, big-endian. */
function readFraction(cursor: Cursor, digits: number): number {
  if (digits === 0) return 0
  const bytes = (digits + 1) >> 1
  cursor.need(bytes)
  const value = cursor.buffer.readUIntBE(cursor.at, bytes)
  cursor.at += bytes
  return bytes === 3 ? value : bytes === 2 ? value * 100 : value * 10_000
}
