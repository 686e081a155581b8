// MySQL's binary JSON to text: https://dev.mysql.com/doc/dev/mysql-server/latest/json__binary_8h.html.
// The text has the reference's form: no blanks, doubles and decimals without exponent, dates as strings.
import { doubleToString } from '@millrace/api'
import { decimalText } from './column-forms.ts'
import { Cursor } from './cursor.ts'
import { decimalReader } from './decimal.ts'
import { ColumnType } from './event-type.ts'
import { quoteJson } from './json-text.ts'

const Type = {
  SMALL_OBJECT: 0,
  LARGE_OBJECT: 1,
  SMALL_ARRAY: 2,
  LARGE_ARRAY: 3,
  LITERAL: 4,
  INT16: 5,
  UINT16: 6,
  INT32: 7,
  UINT32: 8,
  INT64: 9,
  UINT64: 10,
  DOUBLE: 11,
  STRING: 12,
  CUSTOM: 15,
} as const

const LITERALS = ['null', 'true', 'false'] as const

/**
 * The text of a binary JSON document. No bytes at all stand for null, as MySQL does it for a JSON column of an old row.
 * @throws RangeError when the bytes are no document
 */
export function jsonText(document: Buffer): string {
  if (document.length === 0) return 'null'
  return readValue(document[0]!, document, 1)
}

/** A value of `type` whose bytes begin at `at`. */
function readValue(type: number, buffer: Buffer, at: number): string {
  switch (type) {
    case Type.SMALL_OBJECT:
      return readObject(buffer, at, 2)
    case Type.LARGE_OBJECT:
      return readObject(buffer, at, 4)
    case Type.SMALL_ARRAY:
      return readArray(buffer, at, 2)
    case Type.LARGE_ARRAY:
      return readArray(buffer, at, 4)
    case Type.LITERAL:
      return literal(buffer[at])
    case Type.INT16:
      return String(buffer.readInt16LE(at))
    case Type.UINT16:
      return String(buffer.readUInt16LE(at))
    case Type.INT32:
      return String(buffer.readInt32LE(at))
    case Type.UINT32:
      return String(buffer.readUInt32LE(at))
    case Type.INT64:
      return String(buffer.readBigInt64LE(at))
    case Type.UINT64:
      return String(buffer.readBigUInt64LE(at))
    case Type.DOUBLE:
      return plainDouble(buffer.readDoubleLE(at))
    case Type.STRING: {
      const [length, start] = variableLength(buffer, at)
      return quoteJson(sliceOf(buffer, start, length).utf8Slice())
    }
    case Type.CUSTOM:
      return readCustom(buffer, at)
    default:
      throw new RangeError(`There is no JSON value type ${type}, at offset ${at} of the document`)
  }
}

function literal(value: number | undefined): string {
  const text = LITERALS[value ?? -1]
  if (text === undefined) throw new RangeError(`There is no JSON literal ${value}`)
  return text
}

/** Offsets inside an object or array count from its own begin; `wide` is the bytes of its offsets, sizes and counts. */
function readObject(buffer: Buffer, at: number, wide: 2 | 4): string {
  const count = buffer.readUIntLE(at, wide)
  const keys = at + 2 * wide
  const values = keys + count * (wide + 2)
  let text = '{'
  for (let i = 0; i < count; i++) {
    const key = keys + i * (wide + 2)
    const name = sliceOf(buffer, at + buffer.readUIntLE(key, wide), buffer.readUInt16LE(key + wide)).utf8Slice()
    text += `${i === 0 ? '' : ','}${quoteJson(name)}:${readEntry(buffer, values + i * (wide + 1), at, wide)}`
  }
  return `${text}}`
}

function readArray(buffer: Buffer, at: number, wide: 2 | 4): string {
  const count = buffer.readUIntLE(at, wide)
  const values = at + 2 * wide
  let text = '['
  for (let i = 0; i < count; i++) {
    text += `${i === 0 ? '' : ','}${readEntry(buffer, values + i * (wide + 1), at, wide)}`
  }
  return `${text}]`
}

/** A value entry: literals and integers that fit stand in it, of others the offset. */
function readEntry(buffer: Buffer, entry: number, begin: number, wide: 2 | 4): string {
  const type = buffer[entry]!
  const inlined =
    type === Type.LITERAL ||
    type === Type.INT16 ||
    type === Type.UINT16 ||
    (wide === 4 && (type === Type.INT32 || type === Type.UINT32))
  return readValue(type, buffer, inlined ? entry + 1 : begin + buffer.readUIntLE(entry + 1, wide))
}

