// Streaming: events of the binlog become records, and the offset follows them.
import { ConnectException, errorMessage, type OffsetMap, type SourceRecord } from '@millrace/api'
import { type EventPosition, type Instant, instantOfMillis, tableId } from '@millrace/kit-cdc'
import { EventType } from './binlog/event-type.ts'
import {
  readAnnotateRows,
  readGtid,
  readMariaDbGtid,
  readQuery,
  readRowsQuery,
  readTaggedGtid,
} from './binlog/events.ts'
import { MysqlGtidSet } from './binlog/gtid.ts'
import { MariaDbGtidSet } from './binlog/gtid-mariadb.ts'
import type { BinlogEvent, BinlogReader } from './binlog/reader.ts'
import { RowDecoder, type RowEventKind, rowEventKind, tableIdOf } from './binlog/rows.ts'
import { readTableMap, type TableMap } from './binlog/table-map.ts'
import type { CapturedTable } from './captured-tables.ts'
import type { TaskParts } from './context.ts'
import { sourceFilter } from './filters.ts'
import type { OffsetTracker } from './offset.ts'

/** Where streaming begins inside a transaction. */
export interface Skips {
  readonly events: number
  readonly rows: number
}

interface KnownTable {
  readonly map: TableMap
  readonly captured: CapturedTable
  readonly decoder: RowDecoder
}

