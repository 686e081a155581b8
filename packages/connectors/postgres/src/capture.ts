// What is captured and how it is named: the kit's filters, names and masks, read from a configuration once.
import { ConfigException, type ConnectorProps, type Logger, type Schema } from '@millrace/api'
import {
  type ConvertingFailureMode,
  columnMappers,
  type FilterDialect,
  fieldNameAdjuster,
  keyColumnsOf,
  matcherOf,
  type NameAdjuster,
  type NameAdjustmentMode,
  schemaNameAdjuster,
  type TableEventsOptions,
  type TableFilters,
  type TableId,
  type TopicNaming,
  tableFilters,
  tableId,
  topicNaming,
} from '@millrace/kit-cdc'
import type { PostgresConfig } from './config.ts'
import { SOURCE_SCHEMA } from './source-info.ts'

/** Decisions of a configuration. */
export interface Capture {
  readonly filters: TableFilters
  readonly topics: TopicNaming
  readonly adjustSchemaName: NameAdjuster
  /** Whether logical messages with this prefix are captured. */
  includesMessage(prefix: string): boolean
  /** What all tables have in common, but for their types. */
  readonly events: Omit<TableEventsOptions, 'types'>
}

const spell = (id: TableId) => `${id.schema}.${id.table}`

const DIALECT: FilterDialect = {
  spellTable: spell,
  isSystemTable: ({ schema }) =>
    schema === 'pg_catalog' || schema === 'information_schema' || /^pg_(toast|temp)/.test(schema ?? ''),
  catalogFirst: false,
}

/** The identifier of a table: the database is the same for all, and stands in none. */
export function idOf(schema: string, table: string): TableId {
  return tableId(null, schema, table)
}

/** Reads the configuration. @throws ConfigException for a bad expression, an unknown strategy or hash */
export function captureOf(
  config: PostgresConfig,
  props: ConnectorProps,
  log: Logger,
  source: Schema = SOURCE_SCHEMA,
): Capture {
  const filters = tableFilters(props, DIALECT)
  const topics = topicNaming(config['topic.naming.strategy'], props)
  const adjustSchemaName = schemaNameAdjuster(config['schema.name.adjustment.mode'] as NameAdjustmentMode)
  const mappers = columnMappers(props, spell)
  const messages = messageFilter(config)
  return {
    filters,
    topics,
    adjustSchemaName,
    includesMessage: messages,
    events: {
      topics,
      sourceSchema: source,
      adjustSchemaName,
      adjustFieldName: fieldNameAdjuster(config['field.name.adjustment.mode'] as NameAdjustmentMode),
      convertingFailure: config['event.converting.failure.handling.mode'] as ConvertingFailureMode,
      includesColumn: filters.includesColumn,
      mapperOf: mappers,
      keyColumns: keyColumnsOf(config['message.key.columns'], spell),
      log,
    },
  }
}

function messageFilter(config: PostgresConfig): (prefix: string) => boolean {
  const include = config['message.prefix.include.list']
  const exclude = config['message.prefix.exclude.list']
  if (include !== null && include.length > 0) return matcherOf(include.join(','), 'message.prefix.include.list')
  if (exclude === null || exclude.length === 0) return () => true
  const left = matcherOf(exclude.join(','), 'message.prefix.exclude.list')
  return (prefix) => !left(prefix)
}

/** Fails, or warns, when more tables are captured than `guardrail.collections.max` allows. @throws ConfigException */
export function checkGuardrail(config: PostgresConfig, tables: number, log: Logger): void {
  const most = config['guardrail.collections.max']
  if (most === 0 || tables <= most) return
  const text = `${tables} tables are captured, and guardrail.collections.max is ${most}`
  if (config['guardrail.collections.limit.action'] === 'fail') {
    throw new ConfigException(`${text}: narrow table.include.list, or raise the limit`, {
      configKey: 'guardrail.collections.max',
    })
  }
  log.warn(text)
}
