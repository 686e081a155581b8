// Configuration keys that every connector has, before its own: the reference's, in the reference's order (4.3).
import { atLeast, defineConfig, type InferConfig, nonEmptyWithoutControlChars, oneOf, satisfies } from '@millrace/api'

const COMMON = 'Common'
const ERRORS = 'Error Handling'

/** Aliases must not repeat: the second would silently replace the first. */
export function uniqueAliases(kind: string) {
  return satisfies(`unique ${kind} aliases`, (value) => {
    const aliases = (value ?? []) as readonly string[]
    return new Set(aliases).size < aliases.length ? 'Duplicate alias provided.' : undefined
  })
}

/** Keys of source and sink connectors alike. */
export const CONNECTOR_CONFIG = defineConfig({
  name: {
    type: 'string',
    importance: 'high',
    doc: 'Name of the connector, unique in its Connect cluster.',
    validator: nonEmptyWithoutControlChars,
    group: COMMON,
    orderInGroup: 1,
    width: 'medium',
    displayName: 'Connector name',
  },
  'connector.class': {
    type: 'string',
    importance: 'high',
    doc: 'Class of the connector: its full name, its simple name, or the simple name without "Connector" at the end.',
    group: COMMON,
    orderInGroup: 2,
    width: 'long',
    displayName: 'Connector class',
  },
  'connector.plugin.version': {
    type: 'string',
    default: null,
    importance: 'medium',
    doc: 'Version of the connector to use, or a range such as [1.0,2.0). By default the newest that is installed.',
    group: COMMON,
    orderInGroup: 3,
    width: 'medium',
    displayName: 'Connector version',
  },
  'tasks.max': {
    type: 'int',
    default: 1,
    importance: 'high',
    doc: 'Most tasks that this connector may be split into.',
    validator: atLeast(1),
    group: COMMON,
    orderInGroup: 4,
    width: 'short',
    displayName: 'Tasks max',
  },
  'tasks.max.enforce': {
    type: 'boolean',
    default: true,
    importance: 'low',
    doc: 'Deprecated. Whether a connector that makes more tasks than tasks.max fails; if false there is only a warning.',
    group: COMMON,
    orderInGroup: 5,
    width: 'short',
    displayName: 'Enforce tasks max',
  },
  'key.converter': {
    type: 'class',
    default: null,
    importance: 'low',
    doc: 'Converter of record keys. Without it the converter of the worker is used, with the settings of the worker.',
    group: COMMON,
    orderInGroup: 6,
    width: 'short',
    displayName: 'Key converter class',
  },
  'key.converter.plugin.version': {
    type: 'string',
    default: null,
    importance: 'low',
    doc: 'Version of the key converter to use. By default the newest that is installed.',
    group: COMMON,
    orderInGroup: 7,
    width: 'short',
    displayName: 'Key converter version',
  },
  'value.converter': {
    type: 'class',
    default: null,
    importance: 'low',
    doc: 'Converter of record values. Without it the converter of the worker is used, with the settings of the worker.',
    group: COMMON,
    orderInGroup: 8,
    width: 'short',
    displayName: 'Value converter class',
  },
  'value.converter.plugin.version': {
    type: 'string',
    default: null,
    importance: 'low',
    doc: 'Version of the value converter to use. By default the newest that is installed.',
    group: COMMON,
    orderInGroup: 9,
    width: 'short',
    displayName: 'Value converter version',
  },
  'header.converter': {
    type: 'class',
    default: null,
    importance: 'low',
    doc: 'Converter of record headers. Without it the converter of the worker is used.',
    group: COMMON,
    orderInGroup: 10,
    width: 'short',
    displayName: 'Header converter class',
  },
  'header.converter.plugin.version': {
    type: 'string',
    default: null,
    importance: 'low',
    doc: 'Version of the header converter to use. By default the newest that is installed.',
    group: COMMON,
    orderInGroup: 11,
    width: 'short',
    displayName: 'Header converter version',
  },
  transforms: {
    type: 'list',
    default: '',
    importance: 'low',
    doc: 'Aliases of the transformations to apply to each record, in this order. Each is set up by transforms.<alias>.*.',
    validator: uniqueAliases('transformation'),
    group: 'Transforms',
    orderInGroup: 12,
    width: 'long',
    displayName: 'Transforms',
  },
  predicates: {
    type: 'list',
    default: '',
    importance: 'low',
    doc: 'Aliases of the predicates that transformations may refer to. Each is set up by predicates.<alias>.*.',
    validator: uniqueAliases('predicate'),
    group: 'Predicates',
    orderInGroup: 13,
    width: 'long',
    displayName: 'Predicates',
  },
  'config.action.reload': {
    type: 'string',
    default: 'restart',
    importance: 'low',
    doc: 'What to do when a config provider says that a value has run out: "restart" the connector, or "none".',
    validator: oneOf('none', 'restart'),
    group: COMMON,
    orderInGroup: 14,
    width: 'medium',
    displayName: 'Reload Action',
  },
  'errors.retry.timeout': {
    type: 'long',
    default: 0,
    importance: 'medium',
    doc: 'Longest time in milliseconds that a failed operation on a record is retried. 0 is not at all, -1 without end.',
    group: ERRORS,
    orderInGroup: 1,
    width: 'medium',
    displayName: 'Retry Timeout for Errors',
  },
  'errors.retry.delay.max.ms': {
    type: 'long',
    default: 60_000,
    importance: 'medium',
    doc: 'Longest pause in milliseconds between two retries. Pauses that reach it are spread at random below it.',
    group: ERRORS,
    orderInGroup: 2,
    width: 'medium',
    displayName: 'Maximum Delay Between Retries for Errors',
  },
  'errors.tolerance': {
    type: 'string',
    default: 'none',
    importance: 'medium',
    doc: 'With "none" a record that cannot be processed fails the task; with "all" it is skipped and reported.',
    validator: oneOf('none', 'all'),
    group: ERRORS,
    orderInGroup: 3,
    width: 'short',
    displayName: 'Error Tolerance',
  },
  'errors.log.enable': {
    type: 'boolean',
    default: false,
    importance: 'medium',
    doc: 'Whether each failed operation is written to the log, tolerated or not.',
    group: ERRORS,
    orderInGroup: 4,
    width: 'short',
    displayName: 'Log Errors',
  },
  'errors.log.include.messages': {
    type: 'boolean',
    default: false,
    importance: 'medium',
    doc: 'Whether such log lines also describe the record: where it was read, and for a source its content.',
    group: ERRORS,
    orderInGroup: 5,
    width: 'short',
    displayName: 'Log Error Details',
  },
})

/** Prefixes of keys that no definition lists: they are passed on, or defined by what they configure. */
export const CONNECTOR_PREFIXES = [
  'transforms.',
  'predicates.',
  'key.converter.',
  'value.converter.',
  'header.converter.',
  'producer.override.',
  'consumer.override.',
  'admin.override.',
  'topic.creation.',
] as const

export type ConnectorConfig = InferConfig<typeof CONNECTOR_CONFIG>

/** Keys that this project adds to the reference's. They are no part of the answers of the REST API. */
export const OWN_CONNECTOR_CONFIG = defineConfig({
  'task.isolation': {
    type: 'string',
    default: 'shared',
    importance: 'low',
    doc: 'With "dedicated" each task of the connector gets a thread of its own; with "shared" tasks share the pool.',
    validator: oneOf('shared', 'dedicated'),
  },
  'task.isolation.heap.mb': {
    type: 'int',
    default: 0,
    importance: 'low',
    doc: 'Heap limit in MB of a dedicated thread; 0 is the default of Node.js.',
    validator: atLeast(0),
  },
})
