// The `source` block of an event.
import { type Schema, Schemas } from '@millrace/api'
import { instantOfMicros, sourceInfoBuilder } from '@millrace/kit-cdc'

/** Version of Debezium whose events these are: consumers see it in every one. */
export const DEBEZIUM_VERSION = '3.5.0.Final'

export const SOURCE_SCHEMA: Schema = sourceInfoBuilder('io.debezium.connector.postgresql.Source')
  .field('schema', Schemas.STRING)
  .field('table', Schemas.STRING)
  .field('txId', Schemas.OPTIONAL_INT64)
  .field('lsn', Schemas.OPTIONAL_INT64)
  .field('xmin', Schemas.OPTIONAL_INT64)
  .field('origin', Schemas.OPTIONAL_STRING)
  .field('origin_lsn', Schemas.OPTIONAL_INT64)
  .build()

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

/** An origin without a moment or a position. */
export function emptyOrigin(snapshot = 'false'): Origin {
  return {
    snapshot,
    sequence: '',
    timeMs: 0,
    timeUs: 0,
    timeNs: 0,
    txId: null,
    lsn: null,
    xmin: null,
    origin: null,
    originLsn: null,
  }
}

/** Sets the moment of an origin, microseconds since 1970. */
export function setTime(origin: Origin, us: number): void {
  const { ms, ns } = instantOfMicros(us)
  origin.timeMs = ms
  origin.timeUs = us
  origin.timeNs = ns
}

/** `["lsn of the last commit","lsn"]`. */
export function sequence(lsnCommit: number | null, lsn: number): string {
  return lsnCommit === null ? `[null,"${lsn}"]` : `["${lsnCommit}","${lsn}"]`
}
