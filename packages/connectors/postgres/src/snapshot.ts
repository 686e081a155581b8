// Reads the rows that are there, in the one moment at which the slot begins: nothing lies between them and the stream.
import {
  ConnectException,
  errorMessage,
  type Logger,
  type OffsetMap,
  type SourceRecord,
  type Value,
} from '@millrace/api'
import type { EventPosition } from '@millrace/kit-cdc'
import type { PostgresConfig } from './config.ts'
import { Connection, literal, quoted } from './connection.ts'
import { type Events, withOffset } from './events.ts'
import type { Notifications } from './notifications.ts'
import { type Position, snapshotOffset } from './offset.ts'
import { CopySocket } from './protocol/copy-socket.ts'
import { emptyOrigin, type Origin, sequence, setTime } from './source-info.ts'
import type { TableEvents } from './table-events.ts'
import { quotedTable, type Table, tableName } from './tables.ts'

const WAITING_BYTES = 4 * 1024 * 1024
const BATCH_BYTES = 8 * 1024 * 1024

/** One table to read, and how its events are made. */
export interface SnapshotTable {
  readonly table: Table
  readonly events: TableEvents
  /** Statement that selects its rows instead of all, or null. */
  readonly select: string | null
}

/** What a snapshot works with. */
export interface SnapshotParts {
  readonly config: PostgresConfig
  readonly events: Events
  readonly notifications: Notifications
  readonly log: Logger
}

/** A snapshot under way. Records are taken with {@link Snapshot.poll}. */
export class Snapshot {
  readonly #config: PostgresConfig
  readonly #events: Events
  readonly #log: Logger
  readonly #connection: Connection
  readonly #tables: readonly SnapshotTable[]
  readonly #position: Position
  readonly #notify: (status: string, data: Readonly<Record<string, string>>, isLast?: boolean) => void
  /** The offset of all records of a blocking snapshot; null for those of the initial one. */
  readonly #fixed: OffsetMap | null
  #next = 0
  #current: { readonly of: SnapshotTable; readonly copy: CopySocket; rows: number } | null = null
  /** The last record read: only the one after it says whether it is the last of its table, or of all. */
  #held: SourceRecord | null = null
  #isFirst = true
  #isTold = false

  private constructor(
    parts: SnapshotParts,
    connection: Connection,
    tables: readonly SnapshotTable[],
    position: Position,
    fixed: OffsetMap | null,
  ) {
    this.#config = parts.config
    this.#events = parts.events
    this.#log = parts.log
    this.#connection = connection
    this.#tables = tables
    this.#position = position
    this.#fixed = fixed
    const about = fixed === null ? 'Initial Snapshot' : 'Blocking Snapshot'
    this.#notify = (status, data, isLast = false) => parts.notifications.send(about, status, data, this.#offset(isLast))
    const collections = tables.map((one) => one.events.id.text).join(',')
    this.#notify('STARTED', collections === '' ? {} : { data_collections: collections })
  }

  /**
   * Opens the transaction in which all tables are read.
   * @param exported name of the snapshot that the slot exported, or null to read what is there now
   * @param lsn position after which the stream gives the rest
   * @param fixed offset of all records, where the stream goes on as if nothing had been (a blocking snapshot)
   */
  static async begin(
    parts: SnapshotParts,
    exported: string | null,
    lsn: number,
    tables: (connection: Connection) => Promise<readonly SnapshotTable[]>,
    fixed: OffsetMap | null = null,
  ): Promise<Snapshot> {
    const { config, log } = parts
    const connection = await Connection.open(config, 'Debezium General')
    try {
      await connection.ask('SET statement_timeout = 0')
      await connection.ask('BEGIN ISOLATION LEVEL REPEATABLE READ')
      if (exported !== null) await connection.ask(`SET TRANSACTION SNAPSHOT ${literal(exported)}`)
      const [row] = await connection.ask(
        `SELECT pg_catalog.pg_current_snapshot()::text AS snapshot, (extract(epoch FROM now()) * 1000000)::int8 AS us`,
      )
      const position: Position = {
        lsn,
        lsnCommit: null,
        txId: Number(String(row?.snapshot).split(':')[1]),
        events: 1,
        messageType: null,
        timeUs: Number(row?.us),
      }
      const list = await tables(connection)
      if (config['snapshot.locking.mode'] === 'shared' && list.length > 0) {
        await connection.ask(`SET lock_timeout = ${config['snapshot.lock.timeout.ms']}`)
        await connection.ask(`LOCK TABLE ${list.map((one) => quotedTable(one.table)).join(', ')} IN ACCESS SHARE MODE`)
      }
      log.info(`Snapshot of ${list.length} tables begins`)
      return new Snapshot(parts, connection, list, position, fixed)
    } catch (error) {
      connection.destroy()
      throw error
    }
  }

  /** Whether no row was read: then no offset is ever stored for it. To be asked at its end. */
  get isEmpty(): boolean {
    return this.#isFirst
  }
  /** Where the stream goes on. */
  get position(): Position {
    return this.#position
  }

