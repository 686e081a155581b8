// The tables as the connector knows them, and the default character sets of databases: what DDL changes.
import { type Table, type Tables, tableId } from '@millrace/kit-cdc'

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

/** Tables by `database.table`, and character sets. */
export class Catalog {
  readonly tables: Tables = new Map()
  readonly charsets = new Map<string, string>()
  /** Set of databases that say nothing: the server's. */
  serverCharset = 'utf8mb4'
  /** Whether tables and columns have the comments of their definitions. */
  keepsComments = true

  table(database: string, name: string): Table | undefined {
    return this.tables.get(tableId(database, null, name).text)
  }
  put(table: Table): void {
    this.tables.set(table.id.text, table)
  }
  drop(database: string, name: string): Table | undefined {
    const table = this.table(database, name)
    if (table !== undefined) this.tables.delete(table.id.text)
    return table
  }
  charsetOf(database: string): string {
    return this.charsets.get(database) ?? this.serverCharset
  }
}
