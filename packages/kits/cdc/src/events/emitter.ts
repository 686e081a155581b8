// Makes the records of changes and queues them: what a connector calls for each row.
import { type Header, Headers, type OffsetMap, type Schema, SourceRecord, type Value, valueEquals } from '@millrace/api'
import type { Row } from '../dialect.ts'
import type { ChangeQueue } from './change-queue.ts'
import { EventClock } from './instant.ts'
import type { TableEvents, TableShape } from './table-events.ts'
import type { TransactionMonitor } from './transactions.ts'

/** An event's `op`. */
export type Operation = 'c' | 'u' | 'd' | 'r' | 't' | 'm'

/** A change event's value, in the order of its schema. */
export interface Envelope {
  before: Value
  after: Value
  source: Value
  transaction: Value
  op: Operation
  ts_ms: number
  ts_us: number
  ts_ns: number | bigint
}

/** How events are made; from the configuration, by the names of its keys. */
export interface EmitterOptions {
  readonly tombstonesOnDelete: boolean
  /** Of streaming only: a snapshot's `r` is never skipped. */
  readonly skippedOperations: ReadonlySet<Operation>
  readonly skipMessagesWithoutChange: boolean
  /** Headers of every change (`extended.headers.enabled`); empty for none. */
  readonly contextHeaders: readonly Header[]
  /** Changes a key and an envelope before they are sent (`post.processors`); null for none. */
  readonly postProcess: ((table: TableShape, key: Value, value: Envelope) => void) | null
}

/** What the emitter tells of: metrics, signals and incremental snapshots look on by it. All are called before the record is queued. */
export interface EmitterListener {
  /** A change is about to be sent. */
  onEvent(table: TableShape, op: Operation, key: Value, value: Envelope): void
  /** An operation of `skipped.operations`. */
  onSkipped(table: TableShape, op: Operation): void
  /** An update without change, under `skip.messages.without.change`. */
  onUnchanged(table: TableShape): void
}

/** Where in the source a row comes from. The caller may use one object again and again: nothing is kept but its members' values. */
export interface EventPosition {
  /** The `source` block: may be one object for all events of a transaction where it says the same. */
  source: Value
  /**
   * Offset to resume from after this event. A new object for each event that has another one. With
   * `provide.transaction.metadata` it is replaced by one that holds the transaction's counts, too.
   */
  offset: OffsetMap
  /**
   * Offset of the event before: all records of an event but the last carry it, so that a stop between them loses none.
   * Without it all carry `offset`.
   */
  prior?: OffsetMap | null
  /** Bytes of input that the event stands for. */
  bytes: number
  /** The transaction, for `provide.transaction.metadata`; else it is not looked at. */
  transactionId: string | null
  /** What records call the transaction, where that is not its id. */
  transactionName?: string | undefined
}

/** Takes the records of an emitter: a {@link ChangeQueue}, or what else a connector keeps them in. */
export interface RecordSink {
  /** @param bytes of input that the record stands for */
  push(record: SourceRecord, bytes: number): void
}

/**
 * Makes events of rows. Synchronous, without a closure or promise per row; back-pressure is the queue's. Call
 * `clock.tick()` once per chunk of input: its time is the events' `ts_ms`.
 */
export class ChangeEmitter<Q extends RecordSink = ChangeQueue> {
  readonly clock = new EventClock()
  readonly queue: Q
  readonly #partition: OffsetMap
  readonly #options: EmitterOptions
  readonly #transactions: TransactionMonitor | null
  readonly #listener: EmitterListener | null

  constructor(
    queue: Q,
    partition: OffsetMap,
    options: EmitterOptions,
    transactions: TransactionMonitor | null = null,
    listener: EmitterListener | null = null,
  ) {
    this.queue = queue
    this.#partition = partition
    this.#options = options
    this.#transactions = transactions
    this.#listener = listener
  }

  /** A row of a snapshot. */
  read(table: TableEvents, row: Row, at: EventPosition): void {
    this.emitRead(table, table.key(row), table.value(row), at)
  }

  /** An inserted row. */
  create(table: TableEvents, row: Row, at: EventPosition): void {
    this.emitCreate(table, table.key(row), table.value(row), at)
  }

  /**
   * An updated row; `before` is null where the database does not tell it. A change of the key becomes a delete of the old
   * one and a create of the new one, tied by headers.
   */
  update(table: TableEvents, before: Row | null, after: Row, at: EventPosition): void {
    const key = table.key(after)
    const value = table.value(after)
    if (before === null) this.emitUpdate(table, null, null, key, value, at)
    else this.emitUpdate(table, table.key(before), table.value(before), key, value, at)
  }

  /** A deleted row. */
  delete(table: TableEvents, row: Row, at: EventPosition): void {
    this.emitDelete(table, table.key(row), table.value(row), at)
  }

