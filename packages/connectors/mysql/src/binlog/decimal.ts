// NEWDECIMAL: digits in groups of nine, each in four bytes, big-endian; the sign is the inverted highest bit, and a
// negative value has all its bits inverted. https://dev.mysql.com/doc/refman/8.4/en/precision-math-decimal-characteristics.html
import type { Cursor } from './cursor.ts'

/** Bytes that so many left-over digits take. */
const BYTES_OF_DIGITS = [0, 1, 1, 2, 2, 3, 3, 4, 4, 4] as const
const GROUP = 1_000_000_000n
/** Digits that a number holds without loss. */
const SAFE_DIGITS = 15

/** Bytes of a decimal of this precision and scale. */
export function decimalLength(precision: number, scale: number): number {
  const whole = precision - scale
  return (
    Math.trunc(whole / 9) * 4 + BYTES_OF_DIGITS[whole % 9]! + Math.trunc(scale / 9) * 4 + BYTES_OF_DIGITS[scale % 9]!
  )
}

/** A reader of the unscaled value of decimals of one precision and scale: a number up to 15 digits, else a bigint. */
export function decimalReader(precision: number, scale: number): (cursor: Cursor) => number | bigint {
  const length = decimalLength(precision, scale)
  const groups = groupsOf(precision, scale)
  const small = precision <= SAFE_DIGITS
  const scratch = Buffer.alloc(length)
  return (cursor) => {
    cursor.need(length)
    const { buffer, at } = cursor
    cursor.at += length
    const mask = (buffer[at]! & 0x80) !== 0 ? 0 : 0xff
    for (let i = 0; i < length; i++) scratch[i] = buffer[at + i]! ^ mask
    scratch[0]! ^= 0x80
    return small ? readNumber(scratch, groups, mask !== 0) : readBigint(scratch, groups, mask !== 0)
  }
}

interface Group {
  readonly bytes: number
  /** 10 to the number of the group's digits. */
  readonly power: number
}

function groupsOf(precision: number, scale: number): Group[] {
  const whole = precision - scale
  const digits = [
    whole % 9,
    ...Array<number>(Math.trunc(whole / 9)).fill(9),
    ...Array<number>(Math.trunc(scale / 9)).fill(9),
    scale % 9,
  ]
  return digits.filter((count) => count > 0).map((count) => ({ bytes: BYTES_OF_DIGITS[count]!, power: 10 ** count }))
}

function readNumber(bytes: Buffer, groups: readonly Group[], negative: boolean): number {
  let value = 0
  let at = 0
  for (const { bytes: length, power } of groups) {
    value = value * power + bytes.readUIntBE(at, length)
    at += length
  }
  return negative && value !== 0 ? -value : value
}

function readBigint(bytes: Buffer, groups: readonly Group[], negative: boolean): bigint {
  let value = 0n
  let at = 0
  for (const { bytes: length, power } of groups) {
    value = value * (power === 1e9 ? GROUP : BigInt(power)) + BigInt(bytes.readUIntBE(at, length))
    at += length
  }
  return negative ? -value : value
}
