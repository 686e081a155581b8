// The `source` block of change events.
import { type Schema, SchemaBuilder } from '@millrace/api'
import type { OffsetTracker } from '../offset.ts'

/** The release of Debezium whose format the events have. */
export const FORMAT_VERSION = '3.5.0.Final'

const string = SchemaBuilder.string().build()
const int64 = SchemaBuilder.int64().build()
const optionalString = SchemaBuilder.string().optional().build()
const optionalInt64 = SchemaBuilder.int64().optional().build()
const snapshot = SchemaBuilder.string()
  .name('io.debezium.data.Enum')
  .version(1)
  .parameter('allowed', 'true,first,first_in_data_collection,last_in_data_collection,last,false,incremental')
  .default('false')
  .optional()
  .build()

/** `kind` is `mysql` or `mariadb`. */
export function sourceSchema(kind: string): Schema {
  return SchemaBuilder.struct()
    .name(`io.debezium.connector.${kind}.Source`)
    .version(1)
    .field('version', string)
    .field('connector', string)
    .field('name', string)
    .field('ts_ms', int64)
    .field('snapshot', snapshot)
    .field('db', string)
    .field('sequence', optionalString)
    .field('ts_us', optionalInt64)
    .field('ts_ns', optionalInt64)
    .field('table', optionalString)
    .field('server_id', int64)
    .field('gtid', optionalString)
    .field('file', string)
    .field('pos', int64)
    .field('row', SchemaBuilder.int32().build())
    .field('thread', optionalInt64)
    .field('query', optionalString)
    .build()
}

/** Where an event comes from. */
export interface Origin {
  readonly kind: string
  readonly prefix: string
  readonly database: string
  readonly table: string | null
  readonly snapshot: string
  readonly row: number
}

export function sourceValue(origin: Origin, at: OffsetTracker, milliseconds: number): Record<string, unknown> {
  return {
    version: FORMAT_VERSION,
    connector: origin.kind,
    name: origin.prefix,
    ts_ms: milliseconds,
    snapshot: origin.snapshot,
    db: origin.database,
    sequence: null,
    ts_us: milliseconds * 1_000,
    ts_ns: nanoseconds(milliseconds),
    table: origin.table,
    server_id: at.serverId,
    gtid: at.gtid,
    file: at.file,
    pos: at.position,
    row: origin.row,
    thread: at.thread,
    query: at.query,
  }
}

/** Nanoseconds of a time of today are no safe integer. */
export function nanoseconds(milliseconds: number): bigint {
  return BigInt(Math.round(milliseconds * 1_000)) * 1_000n
}
