// Tables as the connector knows them: the attributes that change events and the schema history need.

/** Numbers of java.sql.Types, which stand in the schema history. */
export const JdbcType = {
  BIT: -7,
  SMALLINT: 5,
  INTEGER: 4,
  BIGINT: -5,
  FLOAT: 6,
  REAL: 7,
  DOUBLE: 8,
  NUMERIC: 2,
  DECIMAL: 3,
  CHAR: 1,
  VARCHAR: 12,
  DATE: 91,
  TIME: 92,
  TIMESTAMP: 93,
  BINARY: -2,
  VARBINARY: -3,
  OTHER: 1111,
  BLOB: 2004,
  BOOLEAN: 16,
  NCHAR: -15,
  NVARCHAR: -9,
  TIMESTAMP_WITH_TIMEZONE: 2014,
} as const

/** One column. Absent attributes are null. */
export interface Column {
  readonly name: string
  readonly jdbcType: number
  /** Upper case, with its suffixes: `INT UNSIGNED`. */
  readonly typeName: string
  readonly charset: string | null
  readonly length: number | null
  readonly scale: number | null
  readonly optional: boolean
  readonly autoIncremented: boolean
  readonly generated: boolean
  readonly hasDefault: boolean
  /** Text of a literal default without quotes; null for none, and for `DEFAULT NULL`. */
  readonly defaultValue: string | null
  /** Literals of an ENUM or SET as they were written, with quotes. */
  readonly enumValues: readonly string[]
  readonly comment: string | null
}

/** One table. Positions of columns are their places in the list. */
export interface Table {
  readonly database: string
  readonly name: string
  readonly columns: readonly Column[]
  /** Names of the columns that identify a row: the primary key, or the first unique key without null. */
  readonly primaryKey: readonly string[]
  readonly charset: string | null
  readonly comment: string | null
}

/** `database.table`. */
export function tableKey(database: string, name: string): string {
  return `${database}.${name}`
}

const CHARACTER = new Set([
  'CHAR',
  'VARCHAR',
  'TINYTEXT',
  'TEXT',
  'MEDIUMTEXT',
  'LONGTEXT',
  'LONG',
  'ENUM',
  'SET',
  'CHARACTER',
])

/** Whether values of the type are text in a character set. */
export function isCharacterType(typeName: string): boolean {
  if (typeName === 'LONG VARBINARY') return false
  const [first = ''] = typeName.split(' ', 1)
  return CHARACTER.has(first) || /^(NATIONAL|NCHAR|NVARCHAR)/.test(typeName)
}

/** Tables by name and the default character sets of databases: what DDL changes. */
export class Catalog {
  readonly tables = new Map<string, Table>()
  readonly charsets = new Map<string, string>()
  /** Set of databases that say nothing: the server's. */
  serverCharset = 'utf8mb4'
  /** Whether tables and columns have the comments of their definitions. */
  keepsComments = true

  table(database: string, name: string): Table | undefined {
    return this.tables.get(tableKey(database, name))
  }
  put(table: Table): void {
    this.tables.set(tableKey(table.database, table.name), table)
  }
  drop(database: string, name: string): Table | undefined {
    const table = this.table(database, name)
    this.tables.delete(tableKey(database, name))
    return table
  }
  charsetOf(database: string): string {
    return this.charsets.get(database) ?? this.serverCharset
  }
}