  /** As {@link read}, of structs. */
  emitRead(table: TableShape, key: Value, after: Value, at: EventPosition): void {
    const value = this.#envelope(null, after, 'r', at)
    this.#options.postProcess?.(table, key, value)
    this.#listener?.onEvent(table, 'r', key, value)
    this.queue.push(this.#record(table, key, value, at.offset, this.headers()), at.bytes)
  }

  /** As {@link create}, of structs. */
  emitCreate(table: TableShape, key: Value, after: Value, at: EventPosition): void {
    if (!this.#skips(table, 'c')) this.#change(table, 'c', key, null, after, at, null, true)
  }

  /**
   * As {@link update}, of structs.
   * @param oldKey null where it is not told: then it is the same
   * @param isWhole false where `before` holds the key alone: it then shows only in the deletion of a changed key
   */
  emitUpdate(
    table: TableShape,
    oldKey: Value,
    before: Value,
    key: Value,
    after: Value,
    at: EventPosition,
    isWhole = true,
  ): void {
    if (isWhole && this.#options.skipMessagesWithoutChange && before !== null && valueEquals(before, after)) {
      this.#listener?.onUnchanged(table)
      return
    }
    if (sameKey(oldKey, key)) {
      if (!this.#skips(table, 'u')) this.#change(table, 'u', key, isWhole ? before : null, after, at, null, true)
      return
    }
    const schema = table.keySchema as Schema
    const creates = !this.#skips(table, 'c')
    if (!this.#skips(table, 'd'))
      this.#change(table, 'd', oldKey, before, null, at, { key: '__debezium.newkey', schema, value: key }, !creates)
    if (creates)
      this.#change(table, 'c', key, null, after, at, { key: '__debezium.oldkey', schema, value: oldKey }, true)
  }

  /** As {@link delete}, of structs. */
  emitDelete(table: TableShape, key: Value, before: Value, at: EventPosition): void {
    if (!this.#skips(table, 'd')) this.#change(table, 'd', key, before, null, at, null, true)
  }

  /**
   * All rows of a table are gone.
   * @param isLast false for all but the last of several tables that one event truncates
   */
  truncate(table: TableShape, at: EventPosition, isLast = true): void {
    if (!this.#skips(table, 't')) this.#change(table, 't', null, null, null, at, null, isLast)
  }

  /** A record of another kind: heartbeat, schema change, logical message, notification. It is queued as it is: give a streamed one its {@link headers}. */
  emit(record: SourceRecord, bytes = 0): void {
    this.queue.push(record, bytes)
  }

  /** Headers of a change, with one more; null for none. */
  headers(extra: Header | null = null): Headers | null {
    const { contextHeaders } = this.#options
    if (extra === null) return contextHeaders.length === 0 ? null : new Headers(contextHeaders)
    return new Headers([extra, ...contextHeaders])
  }

  #skips(table: TableShape, op: Operation): boolean {
    if (!this.#options.skippedOperations.has(op)) return false
    this.#listener?.onSkipped(table, op)
    return true
  }

  #change(
    table: TableShape,
    op: Operation,
    key: Value,
    before: Value,
    after: Value,
    at: EventPosition,
    header: Header | null,
    isLast: boolean,
  ): void {
    const value = this.#envelope(before, after, op, at)
    const transactions = this.#transactions
    if (transactions !== null) {
      value.transaction = transactions.event(at.transactionId, table.id, this.clock.now, at.offset, at.transactionName)
      at.offset = transactions.store(at.offset)
    }
    this.#listener?.onEvent(table, op, key, value)
    this.#options.postProcess?.(table, key, value)
    const prior = at.prior ?? at.offset
    const buries = op === 'd' && this.#options.tombstonesOnDelete
    const offset = isLast ? at.offset : prior
    this.queue.push(this.#record(table, key, value, buries ? prior : offset, this.headers(header)), at.bytes)
    if (!buries) return
    this.queue.push(
      new SourceRecord({
        sourcePartition: this.#partition,
        sourceOffset: offset,
        topic: table.topic,
        keySchema: table.keySchema,
        key,
        headers: this.headers(header),
      }),
      0,
    )
  }

  #envelope(before: Value, after: Value, op: Operation, at: EventPosition): Envelope {
    const { ms, us, ns } = this.clock.now
    return { before, after, source: at.source, transaction: null, op, ts_ms: ms, ts_us: us, ts_ns: ns }
  }

  #record(table: TableShape, key: Value, value: Envelope, offset: OffsetMap, headers: Headers | null): SourceRecord {
    return new SourceRecord({
      sourcePartition: this.#partition,
      sourceOffset: offset,
      topic: table.topic,
      // A truncation has no key, and then no key schema.
      keySchema: key === null ? null : table.keySchema,
      key,
      valueSchema: table.envelopeSchema,
      value,
      headers,
    })
  }
}

function sameKey(a: Value, b: Value): boolean {
  if (a === b || a === null || b === null) return true
  const old = a as Readonly<Record<string, Value>>
  const now = b as Readonly<Record<string, Value>>
  for (const name in old) {
    const left = old[name]
    const right = now[name]
    if (left !== right && !valueEquals(left, right)) return false
  }
  return true
}