const DML = /^(INSERT|UPDATE|DELETE|REPLACE)\s/i
/** Statements that change no table and stand in no history. */
const PASSED_OVER =
  /^(#|--|SAVEPOINT|RELEASE|XA\s|ROLLBACK|FLUSH|GRANT|REVOKE|ANALYZE|OPTIMIZE|REPAIR|SET\s+PASSWORD|(CREATE|ALTER|DROP|RENAME)\s+(OR\s+REPLACE\s+)?(DEFINER\s*=\s*\S+\s+)?(AGGREGATE\s+)?(USER|ROLE|FUNCTION|PROCEDURE|TRIGGER|EVENT|SERVER|PACKAGE|TEMPORARY|SEQUENCE|VIEW|ALGORITHM|SQL)\b)/i
const TRUNCATE = /^TRUNCATE\s/i

/** Turns events into records, in order. Not for overlapping calls. */
export class Streaming {
  readonly #parts: TaskParts
  readonly #reader: BinlogReader
  readonly #tracker: OffsetTracker
  /** By table id; undefined for tables that are not captured. */
  readonly #tables = new Map<number, KnownTable | undefined>()
  readonly #skipped: ReadonlySet<string>
  readonly #sources: ((id: string) => boolean) | null
  #gtids: MysqlGtidSet | MariaDbGtidSet
  #eventsToSkip: number
  #rowsToSkip: number
  #skipping = false
  #ignoring = false
  readonly #at: EventPosition = { source: null, offset: {}, bytes: 0, transactionId: null }

  constructor(parts: TaskParts, reader: BinlogReader, tracker: OffsetTracker, skips: Skips) {
    this.#parts = parts
    this.#reader = reader
    this.#tracker = tracker
    const { config } = parts
    this.#skipped = new Set(config['skipped.operations'].map((one) => one.trim()))
    this.#sources = sourceFilter(config['gtid.source.includes'], config['gtid.source.excludes'])
    const gtids = tracker.gtids ?? ''
    this.#gtids = reader.isMariaDb ? MariaDbGtidSet.parse(gtids) : MysqlGtidSet.parse(gtids)
    this.#eventsToSkip = skips.events
    this.#rowsToSkip = skips.rows
  }

  /** Where streaming would go on now. */
  offset(): OffsetMap {
    const offset = this.#tracker.offset()
    return this.#parts.transactions?.store(offset) ?? offset
  }

  /** Queues records of the events that are there, about a batch; waits up to `waitMs` for the first. */
  async poll(waitMs: number, signal: AbortSignal): Promise<SourceRecord[] | null> {
    const { queue, emitter } = this.#parts
    const most = queue.limits.batch
    const deadline = performance.now() + waitMs
    emitter.clock.tick()
    while (queue.size < most && !signal.aborted) {
      const event = this.#reader.next()
      if (event === undefined) {
        const left = deadline - performance.now()
        if (queue.size > 0 || left <= 0) break
        await this.#reader.wait(left, signal)
        emitter.clock.tick()
        continue
      }
      const pending = this.#handle(event)
      if (pending !== undefined) await pending
      this.#done(event)
    }
    return queue.take()
  }

  #handle(event: BinlogEvent): Promise<void> | undefined {
    const { header, body } = event
    const tracker = this.#tracker
    if (header.type === EventType.HEARTBEAT || header.type === EventType.HEARTBEAT_V2) return undefined
    tracker.serverId = header.serverId
    if (header.type === EventType.ROTATE) {
      this.#tables.clear()
      if (this.#reader.file !== tracker.file) tracker.rotate(this.#reader.file, this.#reader.position)
      return undefined
    }
    if (event.nextPosition > event.position) tracker.event(event.position, event.nextPosition - event.position)
    if (header.timestamp > 0) tracker.seconds = header.timestamp
    switch (header.type) {
      case EventType.MARIADB_GTID:
        this.#mariaDbGtid(event)
        return undefined
      case EventType.GTID:
        this.#gtid(readGtid(body).gtid!)
        return undefined
      case EventType.GTID_TAGGED:
        this.#gtid(readTaggedGtid(body).gtid!)
        return undefined
      case EventType.QUERY:
      case EventType.QUERY_COMPRESSED:
        return this.#query(event)
      case EventType.XID:
        this.#commit()
        return undefined
      case EventType.TABLE_MAP:
        this.#map(readTableMap(body))
        return undefined
      case EventType.ROWS_QUERY:
        if (this.#parts.config['include.query']) tracker.query = readRowsQuery(body)
        return undefined
      case EventType.ANNOTATE_ROWS:
        if (this.#parts.config['include.query']) tracker.query = readAnnotateRows(body)
        return undefined
      case EventType.INCIDENT:
        throw new ConnectException(
          `The server lost events before ${event.file}:${event.position} and says so in its binlog`,
          {
            action: 'Take a new snapshot: reset the offsets of the connector, or use snapshot.mode=when_needed.',
          },
        )
      default: {
        const kind = rowEventKind(header.type)
        if (kind !== undefined) this.#rows(event, kind)
        return undefined
      }
    }
  }

  #done({ header, nextPosition, position }: BinlogEvent): void {
    if (nextPosition === position) return
    this.#tracker.eventDone()
    if (!this.#skipping || header.type === EventType.HEARTBEAT) return
    this.#eventsToSkip--
    this.#skipping = this.#eventsToSkip > 0
  }

  #mariaDbGtid({ body, header }: BinlogEvent): void {
    const gtid = readMariaDbGtid(body, header.serverId)
    this.#gtids = (this.#gtids as MariaDbGtidSet).add(gtid)
    this.#tracker.startGtid(gtid.gtid, this.#gtids.toString())
    this.#ignoring = this.#sources !== null && !this.#sources(`${gtid.domain}-${gtid.server}`)
    this.#begin(null)
  }

  #gtid(gtid: string): void {
    this.#gtids = (this.#gtids as MysqlGtidSet).add(gtid)
    this.#tracker.startGtid(gtid, this.#gtids.toString())
    this.#ignoring = this.#sources !== null && !this.#sources(gtid.split(':', 1)[0]!)
  }

  #begin(thread: number | null): void {
    this.#tracker.begin()
    if (thread !== null) this.#tracker.thread = thread
    if (this.#eventsToSkip > 0) this.#skipping = true
    const { transactions } = this.#parts
    transactions?.begin(this.#tracker.transactionId, this.#time(), this.#tracker.offset())
  }

  #time(): Instant {
    return instantOfMillis((this.#tracker.seconds ?? 0) * 1_000)
  }

  #commit(): void {
    this.#tracker.commit()
    this.#parts.transactions?.commit(this.#time(), this.#tracker.offset())
    this.#skipping = false
    this.#ignoring = false
  }

  #map(map: TableMap): void {
    const known = this.#tables.get(map.tableId)
    const wanted = this.#parts.filters.includesTable(tableId(map.database, null, map.table))
    const captured = wanted ? this.#parts.tables.get(map.database, map.table) : undefined
    if (known !== undefined && known.captured === captured && known.map.body.equals(map.body)) return
    if (captured === undefined) {
      if (wanted) this.#inconsistent(map, "whose schema isn't known to this connector")
      this.#tables.set(map.tableId, undefined)
      return
    }
    const { columns } = captured.table
    if (columns.length !== map.columns.length) {
      const counts = `${map.columns.length} columns, of which the schema history knows ${columns.length}`
      this.#inconsistent(map, `that has ${counts}`)
      this.#tables.set(map.tableId, undefined)
      return
    }
    // The event's bytes are part of a larger buffer that must not live as long as the table is known.
    const own = { ...map, body: Buffer.from(map.body) }
    this.#tables.set(map.tableId, { map: own, captured, decoder: new RowDecoder(own, captured) })
  }

  #inconsistent(map: TableMap, why: string): void {
    const mode = this.#parts.config['inconsistent.schema.handling.mode']
    const message = `Encountered change event for table ${map.database}.${map.table} ${why}, at ${this.#tracker.file}:${this.#tracker.position}`
    if (mode === 'fail') {
      throw new ConnectException(message, {
        action:
          'The schema history is not complete: take a new snapshot, or set snapshot.mode=recovery once if no table changed since.',
      })
    }
    if (mode === 'warn') this.#parts.log.warn(`${message}; the event is passed over`)
  }

  #rows(event: BinlogEvent, kind: RowEventKind): void {
    if (this.#skipping || this.#ignoring) return
    const known = this.#tables.get(tableIdOf(event.body))
    if (known !== undefined) {
      const operation = kind.operation === 'insert' ? 'c' : kind.operation === 'update' ? 'u' : 'd'
      if (!this.#skipped.has(operation)) this.#tryToEmit(known, event, kind)
    }
    this.#rowsToSkip = 0
    this.#tracker.rowsDone()
  }

  /** An event that cannot be read fails the task, or is passed over, as the configuration says. */
  #tryToEmit(known: KnownTable, event: BinlogEvent, kind: RowEventKind): void {
    const mode = this.#parts.config['event.processing.failure.handling.mode']
    try {
      this.#emit(known, event, kind)
    } catch (error) {
      const where = `of ${known.captured.table.id.text} at ${event.file}:${event.position}`
      if (mode === 'fail') {
        if (error instanceof ConnectException) throw error
        throw new ConnectException(`An event ${where} cannot be read: ${errorMessage(error)}`, {
          cause: error,
          action: 'With event.processing.failure.handling.mode=warn the connector goes on without it.',
        })
      }
      const message = `An event ${where} cannot be read and is passed over: ${errorMessage(error)}`
      if (mode === 'warn') this.#parts.log.warn(message)
      else this.#parts.log.debug(message)
    }
  }

  #emit({ captured, decoder }: KnownTable, { body }: BinlogEvent, kind: RowEventKind): void {
    const changes = decoder.decode(body, kind)
    const { emitter, sources } = this.#parts
    const { events, table } = captured
    const tracker = this.#tracker
    const at = this.#at
    const database = table.id.catalog ?? ''
    const bytes = Math.ceil(body.length / changes.length)
    at.transactionId = this.#parts.transactions === null ? null : tracker.transactionId
    for (let i = this.#rowsToSkip; i < changes.length; i++) {
      const { before, after } = changes[i]!
      tracker.row(i, changes.length)
      at.source = sources.make(tracker, database, table.id.table, 'false', i)
      at.offset = tracker.offset()
      at.bytes = bytes
      if (before === null) emitter.create(events, after!, at)
      else if (after === null) emitter.delete(events, before, at)
      else emitter.update(events, before, after, at)
    }
  }

  #query(event: BinlogEvent): Promise<void> | undefined {
    const { thread, database, sql: raw } = readQuery(event.body, event.header.type === EventType.QUERY_COMPRESSED)
    const sql = raw.trim()
    if (/^BEGIN$/i.test(sql)) {
      this.#begin(thread)
      return undefined
    }
    if (/^COMMIT$/i.test(sql)) {
      this.#commit()
      return undefined
    }
    if (DML.test(sql)) {
      this.#parts.log.warn(
        `The binlog has a statement instead of rows, which is passed over: set binlog_format=ROW. At ${event.file}:${event.position}`,
      )
      return undefined
    }
    return PASSED_OVER.test(sql) ? undefined : this.#ddl(sql, database)
  }

  async #ddl(sql: string, database: string): Promise<void> {
    const { history, emitter, sources, tables, schemaChange } = this.#parts
    const tracker = this.#tracker
    if (TRUNCATE.test(sql)) {
      const [, named, name = ''] = /^TRUNCATE\s+(?:TABLE\s+)?(?:`?([^`.\s]+)`?\.)?`?([^`;\s]+)`?/i.exec(sql) ?? []
      const id = tableId(named ?? database, null, name)
      const captured = this.#parts.filters.includesTable(id) ? tables.get(named ?? database, name) : undefined
      if (captured === undefined) return
      const source = sources.make(tracker, named ?? database, name, 'false')
      const transactionId = this.#parts.transactions === null ? null : tracker.transactionId
      emitter.truncate(captured.events, { source, offset: tracker.offset(), bytes: 0, transactionId })
      return
    }
    const changes = await history.change(sql, database, tracker.offset())
    schemaChange(sql, changes[0]?.database ?? database, changes, tracker, 'false')
  }
}
