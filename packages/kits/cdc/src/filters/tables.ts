// Which tables and columns are captured: database, schema, table and column lists.
import type { ConnectorProps } from '@millrace/api'
import type { Column } from '../model/table.ts'
import { parseTableId, type TableId } from '../model/table-id.ts'
import { matcherOf } from './regex-list.ts'

/** How a table or the table of a column is spelled in a list. */
export type Spell = (id: TableId) => string

/** Decides about tables and columns. Answers about tables are remembered. */
export interface TableFilters {
  /** True for a table whose changes are captured; signal tables are. */
  includesTable(id: TableId): boolean
  /** True for a table that the database and schema lists allow, whatever the table lists say. */
  isEligible(id: TableId): boolean
  includesDatabase(name: string): boolean
  includesSchema(name: string): boolean
  includesColumn(id: TableId, column: Column): boolean
  /** True for a table that signals are written to (`signal.data.collection`). */
  isSignalTable(id: TableId): boolean
  /** True for a table that a snapshot reads (`snapshot.include.collection.list`). */
  inSnapshot(id: TableId): boolean
}

/** What a database brings to its filters. */
export interface FilterDialect {
  /** A table's name in the table lists: `schema.table` in PostgreSQL, `database.table` in MySQL. */
  readonly spellTable: Spell
  /** The table's name before `.column` in column lists; without it, as in the table lists. */
  readonly spellColumnTable?: Spell
  /** Tables of the system, left out unless `table.ignore.builtin` is false. */
  isSystemTable(id: TableId): boolean
  /** Whether the first of two parts of a signal table's name is the catalog. */
  readonly catalogFirst: boolean
}

type Test = ((name: string) => boolean) | undefined

/** The filters of a configuration. @throws ConfigException for a bad expression */
export function tableFilters(props: ConnectorProps, dialect: FilterDialect): TableFilters {
  const database = either(props, 'database')
  const schema = either(props, 'schema')
  const table = either(props, 'table')
  const column = either(props, 'column')
  const chosen = listOf(props, 'snapshot.include.collection.list')
  const { spellTable, spellColumnTable = spellTable } = dialect
  const ignoresBuiltin = (props['table.ignore.builtin'] ?? 'true').toLowerCase() !== 'false'
  const signals = (props['signal.data.collection'] ?? '')
    .split(',')
    .filter((one) => one.trim() !== '')
    .map((one) => parseTableId(one.trim(), dialect.catalogFirst).text)

  const isSignalTable = (id: TableId) => signals.includes(id.text) || signals.includes(spellTable(id))
  const isEligible = (id: TableId) =>
    !(ignoresBuiltin && dialect.isSystemTable(id)) &&
    (database === undefined || database(id.catalog ?? '')) &&
    (schema === undefined || schema(id.schema ?? ''))
  const answers = new Map<string, boolean>()
  return {
    includesTable(id) {
      let answer = answers.get(id.text)
      if (answer === undefined) {
        answer = isSignalTable(id) || (isEligible(id) && (table === undefined || table(spellTable(id))))
        answers.set(id.text, answer)
      }
      return answer
    },
    isEligible,
    includesDatabase: (name) => database === undefined || database(name),
    includesSchema: (name) => schema === undefined || schema(name),
    includesColumn: (id, { name }) => column === undefined || column(`${spellColumnTable(id)}.${name}`),
    isSignalTable,
    inSnapshot: (id) => chosen === undefined || chosen(spellTable(id)) || chosen(id.text),
  }
}

/** The include list where there is one, else the opposite of the exclude list. */
function either(props: ConnectorProps, what: string): Test {
  const include = listOf(props, `${what}.include.list`)
  if (include !== undefined) return include
  const exclude = listOf(props, `${what}.exclude.list`)
  return exclude === undefined ? undefined : (name) => !exclude(name)
}

function listOf(props: ConnectorProps, key: string): Test {
  const list = props[key]?.trim()
  return list === undefined || list === '' ? undefined : matcherOf(list, key)
}

/**
 * Columns of the message key by `message.key.columns`, `table:column,column;table:column` with regular expressions.
 * @returns the columns of a table in the order of the list, undefined where no expression names the table
 */
export function keyColumnsOf(
  list: string | null | undefined,
  spell: Spell,
): (table: { readonly id: TableId; readonly columns: readonly Column[] }) => readonly Column[] | undefined {
  if (list === null || list === undefined || list.trim() === '') return () => undefined
  const tests = list.split(';').flatMap((part) => {
    const at = part.indexOf(':')
    const table = part.slice(0, at)
    const columns = part.slice(at + 1).split(',')
    return columns.map((column) => matcherOf(`${table}.${column.trim()}`.trim(), 'message.key.columns'))
  })
  return ({ id, columns }) => {
    const found = tests.flatMap((test) =>
      columns.filter(({ name }) => test(`${spell(id)}.${name}`) || test(`${id.text}.${name}`)),
    )
    return found.length === 0 ? undefined : [...new Set(found)]
  }
}
