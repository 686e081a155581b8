// Values from the server's text, read where it lies: whole numbers, floats, booleans, text, bytes.
import { DataException } from '@millrace/api'

/** Makes the value of the text from `start` to `end`; what it returns does not refer to `bytes`. */
export type Decode = (bytes: Buffer, start: number, end: number) => unknown

const MINUS = 0x2d
const ZERO = 0x30
/** A number of this many characters is a safe integer. */
const SAFE_LENGTH = 15

/** Text as UTF-8. */
export function decodeText(bytes: Buffer, start: number, end: number): string {
  return bytes.utf8Slice(start, end)
}

/** int2, int4 and oid, digit by digit. */
export function decodeInt(bytes: Buffer, start: number, end: number): number {
  const negative = bytes[start] === MINUS
  let value = 0
  for (let at = negative ? start + 1 : start; at < end; at++) value = value * 10 + (bytes[at] as number) - ZERO
  return negative ? -value : value
}

/** int8: a bigint beyond the safe integers. */
export function decodeLong(bytes: Buffer, start: number, end: number): number | bigint {
  if (end - start <= SAFE_LENGTH) return decodeInt(bytes, start, end)
  const exact = BigInt(bytes.latin1Slice(start, end))
  const number = Number(exact)
  return Number.isSafeInteger(number) ? number : exact
}

/** float4 and float8 in the server's shortest text, with NaN and the infinities. */
export function decodeFloat(bytes: Buffer, start: number, end: number): number {
  return Number(bytes.latin1Slice(start, end))
}
/** A float4 is the nearest single. */
export function decodeSingle(bytes: Buffer, start: number, end: number): number {
  return Math.fround(decodeFloat(bytes, start, end))
}

/** `t` or `f`. */
export function decodeBoolean(bytes: Buffer, start: number): boolean {
  return bytes[start] === 0x74
}

/**
 * bytea in either output form.
 * @throws DataException when it is neither
 */
export function decodeBytea(bytes: Buffer, start: number, end: number): Buffer {
  if (bytes[start] === 0x5c && bytes[start + 1] === 0x78) {
    return Buffer.from(bytes.latin1Slice(start + 2, end), 'hex')
  }
  const out = Buffer.allocUnsafe(end - start)
  let size = 0
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number
    if (byte !== 0x5c) out[size++] = byte
    else if (bytes[at + 1] === 0x5c) {
      out[size++] = 0x5c
      at++
    } else {
      const octal = Number.parseInt(bytes.latin1Slice(at + 1, at + 4), 8)
      if (Number.isNaN(octal)) throw new DataException('A bytea value is in no form that the server writes')
      out[size++] = octal
      at += 3
    }
  }
  return out.subarray(0, size)
}
