// Offsets of time zones from UTC, at an instant and at a local time, as java.time's ZoneRules tell them.

const FIXED = /^([+-])(\d{2}):(\d{2})(?::(\d{2}))?$/
const DAY_MS = 86_400_000
/** Offsets change at quarters of an hour, seen from UTC, in all zones since 1980; before, they are not remembered. */
const REMEMBERED_MS = 900_000
const REMEMBERED_SINCE = Date.UTC(1980, 0, 1)
const MOST_REMEMBERED = 4_096

/** A time zone: an offset `+08:00`, or a name of the tz database. */
export class TimeZone {
  readonly #fixedMs: number | null
  readonly #format: Intl.DateTimeFormat | null
  readonly #known = new Map<number, number>()

  /** @throws RangeError for a zone that is not known */
  constructor(name: string) {
    const fixed = FIXED.exec(name)
    if (fixed !== null) {
      const [, sign, hours, minutes, seconds] = fixed
      const total = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds ?? 0)
      if (total > 18 * 3600 || Number(minutes) > 59 || Number(seconds ?? 0) > 59)
        throw new RangeError(`No such offset: ${name}`)
      this.#fixedMs = (sign === '-' ? -total : total) * 1000
      this.#format = null
      return
    }
    this.#fixedMs = null
    this.#format = new Intl.DateTimeFormat('en-US-u-ca-iso8601', {
      timeZone: name,
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
      hourCycle: 'h23',
    })
  }

  /** Milliseconds by which local time is ahead of UTC at an instant. */
  offsetAt(instantMs: number): number {
    if (this.#fixedMs !== null) return this.#fixedMs
    if (instantMs < REMEMBERED_SINCE) return this.#ask(instantMs)
    const quarter = Math.floor(instantMs / REMEMBERED_MS)
    const known = this.#known.get(quarter)
    if (known !== undefined) return known
    const asked = this.#ask(quarter * REMEMBERED_MS)
    if (this.#known.size >= MOST_REMEMBERED) this.#known.clear()
    this.#known.set(quarter, asked)
    return asked
  }

  /** The same at a local time, given as if it were UTC: where clocks are put on or back, the offset before. */
  offsetAtLocal(localMs: number): number {
    const before = this.offsetAt(localMs - DAY_MS)
    const after = this.offsetAt(localMs + DAY_MS)
    if (before === after || this.offsetAt(localMs - before) === before) return before
    return this.offsetAt(localMs - after) === after ? after : before
  }

  #ask(instantMs: number): number {
    const found: Record<string, string> = {}
    const wholeMs = Math.floor(instantMs / 1000) * 1000
    for (const { type, value } of (this.#format as Intl.DateTimeFormat).formatToParts(wholeMs)) found[type] = value
    const shown = Number(found.year)
    // A year before Christ: 1 BC is the year 0.
    const year = found.era === 'B' || found.era === 'BC' ? 1 - shown : shown
    const local = new Date(0)
    local.setUTCFullYear(year, Number(found.month) - 1, Number(found.day))
    local.setUTCHours(Number(found.hour), Number(found.minute), Number(found.second))
    return local.getTime() - wholeMs
  }
}
