// Converters: between Connect data and the bytes in Kafka.
import type { ByteSink, ByteSource } from '../bytes.ts'
import type { ConfigDef, RawConfig } from '../config/config-def.ts'
import type { Schema, Value } from '../data/schema.ts'
import type { Headers } from '../record/headers.ts'

/** A value and the schema that describes it; a null schema means schemaless data. */
export interface SchemaAndValue {
  readonly schema: Schema | null
  readonly value: Value
}

/** What a direct read fills in: owned by the runtime, used again for the next record. */
export interface ValueSlot {
  schema: Schema | null
  value: Value
}

/** A result now, or a promise of it: return a promise only when it must wait (a schema to fetch). The runtime looks, and awaits only then. */
export type MaybePromise<T> = T | PromiseLike<T>

/**
 * Translates keys or values. One instance serves the keys or the values of one task; calls never overlap, unless a
 * promise was returned, and then the next call comes after it settled.
 *
 * Errors: throw `DataException` for data that cannot be converted, `RetriableException` for what may work later.
 */
export interface Converter {
  /** Keys this converter reads from its configuration. */
  readonly config: ConfigDef
  /** Called once, before all else. `configs` has the converter's prefix removed, and `converter.type` is `key` or `value`. */
  configure(configs: RawConfig, isKey: boolean): void
  /**
   * Set once configured: true when {@link fromConnectData} looks at the record's headers or adds to them. They are then given
   * as they go to Kafka: the value of each is its bytes, under no schema. Without it `headers` is null on the way out.
   */
  readonly writesHeaders?: boolean
  /** Set once configured: the same for {@link toConnectData}. A record without headers gives null. */
  readonly readsHeaders?: boolean
  /** Bytes for a value, or null for null bytes (a tombstone). */
  fromConnectData(
    topic: string,
    headers: Headers | null,
    schema: Schema | null,
    value: Value,
  ): MaybePromise<Uint8Array | null>
  /** Value and schema of bytes; `bytes` is null for a tombstone and may be kept otherwise. */
  toConnectData(topic: string, headers: Headers | null, bytes: Buffer | null): MaybePromise<SchemaAndValue>
  /**
   * Optional fast way out: appends the bytes to `out` and returns true; or writes nothing and returns false for null bytes.
   * Must agree with {@link fromConnectData} byte for byte. Throwing after a partial write is allowed: the runtime discards it.
   * A promise says only that this record must wait: nothing may be written then, and once it resolved the runtime calls
   * {@link fromConnectData}.
   */
  write?(
    topic: string,
    headers: Headers | null,
    schema: Schema | null,
    value: Value,
    out: ByteSink,
  ): MaybePromise<boolean>
  /**
   * Optional fast way in, for bytes that are not null: fills `into`. Must agree with {@link toConnectData}. A promise says only
   * that this record must wait: once it resolved the runtime calls {@link toConnectData}.
   */
  read?(topic: string, headers: Headers | null, source: ByteSource, into: ValueSlot): MaybePromise<void>
  close?(): MaybePromise<void>
}

/** Translates header values. The same rules as for {@link Converter}, but always synchronous. */
export interface HeaderConverter {
  readonly config: ConfigDef
  configure(configs: RawConfig): void
  fromConnectHeader(topic: string, headerKey: string, schema: Schema | null, value: Value): Uint8Array | null
  toConnectHeader(topic: string, headerKey: string, bytes: Buffer | null): SchemaAndValue
  close?(): MaybePromise<void>
}
