// Reads one table, or the query, again and again: each time from where the last one ended.
import { ConfigException, ConnectException, type Logger, type OffsetMap, type SourceRecord } from '@millrace/api'
import {
  type Cell,
  type Dialect,
  type ReadOptions,
  type RowBatch,
  type SqlConnection,
  type TableDefinition,
  type TableId,
  tableText,
} from '@millrace/kit-sql'
import { criteria, placeReader, type Tracking } from './criteria.ts'
import { LateCommitGuard } from './guard.ts'
import { isLater, type Position, toOffset } from './offset.ts'
import { rowMapper } from './rows.ts'

export interface QuerierOptions {
  readonly dialect: Dialect
  readonly log: Logger
  /** The table, or null for the query. */
  readonly table: TableId | null
  /** `SELECT * FROM table`, or the query. */
  readonly select: string
  readonly suffix: string
  readonly topic: string
  readonly partition: OffsetMap
  /** Null in bulk mode. */
  readonly tracking: Tracking | null
  readonly position: Position
  readonly definition: TableDefinition | null
  readonly options: ReadOptions
  readonly delayMs: number
  readonly batchRows: number
  readonly guarded: boolean
  quote(column: string): string
}

export class Querier {
  /** When it may be asked again, in milliseconds of the clock. */
  dueAt = 0
  readonly name: string
  readonly #options: QuerierOptions
  readonly #guard: LateCommitGuard | null
  #position: Position
  #rows: AsyncGenerator<SourceRecord[]> | null = null

  constructor(options: QuerierOptions) {
    this.#options = options
    this.#position = options.position
    this.name = options.table === null ? 'the query' : `table ${tableText(options.table)}`
    this.#guard = options.guarded && options.tracking !== null ? new LateCommitGuard(options) : null
  }

  /** True while rows of a query that was begun are still to come. */
  get busy(): boolean {
    return this.#rows !== null
  }

  /** The next rows; null when there are no more for now. */
  async next(connection: SqlConnection): Promise<SourceRecord[] | null> {
    if (this.#rows === null) {
      const rows = await this.#begin(connection)
      if (rows === null) return null
      this.#rows = rows
    }
    try {
      const { done, value } = await this.#rows.next()
      if (!done) return value
      this.#rows = null
      return null
    } catch (error) {
      this.#rows = null
      throw error
    }
  }

  /** Ends a query that was begun; the next one begins after the last row handed out. */
  async cancel(): Promise<void> {
    const rows = this.#rows
    this.#rows = null
    await rows?.return(undefined)
  }

  async #begin(connection: SqlConnection): Promise<AsyncGenerator<SourceRecord[]> | null> {
    const { tracking, dialect, select, suffix, options, delayMs, quote } = this.#options
    const tail = suffix === '' ? '' : ` ${suffix}`
    if (tracking === null) return this.#bulk(connection.stream(select + tail, [], this.#options.batchRows))
    const limits = this.#guard === null ? { now: null, highest: null as Cell } : await this.#guard.limits(connection)
    if (limits === null) return null
    const now = tracking.timestamps.length === 0 ? null : (limits.now ?? (await dialect.now(connection)))
    const before = now === null ? null : { ms: now - delayMs, nanos: 0 }
    const { sql, params } = criteria(
      dialect,
      tracking,
      this.#position,
      { before, highest: limits.highest },
      options.zone,
      quote,
    )
    return this.#followed(connection.stream(select + sql + tail, params, this.#options.batchRows), tracking)
  }

  get #context() {
    return { ...this.#options, schemaName: this.#options.table?.table ?? null }
  }

  async *#bulk(batches: AsyncGenerator<RowBatch>): AsyncGenerator<SourceRecord[]> {
    for await (const { columns, rows } of batches) {
      const mapper = rowMapper(this.#context, columns)
      yield rows.map((row) => mapper.record(row, null))
    }
  }

  /**
   * With timestamps alone, an offset moves to a time only with the last row of that time: after a restart, rows of a time that
   * was read in part come again rather than never.
   */
  async *#followed(batches: AsyncGenerator<RowBatch>, tracking: Tracking): AsyncGenerator<SourceRecord[]> {
    const { options } = this.#options
    const onlyTimes = tracking.incrementing === null
    let held: { row: readonly unknown[]; place: Position } | null = null
    let last: RowBatch['columns'] = []
    let mapper: ReturnType<typeof rowMapper> | null = null
    for await (const { columns, rows } of batches) {
      if (mapper === null || columns !== last) mapper = rowMapper(this.#context, columns)
      last = columns
      const place = placeReader(tracking, columns, options.zone, options.calendar)
      const records: SourceRecord[] = []
      for (const row of rows) {
        const here = place(row)
        if (!onlyTimes) {
          this.#position = here
          records.push(mapper.record(row, toOffset(here)))
          continue
        }
        if (held !== null) {
          const { timestamp } = held.place
          if (timestamp === null || here.timestamp === null || isLater(here.timestamp, timestamp))
            this.#position = held.place
          records.push(mapper.record(held.row, toOffset(this.#position)))
        }
        held = { row, place: here }
      }
      if (records.length > 0) yield records
    }
    if (held !== null && mapper !== null) {
      this.#position = held.place
      yield [mapper.record(held.row, toOffset(this.#position))]
    }
    this.#guard?.passed()
  }
}

/** The columns by which a table is followed, checked against what it has. @throws ConfigException naming what is there */
export function trackingOf(
  mode: string,
  table: string,
  definition: TableDefinition,
  incrementing: string,
  timestamps: readonly string[],
  validateNonNull: boolean,
): Tracking | null {
  if (mode === 'bulk') return null
  const columns = [...definition.columns.values()]
  const has = `It has ${columns.map((column) => column.name).join(', ')}.`
  const find = (name: string) =>
    definition.columns.get(name) ?? columns.find((column) => column.name.toLowerCase() === name.toLowerCase())
  let number = null
  if (mode.includes('incrementing')) {
    number = incrementing === '' ? columns.find((column) => column.autoIncrement) : find(incrementing)
    if (number === undefined) {
      throw new ConfigException(
        incrementing === ''
          ? `Table ${table} has no column that the database counts up itself: name one in incrementing.column.name. ${has}`
          : `Incrementing column: ${incrementing} does not exist in table '${table}'. ${has}`,
        { configKey: 'incrementing.column.name' },
      )
    }
    if (validateNonNull && number.nullable) {
      throw new ConnectException(
        `Cannot make incremental queries using incrementing column ${number.name} on ${table} because this column is nullable.`,
        { configKey: 'validate.non.null' },
      )
    }
  }
  if (!mode.includes('timestamp')) return { incrementing: number?.name ?? null, timestamps: [] }
  const found = timestamps.map(find)
  const missing = timestamps.filter((_name, i) => found[i] === undefined)
  if (missing.length > 0) {
    throw new ConfigException(`Timestamp columns: ${missing.join(', ')} do not exist in table '${table}'. ${has}`, {
      configKey: 'timestamp.column.name',
    })
  }
  if (validateNonNull && found.every((column) => column?.nullable)) {
    throw new ConnectException(
      `Cannot make incremental queries using timestamp columns ${timestamps.join(',')} on ${table} because all of these columns are nullable.`,
      { configKey: 'validate.non.null' },
    )
  }
  return { incrementing: number?.name ?? null, timestamps: found.map((column) => column?.name as string) }
}
