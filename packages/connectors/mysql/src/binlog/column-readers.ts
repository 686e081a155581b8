// One reader a column: from the bytes of a row image to the column's value, chosen when a table's decoder is compiled.
import { BINARY_COLLATION, type DecodeText, decoderOfCharset, decoderOfCollation } from './charset.ts'
import type { ColumnForms } from './column-forms.ts'
import { inflateColumn } from './compression.ts'
import type { Cursor } from './cursor.ts'
import { decimalReader } from './decimal.ts'
import { ColumnType } from './event-type.ts'
import { jsonText } from './json.ts'
import type { MappedColumn } from './table-map.ts'
import {
  dateReader,
  dateTimeReader,
  oldDateTimeReader,
  oldTimeReader,
  oldTimestampReader,
  timeReader,
  timestampReader,
} from './temporal.ts'

/** Reads one value and moves the cursor behind it. */
export type ReadColumn = (cursor: Cursor) => unknown

/** What the table's schema says of a column, where the event itself does not (`binlog_row_metadata=MINIMAL`). */
export interface ColumnHints {
  readonly unsigned: boolean
  /** Name of the character set; null for a column of bytes. */
  readonly charset: string | null
}

/** @throws RangeError for a column type that is not known, or a character set without decoder */
export function columnReader(column: MappedColumn, hints: ColumnHints | undefined, forms: ColumnForms): ReadColumn {
  const unsigned = column.unsigned ?? hints?.unsigned ?? false
  switch (column.type) {
    case ColumnType.TINY:
      return unsigned ? (cursor) => forms.integer(cursor.u8()) : (cursor) => forms.integer((cursor.u8() << 24) >> 24)
    case ColumnType.SHORT:
      return unsigned ? (cursor) => forms.integer(cursor.u16()) : (cursor) => forms.integer((cursor.u16() << 16) >> 16)
    case ColumnType.INT24:
      return unsigned ? (cursor) => forms.integer(cursor.u24()) : (cursor) => forms.integer((cursor.u24() << 8) >> 8)
    case ColumnType.LONG:
      return unsigned ? (cursor) => forms.integer(cursor.u32()) : (cursor) => forms.integer(cursor.u32() | 0)
    case ColumnType.LONGLONG:
      return (cursor) => forms.integer(unsigned ? readUnsigned64(cursor) : readSigned64(cursor))
    case ColumnType.FLOAT:
      return (cursor) => {
        cursor.skip(4)
        return forms.float(cursor.buffer.readFloatLE(cursor.at - 4))
      }
    case ColumnType.DOUBLE:
      return (cursor) => {
        cursor.skip(8)
        return forms.float(cursor.buffer.readDoubleLE(cursor.at - 8))
      }
    case ColumnType.NEWDECIMAL: {
      const scale = column.meta & 0xff
      const read = decimalReader(column.meta >> 8, scale)
      return (cursor) => forms.decimal(read(cursor), scale)
    }
    case ColumnType.DATE:
    case ColumnType.NEWDATE:
      return dateReader(forms)
    case ColumnType.TIME:
      return oldTimeReader(forms)
    case ColumnType.DATETIME:
      return oldDateTimeReader(forms)
    case ColumnType.TIMESTAMP:
      return oldTimestampReader(forms)
    case ColumnType.TIME2:
      return timeReader(column.meta, forms)
    case ColumnType.DATETIME2:
      return dateTimeReader(column.meta, forms)
    case ColumnType.TIMESTAMP2:
      return timestampReader(column.meta, forms)
    case ColumnType.YEAR:
      return (cursor) => {
        const years = cursor.u8()
        return forms.year(years === 0 ? 0 : 1900 + years)
      }
    case ColumnType.BIT: {
      const length = (column.meta + 7) >> 3
      return (cursor) => forms.bits(cursor.bytes(length))
    }
    case ColumnType.ENUM:
      return (cursor) => forms.enumeration(cursor.uint(column.meta))
    case ColumnType.SET:
      return (cursor) => forms.set(column.meta === 8 ? cursor.u64() : BigInt(readUint(cursor, column.meta)))
    case ColumnType.VARCHAR:
    case ColumnType.VAR_STRING:
    case ColumnType.STRING:
      return stringReader(column.meta > 255 ? 2 : 1, column, hints, forms)
    case ColumnType.TINY_BLOB:
    case ColumnType.MEDIUM_BLOB:
    case ColumnType.LONG_BLOB:
    case ColumnType.BLOB:
      return stringReader(column.meta, column, hints, forms)
    case ColumnType.VARCHAR_COMPRESSED:
      return compressedReader(column.meta > 255 ? 2 : 1, column, hints, forms)
    case ColumnType.BLOB_COMPRESSED:
      return compressedReader(column.meta, column, hints, forms)
    case ColumnType.JSON:
      return (cursor) => forms.json(jsonText(cursor.bytes(cursor.uint(column.meta))))
    case ColumnType.GEOMETRY:
      return (cursor) => forms.geometry(cursor.bytes(cursor.uint(column.meta)))
    case ColumnType.VECTOR:
      return (cursor) => forms.vector(cursor.bytes(cursor.uint(column.meta)))
    default:
      throw new RangeError(`Column type ${column.type} is not known`)
  }
}

