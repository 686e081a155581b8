// Makes the records of changes and queues them: what a connector calls for each row.
import { type Header, Headers, type OffsetMap, type Schema, SourceRecord, type Value, valueEquals } from '@millrace/api'
import type { Row } from '../dialect.ts'
import type { ChangeQueue } from './change-queue.ts'
import { EventClock } from './instant.ts'
import type { TableEvents } from './table-events.ts'
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
  /** Headers of every streamed record (`extended.headers.enabled`); empty for none. */
  readonly contextHeaders: readonly Header[]
  /** Changes a key and an envelope before they are sent (`post.processors`); null for none. */
  readonly postProcess: ((table: TableEvents, key: Value, value: Envelope) => void) | null
}

/** What the emitter tells of: metrics, signals and incremental snapshots look on by it. All are called before the record is queued. */
export interface EmitterListener {
  /** A change is about to be sent. */
  onEvent(table: TableEvents, op: Operation, key: Value, value: Envelope): void
  /** An operation of `skipped.operations`. */
  onSkipped(table: TableEvents, op: Operation): void
  /** An update without change, under `skip.messages.without.change`. */
  onUnchanged(table: TableEvents): void
}

/** Where in the source a row comes from. The caller may use one object again and again: nothing is kept but its members' values. */
export interface EventPosition {
  /** The `source` block: may be one object for all events of a transaction where it says the same. */
  source: Value
  /** Offset to resume from after this event. A new object for each event that has another one. */
  offset: OffsetMap
  /** Bytes of input that the event stands for. */
  bytes: number
  /** The transaction, for `provide.transaction.metadata`; else it is not looked at. */
  transactionId: string | null
}

/**
 * Makes events of rows. Synchronous, without a closure or promise per row; back-pressure is the queue's. Call
 * `clock.tick()` once per chunk of input: its time is the events' `ts_ms`.
 */
export class ChangeEmitter {
  readonly clock = new EventClock()
  readonly queue: ChangeQueue
  readonly #partition: OffsetMap
  readonly #options: EmitterOptions
  readonly #transactions: TransactionMonitor | null
  readonly #listener: EmitterListener | null

  constructor(
    queue: ChangeQueue,
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
    const key = table.key(row)
    const value = this.#envelope(null, table.value(row), 'r', at)
    this.#options.postProcess?.(table, key, value)
    this.#listener?.onEvent(table, 'r', key, value)
    this.queue.push(this.#record(table, key, value, at.offset, null), at.bytes)
  }

  /** An inserted row. */
  create(table: TableEvents, row: Row, at: EventPosition): void {
    this.#change(table, 'c', table.key(row), null, table.value(row), at, null)
  }

  /**
   * An updated row; `before` is null where the database does not tell it. A change of the key becomes a delete of the old
   * one and a create of the new one, tied by headers.
   */
  update(table: TableEvents, before: Row | null, after: Row, at: EventPosition): void {
    const key = table.key(after)
    const value = table.value(after)
    if (before === null) {
      this.#change(table, 'u', key, null, value, at, null)
      return
    }
    const old = table.value(before)
    if (this.#options.skipMessagesWithoutChange && valueEquals(old, value)) {
      this.#listener?.onUnchanged(table)
      return
    }
    const oldKey = table.key(before)
    if (sameKey(oldKey, key)) {
      this.#change(table, 'u', key, old, value, at, null)
      return
    }
    const schema = table.keySchema as Schema
    this.#change(table, 'd', oldKey, old, null, at, { key: '__debezium.newkey', schema, value: key })
    this.#change(table, 'c', key, null, value, at, { key: '__debezium.oldkey', schema, value: oldKey })
  }

  /** A deleted row. */
  delete(table: TableEvents, row: Row, at: EventPosition): void {
    this.#change(table, 'd', table.key(row), table.value(row), null, at, null)
  }

  /** All rows of a table are gone. */
  truncate(table: TableEvents, at: EventPosition): void {
    this.#change(table, 't', null, null, null, at, null)
  }

  /** A record of another kind: heartbeat, schema change, logical message, notification. It is queued as it is: give a streamed one its {@link headers}. */
  emit(record: SourceRecord, bytes = 0): void {
    this.queue.push(record, bytes)
  }

  /** Headers of a streamed record, with one more; null for none. */
  headers(extra: Header | null = null): Headers | null {
    const { contextHeaders } = this.#options
    if (extra === null) return contextHeaders.length === 0 ? null : new Headers(contextHeaders)
    return new Headers([extra, ...contextHeaders])
  }

  #change(
    table: TableEvents,
    op: Operation,
    key: Value,
    before: Value,
    after: Value,
    at: EventPosition,
    header: Header | null,
  ): void {
    if (this.#options.skippedOperations.has(op)) {
      this.#listener?.onSkipped(table, op)
      return
    }
    const value = this.#envelope(before, after, op, at)
    let { offset } = at
    if (this.#transactions !== null) {
      value.transaction = this.#transactions.event(at.transactionId, table.id, this.clock.now, offset)
      offset = this.#transactions.store(offset)
    }
    this.#listener?.onEvent(table, op, key, value)
    this.#options.postProcess?.(table, key, value)
    this.queue.push(this.#record(table, key, value, offset, this.headers(header)), at.bytes)
    if (op !== 'd' || !this.#options.tombstonesOnDelete) return
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

  #record(table: TableEvents, key: Value, value: Envelope, offset: OffsetMap, headers: Headers | null): SourceRecord {
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
