// TABLE_MAP_EVENT: which table the following row events are of, and how its columns lie in them.

import { Cursor, hasBit } from './cursor.ts'
import { ColumnType } from './event-type.ts'

/** Bits of `binlog_row_metadata`'s sections, by their type number. */
const Section = {
  SIGNEDNESS: 1,
  DEFAULT_CHARSET: 2,
  COLUMN_CHARSET: 3,
  COLUMN_NAME: 4,
  SET_VALUES: 5,
  ENUM_VALUES: 6,
  GEOMETRY_TYPE: 7,
  SIMPLE_PRIMARY_KEY: 8,
  PREFIX_PRIMARY_KEY: 9,
  ENUM_SET_DEFAULT_CHARSET: 10,
  ENUM_SET_COLUMN_CHARSET: 11,
} as const

/** One column as the event describes it. Fields after `nullable` are undefined where the server does not write them. */
export interface MappedColumn {
  /** Real type: an ENUM or SET that hides in a STRING is named as what it is. */
  readonly type: number
  /** Type-dependent: length, precision and scale, fraction digits; see {@link readMeta}. */
  readonly meta: number
  readonly nullable: boolean
  readonly unsigned: boolean | undefined
  readonly name: string | undefined
  /** Number of the collation of a character, ENUM or SET column. */
  readonly collation: number | undefined
  /** Values of an ENUM or SET as bytes of its character set. */
  readonly values: readonly Buffer[] | undefined
}

/** A decoded TABLE_MAP_EVENT. */
export interface TableMap {
  readonly tableId: number
  readonly database: string
  readonly table: string
  readonly columns: readonly MappedColumn[]
  /** Positions of the primary key's columns, when the server writes them (`binlog_row_metadata=FULL`). */
  readonly primaryKey: readonly number[] | undefined
  /** The event's body: equal bytes describe an equal table, which saves decoding it again. */
  readonly body: Buffer
}

/** Decodes the body of a TABLE_MAP_EVENT (after the header, without checksum). */
export function readTableMap(body: Buffer): TableMap {
  const cursor = new Cursor(body)
  const tableId = cursor.uint(6)
  cursor.skip(2)
  const database = cursor.text(cursor.u8())
  cursor.skip(1)
  const table = cursor.text(cursor.u8())
  cursor.skip(1)
  const count = cursor.lenenc()
  const types = [...cursor.bytes(count)]
  const metaEnd = cursor.lenenc() + cursor.at
  const metas = types.map((type, i) => {
    const [real, meta] = readMeta(type, cursor)
    types[i] = real
    return meta
  })
  cursor.at = metaEnd
  const nulls = cursor.bytes((count + 7) >> 3)
  const optional = readOptional(cursor, types)
  const columns = types.map((type, i) => ({
    type,
    meta: metas[i]!,
    nullable: hasBit(nulls, i),
    unsigned: optional.unsigned?.[i],
    name: optional.names?.[i],
    collation: optional.collations[i],
    values: optional.values[i],
  }))
  return { tableId, database, table, columns, primaryKey: optional.primaryKey, body }
}

/**
 * The real type and the meta of a column: for VARCHAR and STRING the longest length in bytes, for BIT its bits, for
 * NEWDECIMAL `precision << 8 | scale`, for BLOB-like types the bytes of the length, for ENUM and SET the bytes of the
 * value, for temporal types of the second kind the digits of the fraction.
 */
function readMeta(type: number, cursor: Cursor): [type: number, meta: number] {
  switch (type) {
    case ColumnType.VARCHAR:
    case ColumnType.VAR_STRING:
    case ColumnType.VARCHAR_COMPRESSED:
      return [type, cursor.u16()]
    case ColumnType.BIT: {
      const bits = cursor.u8()
      return [type, cursor.u8() * 8 + bits]
    }
    case ColumnType.NEWDECIMAL: {
      const precision = cursor.u8()
      return [type, (precision << 8) | cursor.u8()]
    }
    case ColumnType.STRING:
    case ColumnType.ENUM:
    case ColumnType.SET: {
      const first = cursor.u8()
      const second = cursor.u8()
      // A CHAR longer than 255 bytes keeps two bits of its length, inverted, in the byte of the real type.
      if ((first & 0x30) !== 0x30) return [first | 0x30, second | (((first & 0x30) ^ 0x30) << 4)]
      return [first, second]
    }
    case ColumnType.BLOB:
    case ColumnType.TINY_BLOB:
    case ColumnType.MEDIUM_BLOB:
    case ColumnType.LONG_BLOB:
    case ColumnType.BLOB_COMPRESSED:
    case ColumnType.GEOMETRY:
    case ColumnType.JSON:
    case ColumnType.VECTOR:
    case ColumnType.FLOAT:
    case ColumnType.DOUBLE:
    case ColumnType.TIMESTAMP2:
    case ColumnType.DATETIME2:
    case ColumnType.TIME2:
      return [type, cursor.u8()]
    default:
      return [type, 0]
  }
}

