// Keys of the snapshot.
import { type ConfigSpec, oneOf } from '@millrace/api'
import { SNAPSHOT_MODES } from '../snapshot/modes.ts'
import { notNegative, positive, regexes } from './validators.ts'

const flag = (doc: string) =>
  ({ type: 'boolean', default: false, importance: 'medium', group: 'Connector snapshot', doc }) as const

/** Keys of snapshots, also of incremental ones. */
export const SNAPSHOT_KEYS = {
  'snapshot.mode': {
    type: 'string',
    default: 'initial',
    importance: 'high',
    group: 'Connector snapshot',
    validator: oneOf(...SNAPSHOT_MODES),
    doc: 'When the rows that are there are read: once before the first streaming (initial), and then no streaming (initial_only), at each start (always), never (no_data), or when the stored position is gone (when_needed).',
  },
  'snapshot.mode.configuration.based.snapshot.data': flag('With snapshot.mode=configuration_based: reads rows.'),
  'snapshot.mode.configuration.based.snapshot.schema': flag(
    'With snapshot.mode=configuration_based: reads table definitions.',
  ),
  'snapshot.mode.configuration.based.start.stream': flag('With snapshot.mode=configuration_based: streams afterwards.'),
  'snapshot.mode.configuration.based.snapshot.on.schema.error': flag(
    'With snapshot.mode=configuration_based: reads table definitions when the schema history is lost.',
  ),
  'snapshot.mode.configuration.based.snapshot.on.data.error': flag(
    'With snapshot.mode=configuration_based: reads rows when the stored position is gone.',
  ),
  'snapshot.include.collection.list': {
    type: 'list',
    default: null,
    importance: 'medium',
    group: 'Connector snapshot',
    validator: regexes,
    doc: 'Regular expressions for the tables whose rows are read, of those that are captured.',
  },
  'snapshot.select.statement.overrides': {
    type: 'string',
    default: null,
    importance: 'medium',
    group: 'Connector snapshot',
    doc: 'Tables, with commas between, whose rows are read by a statement of your own, given under snapshot.select.statement.overrides.<table>.',
  },
  'snapshot.fetch.size': {
    type: 'int',
    default: null,
    importance: 'medium',
    group: 'Connector snapshot',
    validator: notNegative,
    doc: 'Rows that are fetched at once.',
  },
  'snapshot.delay.ms': {
    type: 'long',
    default: 0,
    importance: 'low',
    group: 'Connector snapshot',
    validator: notNegative,
    doc: 'Waits so many ms before a snapshot.',
  },
  'snapshot.max.threads': {
    type: 'int',
    default: 1,
    importance: 'medium',
    group: 'Connector snapshot',
    validator: positive,
    doc: 'Tables that are read at the same time, each by its own connection.',
  },
  'snapshot.lock.timeout.ms': {
    type: 'long',
    default: 10000,
    importance: 'medium',
    group: 'Connector snapshot',
    doc: 'Waits so many ms for locks before a snapshot fails.',
  },
  'snapshot.tables.order.by.row.count': {
    type: 'string',
    default: 'disabled',
    importance: 'medium',
    group: 'Connector snapshot',
    validator: oneOf('disabled', 'ascending', 'descending'),
    doc: 'Reads small or large tables first.',
  },
  'streaming.delay.ms': {
    type: 'long',
    default: 0,
    importance: 'low',
    validator: notNegative,
    doc: 'Waits so many ms between snapshot and streaming.',
  },
  'incremental.snapshot.chunk.size': {
    type: 'int',
    default: 1024,
    importance: 'medium',
    validator: notNegative,
    doc: 'Rows of a chunk of an incremental snapshot.',
  },
  'incremental.snapshot.watermarking.strategy': {
    type: 'string',
    default: 'insert_insert',
    importance: 'low',
    validator: oneOf('insert_insert', 'insert_delete', 'INSERT_INSERT', 'INSERT_DELETE'),
    doc: 'Marks the windows of an incremental snapshot by two rows of the signal table, or by one that is deleted again.',
  },
} as const satisfies ConfigSpec