  /**
   * The next records; null at the end, an empty array when none came within `ms`.
   * @throws ConnectException naming the table that cannot be read
   */
  async poll(max: number, ms: number, signal: AbortSignal): Promise<SourceRecord[] | null> {
    this.#events.emitter.clock.tick()
    const out: SourceRecord[] = []
    let bytes = 0
    while (out.length < max && bytes < BATCH_BYTES) {
      if (this.#current === null) {
        const next = this.#tables[this.#next++]
        if (next === undefined) {
          const last = this.#finish()
          // Without a row it is the notification that says the snapshot is done.
          if (!this.#isTold) this.#notify('COMPLETED', {}, last === null)
          this.#isTold = true
          out.push(...this.#events.outbox.take())
          if (last !== null) out.push(last)
          return out.length === 0 ? null : out
        }
        await this.#open(next)
      }
      const read = this.#read(out, max)
      bytes += read
      if (read > 0 || this.#current === null) continue
      if (out.length > 0 || signal.aborted) break
      await (this.#current as { copy: CopySocket }).copy.wait(ms, signal)
      if (!(this.#current as { copy: CopySocket }).copy.mayHaveNextFrame()) break
    }
    if (this.#events.outbox.size > 0) out.push(...this.#events.outbox.take())
    return out
  }

  async close(): Promise<void> {
    if (this.#current !== null) this.#connection.destroy()
    else await this.#connection.close()
  }

  async #open(of: SnapshotTable): Promise<void> {
    const { table, events, select } = of
    if (events.columns.length === 0) return
    const columns = events.columns.map((one) => quoted(one)).join(', ')
    const from = select === null ? quotedTable(table) : `(${select.replace(/;\s*$/, '')}) AS t`
    const copy = new CopySocket(this.#connection.socket, { maxWaitingBytes: WAITING_BYTES })
    try {
      await copy.begin(`COPY (SELECT ${columns} FROM ${from}) TO STDOUT`)
    } catch (cause) {
      throw this.#unreadable(table, cause)
    }
    this.#current = { of, copy, rows: 0 }
    this.#notify('IN_PROGRESS', { current_collection_in_progress: events.id.text })
  }

  /** Reads rows that are here; 0 when there are none now. */
  #read(out: SourceRecord[], max: number): number {
    const current = this.#current
    if (current === null) return 0
    const { events, table } = current.of
    const { copy } = current
    const { emitter, outbox } = this.#events
    const origin = this.#origin()
    const at: EventPosition = {
      source: null,
      offset: this.#offset(false),
      bytes: 0,
      transactionId: null,
    }
    let bytes = 0
    try {
      while (out.length < max && bytes < BATCH_BYTES) {
        const frame = copy.next()
        if (frame === null) {
          if (copy.ended) this.#tableDone()
          return bytes
        }
        bytes += frame.end - frame.start
        const row = events.readLine(frame.bytes, frame.start, frame.end)
        origin.snapshot = this.#isFirst ? 'first' : current.rows === 0 ? 'first_in_data_collection' : 'true'
        at.source = this.#events.source(origin, table.schema, table.name) as never
        const held = this.#held
        emitter.emitRead(events, events.keyOfLine(frame.bytes, frame.start, frame.end, row), row as Value, at)
        this.#held = outbox.pop() ?? null
        this.#isFirst = false
        current.rows++
        if (held !== null) out.push(held)
      }
      return bytes
    } catch (cause) {
      throw this.#unreadable(table, cause)
    }
  }

  #tableDone(): void {
    const current = this.#current as { of: SnapshotTable; copy: CopySocket; rows: number }
    current.copy.release()
    this.#current = null
    this.#log.info(`Snapshot of ${current.of.events.id.text}: ${current.rows} rows`)
    this.#notify('TABLE_SCAN_COMPLETED', {
      scanned_collection: current.of.events.id.text,
      total_rows_scanned: String(current.rows),
      status: 'SUCCEEDED',
    })
    if (current.rows > 0 && this.#held !== null) mark(this.#held, 'last_in_data_collection')
  }

  #finish(): SourceRecord | null {
    const held = this.#held
    this.#held = null
    if (held === null) return null
    mark(held, 'last')
    return withOffset(held, this.#offset(true))
  }

  #offset(isLast: boolean): OffsetMap {
    return this.#fixed ?? snapshotOffset(this.#position, isLast)
  }

  #origin(): Origin {
    const { lsn, txId, timeUs } = this.#position
    const origin = emptyOrigin('true')
    setTime(origin, timeUs)
    return Object.assign(origin, { sequence: sequence(null, lsn), txId, lsn })
  }

  #unreadable(table: Table, cause: unknown): ConnectException {
    const user = this.#config['database.user']
    return new ConnectException(`Cannot read the table ${tableName(table)} for the snapshot: ${errorMessage(cause)}`, {
      cause,
      action: `The user ${user} needs the right SELECT on it and USAGE on its schema.`,
    })
  }
}

function mark(record: SourceRecord, snapshot: string): void {
  const { source } = record.value as { source: { snapshot: string } }
  // The very first row keeps its mark unless it is the very last one, too.
  if (source.snapshot !== 'first' || snapshot === 'last') source.snapshot = snapshot
}
