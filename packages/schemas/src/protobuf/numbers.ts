// Numbers of options in the normal form: with at most three digits after the point, without exponent, as Java's DecimalFormat
// prints them.
import { doubleToString, floatToString } from '@millrace/api'

/** The normal form of a number's text; the text itself when it is none that the reference reads, such as `inf`. */
export function normalNumber(text: string): string {
  const whole = wholeNumber(text)
  if (whole !== null) return String(whole)
  if (!/^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?[fFdD]?$/.test(text)) return text
  const digits = text.replace(/[fFdD]$/, '')
  return rounded(numberOf(digits, text))
}

/** Decimal, hexadecimal after `0x`, octal after `0`. */
function wholeNumber(text: string): bigint | null {
  const match = /^(-?)(?:0[xX]([0-9a-fA-F]+)|0([0-7]+)|(0|[1-9]\d*)[lL]?)$/.exec(text)
  if (match === null) return null
  const [, sign, hex, octal, decimal] = match
  const value =
    hex !== undefined ? BigInt(`0x${hex}`) : octal !== undefined ? BigInt(`0o${octal}`) : BigInt(decimal as string)
  return sign === '-' ? -value : value
}

/** The reference reads a number as a float when that prints as it would as a double. */
function numberOf(digits: string, text: string): number {
  const double = Number(digits)
  const float = Math.fround(double)
  if (/[fF]$/.test(text)) return float
  if (/[dD]$/.test(text)) return double
  return Number.isFinite(float) && (float !== 0 || double === 0) && floatToString(float) === doubleToString(double)
    ? float
    : double
}

/** Rounded to three digits, halves to the even one. */
function rounded(value: number): string {
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  const size = Math.abs(value)
  if (size >= 1e15) return sign + plain(size)
  const [whole = '0', fraction = ''] = size.toFixed(100).split('.')
  let thousandths = BigInt(whole + fraction.slice(0, 3))
  const rest = fraction.slice(3)
  const half = `5${'0'.repeat(rest.length - 1)}`
  if (rest > half || (rest === half && thousandths % 2n === 1n)) thousandths += 1n
  const text = String(thousandths).padStart(4, '0')
  return `${sign}${text.slice(0, -3)}.${text.slice(-3)}`.replace(/\.?0+$/, '')
}

/** The shortest digits of a big number, filled with zeros. */
function plain(size: number): string {
  const [digits = '', exponent = '0'] = size.toExponential().split('e')
  return digits.replace('.', '').padEnd(Number(exponent) + 1, '0')
}
