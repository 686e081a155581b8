// Records of changes: envelope, key, headers, offset. One maker for the rows of a snapshot and for the stream.
import { Headers, type OffsetMap, type Schema, SchemaBuilder, Schemas, SourceRecord } from '@millrace/api'
import type { PostgresConfig } from './config.ts'
import { partitionOf } from './offset.ts'
import type { Row } from './rows.ts'
import { DEBEZIUM_VERSION, SOURCE_SCHEMA, type Source, TRANSACTION_BLOCK } from './source-info.ts'
import type { TableEvents } from './table-events.ts'

const MESSAGE_KEY = SchemaBuilder.struct()
  .name('io.debezium.connector.postgresql.MessageKey')
  .version(1)
  .field('prefix', Schemas.OPTIONAL_STRING)
  .build()
const MESSAGE_VALUE = SchemaBuilder.struct()
  .name('io.debezium.connector.postgresql.MessageValue')
  .version(1)
  .field('op', Schemas.STRING)
  .field('ts_ms', Schemas.OPTIONAL_INT64)
  .field('source', SOURCE_SCHEMA)
  .field('transaction', TRANSACTION_BLOCK)
  .field(
    'message',
    SchemaBuilder.struct()
      .name('io.debezium.connector.postgresql.Message')
      .version(1)
      .field('prefix', Schemas.OPTIONAL_STRING)
      .field('content', Schemas.OPTIONAL_BYTES)
      .build(),
  )
  .build()
const HEARTBEAT_KEY = SchemaBuilder.struct()
  .name('io.debezium.connector.common.ServerNameKey')
  .version(1)
  .field('serverName', Schemas.STRING)
  .build()
const HEARTBEAT_VALUE = SchemaBuilder.struct()
  .name('io.debezium.connector.common.Heartbeat')
  .version(1)
  .field('ts_ms', Schemas.INT64)
  .build()

/** What an event says of where it comes from, beside its table. */
export interface Origin {
  snapshot: string
  sequence: string
  timeMs: number
  timeUs: number
  timeNs: number | bigint
  txId: number | null
  lsn: number | null
  xmin: number | null
  origin: string | null
  originLsn: number | null
}

/** The block that ties an event to its transaction. */
export interface TransactionBlock {
  readonly id: string
  readonly total_order: number
  readonly data_collection_order: number
}

/** A key in a header: the one before, or the one after a change of the key. */
export interface KeyHeader {
  readonly name: '__debezium.oldkey' | '__debezium.newkey'
  readonly key: Row
}

/** Makes records. The time at which they are made is set once for many, see {@link EventMaker.tick}. */
export class EventMaker {
  readonly partition: OffsetMap
  readonly #prefix: string
  readonly #database: string
  readonly #delimiter: string
  readonly #heartbeatTopic: string
  readonly #context: readonly { key: string; schema: Schema; value: string }[]
  #ms = 0
  #us = 0
  #ns: bigint = 0n

  /** @param runId differs from start to start */
  constructor(config: PostgresConfig, runId: string) {
    this.#prefix = config['topic.prefix']
    this.#database = config['database.dbname']
    this.#delimiter = config['topic.delimiter'] ?? '.'
    this.#heartbeatTopic = `${config['topic.heartbeat.prefix']}${this.#delimiter}${this.#prefix}`
    this.partition = partitionOf(this.#prefix)
    const header = (key: string, value: string) => ({ key: `__debezium.context.${key}`, schema: Schemas.STRING, value })
    this.#context = config['extended.headers.enabled']
      ? [
          header('connectorLogicalName', this.#prefix),
          header('taskId', '0'),
          header('connectorName', 'postgresql'),
          header('runId', runId),
        ]
      : []
    this.tick()
  }

  /** Takes the time for the records that follow. */
  tick(): void {
    this.#us = Math.floor((performance.timeOrigin + performance.now()) * 1000)
    this.#ms = Math.floor(this.#us / 1000)
    this.#ns = BigInt(this.#us) * 1000n
  }

  source(origin: Origin, schema: string, table: string): Source {
    return {
      version: DEBEZIUM_VERSION,
      connector: 'postgresql',
      name: this.#prefix,
      ts_ms: origin.timeMs,
      snapshot: origin.snapshot,
      db: this.#database,
      sequence: origin.sequence,
      ts_us: origin.timeUs,
      ts_ns: origin.timeNs,
      schema,
      table,
      txId: origin.txId,
      lsn: origin.lsn,
      xmin: origin.xmin,
      origin: origin.origin,
      origin_lsn: origin.originLsn,
    }
  }

  /** The event of a change. `op` is c, u, d, r or t. */
  change(
    table: TableEvents,
    op: string,
    key: Row | null,
    before: Row | null,
    after: Row | null,
    source: Source,
    transaction: TransactionBlock | null,
    offset: OffsetMap,
    keyHeader: KeyHeader | null = null,
  ): SourceRecord {
    return new SourceRecord({
      sourcePartition: this.partition,
      sourceOffset: offset,
      topic: table.topic,
      keySchema: table.keySchema,
      key,
      valueSchema: table.envelope,
      value: { before, after, source, transaction, op, ts_ms: this.#ms, ts_us: this.#us, ts_ns: this.#ns },
      headers: this.#headers(table, keyHeader),
    })
  }

  /** The record without value after a deletion. */
  tombstone(table: TableEvents, key: Row | null, offset: OffsetMap, keyHeader: KeyHeader | null = null): SourceRecord {
    return new SourceRecord({
      sourcePartition: this.partition,
      sourceOffset: offset,
      topic: table.topic,
      keySchema: table.keySchema,
      key,
      headers: this.#headers(table, keyHeader),
    })
  }

  /** The event of a logical message. */
  message(
    prefix: string,
    content: Buffer,
    source: Source,
    transaction: TransactionBlock | null,
    offset: OffsetMap,
  ): SourceRecord {
    return new SourceRecord({
      sourcePartition: this.partition,
      sourceOffset: offset,
      topic: `${this.#prefix}${this.#delimiter}message`,
      keySchema: MESSAGE_KEY,
      key: { prefix },
      valueSchema: MESSAGE_VALUE,
      value: { op: 'm', ts_ms: this.#ms, source, transaction, message: { prefix, content } },
    })
  }

  /** The same record with another offset. */
  withOffset(record: SourceRecord, offset: OffsetMap): SourceRecord {
    return new SourceRecord({
      sourcePartition: this.partition,
      sourceOffset: offset,
      topic: record.topic,
      keySchema: record.keySchema,
      key: record.key,
      valueSchema: record.valueSchema,
      value: record.value,
      headers: record.headers,
    })
  }

  heartbeat(offset: OffsetMap): SourceRecord {
    return new SourceRecord({
      sourcePartition: this.partition,
      sourceOffset: offset,
      topic: this.#heartbeatTopic,
      kafkaPartition: 0,
      keySchema: HEARTBEAT_KEY,
      key: { serverName: this.#prefix },
      valueSchema: HEARTBEAT_VALUE,
      value: { ts_ms: Date.now() },
    })
  }

  #headers(table: TableEvents, keyHeader: KeyHeader | null): Headers | null {
    if (keyHeader === null) return this.#context.length === 0 ? null : new Headers(this.#context)
    const { name, key } = keyHeader
    return new Headers([{ key: name, schema: table.keySchema as Schema, value: key }, ...this.#context])
  }
}
