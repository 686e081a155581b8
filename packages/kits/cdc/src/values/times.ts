// time.precision.mode: dates and times in the unit of a mode, from counts that lose nothing.
import { dateBuilder, type SchemaBuilder, timeBuilder, timestampBuilder, type Value } from '@millrace/api'
import type { ColumnMapping } from '../dialect.ts'
import { Temporal } from '../schema/types.ts'

export type TimePrecisionMode =
  | 'adaptive'
  | 'adaptive_time_microseconds'
  | 'connect'
  | 'isostring'
  | 'microseconds'
  | 'nanoseconds'

const DAY_MS = 86_400_000

/** A date column; `toDays` gives days since the epoch of a raw value. */
export function dateMapping(mode: TimePrecisionMode, toDays: (raw: unknown) => number): ColumnMapping {
  if (mode === 'connect') return mapping(dateBuilder(), (raw) => new Date(toDays(raw) * DAY_MS), new Date(0))
  if (mode === 'isostring') {
    return mapping(Temporal.IsoDate(), (raw) => `${isoDate(toDays(raw))}Z`, '1970-01-01Z')
  }
  return mapping(Temporal.Date(), toDays, 0)
}

type Unit = 'ms' | 'us' | 'ns'

function unitOf(mode: TimePrecisionMode, precision: number, isTime: boolean): Unit {
  if (mode === 'microseconds') return 'us'
  if (mode === 'nanoseconds') return 'ns'
  if (isTime && mode === 'adaptive_time_microseconds') return 'us'
  return precision <= 3 ? 'ms' : precision <= 6 ? 'us' : 'ns'
}

const SCALE: Readonly<Record<Unit, (us: number) => Value>> = {
  ms: (us) => Math.floor(us / 1000),
  us: (us) => us,
  ns: (us) => exact(us, 1000),
}

/** A product that stays exact. */
function exact(us: number, factor: number): number | bigint {
  const product = us * factor
  return Number.isSafeInteger(product) ? product : BigInt(us) * BigInt(factor)
}

/** A time of day of so many fractional digits; `toMicros` gives microseconds of a raw value (negative and beyond a day where the database has such). */
export function timeMapping(
  mode: TimePrecisionMode,
  precision: number,
  toMicros: (raw: unknown) => number,
): ColumnMapping {
  if (mode === 'connect') {
    return mapping(timeBuilder(), (raw) => new Date(Math.floor(toMicros(raw) / 1000)), new Date(0))
  }
  if (mode === 'isostring') return mapping(Temporal.IsoTime(), (raw) => `${isoTime(toMicros(raw))}Z`, '00:00:00Z')
  const unit = unitOf(mode, precision, true)
  const builders = { ms: Temporal.Time, us: Temporal.MicroTime, ns: Temporal.NanoTime }
  return counted(builders[unit](), SCALE[unit], toMicros)
}

/** A timestamp without a zone; `toMicros` gives microseconds since the epoch as if it were UTC. */
export function timestampMapping(
  mode: TimePrecisionMode,
  precision: number,
  toMicros: (raw: unknown) => number,
): ColumnMapping {
  if (mode === 'connect') {
    return mapping(timestampBuilder(), (raw) => new Date(Math.floor(toMicros(raw) / 1000)), new Date(0))
  }
  if (mode === 'isostring') {
    return mapping(Temporal.IsoTimestamp(), (raw) => isoTimestamp(toMicros(raw)), '1970-01-01T00:00:00Z')
  }
  const unit = unitOf(mode, precision, false)
  const builders = { ms: Temporal.Timestamp, us: Temporal.MicroTimestamp, ns: Temporal.NanoTimestamp }
  return counted(builders[unit](), SCALE[unit], toMicros)
}

function counted(
  schema: SchemaBuilder,
  scale: (us: number) => Value,
  toMicros: (raw: unknown) => number,
): ColumnMapping {
  return mapping(schema, (raw) => scale(toMicros(raw)), 0)
}

