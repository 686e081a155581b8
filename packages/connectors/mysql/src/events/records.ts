// Source records out of rows and statements.
import { type Header, Headers, type OffsetMap, SourceRecord, type Value } from '@millrace/api'
import type { DdlChange } from '../ddl/parse.ts'
import { tableChanges } from '../history/record.ts'
import type { OffsetTracker } from '../offset.ts'
import { SCHEMA_CHANGE, type SchemaChangeSchemas } from './schema-change.ts'
import { nanoseconds, sourceValue } from './source-info.ts'
import type { TableEvents } from './table-events.ts'

type Row = Record<string, Value>
export type Operation = 'c' | 'u' | 'd' | 'r' | 't'

/** What all records of a task share. */
export interface RecordSettings {
  readonly kind: string
  readonly prefix: string
  readonly partition: OffsetMap
  readonly tombstones: boolean
  readonly schemaChange: SchemaChangeSchemas
  readonly headers: readonly (readonly [string, string])[]
}

/** Makes records; an update that changes the key becomes a deletion and an insert. */
export class Records {
  readonly #settings: RecordSettings

  /** Of every record: the same objects, so that they are converted once. */
  readonly #context: readonly Header[]
  #ms = 0
  #us = 0
  #ns = 0n

  constructor(settings: RecordSettings) {
    this.#settings = settings
    this.#context = settings.headers.map(([key, value]) => ({ key, value, schema: SCHEMA_CHANGE.string }))
    this.tick()
  }

  /** Takes the time for the records that follow. */
  tick(): void {
    const now = performance.timeOrigin + performance.now()
    this.#ms = Math.floor(now)
    this.#us = Math.floor(now * 1_000)
    this.#ns = nanoseconds(now)
  }

  /** Records of one change. `snapshot` is the marker of the source block. */
  change(
    table: TableEvents,
    operation: Operation,
    before: Row | null,
    after: Row | null,
    at: OffsetTracker,
    row: number,
    snapshot = 'false',
    into: SourceRecord[] = [],
  ): SourceRecord[] {
    const source = this.#source(table, at, row, snapshot)
    const key = operation === 't' ? null : table.key((after ?? before)!)
    if (operation === 'u' && key !== null) {
      const old = table.key(before!)!
      if (!sameKey(old, key)) {
        const toNew = this.#headers('__debezium.newkey', table, key)
        into.push(this.#record(table, old, this.#envelope('d', before, null, source), at, toNew))
        if (this.#settings.tombstones)
          into.push(this.#record(table, old, null, at, this.#headers('__debezium.newkey', table, key)))
        const toOld = this.#headers('__debezium.oldkey', table, old)
        into.push(this.#record(table, key, this.#envelope('c', null, after, source), at, toOld))
        return into
      }
    }
    into.push(this.#record(table, key, this.#envelope(operation, before, after, source), at, this.#headers()))
    if (operation === 'd' && this.#settings.tombstones) {
      into.push(this.#record(table, key, null, at, this.#headers()))
    }
    return into
  }

  /** The record of a statement that changed tables, for the topic called as the prefix. */
  schemaChange(
    ddl: string,
    database: string,
    changes: readonly DdlChange[],
    at: OffsetTracker,
    snapshot: string,
  ): SourceRecord {
    const { kind, prefix, partition, schemaChange } = this.#settings
    const tables = changes.filter(({ type }) => type !== 'DATABASE').map(({ name }) => name)
    const milliseconds = at.seconds === null ? Date.now() : at.seconds * 1_000
    const table = changes.length === 0 && snapshot === 'false' ? '' : tables.length === 0 ? null : tables.join(',')
    const source = sourceValue({ kind, prefix, database, table, snapshot, row: 0 }, at, milliseconds)
    return new SourceRecord({
      sourcePartition: partition,
      sourceOffset: at.offset(),
      topic: prefix,
      kafkaPartition: 0,
      keySchema: schemaChange.key,
      key: { databaseName: database },
      valueSchema: schemaChange.value,
      value: {
        source,
        ts_ms: Date.now(),
        databaseName: database,
        schemaName: null,
        ddl,
        tableChanges: SCHEMA_CHANGE.changes(tableChanges(changes)),
      },
      headers: this.#headers(),
    })
  }

  #source(table: TableEvents, at: OffsetTracker, row: number, snapshot: string): Record<string, unknown> {
    const { kind, prefix } = this.#settings
    const { database, name } = table.table
    return sourceValue({ kind, prefix, database, table: name, snapshot, row }, at, (at.seconds ?? 0) * 1_000)
  }

  #record(
    table: TableEvents,
    key: Row | null,
    value: Row | null,
    at: OffsetTracker,
    headers: Headers | null,
  ): SourceRecord {
    return new SourceRecord({
      sourcePartition: this.#settings.partition,
      sourceOffset: at.offset(),
      topic: table.topic,
      keySchema: key === null ? null : table.keySchema,
      key,
      valueSchema: value === null ? null : table.envelopeSchema,
      value,
      headers,
    })
  }

  #headers(name?: string, table?: TableEvents, key?: Row): Headers | null {
    const context = this.#context
    if (name === undefined) return context.length === 0 ? null : new Headers(context)
    return new Headers([{ key: name, value: key ?? null, schema: table?.keySchema ?? null }, ...context])
  }

  #envelope(op: Operation, before: Row | null, after: Row | null, source: Record<string, unknown>): Row {
    return { before, after, source, transaction: null, op, ts_ms: this.#ms, ts_us: this.#us, ts_ns: this.#ns }
  }
}

function sameKey(a: Row, b: Row): boolean {
  for (const name in a) if (!sameValue(a[name], b[name])) return false
  return true
}

function sameValue(a: Value, b: Value): boolean {
  if (a === b) return true
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0
  if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime()
  return typeof a === 'object' && a !== null && 'equals' in a && (a as { equals(other: unknown): boolean }).equals(b)
}
