// Columns of results, from the numbers of the protocol to names (MySQL Internals, "Column Definition"; MariaDB's page of the same).
import type { ResultColumn } from '../connection.ts'

/** What `mysql2` gives of a column. */
export interface MysqlField {
  readonly name: string
  readonly orgName?: string
  readonly orgTable?: string
  readonly columnType: number
  readonly columnLength: number
  readonly decimals: number
  readonly characterSet: number
  readonly flags: number | readonly string[]
}

const NOT_NULL = 1
const UNSIGNED = 32
const BINARY_CHARSET = 63

const NAMES: Readonly<Record<number, string>> = {
  0: 'decimal',
  1: 'tinyint',
  2: 'smallint',
  3: 'int',
  4: 'float',
  5: 'double',
  7: 'timestamp',
  8: 'bigint',
  9: 'mediumint',
  10: 'date',
  11: 'time',
  12: 'datetime',
  13: 'year',
  16: 'bit',
  245: 'json',
  246: 'decimal',
  247: 'enum',
  248: 'set',
  255: 'geometry',
}
const TEXTS = new Set([15, 249, 250, 251, 252, 253, 254])

/** A column. Types whose values are bytes begin with `binary:`; unsigned numbers end with ` unsigned`. */
export function columnOf(field: MysqlField): ResultColumn {
  const flags = typeof field.flags === 'number' ? field.flags : 0
  const unsigned = (flags & UNSIGNED) !== 0
  const name = nameOf(field)
  const isDecimal = name === 'decimal'
  // The length of a decimal counts its sign and its point.
  const precision = isDecimal
    ? field.columnLength - (unsigned ? 0 : 1) - (field.decimals > 0 ? 1 : 0)
    : field.columnLength
  return {
    name: field.name,
    baseName: field.orgName || field.name,
    table: field.orgTable || null,
    type: unsigned && !name.includes(':') ? `${name} unsigned` : name,
    precision,
    scale: isDecimal ? field.decimals : null,
    nullable: (flags & NOT_NULL) === 0,
  }
}

function nameOf(field: MysqlField): string {
  if (field.columnType === 16) return 'binary:bit'
  if (field.columnType === 255) return 'binary:geometry'
  if (TEXTS.has(field.columnType)) return field.characterSet === BINARY_CHARSET ? 'binary:blob' : 'text'
  return NAMES[field.columnType] ?? 'text'
}
