// Data types of columns: their names, lengths and what Java calls them.
import { JdbcType } from '@millrace/kit-cdc'
import type { Tokens } from './tokens.ts'

/** A column's type as it was written. */
export interface DataType {
  readonly typeName: string
  readonly jdbcType: number
  readonly length: number | null
  readonly scale: number | null
  readonly enumValues: readonly string[]
  /** Set named in the type; `binary` for the attribute of the old name. */
  readonly charset: string | null
  /** SERIAL: not null, counted up, unique. */
  readonly serial: boolean
}

const JDBC: Readonly<Record<string, number>> = {
  CHAR: JdbcType.CHAR,
  CHARACTER: JdbcType.CHAR,
  'CHAR VARYING': JdbcType.VARCHAR,
  'CHARACTER VARYING': JdbcType.VARCHAR,
  VARCHAR: JdbcType.VARCHAR,
  TINYTEXT: JdbcType.VARCHAR,
  TEXT: JdbcType.VARCHAR,
  MEDIUMTEXT: JdbcType.VARCHAR,
  LONGTEXT: JdbcType.VARCHAR,
  LONG: JdbcType.VARCHAR,
  'LONG VARCHAR': JdbcType.VARCHAR,
  NCHAR: JdbcType.NCHAR,
  'NATIONAL CHAR': JdbcType.NCHAR,
  'NATIONAL CHARACTER': JdbcType.NCHAR,
  NVARCHAR: JdbcType.NVARCHAR,
  'NCHAR VARYING': JdbcType.NVARCHAR,
  'NCHAR VARCHAR': JdbcType.NVARCHAR,
  'NATIONAL VARCHAR': JdbcType.NVARCHAR,
  'NATIONAL CHAR VARYING': JdbcType.NVARCHAR,
  'NATIONAL CHARACTER VARYING': JdbcType.NVARCHAR,
  TINYINT: JdbcType.SMALLINT,
  INT1: JdbcType.SMALLINT,
  SMALLINT: JdbcType.SMALLINT,
  INT2: JdbcType.SMALLINT,
  MEDIUMINT: JdbcType.INTEGER,
  INT3: JdbcType.INTEGER,
  MIDDLEINT: JdbcType.INTEGER,
  INT: JdbcType.INTEGER,
  INTEGER: JdbcType.INTEGER,
  INT4: JdbcType.INTEGER,
  BIGINT: JdbcType.BIGINT,
  INT8: JdbcType.BIGINT,
  SERIAL: JdbcType.BIGINT,
  REAL: JdbcType.REAL,
  DOUBLE: JdbcType.DOUBLE,
  'DOUBLE PRECISION': JdbcType.DOUBLE,
  FLOAT8: JdbcType.DOUBLE,
  FLOAT: JdbcType.FLOAT,
  FLOAT4: JdbcType.FLOAT,
  DECIMAL: JdbcType.DECIMAL,
  DEC: JdbcType.DECIMAL,
  FIXED: JdbcType.DECIMAL,
  NUMERIC: JdbcType.NUMERIC,
  BIT: JdbcType.BIT,
  BOOL: JdbcType.BOOLEAN,
  BOOLEAN: JdbcType.BOOLEAN,
  TIME: JdbcType.TIME,
  TIMESTAMP: JdbcType.TIMESTAMP_WITH_TIMEZONE,
  DATETIME: JdbcType.TIMESTAMP,
  DATE: JdbcType.DATE,
  YEAR: JdbcType.INTEGER,
  BINARY: JdbcType.BINARY,
  VARBINARY: JdbcType.VARBINARY,
  TINYBLOB: JdbcType.BLOB,
  BLOB: JdbcType.BLOB,
  MEDIUMBLOB: JdbcType.BLOB,
  LONGBLOB: JdbcType.BLOB,
  'LONG VARBINARY': JdbcType.BLOB,
  ENUM: JdbcType.CHAR,
  SET: JdbcType.CHAR,
}

/** Text in the set `binary` is bytes, and the server makes the column of another type. */
const BINARY_OF: Readonly<Record<string, string>> = {
  CHAR: 'BINARY',
  CHARACTER: 'BINARY',
  VARCHAR: 'VARBINARY',
  TINYTEXT: 'TINYBLOB',
  TEXT: 'BLOB',
  MEDIUMTEXT: 'MEDIUMBLOB',
  LONGTEXT: 'LONGBLOB',
}
const DECIMALS = new Set(['DECIMAL', 'DEC', 'FIXED', 'NUMERIC'])
const CONTINUATIONS = ['VARYING', 'VARCHAR', 'CHARACTER', 'CHAR', 'PRECISION', 'VARBINARY'] as const

