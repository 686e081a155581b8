// Turns messages of the stream into records, and keeps the position: what was done before a restart is not done again.
import type { OffsetMap, SourceRecord } from '@millrace/api'
import { ConnectException } from '@millrace/api'
import type { Confirmations } from './confirmations.ts'
import type { EventMaker, KeyHeader, Origin, TransactionBlock } from './events.ts'
import { type Position, streamOffset } from './offset.ts'
import type { OldKind, PgOutputHandler, Relation } from './protocol/pgoutput.ts'
import { type Row, untouchedColumns } from './rows.ts'
import { nanosOf } from './source-info.ts'
import type { TableEvents } from './table-events.ts'
import type { Transactions } from './transactions.ts'

/** What decides about records. */
export interface ChangeOptions {
  readonly isCaptured: (schema: string, table: string) => boolean
  readonly isMessageCaptured: (prefix: string) => boolean
  readonly tombstones: boolean
  /** Operations that are not written, by their letter. */
  readonly skipped: ReadonlySet<string>
  readonly transactions: Transactions | null
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
  readonly #maker: EventMaker
  readonly #options: ChangeOptions
  readonly #confirmations: Confirmations
  /** Tables by the number of their relation; null for those that are not captured. */
  #tables = new Map<number, TableEvents | null>()
  /** A relation whose table has to be looked up before the next message. */
  #pending: Relation | null = null
  #out: SourceRecord[] = []

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
  readonly #origin: Origin

