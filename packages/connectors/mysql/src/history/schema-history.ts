// The tables' schemas through time: recovered at the start, and recorded before anything is read with a new one.
import { ConnectException, type Logger, type OffsetMap } from '@millrace/api'
import { applyDdl, type DdlChange } from '../ddl/parse.ts'
import { DdlError } from '../ddl/tokens.ts'
import { Catalog } from '../schema/table.ts'
import { type HistoryRecord, parseRecord, tableChanges } from './record.ts'
import type { HistoryStore } from './store.ts'

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

  constructor(options: HistoryOptions) {
    this.#options = options
    this.catalog.keepsComments = options.comments
  }

  /** Reads all records up to an offset. Returns how many there were in all. */
  async recover(precedes: Precedes): Promise<number> {
    let count = 0
    for (const text of await this.#options.store.read()) {
      const record = parseRecord(text)
      if (record === undefined || record.source.server !== this.#options.prefix) continue
      count++
      if (precedes(record.position)) this.#apply(record.ddl, record.databaseName)
    }
    return count
  }

  /**
   * Applies a statement and records it. The record is safe when this resolves.
   * @throws ConnectException for a statement that cannot be read, unless such statements are skipped
   */
  async change(ddl: string, database: string, position: OffsetMap): Promise<DdlChange[]> {
    const changes = this.#apply(ddl, database)
    const databaseName = changes[0]?.database ?? database
    await this.#append({ ddl, databaseName, position, tableChanges: tableChanges(changes) })
    return changes
  }

  #append(rest: Omit<HistoryRecord, 'source' | 'ts_ms'>): Promise<void> {
    const { position, databaseName, ddl, tableChanges: changes } = rest
    const source = { server: this.#options.prefix }
    const record: HistoryRecord = { source, position, ts_ms: Date.now(), databaseName, ddl, tableChanges: changes }
    return this.#options.store.append(JSON.stringify(record))
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
