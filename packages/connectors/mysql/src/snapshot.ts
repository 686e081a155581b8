// The snapshot: schemas and rows as they were at one position of the binlog.
import { errorMessage, type OffsetMap, RetriableException } from '@millrace/api'
import { type EventPosition, pause, selectOverrides, type Table, type TableId, tableId } from '@millrace/kit-cdc'
import type { TaskParts } from './context.ts'
import { isBuiltIn } from './filters.ts'
import { OffsetTracker, readOffset } from './offset.ts'
import { quoteName, Server, selectOf } from './server.ts'
import { readRows } from './snapshot-rows.ts'

/** Which part of a snapshot the mode wants. */
export interface SnapshotScope {
  readonly rows: boolean
  /** The kind of snapshot, as it stands in offsets. */
  readonly kind: 'INITIAL' | 'BLOCKING'
  /** An offset that the schemas are noted for and streaming goes on at; null for the present end of the binlog. */
  readonly at: OffsetMap | null
}

/** Reads one consistent state of the captured tables into the queue. */
export class Snapshot {
  readonly #parts: TaskParts
  readonly #server: Server
  readonly #scope: SnapshotScope
  /** Connections that read rows; the first is the one that fixed the position. */
  #readers: Server[]
  /** Where streaming goes on. Set once the position is read. */
  tracker!: OffsetTracker
  #locked = false
  #rowsSent = false

  constructor(parts: TaskParts, server: Server, scope: SnapshotScope) {
    this.#parts = parts
    this.#server = server
    this.#readers = [server]
    this.#scope = scope
  }

  /** Reads all; rejects when `signal` aborts. The offset that streaming goes on at. */
  async run(signal: AbortSignal): Promise<OffsetMap> {
    const { log, config } = this.#parts
    const started = Date.now()
    try {
      if (config['snapshot.delay.ms'] > 0) await pause(config['snapshot.delay.ms'], signal)
      signal.throwIfAborted()
      await this.#begin()
      await this.#schemas(signal)
      if (config['snapshot.locking.mode'] === 'minimal') await this.#unlock()
      if (this.#scope.rows) await this.#rows(signal)
      await Promise.all(this.#readers.map(({ sql }) => sql.query('COMMIT')))
      this.tracker.snapshot = null
      log.info(`Snapshot done in ${Date.now() - started} ms`)
      return this.tracker.offset()
    } finally {
      await this.#unlock()
      for (const reader of this.#readers) if (reader !== this.#server) reader.close()
    }
  }

  /** Locks, fixes the state that is read, and notes where the binlog stood at it. */
  async #begin(): Promise<void> {
    const { sql } = this.#server
    const { config, log } = this.#parts
    const locks = config['snapshot.locking.mode'] !== 'none'
    await prepare(this.#server, config['snapshot.lock.timeout.ms'])
    if (locks) {
      log.info('Flush and obtain global read lock to prevent writes to database')
      await sql.query('FLUSH TABLES WITH READ LOCK').catch((cause: unknown) => {
        throw lockFailed(cause)
      })
      this.#locked = true
    }
    await sql.query('START TRANSACTION WITH CONSISTENT SNAPSHOT')
    await this.#place()
    if (this.#scope.rows) await this.#openReaders(locks)
  }

  async #place(): Promise<void> {
    const { at, kind } = this.#scope
    if (at !== null) {
      const resume = readOffset(at)
      this.tracker = new OffsetTracker(resume)
      this.tracker.resume(resume.events, resume.rows)
      return
    }
    this.tracker = new OffsetTracker(await this.#server.position())
    this.tracker.snapshot = kind
    this.tracker.seconds = Math.floor(Date.now() / 1_000)
  }

  /** All that read rows must see one state, which a lock alone makes sure of. */
  async #openReaders(locks: boolean): Promise<void> {
    const { config, log } = this.#parts
    const threads = config['snapshot.max.threads']
    if (threads === 1) return
    if (!locks) {
      log.warn(
        'snapshot.max.threads has no effect with snapshot.locking.mode=none: tables are read one after the other',
      )
      return
    }
    for (let more = 1; more < threads; more++) {
      const reader = await Server.connect(config)
      this.#readers.push(reader)
      await prepare(reader, config['snapshot.lock.timeout.ms'])
      await reader.sql.query('START TRANSACTION WITH CONSISTENT SNAPSHOT')
    }
  }

  async #unlock(): Promise<void> {
    if (!this.#locked) return
    this.#locked = false
    await this.#server.sql.query('UNLOCK TABLES').catch(() => {})
  }

  /** Records the schema of every table that the history is to know, and tells of them. */
  async #schemas(signal: AbortSignal): Promise<void> {
    const { filters, config } = this.#parts
    const charset = await this.#server.charset()
    const collation = String((await this.#server.one('SELECT @@collation_server AS name'))?.name)
    await this.#ddl(`SET character_set_server=${charset}, collation_server=${collation}`, '')
    const captured = config['schema.history.internal.store.only.captured.tables.ddl']
    const databases = (await this.#server.rows('SHOW DATABASES')).map((row) => String(Object.values(row)[0]))
    for (const database of databases.filter((one) => !isBuiltIn(one) && filters.includesDatabase(one)).sort()) {
      signal.throwIfAborted()
      const all = await this.#tablesOf(database)
      const tables = all.filter((name) => !captured || filters.includesTable(idOf(database, name)))
      for (const name of tables)
        await this.#ddl(`DROP TABLE IF EXISTS ${quoteName(database)}.${quoteName(name)}`, database)
      await this.#ddl(`DROP DATABASE IF EXISTS ${quoteName(database)}`, database)
      const [created] = await this.#server.rows(
        'SELECT default_character_set_name AS charset, default_collation_name AS collation FROM information_schema.schemata WHERE schema_name = ?',
        [database],
      )
      await this.#ddl(
        `CREATE DATABASE ${quoteName(database)} CHARSET ${created?.charset} COLLATE ${created?.collation}`,
        database,
      )
      await this.#ddl(`USE ${quoteName(database)}`, database)
      for (const name of tables) {
        const [shown] = await this.#server.rows(`SHOW CREATE TABLE ${quoteName(database)}.${quoteName(name)}`)
        await this.#ddl(String(shown?.['Create Table']), database)
        await this.#parts.queue.whenRoom(signal)
      }
    }
  }

  async #ddl(ddl: string, database: string): Promise<void> {
    const { history, schemaChange } = this.#parts
    const changes = await history.change(ddl, database, this.tracker.offset())
    schemaChange(ddl, database, changes, this.tracker, 'true')
  }

  async #tablesOf(database: string): Promise<string[]> {
    const rows = await this.#server.rows(
      `SHOW FULL TABLES IN ${quoteName(database)} WHERE Table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')`,
    )
    return rows.map((row) => String(Object.values(row)[0])).sort()
  }

