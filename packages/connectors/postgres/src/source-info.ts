// The envelope of an event and its `source` block, as Debezium's schemas have them.
import { type Schema, SchemaBuilder, Schemas } from '@millrace/api'

/** Version of Debezium whose events these are: consumers see it in every one. */
export const DEBEZIUM_VERSION = '3.5.0.Final'

const SNAPSHOT_STATES = 'true,first,first_in_data_collection,last_in_data_collection,last,false,incremental'

export const SOURCE_SCHEMA: Schema = SchemaBuilder.struct()
  .name('io.debezium.connector.postgresql.Source')
  .version(1)
  .field('version', Schemas.STRING)
  .field('connector', Schemas.STRING)
  .field('name', Schemas.STRING)
  .field('ts_ms', Schemas.INT64)
  .field(
    'snapshot',
    SchemaBuilder.string()
      .name('io.debezium.data.Enum')
      .version(1)
      .parameter('allowed', SNAPSHOT_STATES)
      .default('false')
      .optional()
      .build(),
  )
  .field('db', Schemas.STRING)
  .field('sequence', Schemas.OPTIONAL_STRING)
  .field('ts_us', Schemas.OPTIONAL_INT64)
  .field('ts_ns', Schemas.OPTIONAL_INT64)
  .field('schema', Schemas.STRING)
  .field('table', Schemas.STRING)
  .field('txId', Schemas.OPTIONAL_INT64)
  .field('lsn', Schemas.OPTIONAL_INT64)
  .field('xmin', Schemas.OPTIONAL_INT64)
  .field('origin', Schemas.OPTIONAL_STRING)
  .field('origin_lsn', Schemas.OPTIONAL_INT64)
  .build()

export const TRANSACTION_BLOCK: Schema = SchemaBuilder.struct()
  .name('event.block')
  .version(1)
  .optional()
  .field('id', Schemas.STRING)
  .field('total_order', Schemas.INT64)
  .field('data_collection_order', Schemas.INT64)
  .build()

/** Schema of the events of one table. */
export function envelopeSchema(name: string, row: Schema): Schema {
  return SchemaBuilder.struct()
    .name(name)
    .version(2)
    .field('before', row)
    .field('after', row)
    .field('source', SOURCE_SCHEMA)
    .field('transaction', TRANSACTION_BLOCK)
    .field('op', Schemas.STRING)
    .field('ts_ms', Schemas.OPTIONAL_INT64)
    .field('ts_us', Schemas.OPTIONAL_INT64)
    .field('ts_ns', Schemas.OPTIONAL_INT64)
    .build()
}

/** A `source` block. */
export interface Source {
  readonly version: string
  readonly connector: string
  readonly name: string
  readonly ts_ms: number
  snapshot: string
  readonly db: string
  readonly sequence: string
  readonly ts_us: number
  readonly ts_ns: number | bigint
  readonly schema: string
  readonly table: string
  readonly txId: number | null
  readonly lsn: number | null
  readonly xmin: number | null
  readonly origin: string | null
  readonly origin_lsn: number | null
}

/** Nanoseconds of microseconds: beyond the safe integers since 1970-04-15. */
export function nanosOf(us: number): number | bigint {
  const ns = us * 1000
  return Number.isSafeInteger(ns) ? ns : BigInt(us) * 1000n
}