/** A value of a column type that JSON does not have: decimals, dates and times, and bytes. */
function readCustom(buffer: Buffer, at: number): string {
  const type = buffer[at]!
  const [length, start] = variableLength(buffer, at + 1)
  const bytes = sliceOf(buffer, start, length)
  switch (type) {
    case ColumnType.NEWDECIMAL: {
      const [precision, scale] = [bytes[0]!, bytes[1]!]
      return decimalText(decimalReader(precision, scale)(new Cursor(bytes, 2)), scale)
    }
    case ColumnType.DATE:
    case ColumnType.NEWDATE:
      return `"${packedDate(bytes.readBigInt64LE())}"`
    case ColumnType.DATETIME:
    case ColumnType.TIMESTAMP: {
      const packed = bytes.readBigInt64LE()
      return `"${packedDate(packed)} ${packedTime(packed, false)}"`
    }
    case ColumnType.TIME:
      return `"${packedTime(bytes.readBigInt64LE(), true)}"`
    default:
      return `"${bytes.toString('base64')}"`
  }
}

/** Date of my_time.h's packed form: year × 13 + month in 17 bits, day in 5, time in 17, microseconds in 24. */
function packedDate(packed: bigint): string {
  const date = Number((packed < 0n ? -packed : packed) >> 41n)
  const yearMonth = date >> 5
  const pad = (value: number, digits: number) => String(value).padStart(digits, '0')
  return `${pad(Math.trunc(yearMonth / 13), 4)}-${pad(yearMonth % 13, 2)}-${pad(date & 31, 2)}`
}

function packedTime(packed: bigint, isTime: boolean): string {
  const all = packed < 0n ? -packed : packed
  const microseconds = Number(all & 0xffffffn)
  const time = Number((all >> 24n) & (isTime ? 0x3fffffn : 0x1ffffn))
  const pad = (value: number) => String(value).padStart(2, '0')
  const fraction = microseconds === 0 ? '' : `.${String(microseconds).padStart(6, '0').replace(/0+$/, '')}`
  return `${packed < 0n ? '-' : ''}${pad(time >> 12)}:${pad((time >> 6) & 63)}:${pad(time & 63)}${fraction}`
}

/** Java's text of a double without exponent: where it has one, all digits of the exact value. */
function plainDouble(value: number): string {
  const text = doubleToString(value)
  if (!text.includes('E')) return text
  if (Math.abs(value) >= 1) return BigInt(value).toString()
  // A double below one is exact in at most 1,074 digits after the point, of which toFixed gives a hundred at a time.
  return exactFraction(value)
}

/** Every digit of a double below one: its mantissa times a power of five, shifted by as many decimal places. */
function exactFraction(value: number): string {
  const bits = new DataView(new ArrayBuffer(8))
  bits.setFloat64(0, Math.abs(value))
  const raw = bits.getBigUint64(0)
  const exponent = Number(raw >> 52n)
  let mantissa = (raw & 0xfffffffffffffn) | (exponent === 0 ? 0n : 0x10000000000000n)
  let places = exponent === 0 ? 1074 : 1075 - exponent
  while ((mantissa & 1n) === 0n && places > 0) {
    mantissa >>= 1n
    places--
  }
  return `${value < 0 ? '-' : ''}${decimalText(mantissa * 5n ** BigInt(places), places)}`
}

/** Length in groups of seven bits, lowest first, the highest bit of a byte saying that another follows. */
function variableLength(buffer: Buffer, at: number): [length: number, start: number] {
  let length = 0
  for (let i = 0; i < 5; i++) {
    const byte = buffer.readUInt8(at + i)
    length += (byte & 0x7f) * 128 ** i
    if (byte < 0x80) return [length, at + i + 1]
  }
  throw new RangeError(`A JSON value at offset ${at} has a length of more than five bytes`)
}

function sliceOf(buffer: Buffer, start: number, length: number): Buffer {
  if (start + length > buffer.length)
    throw new RangeError(`A JSON value runs ${length} bytes from ${start}: beyond its end`)
  return buffer.subarray(start, start + length)
}
