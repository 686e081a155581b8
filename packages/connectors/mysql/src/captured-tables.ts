// The captured tables: what their events need, made when first wanted and again when their schema changed.
import {
  type Column,
  compileTable,
  primaryKeyColumns,
  type Table,
  type TableEvents,
  type TableEventsOptions,
  type TableFilters,
} from '@millrace/kit-cdc'
import { type ColumnForms, PLAIN_FORMS } from './binlog/column-forms.ts'
import type { ColumnHints } from './binlog/column-readers.ts'
import type { TableForms } from './binlog/rows.ts'
import type { MySqlTypes } from './events/types.ts'
import type { SchemaHistory } from './history/schema-history.ts'

/** One table in one state of its schema. */
export interface CapturedTable extends TableForms {
  readonly table: Table
  readonly events: TableEvents
  readonly isSignal: boolean
}

/** All of a task. */
export class CapturedTables {
  readonly #history: SchemaHistory
  readonly #options: TableEventsOptions
  readonly #types: MySqlTypes
  readonly #filters: TableFilters
  readonly #known = new Map<string, CapturedTable>()

  constructor(history: SchemaHistory, options: TableEventsOptions, types: MySqlTypes, filters: TableFilters) {
    this.#history = history
    this.#options = options
    this.#types = types
    this.#filters = filters
  }

  /** Undefined when no schema of the table is known. */
  get(database: string, name: string): CapturedTable | undefined {
    const table = this.#history.catalog.table(database, name)
    if (table === undefined) return undefined
    let known = this.#known.get(table.id.text)
    if (known === undefined || known.table !== table) {
      known = this.#capture(table)
      this.#known.set(table.id.text, known)
    }
    return known
  }

  /** Columns that events do not show are not decoded, either. */
  #capture(table: Table): CapturedTable {
    const { includesColumn, keyColumns } = this.#options
    const key = new Set<Column>(keyColumns(table) ?? primaryKeyColumns(table))
    const forms = table.columns.map((column): ColumnForms | null => {
      if (!includesColumn(table.id, column) && !key.has(column)) return null
      return this.#types.valuesOf(column)?.forms ?? null
    })
    return {
      table,
      events: compileTable(table, this.#options),
      isSignal: this.#filters.isSignalTable(table.id),
      forms: (at) => (table.columns.length === 0 ? PLAIN_FORMS : (forms[at] ?? null)),
      hints: (at) => hintsOf(table.columns[at]),
    }
  }
}

function hintsOf(column: Column | undefined): ColumnHints | undefined {
  if (column === undefined) return undefined
  const { typeName, charsetName } = column
  // MariaDB keeps JSON as text in utf8mb4.
  const charset = typeName === 'UUID' ? null : (charsetName ?? (typeName === 'JSON' ? 'utf8mb4' : null))
  return { unsigned: typeName.includes('UNSIGNED'), charset }
}
