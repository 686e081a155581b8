// JSON text of strings and numbers as the reference's JSON writer prints them.
import { doubleToString, floatToString } from '@millrace/api'

/** Characters that cannot stand in a JSON string as they are, and surrogates, which are left to JSON.stringify. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const SPECIAL = /["\\\u0000-\u001f\ud800-\udfff]/

/** Turns what JSON.stringify wrote into what is sent. */
export type Escapes = (json: string) => string

/** A JSON string literal. */
export function quote(text: string, escapes: Escapes): string {
  return SPECIAL.test(text) ? escapes(JSON.stringify(text)) : `"${text}"`
}

const BEYOND_BMP = /[\ud800-\udfff]/
const DIFFERENT = /\\(?:u[0-9a-f]{4}|.)|[\ud800-\udfff]/g

/**
 * The reference's escapes: `\u001F` where JavaScript has `\u001f`, and pairs of escapes for characters beyond U+FFFF. They
 * mean the same and looking for them takes time, so only keys get them: keys are compared by their bytes.
 */
export function referenceEscapes(json: string): string {
  return json.includes('\\u') || BEYOND_BMP.test(json) ? json.replace(DIFFERENT, referenceEscape) : json
}

/** JavaScript's own escapes, as JSON.stringify writes them. */
export function ownEscapes(json: string): string {
  return json
}

/** The escapes that a converter's configuration asks for. */
export function escapesOf(options: { readonly exactEscapes: boolean }): Escapes {
  return options.exactEscapes ? referenceEscapes : ownEscapes
}

function referenceEscape(found: string): string {
  if (found.length === 1) return `\\u${found.charCodeAt(0).toString(16).toUpperCase()}`
  return found.length === 6 ? `\\u${found.slice(2).toUpperCase()}` : found
}

/** A JSON number of a double in Java's form, or a string for NaN and the infinities. */
export function doubleText(value: number): string {
  return value - value === 0 ? doubleToString(value) : `"${value}"`
}

/** As {@link doubleText}, with the digits a single needs. */
export function floatText(value: number): string {
  const single = Math.fround(value)
  return single - single === 0 ? floatToString(single) : `"${single}"`
}

/** True when JSON.stringify prints this finite number as the reference does: it is not integral, and its text is plain. */
export function prints(value: number): boolean {
  const size = value < 0 ? -value : value
  return size >= 0.001 && size < 10_000_000
}

/** A JSON string of bytes: base64, standard alphabet, padded. */
export function bytesText(bytes: Uint8Array): string {
  return `"${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')}"`
}

const BASE64 = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/')
const QUOTE = 0x22
const PAD = 0x3d

/**
 * A JSON string of the fewest big-endian two's complement bytes of an integer, in base64; undefined for more than three bytes.
 * Most decimals are so short, and need no bytes to be made.
 */
export function shortIntegerText(value: number): string | undefined {
  if (value >= -0x80 && value < 0x80) return quad((value & 0xff) << 16, 1)
  if (value >= -0x8000 && value < 0x8000) return quad((value & 0xffff) << 8, 2)
  return value >= -0x80_0000 && value < 0x80_0000 ? quad(value & 0xff_ffff, 3) : undefined
}

/** The first `length` of three bytes. */
function quad(bits: number, length: number): string {
  const third = length > 1 ? BASE64[(bits >> 6) & 63]! : PAD
  const fourth = length > 2 ? BASE64[bits & 63]! : PAD
  return String.fromCharCode(QUOTE, BASE64[bits >> 18]!, BASE64[(bits >> 12) & 63]!, third, fourth, QUOTE)
}
