// The tables' schemas through time: recovered at the start, and recorded before anything is read with a new one.
import { ConnectException, type Logger, type OffsetMap } from '@millrace/api'
import { applyChanges, SchemaHistory as History, type HistoryStore, type TableChange, tableId } from '@millrace/kit-cdc'
import { applyDdl, type DdlChange } from '../ddl/parse.ts'
import { DdlError } from '../ddl/tokens.ts'
import { Catalog } from '../schema/catalog.ts'

/** What the history depends on. */
export interface HistoryOptions {
  readonly store: HistoryStore
  readonly prefix: string
  readonly skipUnparseable: boolean
  readonly comments: boolean
  readonly log: Logger
}

/** Where a record stands relative to an offset: recovery takes those that do not lie after it. */
export type Precedes = (position: OffsetMap) => boolean

const SERVER_CHARSET = /^SET\s+character_set_server\s*=\s*(\w+)/i

/** The catalog and its log. */
export class SchemaHistory {
  readonly catalog = new Catalog()
  readonly #options: HistoryOptions
  readonly #history: History

  constructor(options: HistoryOptions) {
    this.#options = options
    this.catalog.keepsComments = options.comments
    this.#history = new History(options.store)
  }

  /** Reads all records up to an offset. Returns how many there were in all. */
  async recover(precedes: Precedes): Promise<number> {
    let count = 0
    const holds = ({ source, position }: { source: { server?: unknown }; position: OffsetMap }) => {
      if (source.server !== this.#options.prefix) return false
      count++
      return precedes(position)
    }
    await this.#history.replay((record) => {
      if (!holds({ source: record.source, position: record.position as OffsetMap })) return
      // What a statement did stands beside it, also where this connector could not read it.
      if (record.tableChanges.length > 0) applyChanges(this.catalog.tables, record)
      else if (record.ddl !== null) this.#apply(record.ddl, record.databaseName ?? '')
    })
    return count
  }

  /**
   * Applies a statement and records it. The record is safe when this resolves.
   * @throws ConnectException for a statement that cannot be read, unless such statements are skipped
   */
  async change(ddl: string, database: string, position: OffsetMap): Promise<DdlChange[]> {
    const changes = this.#apply(ddl, database)
    await this.#history.record({
      source: { server: this.#options.prefix },
      position,
      ts_ms: Date.now(),
      databaseName: changes[0]?.database ?? database,
      schemaName: null,
      ddl,
      tableChanges: tableChanges(changes),
    })
    return changes
  }

  #apply(ddl: string, database: string): DdlChange[] {
    const charset = SERVER_CHARSET.exec(ddl)?.[1]
    if (charset !== undefined) this.catalog.serverCharset = charset
    try {
      return applyDdl(ddl, database, this.catalog)
    } catch (error) {
      if (!(error instanceof DdlError)) throw error
      if (!this.#options.skipUnparseable) {
        throw new ConnectException(`A statement cannot be read: ${error.message}`, {
          cause: error,
          action:
            'Please report it. With schema.history.internal.skip.unparseable.ddl=true the connector goes on without it; if it changes a captured table, its rows may then be read wrongly.',
        })
      }
      this.#options.log.warn(`Passed over a statement that cannot be read: ${error.message}`)
      return []
    }
  }
}

/** The changes of a statement as the history has them. Changes of databases have no table. */
export function tableChanges(changes: readonly DdlChange[]): TableChange[] {
  return changes.flatMap(({ type, database, name, table, previous }): TableChange[] => {
    if (type === 'DATABASE' || type === 'TRUNCATE') return []
    if (type === 'DROP') return [{ type, id: tableId(database, null, name) }]
    return table === null ? [] : [{ type, table, previousId: previous }]
  })
}
