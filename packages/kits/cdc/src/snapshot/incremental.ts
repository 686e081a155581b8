// Incremental snapshots with watermarks (DBLog, Andreakis and Papapanagiotou 2020): rows are read in chunks beside streaming,
// each between two marks in the log; a row that changed between the marks is left to the log, which is newer.
import { randomUUID } from 'node:crypto'
import { ConnectException, type Logger, type OffsetMap, type Value } from '@millrace/api'
import type { Row } from '../dialect.ts'
import type { TableEvents } from '../events/table-events.ts'

/** What a database does for incremental snapshots. */
export interface IncrementalDialect {
  /** The largest key of the rows that fit the condition; null for none. */
  maximumKey(request: ChunkRequest): Promise<readonly unknown[] | null>
  /** Rows behind `after` up to `maximum`, in the order of the key, `limit` at most. Raw, as the table's events take them. */
  readChunk(
    request: ChunkRequest,
    after: readonly unknown[] | null,
    maximum: readonly unknown[],
    limit: number,
  ): Promise<Row[]>
  /** Inserts a row into the signal table, so that a mark stands in the log. */
  mark(id: string, type: 'snapshot-window-open' | 'snapshot-window-close'): Promise<void>
  /** Deletes the row of a mark (`insert_delete`). */
  unmark(id: string): Promise<void>
}

/** One table to read. */
export interface ChunkRequest {
  readonly table: TableEvents
  /** Positions, from 0, of the ordering columns in a row: of the key, or the surrogate key. */
  readonly order: readonly number[]
  /** A condition in SQL; null for all rows. */
  readonly filter: string | null
  /** The column that orders the table in place of its key; null for the key. */
  readonly surrogateKey?: string | null
}

/** Settings of incremental snapshots. */
export interface IncrementalOptions {
  readonly chunkSize: number
  readonly strategy: 'insert_insert' | 'insert_delete'
  /** Sends a row as `r` with `source.snapshot=incremental`. */
  readonly emit: (table: TableEvents, row: Row) => void
  /** Told of what happens: `STARTED`, `PAUSED`, `RESUMED`, `ABORTED`, `IN_PROGRESS`, `TABLE_SCAN_COMPLETED`, `COMPLETED`. */
  readonly notify: (status: string, data: Readonly<Record<string, string>>) => void
  /** A chunk could not be read or marked. */
  readonly fail: (error: unknown) => void
  readonly log: Logger
}

interface Window {
  readonly id: string
  state: 'waiting' | 'open'
  /** Keys that changed since the window opened: the log may tell of them before the chunk is read. */
  readonly changed: Set<string>
  rows: Row[]
}

/**
 * Runs requests one after the other. The log's reader calls {@link onMark} for marks and {@link onChange} for changes, in
 * the log's order. Reads one chunk ahead of nothing: the next is asked for when the window of the last one closed.
 */
export class IncrementalSnapshot {
  readonly #dialect: IncrementalDialect
  readonly #options: IncrementalOptions
  #queue: ChunkRequest[] = []
  #window: Window | null = null
  #after: readonly unknown[] | null = null
  #maximum: readonly unknown[] | null = null
  #paused = false
  #scanned = 0
  /** What {@link store} adds while the tables stay the same. */
  #stored: string | null = null

  constructor(dialect: IncrementalDialect, options: IncrementalOptions) {
    this.#dialect = dialect
    this.#options = options
  }

  get running(): boolean {
    return this.#queue.length > 0
  }
  get paused(): boolean {
    return this.#paused
  }

