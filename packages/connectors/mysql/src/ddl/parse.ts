// Statements that change tables, applied to a catalog of them.
import { type Table, type TableId, tableId } from '@millrace/kit-cdc'
import type { Catalog } from '../schema/catalog.ts'
import { parseAlterations, withUniqueIndex } from './alter-table.ts'
import { parseTableBody, renamed } from './create-table.ts'
import { Tokens } from './tokens.ts'
import { parseCharset } from './types.ts'

/** What a statement did. `table` is the table afterwards, or before it was dropped. */
export interface DdlChange {
  readonly type: 'CREATE' | 'ALTER' | 'DROP' | 'TRUNCATE' | 'DATABASE'
  readonly database: string
  readonly name: string
  readonly table: Table | null
  /** The name before it was changed. */
  readonly previous: TableId | null
}

/**
 * Applies a statement that was run in `database`; what is not about tables or databases changes nothing.
 * @throws DdlError when it is about a table and cannot be read
 */
export function applyDdl(sql: string, database: string, catalog: Catalog): DdlChange[] {
  const tokens = new Tokens(sql)
  const changes: DdlChange[] = []
  while (tokens.peek().kind !== 'end') {
    if (!tokens.accept(';')) changes.push(...applyStatement(tokens, database, catalog))
    while (!tokens.atEnd) tokens.next()
  }
  return changes
}

function applyStatement(tokens: Tokens, database: string, catalog: Catalog): DdlChange[] {
  // MariaDB: SET STATEMENT variable = value FOR statement.
  if (tokens.accept('SET', 'STATEMENT')) while (!tokens.atEnd && !tokens.accept('FOR')) tokens.next()
  if (tokens.accept('CREATE')) return create(tokens, database, catalog)
  if (tokens.accept('ALTER')) return alter(tokens, database, catalog)
  if (tokens.accept('DROP')) return drop(tokens, database, catalog)
  if (tokens.accept('RENAME', 'TABLE') || tokens.accept('RENAME', 'TABLES')) return rename(tokens, database, catalog)
  if (tokens.accept('TRUNCATE')) {
    tokens.accept('TABLE')
    const id = tokens.tableName(database)
    return [change('TRUNCATE', id, catalog.table(id.database, id.name) ?? null)]
  }
  return []
}

type Id = { readonly database: string; readonly name: string }

function change(
  type: DdlChange['type'],
  { database, name }: Id,
  table: Table | null,
  previous: TableId | null = null,
): DdlChange {
  return { type, database, name, table, previous }
}

function create(tokens: Tokens, database: string, catalog: Catalog): DdlChange[] {
  tokens.accept('OR', 'REPLACE')
  const temporary = tokens.accept('TEMPORARY')
  if (tokens.accept('DATABASE') || tokens.accept('SCHEMA')) return databaseCharset(tokens, database, catalog)
  if (tokens.accept('UNIQUE', 'INDEX') || tokens.accept('UNIQUE', 'KEY')) {
    while (!tokens.atEnd && !tokens.accept('ON')) tokens.next()
    const id = tokens.tableName(database)
    const table = catalog.table(id.database, id.name)
    if (table === undefined) return []
    const changed = withUniqueIndex(tokens, table, catalog)
    catalog.put(changed)
    return [change('ALTER', id, changed)]
  }
  if (!tokens.accept('TABLE') || temporary) return []
  const ifAbsent = tokens.accept('IF', 'NOT', 'EXISTS')
  const id = tokens.tableName(database)
  if (ifAbsent && catalog.table(id.database, id.name) !== undefined) return []
  const table = parseTableBody(tokens, id.database, id.name, catalog)
  catalog.put(table)
  return [change('CREATE', id, table)]
}

function databaseCharset(tokens: Tokens, database: string, catalog: Catalog): DdlChange[] {
  tokens.accept('IF', 'NOT', 'EXISTS')
  const unnamed = tokens.sees('CHARACTER') || tokens.sees('DEFAULT') || tokens.sees('COLLATE') || tokens.sees('CHARSET')
  const name = unnamed ? database : tokens.name()
  let charset: string | undefined
  while (!tokens.atEnd) {
    const named = parseCharset(tokens)
    if (named !== undefined) charset ??= named
    else tokens.next()
  }
  if (charset !== undefined) catalog.charsets.set(name, charset)
  return [change('DATABASE', { database: name, name: '' }, null)]
}

function alter(tokens: Tokens, database: string, catalog: Catalog): DdlChange[] {
  while (tokens.accept('ONLINE') || tokens.accept('IGNORE'));
  if (tokens.accept('DATABASE') || tokens.accept('SCHEMA')) return databaseCharset(tokens, database, catalog)
  if (!tokens.accept('TABLE')) return []
  tokens.accept('IF', 'EXISTS')
  const id = tokens.tableName(database)
  if (tokens.accept('WAIT')) tokens.next()
  tokens.accept('NOWAIT')
  const table = catalog.table(id.database, id.name)
  if (table === undefined) return []
  const changed = parseAlterations(tokens, table, catalog)
  const moved = changed.id.text !== table.id.text
  if (moved) catalog.tables.delete(table.id.text)
  catalog.put(changed)
  const now = { database: changed.id.catalog ?? '', name: changed.id.table }
  return [change('ALTER', now, changed, moved ? table.id : null)]
}

function drop(tokens: Tokens, database: string, catalog: Catalog): DdlChange[] {
  if (tokens.accept('DATABASE') || tokens.accept('SCHEMA')) {
    tokens.accept('IF', 'EXISTS')
    const name = tokens.name()
    for (const { id } of [...catalog.tables.values()]) if (id.catalog === name) catalog.tables.delete(id.text)
    catalog.charsets.delete(name)
    return [change('DATABASE', { database: name, name: '' }, null)]
  }
  const temporary = tokens.accept('TEMPORARY')
  if (!(tokens.accept('TABLE') || tokens.accept('TABLES')) || temporary) return []
  tokens.accept('IF', 'EXISTS')
  const changes: DdlChange[] = []
  do {
    const id = tokens.tableName(database)
    changes.push(change('DROP', id, catalog.drop(id.database, id.name) ?? null))
  } while (tokens.accept(','))
  return changes
}

function rename(tokens: Tokens, database: string, catalog: Catalog): DdlChange[] {
  tokens.accept('IF', 'EXISTS')
  const changes: DdlChange[] = []
  do {
    const from = tokens.tableName(database)
    if (tokens.accept('WAIT')) tokens.next()
    tokens.accept('NOWAIT')
    tokens.expect('TO')
    const to = tokens.tableName(database)
    const table = catalog.drop(from.database, from.name)
    if (table === undefined) continue
    const changed = renamed(table, to.database, to.name)
    catalog.put(changed)
    changes.push(change('ALTER', to, changed, tableId(from.database, null, from.name)))
  } while (tokens.accept(','))
  return changes
}
