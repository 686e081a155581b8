// What this connector adds to the kit's emitter: the `source` block, and the events of logical messages.
import { type Logger, type OffsetMap, SchemaBuilder, Schemas, SourceRecord, type Value } from '@millrace/api'
import {
  ChangeEmitter,
  type EmitterListener,
  emitterOptions,
  Heartbeat,
  type RecordSink,
  TRANSACTION_BLOCK_SCHEMA,
  TransactionMonitor,
} from '@millrace/kit-cdc'
import type { Capture } from './capture.ts'
import type { PostgresConfig } from './config.ts'
import { partitionOf } from './offset.ts'
import { DEBEZIUM_VERSION, type Origin, SOURCE_SCHEMA, type Source } from './source-info.ts'

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
  .field('transaction', TRANSACTION_BLOCK_SCHEMA)
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

/** Records that wait to be taken by a poll. */
export class Outbox implements RecordSink {
  #records: SourceRecord[] = []

  get size(): number {
    return this.#records.length
  }
  push(record: SourceRecord): void {
    this.#records.push(record)
  }
  /** The record pushed last. */
  pop(): SourceRecord | undefined {
    return this.#records.pop()
  }
  take(): SourceRecord[] {
    const records = this.#records
    this.#records = []
    return records
  }
}

/** Makes the records of a task. */
export class Events {
  readonly partition: OffsetMap
  readonly outbox = new Outbox()
  readonly emitter: ChangeEmitter<Outbox>
  readonly transactions: TransactionMonitor | null
  readonly #config: PostgresConfig
  readonly #capture: Capture
  readonly #prefix: string
  readonly #database: string

  constructor(config: PostgresConfig, capture: Capture, listener: EmitterListener | null = null) {
    this.#config = config
    this.#capture = capture
    this.#prefix = config['topic.prefix']
    this.#database = config['database.dbname']
    this.partition = partitionOf(this.#prefix)
    const { topics, adjustSchemaName } = capture
    this.transactions = config['provide.transaction.metadata']
      ? new TransactionMonitor(topics.transactionTopic, this.partition, adjustSchemaName, (one) =>
          this.outbox.push(one),
        )
      : null
    const options = emitterOptions(config, 'postgresql', '0')
    this.emitter = new ChangeEmitter(this.outbox, this.partition, options, this.transactions, listener)
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

  /** The event of a logical message. */
  message(prefix: string, content: Buffer, source: Source, transaction: Value, offset: OffsetMap): void {
    this.outbox.push(
      new SourceRecord({
        sourcePartition: this.partition,
        sourceOffset: offset,
        topic: `${this.#prefix}${this.#config['topic.delimiter']}message`,
        keySchema: MESSAGE_KEY,
        key: { prefix },
        valueSchema: MESSAGE_VALUE,
        value: { op: 'm', ts_ms: this.emitter.clock.now.ms, source, transaction, message: { prefix, content } },
      }),
    )
  }

  /** Heartbeats into the outbox. @param act runs `heartbeat.action.query` */
  heartbeat(act: (query: string) => Promise<unknown>, log: Logger): Heartbeat {
    const query = this.#config['heartbeat.action.query']
    return new Heartbeat({
      intervalMs: this.#config['heartbeat.interval.ms'],
      topic: this.#capture.topics.heartbeatTopic,
      serverName: this.#prefix,
      partition: this.partition,
      adjustSchemaName: this.#capture.adjustSchemaName,
      emit: (record) => this.outbox.push(record),
      action: query === null || query === '' ? null : async () => void (await act(query)),
      log,
    })
  }
}

/** The same record with another offset. */
export function withOffset(record: SourceRecord, offset: OffsetMap): SourceRecord {
  const { sourcePartition, topic, keySchema, key, valueSchema, value, headers } = record
  return new SourceRecord({ sourcePartition, sourceOffset: offset, topic, keySchema, key, valueSchema, value, headers })
}
