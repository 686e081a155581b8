// Times as people write them, and how long something is ago.

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
/** Words for durations, from the longest on. */
const WORDS: readonly (readonly [ms: number, word: string])[] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
]

/** How a time may be given, for messages. */
export const TIME_FORMS = '2026-01-31T12:00:00Z, or 30m, 12h, 7d for so long ago'

/** Milliseconds since the epoch of a date, or of `30m`, `12h`, `7d` ago; undefined for what is no time. */
export function timeOf(text: string, now = Date.now()): number | undefined {
  const [, count, unit] = /^(\d+)([smhd])$/.exec(text) ?? []
  if (unit !== undefined) return now - Number(count) * (UNITS[unit] as number)
  const time = Date.parse(text)
  return Number.isNaN(time) ? undefined : time
}

/** `3 min`, in the largest unit of which there is at least one. */
export function durationText(ms: number): string {
  const [unit, word] = WORDS.find(([size]) => ms >= size) ?? [1_000, 's']
  return `${Math.floor(Math.max(0, ms) / unit)} ${word}`
}