  /** Tables whose rows are read, in the order of the configuration. */
  async #wanted(): Promise<Table[]> {
    const { filters, history, tables, config } = this.#parts
    const topic = ({ id }: Table) => tables.get(id.catalog ?? '', id.table)!.events.topic
    const wanted = [...history.catalog.tables.values()]
      .filter(({ id }) => filters.includesTable(id) && filters.inSnapshot(id))
      .sort((a, b) => (topic(a) < topic(b) ? -1 : 1))
    const order = config['snapshot.tables.order.by.row.count']
    if (order === 'disabled') return wanted
    const counts = new Map<Table, number>()
    for (const table of wanted) {
      const row = await this.#server.one(
        'SELECT table_rows AS estimate FROM information_schema.tables WHERE table_schema = ? AND table_name = ?',
        [table.id.catalog, table.id.table],
      )
      counts.set(table, Number(row?.estimate ?? 0))
    }
    const sign = order === 'ascending' ? 1 : -1
    return wanted.sort((a, b) => sign * (counts.get(a)! - counts.get(b)!))
  }

  async #rows(signal: AbortSignal): Promise<void> {
    const wanted = await this.#wanted()
    const overrides = selectOverrides(this.#parts.props)
    let next = 0
    let unfinished = wanted.length
    const work = async (reader: Server) => {
      for (let at = next++; at < wanted.length; at = next++) {
        signal.throwIfAborted()
        const table = wanted[at]!
        this.#parts.log.info(`Reading ${table.id.text} (${at + 1} of ${wanted.length} tables)`)
        await this.#rowsOf(table, reader, selectOf(overrides, table), () => --unfinished === 0, signal)
      }
    }
    const done = await Promise.allSettled(this.#readers.map(work))
    const failed = done.find((one) => one.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }

  /** One row is kept back until it is known whether it is the last; `endsAll` tells so at a table's end. */
  async #rowsOf(table: Table, reader: Server, sql: string, endsAll: () => boolean, signal: AbortSignal): Promise<void> {
    const { emitter, queue, sources, tables } = this.#parts
    const captured = tables.get(table.id.catalog ?? '', table.id.table)!
    const { tracker } = this
    const database = table.id.catalog ?? ''
    const at: EventPosition = { source: null, offset: tracker.offset(), bytes: 0, transactionId: null }
    const common = sources.make(tracker, database, table.id.table, 'true')
    let held: readonly unknown[] | null = null
    let heldBytes = 0
    let count = 0
    const send = (isLast: boolean) => {
      const marker = this.#marker(count === 1, isLast, endsAll)
      if (marker === 'last') {
        tracker.snapshot = null
        at.offset = tracker.offset()
      }
      at.source = marker === 'true' ? common : sources.make(tracker, database, table.id.table, marker)
      at.bytes = heldBytes
      emitter.read(captured.events, held!, at)
    }
    emitter.clock.tick()
    await readRows(reader, captured, sql, queue, signal, (row, bytes) => {
      if (held !== null) send(false)
      if ((count & 63) === 0) emitter.clock.tick()
      held = row
      heldBytes = bytes
      count++
    })
    if (held !== null) send(true)
    else endsAll()
  }

  #marker(isFirst: boolean, isLast: boolean, endsAll: () => boolean): string {
    const first = !this.#rowsSent
    this.#rowsSent = true
    if (isLast && endsAll()) return 'last'
    if (first) return 'first'
    if (isLast) return 'last_in_data_collection'
    return isFirst ? 'first_in_data_collection' : 'true'
  }
}

function idOf(database: string, name: string): TableId {
  return tableId(database, null, name)
}

/** Settings of a connection that reads a state. */
async function prepare({ sql }: Server, lockTimeoutMs: number): Promise<void> {
  const seconds = Math.max(1, Math.ceil(lockTimeoutMs / 1_000))
  await sql.query(`SET SESSION lock_wait_timeout = ${seconds}`)
  await sql.query("SET SESSION time_zone = '+00:00', net_write_timeout = 600")
  await sql.query('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ')
}

function lockFailed(cause: unknown): unknown {
  return new RetriableException(`The global read lock of the snapshot could not be had: ${errorMessage(cause)}`, {
    cause,
    action:
      'Grant RELOAD, wait for long statements to end, raise snapshot.lock.timeout.ms, or set snapshot.locking.mode=none while no table changes.',
  })
}