interface Optional {
  unsigned?: boolean[]
  names?: string[]
  collations: (number | undefined)[]
  values: (Buffer[] | undefined)[]
  primaryKey?: number[]
}

function readOptional(cursor: Cursor, types: readonly number[]): Optional {
  const found: Optional = { collations: [], values: [] }
  const at = (is: (type: number) => boolean) => types.flatMap((type, i) => (is(type) ? [i] : []))
  while (cursor.left > 0) {
    const section = cursor.u8()
    const length = cursor.lenenc()
    const part = new Cursor(cursor.buffer, cursor.at, cursor.at + length)
    cursor.skip(length)
    switch (section) {
      case Section.SIGNEDNESS:
        found.unsigned = signedness(part, types)
        break
      case Section.DEFAULT_CHARSET:
        defaultCharset(part, at(isCharacter), found)
        break
      case Section.COLUMN_CHARSET:
        for (const i of at(isCharacter)) found.collations[i] = part.lenenc()
        break
      case Section.ENUM_SET_DEFAULT_CHARSET:
        defaultCharset(part, at(isEnumOrSet), found)
        break
      case Section.ENUM_SET_COLUMN_CHARSET:
        for (const i of at(isEnumOrSet)) found.collations[i] = part.lenenc()
        break
      case Section.COLUMN_NAME:
        found.names = types.map(() => part.text(part.lenenc()))
        break
      case Section.SET_VALUES:
        for (const i of at((type) => type === ColumnType.SET)) found.values[i] = strings(part)
        break
      case Section.ENUM_VALUES:
        for (const i of at((type) => type === ColumnType.ENUM)) found.values[i] = strings(part)
        break
      case Section.SIMPLE_PRIMARY_KEY:
        found.primaryKey = []
        while (part.left > 0) found.primaryKey.push(part.lenenc())
        break
      case Section.PREFIX_PRIMARY_KEY:
        found.primaryKey = []
        while (part.left > 0) {
          found.primaryKey.push(part.lenenc())
          part.lenenc()
        }
        break
      default:
        // Later servers may write more; a reader skips what it does not know.
        break
    }
  }
  return found
}

/** One bit a numeric column, from the highest bit of the first byte. */
function signedness(part: Cursor, types: readonly number[]): boolean[] {
  const bits = part.rest()
  let numeric = 0
  return types.map((type) => {
    if (!isNumeric(type)) return false
    const set = (bits[numeric >> 3]! & (0x80 >> (numeric & 7))) !== 0
    numeric++
    return set
  })
}

/** A default collation, then pairs of place among such columns and collation for those that differ. */
function defaultCharset(part: Cursor, columns: readonly number[], found: Optional): void {
  const collation = part.lenenc()
  for (const i of columns) found.collations[i] = collation
  while (part.left > 0) {
    const i = columns[part.lenenc()]
    const own = part.lenenc()
    if (i !== undefined) found.collations[i] = own
  }
}

function strings(part: Cursor): Buffer[] {
  return Array.from({ length: part.lenenc() }, () => part.bytes(part.lenenc()))
}

function isNumeric(type: number): boolean {
  switch (type) {
    case ColumnType.TINY:
    case ColumnType.SHORT:
    case ColumnType.INT24:
    case ColumnType.LONG:
    case ColumnType.LONGLONG:
    case ColumnType.NEWDECIMAL:
    case ColumnType.FLOAT:
    case ColumnType.DOUBLE:
    case ColumnType.YEAR:
      return true
    default:
      return false
  }
}

function isEnumOrSet(type: number): boolean {
  return type === ColumnType.ENUM || type === ColumnType.SET
}

function isCharacter(type: number): boolean {
  switch (type) {
    case ColumnType.VARCHAR:
    case ColumnType.VARCHAR_COMPRESSED:
    case ColumnType.VAR_STRING:
    case ColumnType.STRING:
    case ColumnType.BLOB:
    case ColumnType.BLOB_COMPRESSED:
    case ColumnType.TINY_BLOB:
    case ColumnType.MEDIUM_BLOB:
    case ColumnType.LONG_BLOB:
      return true
    default:
      return false
  }
}