/** Reads a data type with its attributes up to the first word that is none of them. */
export function parseDataType(tokens: Tokens): DataType {
  let typeName = tokens.next().word
  if (typeName === '') throw tokens.error('expected a data type')
  for (let more = continuation(typeName, tokens); more !== undefined; more = continuation(typeName, tokens)) {
    typeName += ` ${more}`
  }
  const isList = typeName === 'ENUM' || typeName === 'SET'
  const enumValues = isList ? parseOptions(tokens) : []
  const [length, scale] = isList
    ? [typeName === 'SET' ? Math.max(0, enumValues.length * 2 - 1) : 1, null]
    : lengths(tokens)
  const { suffix, charset } = parseAttributes(tokens)
  const base = charset === 'binary' ? (BINARY_OF[typeName] ?? typeName) : typeName
  const serial = base === 'SERIAL'
  const [defaultLength, defaultScale] = defaults(base)
  return {
    typeName: serial ? 'BIGINT UNSIGNED' : `${base}${suffix}`,
    jdbcType: JDBC[base] ?? JdbcType.OTHER,
    length: length ?? defaultLength,
    scale: length === null ? defaultScale : (scale ?? (DECIMALS.has(base) ? 0 : null)),
    enumValues,
    charset: /^(NCHAR|NVARCHAR|NATIONAL)/.test(base) ? 'utf8' : charset === 'binary' ? null : charset,
    serial,
  }
}

function continuation(typeName: string, tokens: Tokens): string | undefined {
  const joined = CONTINUATIONS.find((word) => tokens.sees(word) && JDBC[`${typeName} ${word}`] !== undefined)
  if (joined !== undefined) tokens.next()
  else if (typeName === 'NATIONAL') return tokens.next().word
  return joined
}

function defaults(base: string): [length: number | null, scale: number | null] {
  if (DECIMALS.has(base)) return [10, 0]
  if (base === 'BIT' || /^(NCHAR|NATIONAL CHAR|NATIONAL CHARACTER)$/.test(base)) return [1, null]
  return base === 'VECTOR' ? [2048, null] : [null, null]
}

function lengths(tokens: Tokens): [length: number | null, scale: number | null] {
  if (!tokens.accept('(')) return [null, null]
  const first = tokens.next().text
  const second = tokens.accept(',') ? Number(tokens.next().text) : null
  tokens.expect(')')
  return [Math.min(Math.trunc(Number(first)), 0x7fffffff), second]
}

/** The literals as they are written: their escapes are the history's. */
function parseOptions(tokens: Tokens): string[] {
  tokens.expect('(')
  const options: string[] = []
  do {
    const { start, end } = tokens.next()
    options.push(tokens.sql.slice(start, end))
  } while (tokens.accept(','))
  tokens.expect(')')
  return options
}

function parseAttributes(tokens: Tokens): { suffix: string; charset: string | null } {
  let suffix = ''
  let charset: string | null = null
  for (;;) {
    const sign = tokens.acceptAny('UNSIGNED', 'SIGNED', 'ZEROFILL')
    if (sign !== undefined) suffix += ` ${sign}`
    else if (tokens.sees('BINARY') || tokens.sees('COMPRESSED')) {
      if (tokens.next().word === 'COMPRESSED' && tokens.accept('=')) tokens.next()
    } else {
      const named = parseCharset(tokens)
      if (named !== undefined) charset ??= named
      else if (tokens.accept('ASCII')) charset = 'latin1'
      else if (tokens.accept('UNICODE')) charset = 'ucs2'
      else if (tokens.accept('BYTE')) charset = 'binary'
      else return { suffix, charset }
    }
  }
}

/** `[DEFAULT] CHARACTER SET [=] x` or `[DEFAULT] COLLATE [=] x_y_z`, if it comes next: the set it names. */
export function parseCharset(tokens: Tokens): string | undefined {
  const skip = tokens.sees('DEFAULT') ? 1 : 0
  const word = tokens.peek(skip).word
  const isSet = (word === 'CHARACTER' || word === 'CHAR') && tokens.peek(skip + 1).word === 'SET'
  if (!isSet && word !== 'CHARSET' && word !== 'COLLATE') return undefined
  for (let i = 0; i < skip + (isSet ? 2 : 1); i++) tokens.next()
  tokens.accept('=')
  const name = tokens.name()
  return word === 'COLLATE' ? charsetOfCollationName(name) : name
}

/** The set before the first underscore; MariaDB's names of the Unicode 14 algorithm name none: those of utf8mb4 are meant. */
export function charsetOfCollationName(collation: string): string {
  return /^uca1400/i.test(collation) ? 'utf8mb4' : collation.split('_', 1)[0]!.toLowerCase()
}
