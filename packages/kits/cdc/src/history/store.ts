// Where a schema history is kept: the contract, memory, a file. kafka-store.ts keeps it in a topic.
import { appendFile, mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ConnectException } from '@millrace/api'
import type { Table } from '../model/table.ts'
import type { TableId } from '../model/table-id.ts'
import { type HistoryRecord, historyFromJson, historyToJson } from './record.ts'

/** Keeps the texts of a schema history, in order. */
export interface HistoryStore {
  /** True when there is anything. */
  exists(): Promise<boolean>
  /** Stores one more. When it resolves, a crash does not lose it. */
  append(text: string): Promise<void>
  /** Calls `visit` for all, oldest first. */
  replay(visit: (text: string) => void): Promise<void>
  /** Gives up connections. */
  close(): Promise<void>
}

/** `io.debezium.relational.history.MemorySchemaHistory`: lost with the task. */
export class MemoryHistoryStore implements HistoryStore {
  readonly #texts: string[] = []

  async exists(): Promise<boolean> {
    return this.#texts.length > 0
  }
  async append(text: string): Promise<void> {
    this.#texts.push(text)
  }
  async replay(visit: (text: string) => void): Promise<void> {
    for (const text of this.#texts) visit(text)
  }
  async close(): Promise<void> {}
}

/** `io.debezium.storage.file.history.FileSchemaHistory`: a record a line. */
export class FileHistoryStore implements HistoryStore {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  async exists(): Promise<boolean> {
    return (await this.#text()) !== ''
  }
  async append(text: string): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true })
    await appendFile(this.#path, `${text}\n`, { flush: true })
  }
  async replay(visit: (text: string) => void): Promise<void> {
    for (const line of (await this.#text()).split('\n')) if (line.trim() !== '') visit(line)
  }
  async close(): Promise<void> {}

  async #text(): Promise<string> {
    try {
      return await readFile(this.#path, 'utf8')
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return ''
      throw new ConnectException(`The schema history ${this.#path} cannot be read`, { cause })
    }
  }
}

/** Tables by name. Mutable: streaming changes it as the log tells. */
export type Tables = Map<string, Table>

/** Applies the changes of a record to the tables. */
export function applyChanges(tables: Tables, record: Pick<HistoryRecord, 'tableChanges'>): void {
  for (const change of record.tableChanges) {
    if (change.type === 'DROP') {
      tables.delete(change.id.text)
      continue
    }
    if (change.previousId) tables.delete(change.previousId.text)
    tables.set(change.table.id.text, change.table)
  }
}

/** A history over a store: records are written as the schema changes, and read up to a position at the start. */
export class SchemaHistory {
  readonly #store: HistoryStore
  readonly #catalogFirst: boolean

  constructor(store: HistoryStore, catalogFirst = true) {
    this.#store = store
    this.#catalogFirst = catalogFirst
  }

  exists(): Promise<boolean> {
    return this.#store.exists()
  }

  record(record: HistoryRecord): Promise<void> {
    return this.#store.append(historyToJson(record))
  }

  /** Calls `visit` for all records, of other sources too, oldest first. */
  replay(visit: (record: HistoryRecord) => void): Promise<void> {
    return this.#store.replay((text) => visit(historyFromJson(text, this.#catalogFirst)))
  }

  /**
   * The tables as they were at a position.
   * @param holds true for a record of this source that stands at or before the position
   * @param interpret applies a record that has no table changes, only a statement (as old histories have)
   */
  async recover(
    holds: (record: HistoryRecord) => boolean,
    interpret: (tables: Tables, record: HistoryRecord) => void = () => {},
  ): Promise<Tables> {
    const tables: Tables = new Map()
    await this.replay((record) => {
      if (!holds(record)) return
      if (record.tableChanges.length > 0) applyChanges(tables, record)
      else if (record.ddl !== null) interpret(tables, record)
    })
    return tables
  }
}

/** The table of an id, or undefined. */
export function tableOf(tables: Tables, id: TableId): Table | undefined {
  return tables.get(id.text)
}
