// Tables of the database as the sink knows them: read once, made and widened where that is allowed.
import type { Logger } from '@millrace/api'
import {
  type DdlColumn,
  type Dialect,
  type SqlConnection,
  SqlError,
  type TableDefinition,
  type TableId,
  tableText,
} from '@millrace/kit-sql'
import { RecordError } from './deliver.ts'

export interface StructureOptions {
  readonly dialect: Dialect
  readonly quote: boolean
  readonly log: Logger
  readonly mayCreate: boolean
  readonly mayEvolve: boolean
  /** Types of tables that may be written to, upper case. */
  readonly types: readonly string[]
  /** Names of the settings, for messages. */
  readonly createKey: string
  readonly evolveKey: string
}

/** How often a statement that another task's may have overtaken is tried. */
const RACE_ATTEMPTS = 5

export class Structure {
  readonly #options: StructureOptions
  readonly #known = new Map<string, TableDefinition>()

  constructor(options: StructureOptions) {
    this.#options = options
  }

  /** Forgets what is known of all tables. */
  forget(): void {
    this.#known.clear()
  }

  /**
   * The table with at least these columns: made or widened where allowed.
   * @throws RecordError when it is not there, or lacks columns, and may not be changed
   */
  async ensure(connection: SqlConnection, id: TableId, columns: readonly DdlColumn[]): Promise<TableDefinition> {
    for (let attempt = 1; ; attempt++) {
      const found = await this.#describe(connection, id)
      if (found !== null && missingOf(found, columns).length === 0) return found
      try {
        if (found === null) await this.#create(connection, id, columns)
        else await this.#evolve(connection, found, missingOf(found, columns))
      } catch (error) {
        if (!(error instanceof SqlError) || error.kind === 'connection' || attempt >= RACE_ATTEMPTS) throw error
        // Another task may have made the same change in the meantime: look again.
        const now = await this.#options.dialect.describeTable(connection, id)
        if (now === null || (found !== null && now.columns.size === found.columns.size)) throw error
        this.#options.log.warn(`Table ${tableText(id)} was changed by someone else at the same time: ${error.message}`)
      }
      this.#known.delete(tableText(id))
    }
  }

  async #describe(connection: SqlConnection, id: TableId): Promise<TableDefinition | null> {
    const key = tableText(id)
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const found = await this.#options.dialect.describeTable(connection, id)
    if (found !== null && !this.#options.types.includes(found.type)) {
      throw new RecordError(
        `${tableText(id)} is a ${found.type}, and table.types allows ${this.#options.types.join(', ')} only`,
        { configKey: 'table.types' },
      )
    }
    if (found !== null) this.#known.set(key, found)
    return found
  }

  async #create(connection: SqlConnection, id: TableId, columns: readonly DdlColumn[]): Promise<void> {
    const { dialect, quote, log, mayCreate, createKey } = this.#options
    if (!mayCreate) {
      throw new RecordError(`Table ${tableText(id)} is missing and auto-creation is disabled`, {
        configKey: createKey,
        action: `Make the table, or set ${createKey}.`,
      })
    }
    const sql = dialect.createTable(id, columns, quote)
    log.info(`Creating table with sql: ${sql}`)
    await connection.execute(sql)
  }

  async #evolve(connection: SqlConnection, table: TableDefinition, missing: readonly DdlColumn[]): Promise<void> {
    const { dialect, quote, log, mayEvolve, evolveKey } = this.#options
    const names = missing.map((column) => column.name).join(', ')
    const what = `${table.type === 'VIEW' ? 'View' : 'Table'} ${tableText(table.id)} is missing fields (${names})`
    const has = `The columns there are ${[...table.columns.keys()].join(', ')}.`
    if (table.type === 'VIEW') throw new RecordError(`${what} and ALTER VIEW is unsupported. ${has}`)
    if (!mayEvolve) throw new RecordError(`${what} and auto-evolution is disabled. ${has}`, { configKey: evolveKey })
    const required = missing.filter((column) => !column.nullable && column.defaultText === null)
    if (required.length > 0) {
      throw new RecordError(
        `Cannot ALTER TABLE ${tableText(table.id)} to add missing field ${required.map((one) => one.name).join(', ')}, ` +
          'as the field is not optional and does not have a default value',
      )
    }
    for (const sql of dialect.addColumns(table.id, missing, quote)) {
      log.info(`Amending table to add missing fields (${names}) with SQL: ${sql}`)
      await connection.execute(sql)
    }
  }
}

function missingOf(table: TableDefinition, columns: readonly DdlColumn[]): DdlColumn[] {
  return columns.filter((column) => columnName(table, column.name) === undefined)
}

/** The table's own spelling of a column's name: the same, or the same but for case. Undefined when there is none. */
export function columnName(table: TableDefinition, name: string): string | undefined {
  if (table.columns.has(name)) return name
  const lower = name.toLowerCase()
  for (const column of table.columns.keys()) if (column.toLowerCase() === lower) return column
  return undefined
}
