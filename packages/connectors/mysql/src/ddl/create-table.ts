// CREATE TABLE: columns, keys and options.
import { type ColumnInit, makeTable, type Table, tableId } from '@millrace/kit-cdc'
import { type Catalog, isCharacterType } from '../schema/catalog.ts'
import { parseColumn } from './column.ts'
import type { Tokens } from './tokens.ts'
import { parseCharset } from './types.ts'

/** A table while its definition or change is read. */
export interface TableDraft {
  database: string
  name: string
  columns: ColumnInit[]
  primaryKey: string[]
  charset: string | null
  comment: string | null
}

/** A draft that says what a table says. */
export function draftOf({ id, columns, primaryKey, defaultCharset, comment }: Table): TableDraft {
  return {
    database: id.catalog ?? '',
    name: id.table,
    columns: [...columns],
    primaryKey: [...primaryKey],
    charset: defaultCharset,
    comment,
  }
}

/** The table under another name. */
export function renamed(table: Table, database: string, name: string): Table {
  return makeTable(tableId(database, null, name), table.columns, table.primaryKey, table)
}

/** Reads from behind the table's name to the end. @throws DdlError when it is no definition */
export function parseTableBody(tokens: Tokens, database: string, name: string, catalog: Catalog): Table {
  const like = parseLike(tokens, database, catalog)
  if (like !== undefined) return renamed(like, database, name)
  const draft: TableDraft = { database, name, columns: [], primaryKey: [], charset: null, comment: null }
  const uniques: string[][] = []
  if (!tokens.accept('(')) throw tokens.error('a table made of a query has columns that its statement does not tell')
  do {
    if (!parseKey(tokens, draft, uniques)) addColumn(tokens, draft, uniques)
  } while (tokens.accept(','))
  tokens.expect(')')
  parseOptions(tokens, draft)
  return finish(draft, uniques, catalog)
}

function parseLike(tokens: Tokens, database: string, catalog: Catalog): Table | undefined {
  if (!tokens.accept('LIKE') && !tokens.accept('(', 'LIKE')) return undefined
  const other = tokens.tableName(database)
  const table = catalog.table(other.database, other.name)
  if (table === undefined) throw tokens.error(`the table ${other.database}.${other.name} to be like is not known`)
  return table
}

function addColumn(tokens: Tokens, draft: TableDraft, uniques: string[][]): void {
  const name = tokens.name()
  const { column, isPrimary, isUnique } = parseColumn(name, tokens)
  draft.columns.push(column)
  if (isPrimary) draft.primaryKey = [name]
  if (isUnique) uniques.push([name])
}

/** A key, constraint or period; false when a column comes. */
export function parseKey(tokens: Tokens, draft: TableDraft, uniques: string[][]): boolean {
  if (tokens.peek().kind !== 'word') return false
  if (tokens.accept('CONSTRAINT') && !isKeyWord(tokens)) tokens.next()
  if (tokens.accept('PRIMARY', 'KEY')) {
    skipToGroup(tokens)
    draft.primaryKey = parseKeyColumns(tokens)
  } else if (tokens.sees('UNIQUE') && !startsColumn(tokens)) {
    tokens.next()
    skipToGroup(tokens)
    uniques.push(parseKeyColumns(tokens))
  } else if (!isOtherKey(tokens)) {
    return false
  }
  tokens.skipPart()
  return true
}

/** A word like KEY may be a column's name when a type follows instead of a name or columns. */
function startsColumn(tokens: Tokens): boolean {
  return (
    tokens.peek(1).kind === 'word' && /^(INT|VARCHAR|CHAR|TEXT|BIGINT|DATE|DATETIME|TINYINT)$/.test(tokens.peek(1).word)
  )
}

function isKeyWord(tokens: Tokens): boolean {
  return ['PRIMARY', 'UNIQUE', 'FOREIGN', 'CHECK'].includes(tokens.peek().word)
}

function isOtherKey(tokens: Tokens): boolean {
  const { word } = tokens.peek()
  if (word === 'PERIOD') return tokens.peek(1).word === 'FOR'
  if (word === 'FOREIGN') return tokens.peek(1).word === 'KEY'
  if (word === 'CHECK') return tokens.peek(1).word === '('
  const isIndex = ['KEY', 'INDEX', 'FULLTEXT', 'SPATIAL'].includes(word)
  return isIndex && !startsColumn(tokens)
}

function skipToGroup(tokens: Tokens): void {
  while (!tokens.sees('(') && !tokens.atEnd && !tokens.sees(',')) tokens.next()
}

/** `(a, b(10) DESC)`: the names; a key on an expression has none there. */
export function parseKeyColumns(tokens: Tokens): string[] {
  const names: string[] = []
  tokens.expect('(')
  do {
    if (tokens.sees('(')) tokens.skipGroup()
    else {
      names.push(tokens.name())
      if (tokens.sees('(')) tokens.skipGroup()
      tokens.acceptAny('ASC', 'DESC')
    }
  } while (tokens.accept(','))
  tokens.expect(')')
  return names
}

/** Options of the table up to the end; those that matter are its character set and comment. */
export function parseOptions(tokens: Tokens, draft: TableDraft): void {
  while (!tokens.atEnd && !tokens.sees('PARTITION', 'BY') && !tokens.sees('AS') && !tokens.sees('SELECT')) {
    const charset = parseCharset(tokens)
    if (charset !== undefined) draft.charset ??= charset
    else if (tokens.accept('COMMENT')) {
      tokens.accept('=')
      draft.comment = tokens.next().text
    } else if (tokens.sees('(')) tokens.skipGroup()
    else tokens.next()
  }
}

/** Fills in what a definition leaves to its surroundings: character sets, the key, columns that a key makes required. */
export function finish(draft: TableDraft, uniques: readonly (readonly string[])[], catalog: Catalog): Table {
  const charset = draft.charset ?? catalog.charsetOf(draft.database)
  const find = (name: string) => draft.columns.find((column) => column.name.toLowerCase() === name.toLowerCase())
  const primaryKey = (draft.primaryKey.length > 0 ? draft.primaryKey : firstUnique(uniques, find)).map(
    (name) => find(name)?.name ?? name,
  )
  const columns = draft.columns.map((column) => ({
    ...column,
    optional: column.optional !== false && !primaryKey.includes(column.name),
    typeExpression: column.typeName,
    comment: catalog.keepsComments ? (column.comment ?? null) : null,
    charsetName: isCharacterType(column.typeName) ? (column.charsetName ?? charset) : (column.charsetName ?? null),
  }))
  const { database, name } = draft
  const comment = catalog.keepsComments ? draft.comment : null
  return makeTable(tableId(database, null, name), columns, primaryKey, { defaultCharset: charset, comment })
}

function firstUnique(
  uniques: readonly (readonly string[])[],
  find: (name: string) => ColumnInit | undefined,
): readonly string[] {
  const identifies = (names: readonly string[]) =>
    names.length > 0 && names.every((name) => find(name)?.optional === false)
  return uniques.find(identifies) ?? []
}
