// A record on its way into Kafka.
import type { Schema, Value } from '../data/schema.ts'
import { ConnectRecord, type RecordChanges } from './connect-record.ts'
import type { Headers } from './headers.ts'

/**
 * Where a record came from, or how far reading has come: a flat object of string keys and primitive values
 * (string, number, bigint, boolean, null), as Connect stores it in JSON.
 */
export type OffsetMap = Readonly<Record<string, string | number | bigint | boolean | null>>

/** What {@link SourceRecord} is made of. */
export interface SourceRecordInit {
  /** Where it came from; null when the connector keeps no offsets. Share one object among the records of a partition: it is cheaper. */
  readonly sourcePartition: OffsetMap | null
  /** Position to resume after this record. */
  readonly sourceOffset: OffsetMap | null
  readonly topic: string
  readonly kafkaPartition?: number | null
  readonly keySchema?: Schema | null
  readonly key?: Value
  readonly valueSchema?: Schema | null
  readonly value?: Value
  readonly timestamp?: number | null
  readonly headers?: Headers | null
}

/** A record made by a source task. */
export class SourceRecord extends ConnectRecord {
  readonly sourcePartition: OffsetMap | null
  readonly sourceOffset: OffsetMap | null

  constructor(init: SourceRecordInit) {
    super(
      init.topic,
      init.kafkaPartition ?? null,
      init.keySchema ?? null,
      init.key ?? null,
      init.valueSchema ?? null,
      init.value ?? null,
      init.timestamp ?? null,
      init.headers ?? null,
    )
    this.sourcePartition = init.sourcePartition
    this.sourceOffset = init.sourceOffset
  }

  override with(changes: RecordChanges): this {
    const copy = new SourceRecord({
      sourcePartition: this.sourcePartition,
      sourceOffset: this.sourceOffset,
      topic: changes.topic ?? this.topic,
      kafkaPartition: changes.kafkaPartition === undefined ? this.kafkaPartition : changes.kafkaPartition,
      keySchema: changes.keySchema === undefined ? this.keySchema : changes.keySchema,
      key: changes.key === undefined ? this.key : changes.key,
      valueSchema: changes.valueSchema === undefined ? this.valueSchema : changes.valueSchema,
      value: changes.value === undefined ? this.value : changes.value,
      timestamp: changes.timestamp === undefined ? this.timestamp : changes.timestamp,
      headers: changes.headers ?? this.ownHeaders?.duplicate() ?? null,
    })
    return copy as this
  }
  override withKey(schema: Schema | null, key: Value): this {
    return this.#changed(schema, key, this.valueSchema, this.value)
  }
  override withValue(schema: Schema | null, value: Value): this {
    return this.#changed(this.keySchema, this.key, schema, value)
  }

  #changed(keySchema: Schema | null, key: Value, valueSchema: Schema | null, value: Value): this {
    const copy = new SourceRecord({
      sourcePartition: this.sourcePartition,
      sourceOffset: this.sourceOffset,
      topic: this.topic,
      kafkaPartition: this.kafkaPartition,
      keySchema,
      key,
      valueSchema,
      value,
      timestamp: this.timestamp,
      headers: this.ownHeaders === null ? null : this.ownHeaders.duplicate(),
    })
    return copy as this
  }
}
