// What the phases of a task share, made of the configuration.
import type { ConnectorProps, Logger, OffsetMap } from '@millrace/api'
import {
  ChangeEmitter,
  ChangeQueue,
  columnMappers,
  emitterOptions,
  fieldNameAdjuster,
  type HistoryStore,
  keyColumnsOf,
  SchemaChangeRecords,
  schemaNameAdjuster,
  type TableEventsOptions,
  type TableFilters,
  type TopicNaming,
  TransactionMonitor,
  topicNaming,
} from '@millrace/kit-cdc'
import { CapturedTables } from './captured-tables.ts'
import type { Config } from './config.ts'
import type { DdlChange } from './ddl/parse.ts'
import { SourceBlocks } from './events/source-info.ts'
import { MySqlTypes } from './events/types.ts'
import { filtersOf, spell } from './filters.ts'
import { SchemaHistory, tableChanges } from './history/schema-history.ts'
import type { OffsetTracker } from './offset.ts'

/** Parts that snapshot and streaming use. */
export interface TaskParts {
  readonly kind: 'mysql' | 'mariadb'
  readonly config: Config
  readonly props: ConnectorProps
  readonly partition: OffsetMap
  readonly filters: TableFilters
  readonly history: SchemaHistory
  readonly emitter: ChangeEmitter
  readonly queue: ChangeQueue
  readonly topics: TopicNaming
  readonly transactions: TransactionMonitor | null
  readonly sources: SourceBlocks
  readonly tables: CapturedTables
  readonly log: Logger
  /** Queues the record of a statement that changed tables. */
  schemaChange(ddl: string, database: string, changes: readonly DdlChange[], at: OffsetTracker, snapshot: string): void
}

/** What {@link taskParts} is made of. */
export interface PartsOptions {
  readonly kind: 'mysql' | 'mariadb'
  readonly config: Config
  readonly props: ConnectorProps
  readonly partition: OffsetMap
  readonly store: HistoryStore
  readonly taskId: string
  readonly log: Logger
}

/** @throws ConfigException for expressions and names that are none */
export function taskParts({ kind, config, props, partition, store, taskId, log }: PartsOptions): TaskParts {
  const prefix = config['topic.prefix']
  const filters = filtersOf(props)
  const adjustSchemaName = schemaNameAdjuster(config['schema.name.adjustment.mode'] as 'none')
  const topics = topicNaming(config['topic.naming.strategy'] ?? '', props)
  const queue = new ChangeQueue({
    records: config['max.queue.size'],
    bytes: config['max.queue.size.in.bytes'],
    batch: config['max.batch.size'],
  })
  const transactions = config['provide.transaction.metadata']
    ? new TransactionMonitor(topics.transactionTopic, partition, adjustSchemaName, (record) => queue.push(record, 0))
    : null
  const emitter = new ChangeEmitter(queue, partition, emitterOptions(config, kind, taskId), transactions)
  const history = new SchemaHistory({
    store,
    prefix,
    skipUnparseable: config['schema.history.internal.skip.unparseable.ddl'],
    // The reference's connector of MariaDB keeps comments whatever the configuration says.
    comments: kind === 'mariadb' || config['include.schema.comments'],
    log,
  })
  const sources = new SourceBlocks(kind, prefix)
  const types = new MySqlTypes({
    decimal: config['decimal.handling.mode'] as 'precise',
    time: config['time.precision.mode'] as 'connect',
    binary: config['binary.handling.mode'] as 'bytes',
    adjustsYears: config['enable.time.adjuster'],
    unsignedBigint: config['bigint.unsigned.handling.mode'] as 'long',
  })
  const options: TableEventsOptions = {
    types,
    topics,
    sourceSchema: sources.schema,
    adjustSchemaName,
    adjustFieldName: fieldNameAdjuster(config['field.name.adjustment.mode'] as 'none'),
    convertingFailure: config['event.converting.failure.handling.mode'] as 'warn',
    includesColumn: (id, column) => filters.includesColumn(id, column),
    mapperOf: columnMappers(props, spell),
    keyColumns: keyColumnsOf(config['message.key.columns'], spell),
    log,
  }
  const changes = new SchemaChangeRecords(kind, topics.schemaChangeTopic, partition, sources.schema, adjustSchemaName)
  const parts = {
    kind,
    config,
    props,
    partition,
    filters,
    history,
    emitter,
    queue,
    topics,
    transactions,
    sources,
    tables: new CapturedTables(history, options, types, filters),
    log,
  }
  return {
    ...parts,
    schemaChange(ddl, database, done, at, snapshot) {
      if (!config['include.schema.changes']) return
      const names = done.filter(({ type }) => type !== 'DATABASE').map(({ name }) => name)
      const table = done.length === 0 && snapshot === 'false' ? '' : names.length === 0 ? null : names.join(',')
      const record = changes.record({
        offset: transactions?.store(at.offset()) ?? at.offset(),
        source: sources.makeOfStatement(at, database, table, snapshot),
        databaseName: database,
        schemaName: null,
        ddl,
        changes: tableChanges(done),
        headers: emitter.headers(),
      })
      emitter.emit(record)
    },
  }
}
