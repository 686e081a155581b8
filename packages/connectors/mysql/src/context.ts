// What the phases of a task share.
import type { ConnectorProps, Logger } from '@millrace/api'
import type { Config } from './config.ts'
import type { Records } from './events/records.ts'
import { type EventSettings, TableEvents } from './events/table-events.ts'
import type { Filters } from './filters.ts'
import type { SchemaHistory } from './history/schema-history.ts'
import { tableKey } from './schema/table.ts'

/** Parts that snapshot and streaming use. */
export interface TaskParts {
  readonly config: Config
  readonly props: ConnectorProps
  readonly filters: Filters
  readonly history: SchemaHistory
  readonly records: Records
  readonly tables: CapturedTables
  readonly log: Logger
}

/** Events of the captured tables, made when first wanted and again when their schema changed. */
export class CapturedTables {
  readonly #history: SchemaHistory
  readonly #settings: EventSettings
  readonly #known = new Map<string, TableEvents>()

  constructor(history: SchemaHistory, settings: EventSettings) {
    this.#history = history
    this.#settings = settings
  }

  /** Undefined when no schema of the table is known. */
  get(database: string, name: string): TableEvents | undefined {
    const table = this.#history.catalog.table(database, name)
    if (table === undefined) return undefined
    const key = tableKey(database, name)
    let events = this.#known.get(key)
    if (events === undefined || events.table !== table) {
      events = new TableEvents(table, this.#settings)
      this.#known.set(key, events)
    }
    return events
  }
}