  /** @param start position to go on from, with the offset it was stored as */
  constructor(
    parts: { readonly maker: EventMaker; readonly confirmations: Confirmations },
    options: ChangeOptions,
    start: Position,
    startOffset: OffsetMap,
    log: string | null,
  ) {
    this.#maker = parts.maker
    this.#confirmations = parts.confirmations
    this.#options = options
    this.#last = start
    this.#log = log
    this.#lastOffset = startOffset
    this.#done = start
    this.#lsnCommit = start.lsnCommit
    this.#origin = {
      snapshot: 'false',
      sequence: '',
      timeMs: 0,
      timeUs: 0,
      timeNs: 0,
      txId: null,
      lsn: null,
      xmin: null,
      origin: null,
      originLsn: null,
    }
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
    this.#lastOffset = streamOffset(this.#last, this.#log)
    return this.#lastOffset
  }
  get pending(): Relation | null {
    return this.#pending
  }
  /** How many records wait to be taken. */
  get size(): number {
    return this.#out.length
  }

  take(): SourceRecord[] {
    const out = this.#out
    this.#out = []
    return out
  }
  /** Sets the position of the message that is read next, and the xmin of the slot if it is asked for. */
  at(lsn: number): void {
    this.#lsn = lsn
  }
  set xmin(xmin: number | null) {
    this.#origin.xmin = xmin
  }
  /** Takes a record of another kind, such as a heartbeat. */
  add(record: SourceRecord): void {
    this.#out.push(record)
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
    origin.timeUs = commitTimeUs
    origin.timeMs = Math.floor(commitTimeUs / 1000)
    origin.timeNs = nanosOf(commitTimeUs)
    origin.txId = xid
    origin.origin = null
    origin.originLsn = null
    this.#inTransaction = true
    this.#wroteInTransaction = false
    this.#eventLsn = 0
    const done = this.#done
    this.#inDone = done !== null && done.txId === xid && done.messageType !== null
    if (done !== null && !this.#inDone && this.#lsn > done.lsn) this.#done = null
    if (!this.#inDone) this.#options.transactions?.begin(xid, this.#lsn, this.#maker, commitTimeUs, this)
  }

  commit(_commitLsn: number, endLsn: number, commitTimeUs: number): void {
    this.#options.transactions?.end(this.#lsn, this.#maker, commitTimeUs, this)
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
    if (table === null || this.#isDone() || this.#options.skipped.has('c')) return
    const after = table.readTuple(bytes, newAt)
    const offset = this.#advance(OPERATION.INSERT)
    this.#change(table, 'c', table.keyOf(after), null, after, offset)
  }

  update(relationId: number, bytes: Buffer, old: OldKind, oldAt: number, newAt: number): void {
    const table = this.#tableOf(relationId)
    if (table === null || this.#isDone() || this.#options.skipped.has('u')) return
    const oldRow = old === 'none' ? null : table.readTuple(bytes, oldAt)
    const after = table.readTuple(bytes, newAt)
    if (oldRow !== null && old === 'full') keepUntouched(bytes, newAt, table, oldRow, after)
    const key = table.keyOf(after)
    const oldKey = oldRow === null ? null : table.keyOf(oldRow)
    const before = oldRow
    if (oldKey === null || key === null || table.sameKey(oldKey, key)) {
      this.#change(table, 'u', key, old === 'full' ? before : null, after, this.#advance(OPERATION.UPDATE))
      return
    }
    // The key is another one: the old one ends, a new one begins. Offsets of all but the last record are those of the event
    // before, so that none of the three can be lost.
    const prior = this.#lastOffset
    const offset = this.#advance(OPERATION.UPDATE)
    const newKey: KeyHeader = { name: '__debezium.newkey', key }
    this.#change(table, 'd', oldKey, before, null, prior, newKey)
    if (this.#options.tombstones) this.#out.push(this.#maker.tombstone(table, oldKey, prior, newKey))
    this.#change(table, 'c', key, null, after, offset, { name: '__debezium.oldkey', key: oldKey })
  }

  delete(relationId: number, bytes: Buffer, _old: OldKind, oldAt: number): void {
    const table = this.#tableOf(relationId)
    if (table === null || this.#isDone() || this.#options.skipped.has('d')) return
    const before = table.readTuple(bytes, oldAt)
    const key = table.keyOf(before)
    const prior = this.#lastOffset
    const offset = this.#advance(OPERATION.DELETE)
    this.#change(table, 'd', key, before, null, this.#options.tombstones ? prior : offset)
    if (this.#options.tombstones) this.#out.push(this.#maker.tombstone(table, key, offset))
  }

  truncate(relationIds: readonly number[]): void {
    const tables = relationIds.map((id) => this.#tableOf(id)).filter((one) => one !== null)
    if (tables.length === 0 || this.#isDone() || this.#options.skipped.has('t')) return
    const prior = this.#lastOffset
    const offset = this.#advance(OPERATION.TRUNCATE)
    for (const [index, table] of tables.entries()) {
      this.#change(table, 't', null, null, null, index === tables.length - 1 ? offset : prior)
    }
  }

  message(transactional: boolean, lsn: number, prefix: string, content: Buffer): void {
    if (!this.#options.isMessageCaptured(prefix)) return
    const copy = Buffer.from(content)
    if (transactional) {
      if (this.#isDone()) return
      const offset = this.#advance(OPERATION.MESSAGE)
      const source = this.#maker.source(this.#origin, '', '')
      this.#out.push(this.#maker.message(prefix, copy, source, this.#block(`${prefix}`), offset))
      return
    }
    // It belongs to no transaction, and comes when it is written, not when something commits.
    if (this.#done !== null && lsn <= this.#done.lsn && this.#done.messageType !== null) return
    const now = Date.now()
    const at = { ...this.#origin, txId: null, timeMs: now, timeUs: now * 1000, timeNs: nanosOf(now * 1000), lsn }
    at.sequence = sequence(this.#lsnCommit, lsn)
    const offset = this.#lastOffset
    this.#out.push(this.#maker.message(prefix, copy, this.#maker.source(at, '', ''), null, offset))
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

  /** Makes the event under way the last one. */
  #advance(messageType: string): OffsetMap {
    const origin = this.#origin
    const position: Position = {
      lsn: this.#lsn,
      lsnCommit: this.#lsnCommit,
      txId: origin.txId,
      events: this.#eventsHere,
      messageType,
      timeUs: origin.timeUs,
    }
    origin.lsn = this.#lsn
    origin.sequence = sequence(this.#lsnCommit, this.#lsn)
    this.#last = position
    this.#wroteInTransaction = true
    const offset = streamOffset(position, this.#log)
    this.#lastOffset = offset
    return offset
  }

  #change(
    table: TableEvents,
    op: string,
    key: Row | null,
    before: Row | null,
    after: Row | null,
    offset: OffsetMap,
    keyHeader: KeyHeader | null = null,
  ): void {
    const source = this.#maker.source(this.#origin, table.schema, table.table)
    this.#out.push(
      this.#maker.change(table, op, key, before, after, source, this.#block(table.name), offset, keyHeader),
    )
  }

  #block(collection: string): TransactionBlock | null {
    return this.#options.transactions?.event(collection, this.#lsn) ?? null
  }
}

/** `["lsn of the last commit","lsn"]`. */
export function sequence(lsnCommit: number | null, lsn: number): string {
  return lsnCommit === null ? `[null,"${lsn}"]` : `["${lsnCommit}","${lsn}"]`
}

/** With the whole old row at hand, a large value that was not touched is the old one. */
function keepUntouched(bytes: Buffer, newAt: number, table: TableEvents, before: Row, after: Row): void {
  for (const name of untouchedColumns(bytes, newAt, table.tuple)) if (name in after) after[name] = before[name]
}
