// How far a table was read, in the reference's two protocols.
import type { OffsetMap } from '@millrace/api'
import { type TableId, tableText } from '@millrace/kit-sql'

/** A point in time: milliseconds since the epoch, and nanoseconds below the millisecond. */
export interface Moment {
  readonly ms: number
  readonly nanos: number
}

/** The last number and the last time that were read; null where there is none. */
export interface Position {
  readonly incrementing: number | bigint | null
  readonly timestamp: Moment | null
}

export const START: Position = { incrementing: null, timestamp: null }
/** The partition of a query. */
export const QUERY_PARTITION: OffsetMap = Object.freeze({ query: 'query' })

/** The partition of a table in the protocol written today. */
export function partitionOf(id: TableId): OffsetMap {
  return { protocol: '1', table: tableText(id) }
}

/** Partitions under which offsets of a table may lie, newest protocol first. */
export function partitionsOf(id: TableId): OffsetMap[] {
  return [partitionOf(id), { table: id.table }]
}

/** The offset as it is stored: `timestamp_nanos` are those within the second, as `java.sql.Timestamp` has them. */
export function toOffset({ incrementing, timestamp }: Position): OffsetMap {
  return {
    ...(incrementing !== null && { incrementing }),
    ...(timestamp !== null && { timestamp: timestamp.ms, timestamp_nanos: nanosOfSecond(timestamp) }),
  }
}

/** The position of a stored offset; a missing one is the start. */
export function fromOffset(offset: OffsetMap | null): Position {
  if (offset === null) return START
  const { incrementing, timestamp, timestamp_nanos: nanos } = offset
  const ms = timestamp === undefined || timestamp === null ? null : Number(timestamp)
  return {
    incrementing: (incrementing ?? null) as number | bigint | null,
    timestamp:
      ms === null ? null : { ms, nanos: nanos === undefined || nanos === null ? 0 : Number(nanos) % 1_000_000 },
  }
}

function nanosOfSecond({ ms, nanos }: Moment): number {
  return (((ms % 1000) + 1000) % 1000) * 1_000_000 + nanos
}

export function isLater(a: Moment, b: Moment): boolean {
  return a.ms > b.ms || (a.ms === b.ms && a.nanos > b.nanos)
}
