// ISO 8601 date-times and times with offset: read and written as java.time's ISO_OFFSET_DATE_TIME and ISO_OFFSET_TIME do.

/** A date-time or time with its offset; nanoseconds apart, so that nothing is lost. */
export interface OffsetTime {
  /** Milliseconds of the local date-time as if it were UTC, whole seconds; of a time without date, on 1970-01-01. */
  readonly localMs: number
  readonly nanos: number
  readonly offsetMs: number
}

const TIME = String.raw`(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:\d{2}(?::\d{2})?)`
const DATE_TIME = new RegExp(String.raw`^([+-]?\d{4,9})-(\d{2})-(\d{2})T${TIME}$`, 'i')
const TIME_ALONE = new RegExp(`^${TIME}$`, 'i')

/** Undefined for what is none. */
export function parseDateTime(text: string): OffsetTime | undefined {
  const match = DATE_TIME.exec(text)
  return match === null ? undefined : made(Number(match[1]), Number(match[2]), Number(match[3]), match.slice(4))
}
/** Undefined for what is none. */
export function parseTime(text: string): OffsetTime | undefined {
  const match = TIME_ALONE.exec(text)
  return match === null ? undefined : made(1970, 1, 1, match.slice(1))
}

/** The same instant under another offset. */
export function withOffset(time: OffsetTime, offsetMs: number): OffsetTime {
  return { ...time, localMs: time.localMs - time.offsetMs + offsetMs, offsetMs }
}

export function formatDateTime(time: OffsetTime): string {
  const local = new Date(time.localMs)
  const year = local.getUTCFullYear()
  const digits = String(Math.abs(year)).padStart(4, '0')
  const date = `${year < 0 ? '-' : year > 9999 ? '+' : ''}${digits}-${two(local.getUTCMonth() + 1)}-${two(local.getUTCDate())}`
  return `${date}T${formatTime(time)}`
}
export function formatTime({ localMs, nanos, offsetMs }: OffsetTime): string {
  const local = new Date(localMs)
  const fraction = nanos === 0 ? '' : `.${String(nanos).padStart(9, '0').replace(/0+$/, '')}`
  return `${two(local.getUTCHours())}:${two(local.getUTCMinutes())}:${two(local.getUTCSeconds())}${fraction}${formatOffset(offsetMs)}`
}

function formatOffset(offsetMs: number): string {
  if (offsetMs === 0) return 'Z'
  const seconds = Math.abs(offsetMs) / 1000
  const rest = seconds % 60 === 0 ? '' : `:${two(seconds % 60)}`
  return `${offsetMs < 0 ? '-' : '+'}${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}${rest}`
}

function made(
  year: number,
  month: number,
  day: number,
  [hours, minutes, seconds, fraction, offset]: readonly (string | undefined)[],
): OffsetTime | undefined {
  const local = new Date(0)
  local.setUTCFullYear(year, month - 1, day)
  if (local.getUTCMonth() !== month - 1 || local.getUTCDate() !== day) return undefined
  const [h, m, s] = [Number(hours), Number(minutes), Number(seconds ?? 0)]
  if (h > 23 || m > 59 || s > 59) return undefined
  local.setUTCHours(h, m, s)
  return {
    localMs: local.getTime(),
    nanos: Number((fraction ?? '').padEnd(9, '0')),
    offsetMs: offsetOf(offset as string),
  }
}

function offsetOf(text: string): number {
  if (text === 'Z' || text === 'z') return 0
  const [hours, minutes, seconds = 0] = text.slice(1).split(':').map(Number) as [number, number, number?]
  return (text.startsWith('-') ? -1000 : 1000) * (hours * 3600 + minutes * 60 + seconds)
}

function two(number: number): string {
  return String(number).padStart(2, '0')
}
