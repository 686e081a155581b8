// Turns messages of the stream into records, and keeps the position: what was done before a restart is not done again.
import {
  ConnectException,
  errorMessage,
  type Logger,
  type OffsetMap,
  type SourceRecord,
  type Value,
} from '@millrace/api'
import { type EventPosition, instantOfMicros } from '@millrace/kit-cdc'
import type { Confirmations } from './confirmations.ts'
import type { Events } from './events.ts'
import { type Position, streamOffset } from './offset.ts'
import { lsnToString } from './protocol/lsn.ts'
import type { OldKind, PgOutputHandler, Relation } from './protocol/pgoutput.ts'
import { type Row, untouchedColumns } from './rows.ts'
import { emptyOrigin, type Origin, sequence, setTime } from './source-info.ts'
import type { TableEvents } from './table-events.ts'

/** What decides about records. */
export interface ChangeOptions {
  readonly isCaptured: (schema: string, table: string) => boolean
  readonly isMessageCaptured: (prefix: string) => boolean
  /** `event.processing.failure.handling.mode` */
  readonly failure: string
  readonly isSignalTable: (table: TableEvents) => boolean
  /** A row of the signal table was written or deleted; after its event. */
  readonly onSignalRow: (table: TableEvents, row: Value, deleted: boolean) => void
  /** Adds what else offsets hold. */
  readonly store: (offset: OffsetMap) => OffsetMap
}

const OPERATION = {
  INSERT: 'INSERT',
  UPDATE: 'UPDATE',
  DELETE: 'DELETE',
  TRUNCATE: 'TRUNCATE',
  MESSAGE: 'MESSAGE',
} as const

/** Handler of one stream after the other; records are taken by {@link take}. */
export class Changes implements PgOutputHandler {
  readonly #events: Events
  readonly #options: ChangeOptions
  readonly #logger: Logger
  readonly #confirmations: Confirmations
  /** Tables by the number of their relation; null for those that are not captured. */
  #tables = new Map<number, TableEvents | null>()
  /** A relation whose table has to be looked up before the next message. */
  #pending: Relation | null = null

  /** Position of the last event that was written, and its offset. */
  #last: Position
  #lastOffset: OffsetMap
  /** What was done before this stream began: nothing of it is written again. */
  #done: Position | null
  /** Whether the transaction under way is the one in whose middle the stream before ended. */
  #inDone = false

  /** Log that positions are of. */
  #log: string | null
  #inTransaction = false
  #wroteInTransaction = false
  #lsnCommit: number | null
  /** All before this is read: the end of the last transaction, or what the server said after it. */
  #reached = 0
  /** Where the message under way begins. */
  #lsn = 0
  #eventLsn = 0
  #eventsHere = 0
  #current!: Position
  #sizeBefore = 0
  readonly #origin: Origin = emptyOrigin()
  /** Given to the emitter again and again. */
  readonly #at: EventPosition

  /** @param start position to go on from, with the offset it was stored as */
  constructor(
    parts: { readonly events: Events; readonly confirmations: Confirmations; readonly log: Logger },
    options: ChangeOptions,
    start: Position,
    startOffset: OffsetMap,
    log: string | null,
  ) {
    this.#events = parts.events
    this.#confirmations = parts.confirmations
    this.#options = options
    this.#logger = parts.log
    this.#last = start
    this.#log = log
    this.#lastOffset = startOffset
    this.#done = start
    this.#lsnCommit = start.lsnCommit
    this.#at = { source: null, offset: startOffset, prior: null, bytes: 0, transactionId: null }
    this.#events.transactions?.load(startOffset)
  }

  /** A new stream begins where the last one was: relations are announced again, a transaction begun is sent whole. */
  restart(): void {
    this.#tables = new Map()
    this.#pending = null
    this.#done = this.#last
    this.#inDone = false
    this.#inTransaction = false
    this.#lsnCommit = this.#last.lsnCommit
    this.#eventLsn = 0
  }

