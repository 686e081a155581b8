// Dates and times as text and back, in a zone, on either calendar. All arithmetic is on integers: nothing is rounded.

const DAY_MS = 86_400_000
/** First day of the Gregorian calendar, 1582-10-15, in days since the epoch. */
const GREGORIAN_START = -141_427

/** Which calendar names days before 1582-10-15: Java's old classes use the Julian one, ISO 8601 the Gregorian. */
export type Calendar = 'hybrid' | 'proleptic'

/** Unit of an instant or of a time of day given as a number. */
export type TimeUnit = 'ms' | 'us' | 'ns'

const PER_MS: Readonly<Record<TimeUnit, bigint>> = { ms: 1n, us: 1_000n, ns: 1_000_000n }
const PLACES: Readonly<Record<TimeUnit, number>> = { ms: 3, us: 6, ns: 9 }

/** `YYYY-MM-DD` of days since the epoch. Years before 1 are written as `0000`, `-0001`; see {@link isoYear}. */
export function formatDays(days: number, calendar: Calendar): string {
  if (calendar === 'hybrid' && days < GREGORIAN_START) return julian(days)
  const date = new Date(days * DAY_MS)
  const year = date.getUTCFullYear()
  return `${isoYear(year)}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`
}

function isoYear(year: number): string {
  if (year >= 0) return year > 999 ? String(year) : String(year).padStart(4, '0')
  return `-${String(-year).padStart(4, '0')}`
}

/** Day of the Julian calendar, by the usual arithmetic on Julian day numbers (Richards, Explanatory Supplement 15.11). */
function julian(days: number): string {
  const f = days + 2_440_588 + 1401
  const e = 4 * f + 3
  const g = Math.floor(mod(e, 1461) / 4)
  const h = 5 * g + 2
  const day = Math.floor(mod(h, 153) / 5) + 1
  const month = mod(Math.floor(h / 153) + 2, 12) + 1
  const year = Math.floor(e / 1461) - 4716 + Math.floor((14 - month) / 12)
  return `${isoYear(year)}-${two(month)}-${two(day)}`
}

/** Days since the epoch of a date of the given calendar. */
export function daysOf(year: number, month: number, day: number, calendar: Calendar): number {
  const gregorian = Math.round(utc(year, month, day) / DAY_MS)
  if (calendar === 'proleptic' || gregorian >= GREGORIAN_START) return gregorian
  const a = Math.floor((14 - month) / 12)
  const y = year + 4800 - a
  const m = month + 12 * a - 3
  return day + Math.floor((153 * m + 2) / 5) + 365 * y + Math.floor(y / 4) - 32_083 - 2_440_588
}

function utc(year: number, month: number, day: number): number {
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  return date.getTime()
}

/** `HH:MM:SS` and a fraction of the unit's places, of a time of day. */
export function formatTime(value: number | bigint, unit: TimeUnit): string {
  const [ms, rest] = split(value, unit)
  return clock(ms, rest, unit)
}

/** Local date and time of an instant in a zone: `YYYY-MM-DD HH:MM:SS.fff`, fraction of the unit's places. */
export function formatInstant(value: number | bigint, unit: TimeUnit, zone: Zone, calendar: Calendar): string {
  const [ms, rest] = split(value, unit)
  const local = ms + zone.offset(ms)
  const days = Math.floor(local / DAY_MS)
  return `${formatDays(days, calendar)} ${clock(local - days * DAY_MS, rest, unit)}`
}

/** Whole milliseconds, rounded down, and what is left in the unit. */
function split(value: number | bigint, unit: TimeUnit): [number, number] {
  if (unit === 'ms') return [Number(value), 0]
  const per = PER_MS[unit]
  if (typeof value === 'number') {
    const rest = mod(value, Number(per))
    return [(value - rest) / Number(per), rest]
  }
  const rest = ((value % per) + per) % per
  return [Number((value - rest) / per), Number(rest)]
}

