// What PostgreSQL's JDBC driver says of a column: masks ask for its type, propagated types show name, length and scale.
import { JdbcType } from '@millrace/kit-cdc'
import type { PgType } from './types/catalog.ts'

const NO_LIMIT = 2_147_483_647
/** Of a numeric without precision. */
const NUMERIC_WITHOUT_PRECISION = 131_089
const HEADER = 4

/** Facts of a column's type. */
export interface JdbcFacts {
  readonly jdbcType: number
  readonly typeName: string
  readonly length: number
  readonly scale: number
}

const TYPES: Readonly<Record<string, readonly [type: number, length: number, scale?: number]>> = {
  int2: [JdbcType.SMALLINT, 5],
  int4: [JdbcType.INTEGER, 10],
  int8: [JdbcType.BIGINT, 19],
  oid: [JdbcType.BIGINT, 10],
  float4: [JdbcType.REAL, 8, 8],
  float8: [JdbcType.DOUBLE, 17, 17],
  money: [JdbcType.DOUBLE, NO_LIMIT],
  bool: [JdbcType.BIT, 1],
  char: [JdbcType.CHAR, 1],
  bpchar: [JdbcType.CHAR, NO_LIMIT],
  varchar: [JdbcType.VARCHAR, NO_LIMIT],
  text: [JdbcType.VARCHAR, NO_LIMIT],
  name: [JdbcType.VARCHAR, NO_LIMIT],
  bytea: [JdbcType.BINARY, NO_LIMIT],
  date: [JdbcType.DATE, 13],
  time: [JdbcType.TIME, 15, 6],
  timetz: [JdbcType.TIME, 21, 6],
  timestamp: [JdbcType.TIMESTAMP, 29, 6],
  timestamptz: [JdbcType.TIMESTAMP, 35, 6],
  interval: [JdbcType.OTHER, 49, 6],
  bit: [JdbcType.BIT, 1],
  varbit: [JdbcType.OTHER, NO_LIMIT],
  xml: [JdbcType.SQLXML, NO_LIMIT],
}

/** Facts of a type with its modifier. */
export function jdbcFacts(type: PgType, modifier: number): JdbcFacts {
  const typeName = type.name
  if (type.elementOid !== 0) return { jdbcType: JdbcType.ARRAY, typeName, length: NO_LIMIT, scale: 0 }
  if (type.kind === 'e') return { jdbcType: JdbcType.VARCHAR, typeName, length: NO_LIMIT, scale: 0 }
  if (typeName === 'numeric') {
    const bounded = modifier >= HEADER
    const length = bounded ? ((modifier - HEADER) >> 16) & 0xffff : NUMERIC_WITHOUT_PRECISION
    const scale = bounded ? (((modifier - HEADER) & 0x7ff) ^ 0x400) - 0x400 : 0
    return { jdbcType: JdbcType.NUMERIC, typeName, length, scale }
  }
  const [jdbcType, most, digits = 0] = TYPES[typeName] ?? [JdbcType.OTHER, NO_LIMIT]
  if (modifier < 0) return { jdbcType, typeName, length: most, scale: digits }
  if (typeName === 'varchar' || typeName === 'bpchar') {
    return { jdbcType, typeName, length: modifier - HEADER, scale: 0 }
  }
  if (typeName === 'bit' || typeName === 'varbit') return { jdbcType, typeName, length: modifier, scale: 0 }
  if (/^time/.test(typeName)) {
    const withoutFraction = most - 7
    const fraction = modifier === 0 ? 0 : modifier === 1 ? 3 : modifier + 1
    return { jdbcType, typeName, length: withoutFraction + fraction, scale: modifier }
  }
  return { jdbcType, typeName, length: most, scale: digits }
}