/** An integer of 8 bytes: a number when it is a safe one. */
function readSigned64(cursor: Cursor): number | bigint {
  cursor.skip(8)
  const { buffer, at } = cursor
  const high = buffer.readInt32LE(at - 4)
  if (high >= -0x200000 && high < 0x200000) {
    const value = high * 0x100000000 + buffer.readUInt32LE(at - 8)
    if (Number.isSafeInteger(value)) return value
  }
  return buffer.readBigInt64LE(at - 8)
}

function readUnsigned64(cursor: Cursor): number | bigint {
  cursor.skip(8)
  const { buffer, at } = cursor
  const high = buffer.readUInt32LE(at - 4)
  if (high < 0x200000) return high * 0x100000000 + buffer.readUInt32LE(at - 8)
  return buffer.readBigUInt64LE(at - 8)
}

function readUint(cursor: Cursor, bytes: number): number | bigint {
  if (bytes <= 6) return cursor.uint(bytes)
  const low = cursor.uint(4)
  return (BigInt(cursor.uint(bytes - 4)) << 32n) | BigInt(low)
}

/** The decoder of a column's text, or null when it holds bytes. */
function textDecoder(column: MappedColumn, hints: ColumnHints | undefined): DecodeText | null {
  if (column.collation !== undefined) {
    if (column.collation === BINARY_COLLATION) return null
    const decode = decoderOfCollation(column.collation)
    if (decode !== undefined) return decode
  }
  if (hints === undefined || hints.charset === null) return null
  const decode = decoderOfCharset(hints.charset)
  if (decode === undefined) throw new RangeError(`The character set ${hints.charset} has no decoder`)
  return decode
}

function stringReader(
  lengthBytes: number,
  column: MappedColumn,
  hints: ColumnHints | undefined,
  forms: ColumnForms,
): ReadColumn {
  const decode = textDecoder(column, hints)
  if (decode === null) {
    // A BINARY(n) column is written without its trailing zeros.
    const padded = column.type === ColumnType.STRING ? column.meta : 0
    return (cursor) => forms.bytes(pad(cursor.bytes(cursor.uint(lengthBytes)), padded))
  }
  return (cursor) => {
    const length = cursor.uint(lengthBytes)
    cursor.skip(length)
    return forms.text(decode(cursor.buffer, cursor.at - length, cursor.at))
  }
}

function compressedReader(
  lengthBytes: number,
  column: MappedColumn,
  hints: ColumnHints | undefined,
  forms: ColumnForms,
): ReadColumn {
  const decode = textDecoder(column, hints)
  return (cursor) => {
    const bytes = inflateColumn(cursor.bytes(cursor.uint(lengthBytes)))
    return decode === null ? forms.bytes(bytes) : forms.text(decode(bytes, 0, bytes.length))
  }
}

function pad(bytes: Buffer, length: number): Buffer {
  if (bytes.length >= length) return bytes
  const padded = Buffer.alloc(length)
  bytes.copy(padded)
  return padded
}
