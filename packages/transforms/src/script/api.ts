// What a script is and sees: the types that people import for their own (`import type ... from '@millrace/transforms/script'`).
import type * as api from '@millrace/api'
import type { Header, MaybePromise, Schema, SchemaBuilder, TimestampType } from '@millrace/api'

/** Headers as a script sees them: to change some, `record.headers.duplicate()` and return the copy. */
export interface ScriptHeaders extends Iterable<Header> {
  readonly size: number
  readonly isEmpty: boolean
  /** The last header of this name, or undefined. */
  lastWithName(key: string): Header | undefined
  allWithName(key: string): Header[]
  /** A copy that can be changed. */
  duplicate(): api.Headers
}

/**
 * A record. Nothing in it may be changed in place: values are shared with other stages and with reports of errors.
 * Without a schema a value is plain data (objects, arrays, strings, numbers, ...). With one, a struct is an object with one
 * property per field, in the schema's order; a map is a `Map`, bytes a `Buffer`, an integer beyond 2^53 a `bigint`, a Decimal a
 * `Decimal`, a date a `Date`.
 */
export interface ScriptRecord<V = unknown, K = unknown> {
  readonly topic: string
  /** Null where the partitioner decides. */
  readonly kafkaPartition: number | null
  readonly keySchema: Schema | null
  readonly key: K
  readonly valueSchema: Schema | null
  /** Null for a tombstone, whatever `V` says. */
  readonly value: V
  /** Milliseconds since the epoch. */
  readonly timestamp: number | null
  readonly headers: ScriptHeaders
  /** True when there is a header; cheaper than to ask `headers`. */
  readonly hasHeaders: boolean
  /** Only of a record read from a topic: where it stands there. */
  readonly kafkaOffset?: number
  readonly timestampType?: TimestampType
  /** Only of a record that a source made: where it comes from. */
  readonly sourcePartition?: api.OffsetMap | null
  readonly sourceOffset?: api.OffsetMap | null
}

/** What is to be different. What is left out stays; a `value` of null is a tombstone. */
export type ScriptChanges = api.RecordChanges

/** The record itself, what is to be different about it, or null to drop it. Never a promise. */
export type ScriptResult = ScriptRecord | ScriptChanges | null

/** The whole script, in its short form. */
export type ScriptFunction<V = unknown, K = unknown> = (
  record: ScriptRecord<V, K>,
  context: ScriptContext,
) => ScriptResult

/** The whole script, where it has something to open and to close. One per task and place in the chain. */
export interface ScriptObject<V = unknown, K = unknown> {
  /** Called once before the first record; a promise is waited for. */
  open?(context: ScriptContext): MaybePromise<void>
  apply(record: ScriptRecord<V, K>, context: ScriptContext): ScriptResult
  /** Called once when the task ends. */
  close?(): MaybePromise<void>
}

/** What a script's expression, or the default export of its file, must be. */
export type ScriptTransformation<V = unknown, K = unknown> = ScriptFunction<V, K> | ScriptObject<V, K>

/** What a script may use beside the record: one context for each task and place in the chain. */
export interface ScriptContext {
  /** All of `@millrace/api`: SchemaBuilder, Schemas, Decimal, Headers, RetriableException, ... */
  readonly api: typeof api
  /** Texts of the keys `script.param.<name>`, by name. */
  readonly params: Readonly<Record<string, string>>
  /** For whatever is to be remembered from record to record. Gone when the task ends. */
  readonly state: Map<string, unknown>
  /**
   * The schema that `make` makes of `schema`, made once for each: converters know schemas by identity, and one made anew for
   * each record would cost far more than the record. `name` tells several such changes of a script apart. Null gives null.
   */
  derive<S extends Schema | null>(schema: S, name: string, make: (schema: Schema) => Schema): S
  /** As {@link derive}: `schema` with all of its fields, and what `add` adds to it. */
  extend<S extends Schema | null>(schema: S, name: string, add: (builder: SchemaBuilder) => unknown): S
}
