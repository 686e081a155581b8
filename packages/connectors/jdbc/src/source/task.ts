// Reads the tables it was given, or the query, in turn.
import { setTimeout as sleep } from 'node:timers/promises'
import {
  ConnectException,
  type ConnectorProps,
  type Logger,
  type OffsetMap,
  type SourceRecord,
  SourceTask,
} from '@millrace/api'
import {
  type Dialect,
  dialectOf,
  parseJdbcUrl,
  quoteName,
  quoteTable,
  type ReadOptions,
  type SqlConnection,
  SqlError,
  tableText,
  zoneOf,
} from '@millrace/kit-sql'
import { connectionProperties } from '../properties.ts'
import { VERSION } from '../version.ts'
import { Session } from '../write/session.ts'
import { SOURCE_CONFIG, type SourceConfig, TABLES } from './config.ts'
import { fromOffset, partitionOf, partitionsOf, QUERY_PARTITION } from './offset.ts'
import { Querier, trackingOf } from './querier.ts'
import { mappedColumns, queryOf } from './tables.ts'

/** The longest wait of a poll without news. */
const NAP_MS = 500

/** The task of {@link JdbcSourceConnector}. */
export class JdbcSourceTask extends SourceTask {
  static readonly className = 'io.confluent.connect.jdbc.source.JdbcSourceTask'
  readonly version = VERSION
  #config!: SourceConfig
  #dialect!: Dialect
  #session: Session | null = null
  #queriers: Querier[] = []
  #failures = 0

