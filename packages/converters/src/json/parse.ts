// From JSON text to nodes: JSON.parse wherever it is exact, the slow parser where it is not.
import { isUtf8 } from 'node:buffer'
import { DataException, errorMessage } from '@millrace/api'
import { parseMarked } from './marked.ts'
import { type FloatMode, MISSING, parseExact } from './parser.ts'

const ZERO = 0x30
const NINE = 0x39
/** Integers of fewer digits are always safe. */
const SAFE_DIGITS = 15
const LARGEST_SAFE = '9007199254740991'

/** How the reference begins the message of every reading error. */
export const READ_ERROR = 'Converting byte[] to Kafka Connect data failed due to serialization error: '

/**
 * Nodes of a text in which JSON.parse is exact, as `exact` says; {@link MISSING} for no content.
 * @param words as of {@link parseExact}
 * @throws DataException
 */
export function parseJson(text: string, exact: boolean, floats: FloatMode, words = false): unknown {
  if (exact && floats === 'double') {
    try {
      return JSON.parse(text)
    } catch {
      // Perhaps one of the reference's leniencies; if not, the slow parser says what and where.
    }
  } else {
    const node = parseMarked(text, floats)
    if (node !== undefined) return node
  }
  try {
    return parseExact(text, floats, words)
  } catch (cause) {
    throw new DataException(READ_ERROR + errorMessage(cause), { cause })
  }
}

/**
 * True when the bytes may hold an integer literal beyond 2^53. Sixteen digits in a row cover every sixteenth byte, so that
 * only those are looked at, and the neighbours of those that are digits.
 */
export function hasLongInteger(buffer: Uint8Array, start: number, end: number): boolean {
  for (let at = start + SAFE_DIGITS; at < end; at += SAFE_DIGITS + 1) {
    const byte = buffer[at] as number
    if (byte <= NINE && byte >= ZERO && isLongInteger(buffer, start, end, at)) return true
  }
  return false
}

function isLongInteger(buffer: Uint8Array, start: number, end: number, at: number): boolean {
  let first = at
  let last = at + 1
  while (first > start && isDigit(buffer[first - 1])) first--
  while (last < end && isDigit(buffer[last])) last++
  if (last - first <= SAFE_DIGITS) return false
  if (!canBeginNumber(first > start ? buffer[first - 1] : undefined)) return false
  // Floats are read as doubles, to the nearest.
  if (buffer[last] === 0x2e || buffer[last] === 0x65 || buffer[last] === 0x45) return false
  if (last - first > SAFE_DIGITS + 1) return true
  return Buffer.from(buffer.buffer, buffer.byteOffset + first, last - first).toString('latin1') > LARGEST_SAFE
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE
}

/** Before a number stands a colon, a comma, a bracket, a minus, white space, or nothing. Before other digits stands a quote or a point. */
function canBeginNumber(before: number | undefined): boolean {
  return (
    before === undefined || before === 0x3a || before === 0x2c || before === 0x5b || before === 0x2d || before <= 0x20
  )
}

/** @throws DataException when the bytes behind a text are not UTF-8: the reference's parser does not guess either */
export function checkUtf8(text: string, buffer: Uint8Array, start: number, end: number): void {
  if (text.includes('\ufffd') && !isUtf8(buffer.subarray(start, end))) {
    throw new DataException(`${READ_ERROR}the bytes are not valid UTF-8`)
  }
}

export { MISSING }