  /** Where the stream has to begin: the server sends every transaction that ended after this. */
  get startLsn(): number {
    return this.#last.lsnCommit ?? this.#last.lsn
  }
  /** The furthest position that was written or is known to be done. */
  get furthest(): number {
    return Math.max(this.#last.lsn, this.#last.lsnCommit ?? 0)
  }
  get last(): Position {
    return this.#last
  }
  /** Log that positions are of; null when it is not known. */
  get log(): string | null {
    return this.#log
  }
  set log(name: string) {
    this.#log = name
  }
  get lastOffset(): OffsetMap {
    return this.#lastOffset
  }
  /** What may be confirmed to the server. */
  get flushLsn(): number {
    const isOpen = this.#inTransaction && this.#wroteInTransaction
    return this.#confirmations.flushLsn(this.#last, isOpen ? null : this.#reached)
  }
  /** Between transactions, an offset that says how far reading is; else that of the last record. */
  get currentOffset(): OffsetMap {
    if (this.#inTransaction || this.#reached === 0 || this.#reached <= this.#last.lsn) return this.#lastOffset
    const { txId, timeUs } = this.#origin
    const lsn = this.#reached
    this.#last = { lsn, lsnCommit: lsn, txId, events: 1, messageType: 'COMMIT', timeUs }
    this.#lsnCommit = lsn
    this.#lastOffset = this.#options.store(streamOffset(this.#last, this.#log))
    return this.#lastOffset
  }
  get pending(): Relation | null {
    return this.#pending
  }
  /** How many records wait to be taken. */
  get size(): number {
    return this.#events.outbox.size
  }

  take(): SourceRecord[] {
    return this.#events.outbox.take()
  }
  /** Sets the position of the message that is read next, and the xmin of the slot if it is asked for. */
  at(lsn: number): void {
    this.#lsn = lsn
  }
  set xmin(xmin: number | null) {
    this.#origin.xmin = xmin
  }
  /** The server has sent all before this. */
  reached(lsn: number): void {
    if (!this.#inTransaction && lsn > this.#reached) this.#reached = lsn
  }
  /** Completes {@link pending}. */
  resolve(relation: Relation, table: TableEvents | null): void {
    this.#tables.set(relation.id, table)
    this.#pending = null
  }

  begin(_finalLsn: number, commitTimeUs: number, xid: number): void {
    const origin = this.#origin
    setTime(origin, commitTimeUs)
    origin.txId = xid
    origin.origin = null
    origin.originLsn = null
    this.#inTransaction = true
    this.#wroteInTransaction = false
    this.#eventLsn = 0
    const done = this.#done
    this.#inDone = done !== null && done.txId === xid && done.messageType !== null
    if (done !== null && !this.#inDone && this.#lsn > done.lsn) this.#done = null
    this.#at.transactionId = String(xid)
    const { transactions } = this.#events
    if (transactions === null || this.#inDone) return
    transactions.begin(String(xid), instantOfMicros(commitTimeUs), this.#lastOffset, this.#transactionName())
  }

  commit(_commitLsn: number, endLsn: number, commitTimeUs: number): void {
    this.#events.transactions?.commit(instantOfMicros(commitTimeUs), this.#lastOffset, this.#transactionName())
    this.#inTransaction = false
    this.#wroteInTransaction = false
    if (this.#inDone) {
      this.#inDone = false
      this.#done = null
    }
    this.#lsnCommit = endLsn
    if (endLsn > this.#reached) this.#reached = endLsn
  }

  origin(lsn: number, name: string): void {
    this.#origin.origin = name
    this.#origin.originLsn = lsn
  }

  relation(relation: Relation): void {
    if (this.#options.isCaptured(relation.schema, relation.table)) this.#pending = relation
    else this.#tables.set(relation.id, null)
  }

  insert(relationId: number, bytes: Buffer, newAt: number): void {
    const table = this.#tableOf(relationId)
    if (table === null || this.#isDone()) return
    try {
      const after = table.readTuple(bytes, newAt)
      const key = table.keyOfTuple(bytes, newAt, after)
      this.#events.emitter.emitCreate(table, key, after as Value, this.#begun(OPERATION.INSERT, table))
      this.#emitted()
      if (this.#options.isSignalTable(table)) this.#options.onSignalRow(table, after as Value, false)
    } catch (error) {
      this.#unprocessable(table, error)
    }
  }

  update(relationId: number, bytes: Buffer, old: OldKind, oldAt: number, newAt: number): void {
    const table = this.#tableOf(relationId)
    if (table === null || this.#isDone()) return
    try {
      const before = old === 'none' ? null : table.readTuple(bytes, oldAt)
      const after = table.readTuple(bytes, newAt)
      if (before !== null && old === 'full') keepUntouched(bytes, newAt, table, before, after)
      const key = table.keyOfTuple(bytes, newAt, after)
      const oldKey = before === null ? null : table.keyOfTuple(bytes, oldAt, before)
      const at = this.#begun(OPERATION.UPDATE, table)
      this.#events.emitter.emitUpdate(table, oldKey, before as Value, key, after as Value, at, old === 'full')
      this.#emitted()
    } catch (error) {
      this.#unprocessable(table, error)
    }
  }

  delete(relationId: number, bytes: Buffer, _old: OldKind, oldAt: number): void {
    const table = this.#tableOf(relationId)
    if (table === null || this.#isDone()) return
    try {
      const before = table.readTuple(bytes, oldAt)
      const key = table.keyOfTuple(bytes, oldAt, before)
      this.#events.emitter.emitDelete(table, key, before as Value, this.#begun(OPERATION.DELETE, table))
      this.#emitted()
      if (this.#options.isSignalTable(table)) this.#options.onSignalRow(table, before as Value, true)
    } catch (error) {
      this.#unprocessable(table, error)
    }
  }

  truncate(relationIds: readonly number[]): void {
    const tables = relationIds.map((id) => this.#tableOf(id)).filter((one) => one !== null)
    if (tables.length === 0 || this.#isDone()) return
    for (const [index, table] of tables.entries()) {
      this.#events.emitter.truncate(table, this.#begun(OPERATION.TRUNCATE, table), index === tables.length - 1)
    }
    this.#emitted()
  }

  message(transactional: boolean, lsn: number, prefix: string, content: Buffer): void {
    if (!this.#options.isMessageCaptured(prefix)) return
    const copy = Buffer.from(content)
    const events = this.#events
    if (transactional) {
      if (this.#isDone()) return
      const at = this.#begun(OPERATION.MESSAGE, null)
      let block: Value = null
      if (events.transactions !== null) {
        const now = events.emitter.clock.now
        block = events.transactions.event(at.transactionId, { text: prefix }, now, at.offset, at.transactionName)
        at.offset = events.transactions.store(at.offset)
      }
      events.message(prefix, copy, events.source(this.#origin, '', ''), block, at.offset)
      this.#emitted()
      return
    }
    // It belongs to no transaction, and comes when it is written, not when something commits.
    if (this.#done !== null && lsn <= this.#done.lsn && this.#done.messageType !== null) return
    const at: Origin = { ...this.#origin, txId: null, lsn, sequence: sequence(this.#lsnCommit, lsn) }
    setTime(at, Date.now() * 1000)
    events.message(prefix, copy, events.source(at, '', ''), null, this.#lastOffset)
  }

  #tableOf(relationId: number): TableEvents | null {
    const table = this.#tables.get(relationId)
    if (table !== undefined) return table
    throw new ConnectException(`The server sent a row of the relation ${relationId} without saying which table that is`)
  }

  /** Whether this event was written before the stream began. Counts events at one position. */
  #isDone(): boolean {
    const lsn = this.#lsn
    this.#eventsHere = lsn === this.#eventLsn ? this.#eventsHere + 1 : 1
    this.#eventLsn = lsn
    if (!this.#inDone) return false
    const done = this.#done as Position
    if (lsn < done.lsn) return true
    if (lsn === done.lsn && this.#eventsHere <= done.events) return true
    this.#inDone = false
    this.#done = null
    return false
  }

  /** Where the event under way is. */
  #begun(messageType: string, table: TableEvents | null): EventPosition {
    const origin = this.#origin
    const at = this.#at
    this.#current = {
      lsn: this.#lsn,
      lsnCommit: this.#lsnCommit,
      txId: origin.txId,
      events: this.#eventsHere,
      messageType,
      timeUs: origin.timeUs,
    }
    origin.lsn = this.#lsn
    origin.sequence = sequence(this.#lsnCommit, this.#lsn)
    at.offset = this.#options.store(streamOffset(this.#current, this.#log))
    at.prior = this.#lastOffset
    if (table !== null) at.source = this.#events.source(origin, table.id.schema as string, table.id.table) as never
    if (this.#events.transactions !== null) at.transactionName = this.#transactionName()
    this.#sizeBefore = this.#events.outbox.size
    return at
  }

  /** Makes the event under way the last one, unless nothing of it was to be written. */
  #emitted(): void {
    if (this.#events.outbox.size === this.#sizeBefore) return
    this.#last = this.#current
    this.#lastOffset = this.#at.offset
    this.#wroteInTransaction = true
  }

  /** An event could not be made: fails, or leaves it out, as `event.processing.failure.handling.mode` says. */
  #unprocessable(table: TableEvents, error: unknown): void {
    const { failure } = this.#options
    if (failure === 'fail') throw error
    const text = `A change of ${table.id.text} at ${lsnToString(this.#lsn)} cannot be handled and is left out: ${errorMessage(error)}`
    if (failure === 'warn') this.#logger.warn(text, { error })
    else this.#logger.debug(text, { error })
  }

  /** Transactions are called by their number and the position of the message. */
  #transactionName(): string {
    return `${this.#origin.txId}:${this.#lsn}`
  }
}

/** With the whole old row at hand, a large value that was not touched is the old one. */
function keepUntouched(bytes: Buffer, newAt: number, table: TableEvents, before: Row, after: Row): void {
  for (const name of untouchedColumns(bytes, newAt, table.tuple)) after[name] = before[name]
}
