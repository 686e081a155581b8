// ALTER TABLE: columns added, changed, moved, renamed and dropped, keys and character sets.
import type { ColumnInit, Table } from '@millrace/kit-cdc'
import { type Catalog, isCharacterType } from '../schema/catalog.ts'
import { parseColumn } from './column.ts'
import { draftOf, finish, parseKey, parseKeyColumns, type TableDraft } from './create-table.ts'
import type { Tokens } from './tokens.ts'
import { parseCharset } from './types.ts'

/** Reads the changes behind the table's name. Returns the changed table, under a new name if it was renamed. */
export function parseAlterations(tokens: Tokens, table: Table, catalog: Catalog): Table {
  const draft = draftOf(table)
  const uniques: string[][] = []
  do {
    parseAlteration(tokens, draft, uniques)
    tokens.skipPart()
  } while (tokens.accept(','))
  return finish(draft, uniques, catalog)
}

function parseAlteration(tokens: Tokens, draft: TableDraft, uniques: string[][]): void {
  if (tokens.accept('ADD')) parseAdd(tokens, draft, uniques)
  else if (tokens.accept('MODIFY')) {
    const name = columnName(tokens)
    changeColumn(tokens, draft, uniques, name, name)
  } else if (tokens.accept('CHANGE')) {
    const old = columnName(tokens)
    changeColumn(tokens, draft, uniques, old, tokens.name())
  } else if (tokens.accept('DROP')) parseDrop(tokens, draft)
  else if (tokens.accept('RENAME')) parseRename(tokens, draft)
  else if (tokens.accept('ALTER')) parseAlterColumn(tokens, draft)
  else if (tokens.accept('CONVERT', 'TO')) convert(tokens, draft)
  else {
    const charset = parseCharset(tokens)
    if (charset !== undefined) draft.charset = charset
    else if (tokens.accept('COMMENT')) {
      tokens.accept('=')
      draft.comment = tokens.next().text
    }
  }
}

function columnName(tokens: Tokens): string {
  tokens.accept('COLUMN')
  tokens.accept('IF', 'EXISTS') || tokens.accept('IF', 'NOT', 'EXISTS')
  return tokens.name()
}

function parseAdd(tokens: Tokens, draft: TableDraft, uniques: string[][]): void {
  if (tokens.sees('PARTITION') || tokens.sees('SYSTEM', 'VERSIONING')) return
  if (!tokens.sees('COLUMN') && parseKey(tokens, draft, uniques)) return
  tokens.accept('COLUMN')
  const ifAbsent = tokens.accept('IF', 'NOT', 'EXISTS')
  if (tokens.accept('(')) {
    do addColumn(tokens, draft, uniques, ifAbsent)
    while (tokens.accept(','))
    tokens.expect(')')
  } else addColumn(tokens, draft, uniques, ifAbsent)
}

function addColumn(tokens: Tokens, draft: TableDraft, uniques: string[][], ifAbsent: boolean): void {
  const name = tokens.name()
  const definition = parseColumn(name, tokens)
  const place = parsePlace(tokens, draft, draft.columns.length)
  const known = indexOf(draft, name)
  if (ifAbsent && known >= 0) return
  // A statement that comes again after a restart must not change anything again.
  if (known >= 0) draft.columns[known] = definition.column
  else draft.columns.splice(place, 0, definition.column)
  if (definition.isPrimary) draft.primaryKey = [name]
  if (definition.isUnique) uniques.push([name])
}

function changeColumn(tokens: Tokens, draft: TableDraft, uniques: string[][], old: string, name: string): void {
  const definition = parseColumn(name, tokens)
  const at = indexOf(draft, old)
  if (at < 0) {
    parsePlace(tokens, draft, 0)
    return
  }
  draft.columns.splice(at, 1)
  draft.columns.splice(parsePlace(tokens, draft, at), 0, definition.column)
  renameInKey(draft, old, name)
  if (definition.isPrimary) draft.primaryKey = [name]
  if (definition.isUnique) uniques.push([name])
}

/** `FIRST` or `AFTER x`: where the column goes, or `otherwise`. */
function parsePlace(tokens: Tokens, draft: TableDraft, otherwise: number): number {
  if (tokens.accept('FIRST')) return 0
  return tokens.accept('AFTER') ? indexOf(draft, tokens.name()) + 1 : otherwise
}

function parseDrop(tokens: Tokens, draft: TableDraft): void {
  if (tokens.accept('PRIMARY', 'KEY')) draft.primaryKey = []
  else if (/^(INDEX|KEY|FOREIGN|CONSTRAINT|CHECK|PARTITION|SYSTEM|PERIOD)$/.test(tokens.peek().word)) return
  else {
    const at = indexOf(draft, columnName(tokens))
    if (at < 0) return
    const [dropped] = draft.columns.splice(at, 1)
    draft.primaryKey = draft.primaryKey.filter((name) => name !== dropped!.name)
  }
}

function parseRename(tokens: Tokens, draft: TableDraft): void {
  if (tokens.accept('COLUMN')) {
    tokens.accept('IF', 'EXISTS')
    const old = tokens.name()
    tokens.expect('TO')
    const name = tokens.name()
    const at = indexOf(draft, old)
    if (at < 0) return
    draft.columns[at] = { ...draft.columns[at]!, name }
    renameInKey(draft, old, name)
  } else if (!tokens.sees('INDEX') && !tokens.sees('KEY')) {
    tokens.acceptAny('TO', 'AS', '=')
    Object.assign(draft, tokens.tableName(draft.database))
  }
}

function parseAlterColumn(tokens: Tokens, draft: TableDraft): void {
  if (tokens.sees('INDEX') || tokens.sees('CHECK') || tokens.sees('CONSTRAINT')) return
  const at = indexOf(draft, columnName(tokens))
  if (at < 0) return
  const column = draft.columns[at]!
  if (tokens.accept('DROP', 'DEFAULT')) draft.columns[at] = { ...column, hasDefault: false, defaultExpression: null }
  else if (tokens.accept('SET', 'DEFAULT')) {
    const isNull = tokens.accept('NULL')
    const isExpression = tokens.sees('(')
    const sign = !isNull && tokens.accept('-') ? '-' : ''
    const defaultExpression = isNull || isExpression ? null : sign + tokens.next().text
    draft.columns[at] = { ...column, hasDefault: !isExpression, defaultExpression }
  }
}

/** CONVERT TO CHARACTER SET: the table's set, and that of each of its columns of text. */
function convert(tokens: Tokens, draft: TableDraft): void {
  const charset = parseCharset(tokens)
  if (charset === undefined) return
  draft.charset = charset
  const converted = (column: ColumnInit) =>
    isCharacterType(column.typeName) ? { ...column, charsetName: charset } : column
  draft.columns = draft.columns.map(converted)
}

function indexOf(draft: TableDraft, name: string): number {
  return draft.columns.findIndex((column) => column.name.toLowerCase() === name.toLowerCase())
}

function renameInKey(draft: TableDraft, old: string, name: string): void {
  draft.primaryKey = draft.primaryKey.map((one) => (one.toLowerCase() === old.toLowerCase() ? name : one))
}

/** CREATE UNIQUE INDEX: the key of a table without one, if its columns are never null. */
export function withUniqueIndex(tokens: Tokens, table: Table, catalog: Catalog): Table {
  while (!tokens.sees('(') && !tokens.atEnd) tokens.next()
  return finish(draftOf(table), [parseKeyColumns(tokens)], catalog)
}
