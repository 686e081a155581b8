// The schemas that all connectors share: source block, transaction, envelope, heartbeat, notification.
import { type Schema, SchemaBuilder, Schemas } from '@millrace/api'
import type { NameAdjuster } from '../names/adjust.ts'
import { enumBuilder } from './types.ts'

/** What `source.snapshot` may be. */
export const SNAPSHOT_MARKERS = [
  'true',
  'first',
  'first_in_data_collection',
  'last_in_data_collection',
  'last',
  'false',
  'incremental',
] as const
export type SnapshotMarker = (typeof SNAPSHOT_MARKERS)[number]

/** Schema of `source.snapshot`. A source block of streaming leaves the field null: its default is `false`. */
export const SNAPSHOT_SCHEMA: Schema = enumBuilder(SNAPSHOT_MARKERS).default('false').optional().build()

/**
 * The source block's beginning, which is the same for all: version, connector, name, ts_ms, snapshot, db, sequence, ts_us, ts_ns.
 * A connector names it (`io.debezium.connector.postgresql.Source`) and adds its own fields.
 */
export function sourceInfoBuilder(name: string): SchemaBuilder {
  return SchemaBuilder.struct()
    .version(1)
    .name(name)
    .field('version', Schemas.STRING)
    .field('connector', Schemas.STRING)
    .field('name', Schemas.STRING)
    .field('ts_ms', Schemas.INT64)
    .field('snapshot', SNAPSHOT_SCHEMA)
    .field('db', Schemas.STRING)
    .field('sequence', Schemas.OPTIONAL_STRING)
    .field('ts_us', Schemas.OPTIONAL_INT64)
    .field('ts_ns', Schemas.OPTIONAL_INT64)
}

/** Schema of an event's `transaction`. */
export const TRANSACTION_BLOCK_SCHEMA: Schema = SchemaBuilder.struct()
  .optional()
  .name('event.block')
  .version(1)
  .field('id', Schemas.STRING)
  .field('total_order', Schemas.INT64)
  .field('data_collection_order', Schemas.INT64)
  .build()

/** Schema of a change event, version 2. */
export function envelopeSchema(name: string, value: Schema, source: Schema): Schema {
  return SchemaBuilder.struct()
    .version(2)
    .name(name)
    .field('before', value)
    .field('after', value)
    .field('source', source)
    .field('transaction', TRANSACTION_BLOCK_SCHEMA)
    .field('op', Schemas.STRING)
    .field('ts_ms', Schemas.OPTIONAL_INT64)
    .field('ts_us', Schemas.OPTIONAL_INT64)
    .field('ts_ns', Schemas.OPTIONAL_INT64)
    .build()
}

const EVENT_COUNT_SCHEMA = SchemaBuilder.struct()
  .optional()
  .name('event.collection')
  .version(1)
  .field('data_collection', Schemas.STRING)
  .field('event_count', Schemas.INT64)
  .build()

/** Key and value schema of a record of the transaction topic. */
export function transactionSchemas(adjust: NameAdjuster): { readonly key: Schema; readonly value: Schema } {
  const key = SchemaBuilder.struct()
    .name(adjust('io.debezium.connector.common.TransactionMetadataKey'))
    .version(1)
    .field('id', Schemas.STRING)
    .build()
  const value = SchemaBuilder.struct()
    .name(adjust('io.debezium.connector.common.TransactionMetadataValue'))
    .version(1)
    .field('status', Schemas.STRING)
    .field('id', Schemas.STRING)
    .field('event_count', Schemas.OPTIONAL_INT64)
    .field('data_collections', SchemaBuilder.array(EVENT_COUNT_SCHEMA).optional().build())
    .field('ts_ms', Schemas.INT64)
    .build()
  return { key, value }
}

/** Key and value schema of a heartbeat. */
export function heartbeatSchemas(adjust: NameAdjuster): { readonly key: Schema; readonly value: Schema } {
  const key = SchemaBuilder.struct()
    .name(adjust('io.debezium.connector.common.ServerNameKey'))
    .version(1)
    .field('serverName', Schemas.STRING)
    .build()
  const value = SchemaBuilder.struct()
    .name(adjust('io.debezium.connector.common.Heartbeat'))
    .version(1)
    .field('ts_ms', Schemas.INT64)
    .build()
  return { key, value }
}

/** Key and value schema of a notification on its topic. */
export function notificationSchemas(adjust: NameAdjuster): { readonly key: Schema; readonly value: Schema } {
  const key = SchemaBuilder.struct()
    .name(adjust('io.debezium.connector.common.NotificationKey'))
    .version(1)
    .field('id', Schemas.STRING)
    .build()
  const value = SchemaBuilder.struct()
    .name(adjust('io.debezium.connector.common.Notification'))
    .version(1)
    .field('id', Schemas.STRING)
    .field('type', Schemas.STRING)
    .field('aggregate_type', Schemas.STRING)
    .field('additional_data', SchemaBuilder.map(Schemas.STRING, Schemas.STRING).optional().build())
    .field('timestamp', Schemas.INT64)
    .build()
  return { key, value }
}