function clock(ms: number, rest: number, unit: TimeUnit): string {
  const seconds = Math.floor(ms / 1000)
  const fraction = String(ms - seconds * 1000).padStart(3, '0')
  const more = unit === 'ms' ? '' : String(rest).padStart(PLACES[unit] - 3, '0')
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}.${fraction}${more}`
}

/** A zone's distance from UTC. */
export interface Zone {
  readonly name: string
  /** Milliseconds to add to an instant to get local time there. */
  offset(ms: number): number
  /** The instant of a local time, given as if it were UTC; in a gap, the one after it. */
  instant(local: number): number
}

const UTC: Zone = { name: 'UTC', offset: () => 0, instant: (local) => local }

/**
 * A zone by its name (`Europe/Berlin`, `UTC`, `Z`, `+02:00`, `GMT+2`).
 * @throws RangeError for a name that is not known
 */
export function zoneOf(name: string): Zone {
  if (/^(utc|gmt|z|ut)$/i.test(name)) return UTC
  const fixed = /^(?:utc|gmt|ut)?([+-])(\d{1,2})(?::?(\d{2}))?(?::?(\d{2}))?$/i.exec(name)
  if (fixed !== null) {
    const seconds = Number(fixed[2]) * 3600 + Number(fixed[3] ?? 0) * 60 + Number(fixed[4] ?? 0)
    const offset = (fixed[1] === '-' ? -1000 : 1000) * seconds
    return { name, offset: () => offset, instant: (local) => local - offset }
  }
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    hourCycle: 'h23',
    era: 'short',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  const HOUR = 3_600_000
  const known = new Map<number, number>()
  // Offsets change at most at a quarter of an hour: one question of Intl for each is enough.
  const offset = (ms: number): number => {
    const quarter = Math.floor(ms / (HOUR / 4))
    let found = known.get(quarter)
    if (found === undefined) {
      found = askIntl(format, quarter * (HOUR / 4))
      if (known.size > 50_000) known.clear()
      known.set(quarter, found)
    }
    return found
  }
  const instant = (local: number): number => {
    const first = local - offset(local)
    const second = local - offset(first)
    return offset(second) === local - second ? second : Math.max(first, second)
  }
  return { name, offset, instant }
}

function askIntl(format: Intl.DateTimeFormat, ms: number): number {
  const part = Object.fromEntries(format.formatToParts(new Date(ms)).map(({ type, value }) => [type, value]))
  const year = part.era === 'BC' ? 1 - Number(part.year) : Number(part.year)
  const days = Math.round(utc(year, Number(part.month), Number(part.day)) / DAY_MS)
  const seconds = Number(part.hour) * 3600 + Number(part.minute) * 60 + Number(part.second)
  return days * DAY_MS + seconds * 1000 - Math.floor(ms / 1000) * 1000
}

/** What a text of a database says of a moment: milliseconds since the epoch as if it were UTC, and nanoseconds below. */
export interface LocalMoment {
  readonly ms: number
  /** Nanoseconds below the millisecond, 0 to 999999. */
  readonly nanos: number
  /** Distance from UTC in milliseconds where the text has one. */
  readonly offset: number | null
}

const MOMENT =
  /^(-?\d{4,6})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d(?::?\d\d(?::?\d\d)?)?)?)?( BC)?$/

/** Reads `YYYY-MM-DD[ HH:MM:SS[.f][+hh[:mm]]][ BC]`; undefined for other text (`infinity`, MySQL's zero dates). */
export function parseMoment(text: string, calendar: Calendar): LocalMoment | undefined {
  const part = MOMENT.exec(text)
  if (part === null) return undefined
  const year = part[9] === undefined ? Number(part[1]) : 1 - Number(part[1])
  const month = Number(part[2])
  const day = Number(part[3])
  if (month === 0 || day === 0) return undefined
  const fraction = (part[7] ?? '').padEnd(9, '0')
  const seconds = Number(part[4] ?? 0) * 3600 + Number(part[5] ?? 0) * 60 + Number(part[6] ?? 0)
  const ms = daysOf(year, month, day, calendar) * DAY_MS + seconds * 1000 + Number(fraction.slice(0, 3))
  return { ms, nanos: Number(fraction.slice(3)), offset: part[8] === undefined ? null : parseOffset(part[8]) }
}

function parseOffset(text: string): number {
  if (text === 'Z') return 0
  const [, sign, hours, minutes = '0', seconds = '0'] = /^([+-])(\d\d):?(\d\d)?:?(\d\d)?$/.exec(text) as RegExpExecArray
  const ms = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000
  return sign === '-' ? -ms : ms
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value)
}

function mod(a: number, b: number): number {
  return ((a % b) + b) % b
}