  /** Adds tables; one that is being read or waits is not added again. */
  add(requests: readonly ChunkRequest[]): void {
    const idle = !this.running
    const waiting = new Set(this.#queue.map(({ table }) => table.id.text))
    const added = requests.filter(({ table }) => !waiting.has(table.id.text))
    this.#queue.push(...added)
    this.#stored = null
    if (added.length === 0) return
    this.#options.notify('STARTED', { data_collections: names(added) })
    if (idle && !this.#paused) this.#next()
  }

  pause(): void {
    if (this.#paused || !this.running) return
    this.#paused = true
    this.#options.notify('PAUSED', { data_collections: names(this.#queue) })
  }
  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#options.notify('RESUMED', { data_collections: names(this.#queue) })
    if (this.running && this.#window === null) this.#next()
  }

  /** Begins the current chunk anew, after an error that passes. */
  retry(): void {
    if (this.running && !this.#paused) this.#next()
  }

  /** Stops the tables for which `matches` says so; without it all. */
  stop(matches: (table: TableEvents) => boolean = () => true): void {
    const current = this.#queue[0]
    const gone = this.#queue.filter(({ table }) => matches(table))
    this.#queue = this.#queue.filter((one) => !gone.includes(one))
    this.#stored = null
    if (gone.length === 0) return
    this.#options.notify('ABORTED', { data_collections: names(gone) })
    if (current !== undefined && gone.includes(current)) this.#nextTable()
  }

  /** A mark was seen in the log; `deleted` for the deletion of one. Others' marks are left alone. */
  onMark(id: string, type: string, deleted = false): void {
    const window = this.#window
    if (window === null) return
    if (!deleted && type === 'snapshot-window-open' && id === `${window.id}-open`) window.state = 'open'
    const closes =
      this.#options.strategy === 'insert_delete'
        ? deleted && id === `${window.id}-open`
        : !deleted && type === 'snapshot-window-close' && id === `${window.id}-close`
    if (!closes) return
    if (window.state === 'open') this.#close(window)
    else this.#options.fail(unopened(window.id))
  }

  /** A change was seen in the log: its row is not sent from the chunk. Cheap while no window is open. */
  onChange(table: TableEvents, key: Value): void {
    const window = this.#window
    if (window === null || window.state !== 'open' || this.#queue[0]?.table.id.text !== table.id.text) return
    window.changed.add(keyText(key))
  }

  /**
   * The offset with what remains, under the reference's keys, so that either goes on with the tables that are not done. The
   * position inside a table is not kept: its rows are read again.
   */
  store(offset: OffsetMap): OffsetMap {
    if (!this.running) return offset
    this.#stored ??= JSON.stringify(
      this.#queue.map(({ table, filter, surrogateKey = null }) => ({
        incremental_snapshot_collections_id: table.id.text,
        incremental_snapshot_collections_additional_condition: filter,
        incremental_snapshot_collections_surrogate_key: surrogateKey,
      })),
    )
    return { ...offset, [COLLECTIONS]: this.#stored }
  }

  #close(window: Window): void {
    const request = this.#queue[0]
    this.#window = null
    if (request !== undefined) {
      for (const row of window.rows) {
        if (!window.changed.has(keyText(request.table.key(row)))) this.#options.emit(request.table, row)
      }
      this.#scanned += window.rows.length
      const last = window.rows.at(-1)
      if (last !== undefined) this.#after = request.order.map((at) => last[at])
      if (window.rows.length < this.#options.chunkSize) {
        this.#options.notify('TABLE_SCAN_COMPLETED', {
          data_collections: names(this.#queue),
          scanned_collection: request.table.id.text,
          total_rows_scanned: String(this.#scanned),
          status: 'SUCCEEDED',
        })
        this.#queue.shift()
        this.#stored = null
        this.#nextTable()
        return
      }
    }
    if (!this.#paused) this.#next()
  }

  #nextTable(): void {
    this.#window = null
    this.#after = null
    this.#maximum = null
    this.#scanned = 0
    if (this.#queue.length === 0) this.#options.notify('COMPLETED', {})
    else if (!this.#paused) this.#next()
  }

  #next(): void {
    const window: Window = { id: randomUUID(), state: 'waiting', changed: new Set(), rows: [] }
    this.#window = window
    this.#read(window).catch((error: unknown) => {
      if (this.#window === window) this.#options.fail(error)
    })
  }

  async #read(window: Window): Promise<void> {
    const request = this.#queue[0] as ChunkRequest
    const { chunkSize, strategy } = this.#options
    const maximum = this.#maximum ?? (await this.#dialect.maximumKey(request))
    // The table may have been stopped meanwhile: what was learnt of it is not the next one's.
    if (this.#window !== window) return
    this.#maximum = maximum
    // The log may bring the mark before its insertion is acknowledged: the window was announced before.
    await this.#dialect.mark(`${window.id}-open`, 'snapshot-window-open')
    if (maximum !== null) window.rows = await this.#dialect.readChunk(request, this.#after, maximum, chunkSize)
    if (strategy === 'insert_delete') await this.#dialect.unmark(`${window.id}-open`)
    else await this.#dialect.mark(`${window.id}-close`, 'snapshot-window-close')
  }
}

/** A table that an offset says is not done. */
export interface RemainingTable {
  readonly id: string
  readonly filter: string | null
  readonly surrogateKey: string | null
}

/** Tables that were not done when the offset was stored, by either make; empty without an incremental snapshot. */
export function remainingTables(offset: OffsetMap): RemainingTable[] {
  const text = offset[COLLECTIONS]
  if (typeof text !== 'string') return []
  const tables = JSON.parse(text) as readonly Readonly<Record<string, string | null>>[]
  return tables.map((one) => ({
    id: String(one[`${COLLECTIONS}_id`]),
    filter: one[`${COLLECTIONS}_additional_condition`] || null,
    surrogateKey: one[`${COLLECTIONS}_surrogate_key`] || null,
  }))
}

const COLLECTIONS = 'incremental_snapshot_collections'

function unopened(id: string): ConnectException {
  return new ConnectException(
    `The log brought the end of the window ${id} of an incremental snapshot without its beginning: what changed in between is not known`,
    { action: 'See that all inserts into the table of signal.data.collection reach the connector, then restart it.' },
  )
}

const names = (requests: readonly ChunkRequest[]) => requests.map(({ table }) => table.id.text).join(',')

/** One text for equal keys. */
function keyText(key: Value): string {
  return JSON.stringify(key, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value))
}

/**
 * The condition of rows behind a key in its order: `(a > ?) OR (a = ? AND b > ?)`, and up to a maximum with `<=`.
 * @param columns quoted names
 * @param parameter text of the n-th parameter, from 0, of as many as there are columns
 */
export function keysetCondition(
  columns: readonly string[],
  parameter: (at: number) => string,
  side: 'behind' | 'upTo',
): string {
  const compare = side === 'behind' ? '>' : '<'
  const terms = columns.map((column, at) => {
    const equal = columns.slice(0, at).map((before, n) => `${before} = ${parameter(n)}`)
    const last = side === 'upTo' && at === columns.length - 1 ? '<=' : compare
    return `(${[...equal, `${column} ${last} ${parameter(at)}`].join(' AND ')})`
  })
  return terms.length === 1 ? (terms[0] as string).slice(1, -1) : `(${terms.join(' OR ')})`
}
