// Records as transformations and converters see them. Plain classes with one hidden class each: they are made by the million.
import type { Schema, Value } from '../data/schema.ts'
import { Headers } from './headers.ts'

/** What both kinds of record have. Treat a record as immutable: derive a new one with {@link ConnectRecord.with}. */
export abstract class ConnectRecord {
  readonly topic: string
  /** Kafka partition, or null to let the partitioner choose. */
  readonly kafkaPartition: number | null
  readonly keySchema: Schema | null
  readonly key: Value
  readonly valueSchema: Schema | null
  readonly value: Value
  /** Milliseconds since the epoch, or null. */
  readonly timestamp: number | null
  /** Made on first use, so that a record without headers costs nothing. */
  protected ownHeaders: Headers | null

  constructor(
    topic: string,
    kafkaPartition: number | null,
    keySchema: Schema | null,
    key: Value,
    valueSchema: Schema | null,
    value: Value,
    timestamp: number | null,
    headers: Headers | null,
  ) {
    this.topic = topic
    this.kafkaPartition = kafkaPartition
    this.keySchema = keySchema
    this.key = key
    this.valueSchema = valueSchema
    this.value = value
    this.timestamp = timestamp
    this.ownHeaders = headers
  }

  get headers(): Headers {
    return (this.ownHeaders ??= new Headers())
  }
  /** True when there is a header; asking makes none. */
  get hasHeaders(): boolean {
    return this.ownHeaders !== null && this.ownHeaders.size > 0
  }

  /** A record like this one, with some parts replaced. Headers are copied unless given. */
  abstract with(changes: RecordChanges): this
  /** As {@link with}, of key and schema alone: what transformations do once a record. */
  abstract withKey(schema: Schema | null, key: Value): this
  /** As {@link with}, of value and schema alone: what transformations do once a record. */
  abstract withValue(schema: Schema | null, value: Value): this
}

/** Parts that a transformation may replace. A part left out stays. */
export interface RecordChanges {
  readonly topic?: string
  readonly kafkaPartition?: number | null
  readonly keySchema?: Schema | null
  readonly key?: Value
  readonly valueSchema?: Schema | null
  readonly value?: Value
  readonly timestamp?: number | null
  readonly headers?: Headers
}
