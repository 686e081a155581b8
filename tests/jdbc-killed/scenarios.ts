// What a killed sink is given and how its table is judged: the mode in which it writes, its records, and the rows that must be there.
import type { Random } from '@millrace/testkit'
import { type JsonSchema, message, required, struct, type } from '../jdbc-differential/schemas.ts'

export const MAKES = ['confluent', 'debezium'] as const
export type Make = (typeof MAKES)[number]
/**
 * `insert` has a primary key and a dead letter queue for what comes again; `append` has neither; `update` changes rows that are
 * there; `delete` upserts and deletes.
 */
export const MODES = ['upsert', 'insert', 'append', 'update', 'delete'] as const
export type Mode = (typeof MODES)[number]

/** A record to send, to the partition of its key. */
export interface Sent {
  readonly partition: number
  readonly key: string
  readonly value: string | null
}

/** Partitions of every topic here. */
export const PARTITIONS = 4
/** Rows that are changed again and again. */
const KEYS = 400
/** The part of a table for `update` that is not there: updates of it change nothing. */
const ABSENT = 20
const FILLER = 'x'.repeat(150)

const INT = required(type('int32'))
const ROW: Readonly<Record<string, JsonSchema>> = { id: INT, version: INT, filler: type('string') }
const KEY = struct({ id: INT })
const PART = struct(ROW, { optional: true, name: 'counters.Value' })
const ENVELOPE = struct(
  { before: PART, after: PART, op: required(type('string')), ts_ms: type('int64') },
  { name: 'counters.Envelope', version: 1 },
)

/** Records of one topic, and what they come to. */
export class Scenario {
  readonly make: Make
  readonly mode: Mode
  /** Version of each row that must be there; null for one that must not. */
  readonly rows = new Map<number, number | null>()
  sent = 0

  constructor(make: Make, mode: Mode) {
    this.make = make
    this.mode = mode
    if (mode === 'update') for (let id = 1; id <= KEYS; id++) this.rows.set(id, 0)
  }

  /** Rows to begin with; empty where the sink makes the table. */
  get prefilled(): readonly number[] {
    return this.mode === 'update' ? [...this.rows.keys()] : []
  }

  /** The next change: one record, or Debezium's two for a delete. */
  next(random: Random): Sent[] {
    if (this.mode === 'insert' || this.mode === 'append') return this.#all([this.#write(this.rows.size + 1, 1)])
    const id = 1 + random.below(KEYS + (this.mode === 'update' ? ABSENT : 0))
    const before = this.rows.get(id) ?? null
    if (this.mode === 'delete' && before !== null && random.below(3) === 0) return this.#all(this.#remove(id, before))
    if (this.mode === 'update' && before === null) return this.#all([this.#record(id, this.#row(id, 1))])
    return this.#all([this.#write(id, this.sent + 1)])
  }

  /** Configuration of the sink beyond its connection. */
  props(topic: string): Record<string, string> {
    const upserts = this.mode === 'upsert' || this.mode === 'delete'
    const insertMode = upserts ? 'upsert' : this.mode === 'update' ? 'update' : 'insert'
    const keys = this.mode === 'append' ? 'none' : 'record_key'
    const common = {
      topics: topic,
      'insert.mode': insertMode,
      'delete.enabled': String(this.mode === 'delete'),
      ...(this.mode === 'insert' && {
        'errors.tolerance': 'all',
        'errors.deadletterqueue.topic.name': `${topic}-refused`,
        'errors.deadletterqueue.topic.replication.factor': '1',
        'errors.deadletterqueue.context.headers.enable': 'true',
      }),
    }
    return this.make === 'confluent'
      ? {
          ...common,
          'connector.class': 'io.confluent.connect.jdbc.JdbcSinkConnector',
          'pk.mode': keys,
          // In the value the key is a field as others are.
          ...(this.mode !== 'append' && { 'pk.fields': 'id' }),
          'auto.create': 'true',
          'retry.backoff.ms': '100',
          'max.retries': '100',
        }
      : {
          ...common,
          'connector.class': 'io.debezium.connector.jdbc.JdbcSinkConnector',
          'primary.key.mode': keys,
          'schema.evolution': 'basic',
          'flush.retry.delay.ms': '100',
          'flush.max.retries': '100',
        }
  }

  /**
   * What is wrong with a table, in words.
   * @param found versions of the rows of each key, one for each row
   */
  faults(found: ReadonlyMap<number, readonly number[]>): string[] {
    const faults: string[] = []
    for (const [id, version] of this.rows) {
      const there = found.get(id) ?? []
      const wanted = version === null ? 'no row' : `version ${version}`
      const fits = version === null ? there.length === 0 : there.length > 0 && there.every((one) => one === version)
      if (!fits) faults.push(`row ${id}: ${there.length === 0 ? 'is not there' : there.join()} instead of ${wanted}`)
      else if (there.length > 1 && this.mode !== 'append') faults.push(`row ${id} is there ${there.length} times`)
    }
    for (const id of found.keys()) if (!this.rows.has(id)) faults.push(`row ${id} was never sent`)
    return faults
  }

  #write(id: number, version: number): Sent {
    this.rows.set(id, version)
    return this.#record(id, this.#row(id, version))
  }

  #remove(id: number, version: number): Sent[] {
    this.rows.set(id, null)
    const tombstone = { ...this.#record(id, null), value: null }
    return this.make === 'confluent' ? [tombstone] : [this.#record(id, null, this.#row(id, version)), tombstone]
  }

  #row(id: number, version: number): object {
    return { id, version, filler: FILLER }
  }

  #record(id: number, after: object | null, before: object | null = null): Sent {
    const value =
      this.make === 'confluent'
        ? message(struct(ROW), after)
        : message(ENVELOPE, { before, after, op: after === null ? 'd' : 'u', ts_ms: 1 })
    return { partition: id % PARTITIONS, key: message(KEY, { id }), value }
  }

  #all(records: Sent[]): Sent[] {
    this.sent += records.length
    return records
  }
}
