// The snapshot: schemas and rows as they were at one position of the binlog.
import type { Duplex } from 'node:stream'
import type { SourceRecord, Value } from '@millrace/api'
import type { TaskParts } from './context.ts'
import type { TableEvents } from './events/table-events.ts'
import { type ReadText, textReader } from './events/text-values.ts'
import { anyOf } from './filters.ts'
import { OffsetTracker } from './offset.ts'
import { quoteName, type Server, selectOf } from './server.ts'

/** Which part of a snapshot the mode wants. */
export interface SnapshotScope {
  readonly rows: boolean
  /** The kind of snapshot, as it stands in offsets. */
  readonly kind: 'INITIAL' | 'BLOCKING'
}

/** Rows that wait to be taken before no more are read. */
const READ_AHEAD = 1_000

type RawRow = readonly (Buffer | null)[]

/** Reads one consistent state of the captured tables, batch by batch. */
export class Snapshot {
  readonly #parts: TaskParts
  readonly #server: Server
  readonly #scope: SnapshotScope
  #records: AsyncGenerator<SourceRecord[]> | null = null
  /** Records that were made and not given out, from {@link #at} on. */
  #made: SourceRecord[] = []
  #at = 0
  /** Where streaming goes on. Set once the position is read. */
  tracker!: OffsetTracker
  #locked = false

  constructor(parts: TaskParts, server: Server, scope: SnapshotScope) {
    this.#parts = parts
    this.#server = server
    this.#scope = scope
  }

  /** The next records, `most` at most; null at the end. */
  async next(most: number, signal: AbortSignal): Promise<SourceRecord[] | null> {
    this.#records ??= this.#all()
    const batch: SourceRecord[] = []
    while (batch.length < most && !signal.aborted) {
      const rest = this.#made.slice(this.#at, this.#at + most - batch.length)
      this.#at += rest.length
      for (const record of rest) batch.push(record)
      if (batch.length === most) break
      const { done, value } = await this.#records.next()
      if (done === true) return batch.length > 0 ? batch : null
      this.#made = value
      this.#at = 0
    }
    return batch
  }