function mapping(schema: SchemaBuilder, convert: (raw: unknown) => Value, fallback: Value): ColumnMapping {
  return { schema, convert, fallback }
}

/** Days since the epoch of a date of the proleptic calendar (year 0 is 1 BC); any year a database has. */
export function epochDays(year: number, month: number, day: number): number {
  // Counted from March, so that the leap day ends a year; 400 years repeat.
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const ofEra = y - era * 400
  const ofYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  return era * 146_097 + ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear - 719_468
}

/** `yyyy-MM-dd` of days since the epoch; years beyond 9999 with a sign, as Java. */
export function isoDate(days: number): string {
  const shifted = days + 719_468
  const era = Math.floor(shifted / 146_097)
  const ofEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  )
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const m = Math.floor((5 * ofYear + 2) / 153)
  const day = ofYear - Math.floor((153 * m + 2) / 5) + 1
  const month = m < 10 ? m + 3 : m - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  const sign = year < 0 ? '-' : year > 9999 ? '+' : ''
  return `${sign}${String(Math.abs(year)).padStart(4, '0')}-${two(month)}-${two(day)}`
}

/** `HH:mm:ss` and as many fractional digits as there are, of microseconds; a day at most, what is beyond wraps. */
export function isoTime(us: number): string {
  const ofDay = ((us % 86_400_000_000) + 86_400_000_000) % 86_400_000_000
  const seconds = Math.floor(ofDay / 1_000_000)
  const fraction = ofDay % 1_000_000
  const digits = fraction === 0 ? '' : `.${String(fraction).padStart(6, '0').replace(/0+$/, '')}`
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}${digits}`
}

/** `yyyy-MM-ddTHH:mm:ss[.ffffff]Z` of microseconds since the epoch. */
export function isoTimestamp(us: number): string {
  const days = Math.floor(us / 86_400_000_000)
  return `${isoDate(days)}T${isoTime(us - days * 86_400_000_000)}Z`
}

const two = (value: number) => (value < 10 ? `0${value}` : String(value))
const TIMESTAMP = /^(-?\d{1,6})-(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?)?$/

/** Microseconds since the epoch of `yyyy-MM-dd[ HH:mm:ss[.f]]`, as UTC; digits beyond microseconds are cut. @throws RangeError */
export function parseTimestampMicros(text: string): number {
  const match = TIMESTAMP.exec(text)
  if (match === null) throw new RangeError(`Not a timestamp: ${text}`)
  const days = epochDays(Number(match[1]), Number(match[2]), Number(match[3]))
  const seconds = Number(match[4] ?? 0) * 3600 + Number(match[5] ?? 0) * 60 + Number(match[6] ?? 0)
  const us = days * 86_400_000_000 + seconds * 1_000_000 + micros(match[7])
  if (!Number.isSafeInteger(us)) throw new RangeError(`Timestamp out of range: ${text}`)
  return us
}

/** Days since the epoch of `yyyy-MM-dd`. @throws RangeError */
export function parseDateDays(text: string): number {
  const match = /^(-?\d{1,7})-(\d{1,2})-(\d{1,2})$/.exec(text)
  if (match === null) throw new RangeError(`Not a date: ${text}`)
  return epochDays(Number(match[1]), Number(match[2]), Number(match[3]))
}

/** Microseconds of `[-]HH:mm:ss[.f]`; hours may be beyond 24. @throws RangeError */
export function parseTimeMicros(text: string): number {
  const match = /^(-?)(\d{1,3}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?$/.exec(text)
  if (match === null) throw new RangeError(`Not a time: ${text}`)
  const us = (Number(match[2]) * 3600 + Number(match[3]) * 60 + Number(match[4])) * 1_000_000 + micros(match[5])
  return match[1] === '-' && us !== 0 ? -us : us
}

function micros(fraction: string | undefined): number {
  return fraction === undefined ? 0 : Number(fraction.slice(0, 6).padEnd(6, '0'))
}
