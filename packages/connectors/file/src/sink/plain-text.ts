// Prints what JSON without a schema gives straight into bytes: the text of valueToString, without the strings between.
import { valueToString } from '@millrace/api'

const OPEN = 0x7b
const CLOSE = 0x7d
const EQUALS = 0x3d
const COMMA = 0x2c
const SPACE = 0x20
const ZERO = 0x30
const MINUS = 0x2d
/** Up to here a loop over the characters is faster than a call that copies them. */
const SHORT = 64
/** Largest integer printed with 32-bit arithmetic. */
const MAX_INT32 = 0x7fff_ffff

/** Bytes a character of a string can take. */
const MOST_BYTES = 3
/** More than the text of any number. */
const NUMBER_BYTES = 32

/** True for an object as JSON gives it, which {@link printPlain} can print. */
export function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}

/**
 * Prints the members of a plain object as `{a=1, b=x}` at `at`.
 * @returns the position behind it, or -1 when there may not be room for all of it: nothing then counts as printed
 */
export function printPlain(value: Readonly<Record<string, unknown>>, into: Buffer, at: number): number {
  // Room for the braces and for a separator, an equals sign and a number is asked for with each member.
  if (into.length - at < NUMBER_BYTES) return -1
  into[at++] = OPEN
  let isFirst = true
  for (const key in value) {
    const item = value[key]
    let text = typeof item === 'string' ? item : ''
    const isInteger = typeof item === 'number' && item <= MAX_INT32 && item >= -MAX_INT32 && Number.isInteger(item)
    if (typeof item !== 'string' && !isInteger) text = valueToString(item)
    if (into.length - at < (key.length + text.length) * MOST_BYTES + NUMBER_BYTES) return -1
    if (!isFirst) {
      into[at++] = COMMA
      into[at++] = SPACE
    }
    isFirst = false
    at = print(key, into, at)
    into[at++] = EQUALS
    at = isInteger ? printInteger(item, into, at) : print(text, into, at)
  }
  into[at++] = CLOSE
  return at
}

function print(text: string, into: Buffer, from: number): number {
  if (text.length > SHORT) return from + write(text, into, from)
  let at = from
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code >= 0x80) return from + write(text, into, from)
    into[at++] = code
  }
  return at
}

function printInteger(value: number, into: Buffer, from: number): number {
  let at = from
  let rest = value
  if (rest < 0) {
    into[at++] = MINUS
    rest = -rest
  }
  let digits = 1
  for (let power = 10; power <= rest; power *= 10) digits++
  for (let end = at + digits; end > at; ) {
    const next = (rest / 10) | 0
    into[--end] = ZERO + rest - next * 10
    rest = next
  }
  return at + digits
}

const LONE_SURROGATE = /\p{Surrogate}/gu

/** Java's encoder writes a question mark for a lone surrogate. */
export function encodable(text: string): string {
  return text.isWellFormed() ? text : text.replace(LONE_SURROGATE, '?')
}

function write(text: string, into: Buffer, at: number): number {
  return into.write(encodable(text), at, 'utf8')
}