  async *#all(): AsyncGenerator<SourceRecord[]> {
    const { log } = this.#parts
    const started = Date.now()
    try {
      await this.#begin()
      yield* this.#schemas()
      if (this.#parts.config['snapshot.locking.mode'] === 'minimal') await this.#unlock()
      if (this.#scope.rows) yield* this.#rows()
      await this.#server.sql.query('COMMIT')
      this.tracker.snapshot = null
      log.info(`Snapshot done in ${Date.now() - started} ms`)
    } finally {
      await this.#unlock()
    }
  }

  /** Locks, fixes the state that is read, and notes where the binlog stood at it. */
  async #begin(): Promise<void> {
    const { sql } = this.#server
    const { config, log } = this.#parts
    const seconds = Math.max(1, Math.ceil(config['snapshot.lock.timeout.ms'] / 1_000))
    await sql.query(`SET SESSION lock_wait_timeout = ${seconds}`)
    await sql.query("SET SESSION time_zone = '+00:00', net_write_timeout = 600")
    await sql.query('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ')
    if (config['snapshot.locking.mode'] !== 'none') {
      log.info('Flush and obtain global read lock to prevent writes to database')
      await sql.query('FLUSH TABLES WITH READ LOCK')
      this.#locked = true
    }
    await sql.query('START TRANSACTION WITH CONSISTENT SNAPSHOT')
    this.tracker = new OffsetTracker(await this.#server.position())
    this.tracker.snapshot = this.#scope.kind
    this.tracker.seconds = Math.floor(Date.now() / 1_000)
  }

  async #unlock(): Promise<void> {
    if (!this.#locked) return
    this.#locked = false
    await this.#server.sql.query('UNLOCK TABLES').catch(() => {})
  }

  /** Records the schema of every table that the history is to know, and tells of them. */
  async *#schemas(): AsyncGenerator<SourceRecord[]> {
    const { filters, config } = this.#parts
    const charset = await this.#server.charset()
    const collation = String((await this.#server.one('SELECT @@collation_server AS name'))?.name)
    yield* this.#ddl(`SET character_set_server=${charset}, collation_server=${collation}`, '')
    const captured = config['schema.history.internal.store.only.captured.tables.ddl']
    const databases = (await this.#server.rows('SHOW DATABASES')).map((row) => String(Object.values(row)[0]))
    for (const database of databases.filter(filters.database).sort()) {
      const tables = (await this.#tablesOf(database)).filter((name) => !captured || filters.table(database, name))
      for (const name of tables)
        yield* this.#ddl(`DROP TABLE IF EXISTS ${quoteName(database)}.${quoteName(name)}`, database)
      yield* this.#ddl(`DROP DATABASE IF EXISTS ${quoteName(database)}`, database)
      const [created] = await this.#server.rows(
        'SELECT default_character_set_name AS charset, default_collation_name AS collation FROM information_schema.schemata WHERE schema_name = ?',
        [database],
      )
      yield* this.#ddl(
        `CREATE DATABASE ${quoteName(database)} CHARSET ${created?.charset} COLLATE ${created?.collation}`,
        database,
      )
      yield* this.#ddl(`USE ${quoteName(database)}`, database)
      for (const name of tables) {
        const [shown] = await this.#server.rows(`SHOW CREATE TABLE ${quoteName(database)}.${quoteName(name)}`)
        yield* this.#ddl(String(shown?.['Create Table']), database)
      }
    }
  }

  async *#ddl(ddl: string, database: string): AsyncGenerator<SourceRecord[]> {
    const { history, records, config } = this.#parts
    const changes = await history.change(ddl, database, this.tracker.offset())
    if (!config['include.schema.changes']) return
    yield [records.schemaChange(ddl, database, changes, this.tracker, 'true')]
  }

  async #tablesOf(database: string): Promise<string[]> {
    const rows = await this.#server.rows(
      `SHOW FULL TABLES IN ${quoteName(database)} WHERE Table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')`,
    )
    return rows.map((row) => String(Object.values(row)[0])).sort()
  }

  async *#rows(): AsyncGenerator<SourceRecord[]> {
    const { filters, history, tables, config, log } = this.#parts
    const include = config['snapshot.include.collection.list']
    const wanted = include === null || include.trim() === '' ? () => true : anyOf(include)
    const captured = [...history.catalog.tables.values()]
      .filter(({ database, name }) => filters.table(database, name) && wanted(`${database}.${name}`))
      .map(({ database, name }) => tables.get(database, name)!)
      .sort((a, b) => (a.topic < b.topic ? -1 : 1))
    for (const [i, table] of captured.entries()) {
      log.info(`Reading ${table.table.database}.${table.table.name} (${i + 1} of ${captured.length} tables)`)
      yield* this.#rowsOf(table, i === 0, i === captured.length - 1)
    }
  }

  /** One row is kept back until it is known whether it is the last. */
  async *#rowsOf(table: TableEvents, isFirst: boolean, isLast: boolean): AsyncGenerator<SourceRecord[]> {
    const { records, props } = this.#parts
    let held: Record<string, Value> | null = null
    let count = 0
    const mark = (last: boolean) => {
      if (last && isLast) return 'last'
      if (count === 1 && isFirst) return 'first'
      if (last) return 'last_in_data_collection'
      return count === 1 ? 'first_in_data_collection' : 'true'
    }
    let read: ((row: RawRow) => Record<string, Value>) | null = null
    for await (const rows of this.#select(selectOf(props, table.table), (names) => (read = rowReader(table, names)))) {
      const made: SourceRecord[] = []
      records.tick()
      for (const row of rows) {
        if (held !== null) records.change(table, 'r', null, held, this.tracker, 0, mark(false), made)
        held = read!(row)
        count++
      }
      yield made
    }
    if (held === null) return
    if (isLast) this.tracker.snapshot = null
    yield records.change(table, 'r', null, held, this.tracker, 0, mark(true))
  }

  /** Rows as bytes, as they come, in the order of the result's columns, whose names are told first. */
  async *#select(sql: string, onColumns: (names: readonly string[]) => void): AsyncGenerator<RawRow[]> {
    const raw = (this.#server.sql as unknown as { readonly connection: RawDriver }).connection
    const query = raw.query({ sql, rowsAsArray: true, typeCast: (field) => field.buffer() })
    let rows: RawRow[] = []
    let ended = false
    let failure: Error | null = null
    let wake = () => {}
    query.on('fields', (fields) => onColumns((fields ?? []).map(({ name }) => name)))
    query.on('result', (row) => {
      if (rows.push(row) >= READ_AHEAD) raw.stream.pause()
      wake()
    })
    query.on('error', (error) => {
      failure = error
      wake()
    })
    query.on('end', () => {
      ended = true
      wake()
    })
    for (;;) {
      if (rows.length > 0) {
        const taken = rows
        rows = []
        yield taken
        raw.stream.resume()
      } else if (failure !== null) throw failure
      else if (ended) return
      else {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    }
  }
}

/** What of the driver's inner connection its types leave out. */
interface RawDriver {
  readonly stream: Duplex
  query(options: {
    readonly sql: string
    readonly rowsAsArray: true
    readonly typeCast: (field: { buffer(): Buffer | null }) => Buffer | null
  }): {
    on(event: 'fields', listener: (fields: readonly { readonly name: string }[] | undefined) => void): void
    on(event: 'result', listener: (row: RawRow) => void): void
    on(event: 'error', listener: (error: Error) => void): void
    on(event: 'end', listener: () => void): void
  }
}

/** Columns of the result are found by name: a statement of the configuration may have them in any order. */
function rowReader(table: TableEvents, names: readonly string[]): (row: RawRow) => Record<string, Value> {
  const { columns } = table.table
  const readers = columns.map((column, at): ReadText | null => {
    const values = table.valuesAt(at)
    return values === undefined ? null : textReader(column, values.forms)
  })
  const places = columns.map((column) => names.findIndex((name) => name.toLowerCase() === column.name.toLowerCase()))
  return (row) => {
    const image = readers.map((read, i) => {
      const bytes = row[places[i]!] ?? null
      return read === null || bytes === null ? null : read(bytes)
    })
    return table.row(image)
  }
}
