// A record on its way out of Kafka.
import type { Schema, Value } from '../data/schema.ts'
import { ConnectRecord, type RecordChanges } from './connect-record.ts'
import type { Headers } from './headers.ts'

/** How a record's timestamp came about. */
export type TimestampType = 'NoTimestampType' | 'CreateTime' | 'LogAppendTime'

/**
 * A record read from a topic. `kafkaPartition` is never null here.
 * `original*` is where it was consumed (KIP-793), whatever transformations did to topic and partition.
 */
export class SinkRecord extends ConnectRecord {
  readonly kafkaOffset: number
  readonly timestampType: TimestampType
  readonly originalTopic: string
  readonly originalKafkaPartition: number
  /** Equals {@link kafkaOffset}: no transformation changes an offset. */
  get originalKafkaOffset(): number {
    return this.kafkaOffset
  }

  /** Positional, because the runtime makes one per record read. */
  constructor(
    topic: string,
    kafkaPartition: number,
    keySchema: Schema | null,
    key: Value,
    valueSchema: Schema | null,
    value: Value,
    kafkaOffset: number,
    timestamp: number | null = null,
    timestampType: TimestampType = 'NoTimestampType',
    headers: Headers | null = null,
    originalTopic: string = topic,
    originalKafkaPartition: number = kafkaPartition,
  ) {
    super(topic, kafkaPartition, keySchema, key, valueSchema, value, timestamp, headers)
    this.kafkaOffset = kafkaOffset
    this.timestampType = timestampType
    this.originalTopic = originalTopic
    this.originalKafkaPartition = originalKafkaPartition
  }

  override with(changes: RecordChanges): this {
    const copy = new SinkRecord(
      changes.topic ?? this.topic,
      changes.kafkaPartition ?? (this.kafkaPartition as number),
      changes.keySchema === undefined ? this.keySchema : changes.keySchema,
      changes.key === undefined ? this.key : changes.key,
      changes.valueSchema === undefined ? this.valueSchema : changes.valueSchema,
      changes.value === undefined ? this.value : changes.value,
      this.kafkaOffset,
      changes.timestamp === undefined ? this.timestamp : changes.timestamp,
      this.timestampType,
      changes.headers ?? this.ownHeaders?.duplicate() ?? null,
      this.originalTopic,
      this.originalKafkaPartition,
    )
    return copy as this
  }
  override withKey(schema: Schema | null, key: Value): this {
    return this.#changed(schema, key, this.valueSchema, this.value)
  }
  override withValue(schema: Schema | null, value: Value): this {
    return this.#changed(this.keySchema, this.key, schema, value)
  }

  #changed(keySchema: Schema | null, key: Value, valueSchema: Schema | null, value: Value): this {
    const copy = new SinkRecord(
      this.topic,
      this.kafkaPartition as number,
      keySchema,
      key,
      valueSchema,
      value,
      this.kafkaOffset,
      this.timestamp,
      this.timestampType,
      this.ownHeaders === null ? null : this.ownHeaders.duplicate(),
      this.originalTopic,
      this.originalKafkaPartition,
    )
    return copy as this
  }
}
