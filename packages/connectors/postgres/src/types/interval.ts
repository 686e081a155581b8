// Intervals in the server's `postgres` style: `1 year 2 mons -3 days -04:05:06.7`.

/** Parts of an interval, as pgjdbc splits it; the sign of a time is the sign of each of its parts. */
export interface IntervalParts {
  years: number
  months: number
  days: number
  hours: number
  minutes: number
  seconds: number
}

const DAYS_PER_MONTH = 365.25 / 12
const INT64_MAX = 9_223_372_036_854_775_807n

export function parseInterval(text: string): IntervalParts {
  const parts: IntervalParts = { years: 0, months: 0, days: 0, hours: 0, minutes: 0, seconds: 0 }
  const words = text.split(' ')
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as string
    if (word.includes(':')) {
      const sign = word.startsWith('-') ? -1 : 1
      const [hours = '0', minutes = '0', seconds = '0'] = word.replace(/^[+-]/, '').split(':')
      parts.hours = sign * Number(hours)
      parts.minutes = sign * Number(minutes)
      parts.seconds = sign * Number(seconds)
    } else {
      const unit = words[++at] ?? ''
      if (unit.startsWith('year')) parts.years = Number(word)
      else if (unit.startsWith('mon')) parts.months = Number(word)
      else if (unit.startsWith('day')) parts.days = Number(word)
    }
  }
  return parts
}

/** Microseconds with a month of 365.25/12 days, in doubles and cut off, as Debezium counts. */
export function intervalMicros(text: string): number | bigint {
  const { years, months, days, hours, minutes, seconds } = parseInterval(text)
  const allDays = (years * 12 + months) * DAYS_PER_MONTH + days
  const micros = Math.trunc((((allDays * 24 + hours) * 60 + minutes) * 60 + seconds) * 1e6)
  if (Number.isSafeInteger(micros)) return micros + 0
  const exact = BigInt(micros)
  return exact > INT64_MAX ? INT64_MAX : exact < -INT64_MAX - 1n ? -INT64_MAX - 1n : exact
}

/** `P1Y2M3DT4H5M6.78S`. */
export function intervalIso(text: string): string {
  const { years, months, days, hours, minutes, seconds } = parseInterval(text)
  return `P${years + 0}Y${months + 0}M${days + 0}DT${hours + 0}H${minutes + 0}M${plain(seconds)}S`
}
function plain(seconds: number): string {
  return seconds === 0 ? '0' : String(Number(seconds.toFixed(6)))
}
