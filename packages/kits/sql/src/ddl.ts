// CREATE and ALTER as most databases write them, and writers' common parts.
import type { Cell } from './connection.ts'
import type { DdlColumn } from './dialect.ts'
import { type IdentifierRules, quoteName, quoteTable, type TableId } from './identifiers.ts'

/** `name type [DEFAULT x | NULL | NOT NULL]`. */
export function columnSpec(rules: IdentifierRules, column: DdlColumn): string {
  const parts = [quoteName(rules, column.name), column.type]
  if (column.defaultText !== null) parts.push(`DEFAULT ${column.defaultText}`)
  if (column.defaultText === null || column.explicitNull) parts.push(column.nullable ? 'NULL' : 'NOT NULL')
  return parts.join(' ')
}

/** CREATE TABLE with its primary key, if any. */
export function createTableSql(rules: IdentifierRules, id: TableId, columns: readonly DdlColumn[]): string {
  const lines = columns.map((column) => columnSpec(rules, column))
  const keys = columns.filter((column) => column.primaryKey)
  if (keys.length > 0) lines.push(`PRIMARY KEY(${keys.map((key) => quoteName(rules, key.name)).join(',')})`)
  return `CREATE TABLE ${quoteTable(rules, id)} (\n${lines.join(',\n')})`
}

/** One ALTER TABLE that adds all columns. */
export function addColumnsSql(rules: IdentifierRules, id: TableId, columns: readonly DdlColumn[]): string {
  const adds = columns.map((column) => `ADD ${columnSpec(rules, column)}`)
  return `ALTER TABLE ${quoteTable(rules, id)} ${adds.join(',\n')}`
}

/** A text in single quotes, quotes doubled. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/**
 * Of rows with the same key only the last stays, in the place of that last one: what one after the other would have left.
 * A row with a null in its key equals no other, as in SQL.
 */
export function lastOfEachKey(rows: readonly (readonly Cell[])[], keys: number): readonly (readonly Cell[])[] {
  if (rows.length < 2 || keys === 0) return rows
  const last = new Map<Cell | string, number>()
  for (let i = 0; i < rows.length; i++) {
    const key = rowKey(rows[i] as readonly Cell[], keys)
    if (key !== null) last.set(key, i)
  }
  if (last.size === rows.length) return rows
  return rows.filter((row, i) => {
    const key = rowKey(row, keys)
    return key === null || last.get(key) === i
  })
}

/** Identity of a row by its first `keys` cells; null for one that has a null among them, which equals no other. */
export function rowKey(row: readonly Cell[], keys: number): Cell | string {
  if (keys === 1) return plain(row[0] as Cell)
  let text = ''
  for (let i = 0; i < keys; i++) {
    const cell = plain(row[i] as Cell)
    if (cell === null) return null
    // The length before each part keeps parts apart whatever they hold.
    const part = String(cell)
    text += `${part.length}:${part}`
  }
  return text
}

function plain(cell: Cell): Cell {
  return cell instanceof Uint8Array ? Buffer.from(cell.buffer, cell.byteOffset, cell.length).toString('hex') : cell
}
