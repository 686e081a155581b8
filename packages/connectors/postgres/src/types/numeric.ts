// numeric and money from the server's text.
import { ConnectException, Decimal } from '@millrace/api'
import type { Decode } from './decoder.ts'

const SAFE_DIGITS = 15
const MINUS = 0x2d
const DOT = 0x2e
const ZERO = 0x30
const NINE = 0x39

/** Digits after the point of the number last read. */
let scaleRead = 0

/** The unscaled value, or null for NaN and the infinities. Most fit a double's whole numbers and are read digit by digit. */
function unscaled(bytes: Buffer, start: number, end: number): bigint | null {
  const negative = bytes[start] === MINUS
  const from = negative ? start + 1 : start
  const first = bytes[from] as number
  if (first < ZERO || first > NINE) return null
  scaleRead = 0
  if (end - from <= SAFE_DIGITS) {
    let value = 0
    for (let at = from; at < end; at++) {
      const byte = bytes[at] as number
      if (byte === DOT) scaleRead = end - at - 1
      else value = value * 10 + byte - ZERO
    }
    return BigInt(negative ? -value : value)
  }
  const text = bytes.latin1Slice(start, end)
  const dot = text.indexOf('.')
  if (dot < 0) return BigInt(text)
  scaleRead = text.length - dot - 1
  return BigInt(text.slice(0, dot) + text.slice(dot + 1))
}

/** numeric(p, s) in precise mode. The server writes `s` digits; those of a default may be fewer. */
export function decimalDecoder(column: string, scale: number): Decode {
  return (bytes, start, end) => {
    const value = unscaled(bytes, start, end)
    if (value === null) throw special(column, bytes.latin1Slice(start, end))
    if (scaleRead === scale) return new Decimal(value, scale)
    if (scaleRead < scale) return new Decimal(value * 10n ** BigInt(scale - scaleRead), scale)
    return new Decimal(value / 10n ** BigInt(scaleRead - scale), scale)
  }
}

/** numeric without a scale, in precise mode: a VariableScaleDecimal without zeros at its end. */
export function variableScaleDecoder(column: string): Decode {
  return (bytes, start, end) => {
    let value = unscaled(bytes, start, end)
    if (value === null) throw special(column, bytes.latin1Slice(start, end))
    let scale = scaleRead
    while (scale > 0 && value % 10n === 0n) {
      value /= 10n
      scale--
    }
    return { scale, value: new Decimal(value, scale).toBytes() }
  }
}

export const decodeNumericDouble: Decode = (bytes, start, end) => Number(bytes.latin1Slice(start, end))

/** `string` mode: plain digits, and Debezium's names of the special values. A default may have fewer digits than `scale`. */
export function numericTextDecoder(scale: number): Decode {
  return (bytes, start, end) => {
    const text = bytes.latin1Slice(start, end)
    switch (text) {
      case 'NaN':
        return 'NAN'
      case 'Infinity':
        return 'POSITIVE_INFINITY'
      case '-Infinity':
        return 'NEGATIVE_INFINITY'
    }
    if (scale <= 0) return text
    const dot = text.indexOf('.')
    const missing = scale - (dot < 0 ? 0 : text.length - dot - 1)
    return missing <= 0 ? text : `${text}${dot < 0 ? '.' : ''}${'0'.repeat(missing)}`
  }
}

function special(column: string, text: string): ConnectException {
  return new ConnectException(`The column ${column} holds ${text}, which a Decimal cannot hold`, {
    action: "Set 'decimal.handling.mode' to 'string' or 'double'.",
  })
}

/** money in the server's locale: sign or parentheses, a currency sign, separators. */
export function moneyToDecimal(text: string, fractionDigits: number): Decimal {
  const negative = text.includes('-') || text.startsWith('(')
  const last = Math.max(text.lastIndexOf('.'), text.lastIndexOf(','))
  const hasFraction = last >= 0 && text.length - last - 1 <= 2 + (text.endsWith(')') ? 1 : 0)
  const whole = (hasFraction ? text.slice(0, last) : text).replace(/\D/g, '')
  const fraction = hasFraction ? text.slice(last + 1).replace(/\D/g, '') : ''
  const exact = BigInt(whole + fraction || '0')
  const shift = fractionDigits - fraction.length
  const scaled = shift >= 0 ? exact * 10n ** BigInt(shift) : halfUp(exact, 10n ** BigInt(-shift))
  return new Decimal(negative ? -scaled : scaled, fractionDigits)
}
function halfUp(value: bigint, by: bigint): bigint {
  return (value + by / 2n) / by
}
