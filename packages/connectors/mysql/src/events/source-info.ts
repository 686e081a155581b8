// The `source` block of change events.
import { type Schema, SchemaBuilder, Schemas, type Value } from '@millrace/api'
import { type Instant, instantOfMillis, sourceInfoBuilder } from '@millrace/kit-cdc'
import type { OffsetTracker } from '../offset.ts'

/** The release of Debezium whose format the events have. */
export const FORMAT_VERSION = '3.5.0.Final'

/** `kind` is `mysql` or `mariadb`. */
export function sourceSchema(kind: string): Schema {
  return sourceInfoBuilder(`io.debezium.connector.${kind}.Source`)
    .field('table', Schemas.OPTIONAL_STRING)
    .field('server_id', Schemas.INT64)
    .field('gtid', Schemas.OPTIONAL_STRING)
    .field('file', Schemas.STRING)
    .field('pos', Schemas.INT64)
    .field('row', SchemaBuilder.int32().build())
    .field('thread', Schemas.OPTIONAL_INT64)
    .field('query', Schemas.OPTIONAL_STRING)
    .build()
}

/** Makes source blocks. Times are of whole seconds, so one is computed once for many. */
export class SourceBlocks {
  readonly schema: Schema
  readonly #kind: string
  readonly #prefix: string
  #seconds = 0
  #at: Instant = instantOfMillis(0)

  constructor(kind: string, prefix: string) {
    this.schema = sourceSchema(kind)
    this.#kind = kind
    this.#prefix = prefix
  }

  /** The block of a row, or of a statement; `row` is the row's place in its event. */
  make(at: OffsetTracker, database: string, table: string | null, snapshot: string, row = 0): Value {
    return this.#block(at, database, table, snapshot, row, this.#instant(at.seconds ?? 0))
  }

  /** The block of a statement whose time may not be known: the present then. */
  makeOfStatement(at: OffsetTracker, database: string, table: string | null, snapshot: string): Value {
    const time = at.seconds === null ? instantOfMillis(Date.now()) : this.#instant(at.seconds)
    return this.#block(at, database, table, snapshot, 0, time)
  }

  #block(
    at: OffsetTracker,
    database: string,
    table: string | null,
    snapshot: string,
    row: number,
    { ms, us, ns }: Instant,
  ): Value {
    return {
      version: FORMAT_VERSION,
      connector: this.#kind,
      name: this.#prefix,
      ts_ms: ms,
      snapshot,
      db: database,
      sequence: null,
      ts_us: us,
      ts_ns: ns,
      table,
      server_id: at.serverId,
      gtid: at.gtid,
      file: at.file,
      pos: at.position,
      row,
      thread: at.thread,
      query: at.query,
    }
  }

  #instant(seconds: number): Instant {
    if (seconds !== this.#seconds) {
      this.#seconds = seconds
      this.#at = instantOfMillis(seconds * 1_000)
    }
    return this.#at
  }
}