  async start(props: ConnectorProps): Promise<void> {
    const config = SOURCE_CONFIG.parse(props)
    this.#config = config
    this.#session = sessionOf(config, props, this.context.log)
    this.#dialect = this.#session.dialect
    const connection = await this.#session.connection(this.context.signal)
    const query = queryOf(config)
    this.#queriers =
      query === '' ? await this.#tables(connection, props[TABLES] ?? '') : [await this.#query(connection, query)]
    if (this.#queriers.length === 0)
      throw new ConnectException(
        'The task was given no table and no query: check table.whitelist, schema.pattern and table.types',
      )
  }

  async poll(): Promise<SourceRecord[] | null> {
    const { signal } = this.context
    const querier = this.#queriers.find((one) => one.busy) ?? this.#due()
    if (querier === undefined) {
      await this.#nap()
      return null
    }
    if (signal.aborted) return null
    try {
      const connection = await (this.#session as Session).connection(signal)
      const records = await querier.next(connection)
      this.#failures = 0
      if (records === null) this.#rest(querier)
      return records
    } catch (error) {
      await this.#failed(querier, error)
      return null
    }
  }

  async stop(): Promise<void> {
    const session = this.#session
    this.#session = null
    for (const querier of this.#queriers) await querier.cancel().catch(() => undefined)
    await session?.reset()
  }

  /** The one that has rested longest, if any has rested long enough. */
  #due(): Querier | undefined {
    const now = performance.now()
    let due: Querier | undefined
    for (const one of this.#queriers) if (one.dueAt <= now && (due === undefined || one.dueAt < due.dueAt)) due = one
    return due
  }

  #rest(querier: Querier): void {
    querier.dueAt = performance.now() + this.#config['poll.interval.ms']
  }

  async #nap(): Promise<void> {
    const next = Math.min(...this.#queriers.map((one) => one.dueAt)) - performance.now()
    const ms = Math.max(1, Math.min(NAP_MS, next))
    await sleep(ms, undefined, { signal: this.context.signal }).catch(() => undefined)
  }

  async #failed(querier: Querier, error: unknown): Promise<void> {
    await querier.cancel().catch(() => undefined)
    const sql = error instanceof SqlError ? error : null
    if (sql === null) throw error
    if (sql.kind === 'connection') await this.#session?.reset()
    this.#failures++
    const allowed = this.#config['query.retry.attempts']
    if (allowed >= 0 && this.#failures > allowed) {
      throw new ConnectException(`Giving up on ${querier.name} after ${allowed} retries: ${sql.message}`, {
        cause: error,
        configKey: 'query.retry.attempts',
      })
    }
    this.context.log.error(
      `${querier.name} could not be read and is tried again in ${this.#config['poll.interval.ms']} ms: ${sql.message}`,
      { error },
    )
    this.#rest(querier)
  }

  async #tables(connection: SqlConnection, text: string): Promise<Querier[]> {
    const config = this.#config
    const queriers: Querier[] = []
    for (const one of splitTables(text)) {
      const table = this.#dialect.parseTable(one)
      const name = tableText(table)
      const definition = await this.#dialect.describeTable(connection, table)
      if (definition === null) throw new ConnectException(`Table ${name} is not there, or may not be read`)
      const incrementing =
        mappedColumns(table, config['incrementing.column.mapping'])?.[0] ?? config['incrementing.column.name']
      const timestamps = mappedColumns(table, config['timestamp.columns.mapping']) ?? config['timestamp.column.name']
      const tracking = trackingOf(config.mode, name, definition, incrementing, timestamps, config['validate.non.null'])
      queriers.push(
        new Querier({
          ...(await this.#shared(connection, tracking === null ? [] : partitionsOf(table))),
          table,
          select: `SELECT * FROM ${quoteTable(this.#rules, table)}`,
          topic: config['topic.prefix'] + table.table,
          partition: tracking === null ? { table: table.table } : partitionOf(table),
          tracking,
          definition,
        }),
      )
    }
    return queriers
  }

  async #query(connection: SqlConnection, query: string): Promise<Querier> {
    const config = this.#config
    const bulk = config.mode === 'bulk'
    return new Querier({
      ...(await this.#shared(connection, bulk ? [] : [QUERY_PARTITION])),
      table: null,
      select: query,
      topic: config['topic.prefix'],
      partition: QUERY_PARTITION,
      tracking: bulk
        ? null
        : {
            incrementing: config.mode.includes('incrementing') ? config['incrementing.column.name'] : null,
            timestamps: config.mode.includes('timestamp') ? config['timestamp.column.name'] : [],
          },
      definition: null,
    })
  }

  async #shared(connection: SqlConnection, partitions: readonly OffsetMap[]) {
    const config = this.#config
    const isQuery = queryOf(config) !== ''
    const stored = (await this.context.offsets.offsets(partitions)).find((offset) => offset !== null) ?? null
    const initial = config['timestamp.initial']
    const begin =
      initial === null ? null : { timestamp: initial === -1 ? await this.#dialect.now(connection) : initial }
    return {
      dialect: this.#dialect,
      log: this.context.log,
      suffix: config['query.suffix'].trim(),
      position: fromOffset(stored ?? begin),
      options: readOptions(config),
      delayMs: config['timestamp.delay.interval.ms'],
      batchRows: config['batch.max.rows'],
      guarded: config['late.commit.guard'],
      quote: (column: string) => (isQuery ? quoteQualified(column, this.#rules) : quoteName(this.#rules, column)),
    }
  }

  get #rules() {
    return { quote: this.#dialect.quote, always: this.#config['quote.sql.identifiers'].toUpperCase() === 'ALWAYS' }
  }
}

/** A column of a query may be named with its table: `t.id`. */
function quoteQualified(column: string, rules: { readonly quote: string; readonly always: boolean }): string {
  return column
    .split('.')
    .map((part) => quoteName(rules, part))
    .join('.')
}

/** Splits at commas outside quotes. */
function splitTables(text: string): string[] {
  return (text.match(/(?:"(?:[^"]|"")*"|`(?:[^`]|``)*`|[^,"`])+/g) ?? []).map((one) => one.trim())
}

function readOptions(config: SourceConfig): ReadOptions {
  const mapping =
    config['numeric.mapping']?.toLowerCase() ?? (config['numeric.precision.mapping'] ? 'precision_only' : 'none')
  return {
    numericMapping: mapping as ReadOptions['numericMapping'],
    timestampGranularity: config['timestamp.granularity'] as ReadOptions['timestampGranularity'],
    zone: zoneOf(config['db.timezone']),
    calendar: config['date.calendar.system'].toUpperCase() === 'LEGACY' ? 'hybrid' : 'proleptic',
  }
}

/** The session of a source's configuration: of its tasks, and of the connector that looks for tables. */
export function sessionOf(config: SourceConfig, props: ConnectorProps, log: Logger): Session {
  const url = parseJdbcUrl(config['connection.url'])
  const dialect = dialectOf(url, config['dialect.name'])
  const isolation = config['transaction.isolation.mode']
  const statement = isolation === 'DEFAULT' ? null : dialect.isolation(isolation)
  return new Session({
    dialect,
    connect: {
      url: { ...url, properties: new Map([...url.properties, ...connectionProperties(props)]) },
      user: config['connection.user'],
      password: config['connection.password']?.value ?? null,
      applicationName: `millrace ${props.name ?? 'jdbc-source'}`,
      log,
    },
    urlText: config['connection.url'],
    attempts: config['connection.attempts'],
    backoffMs: config['connection.backoff.ms'],
    log,
    onConnect: async (connection) => {
      if (statement !== null) await connection.execute(statement)
    },
  })
}
