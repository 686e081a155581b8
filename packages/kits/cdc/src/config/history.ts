// Keys of the schema history, of connectors whose log does not describe its tables.
import { type ConfigSpec, defineConfig, type InferConfig } from '@millrace/api'
import { positive } from './validators.ts'

const text = (doc: string, value: string | null = null) =>
  ({ type: 'string', default: value, importance: 'medium', group: 'Connector', doc }) as const
const flag = (doc: string, value: boolean) => ({ type: 'boolean', default: value, importance: 'low', doc }) as const

/** Keys of the schema history. */
export const HISTORY_KEYS = {
  'include.schema.changes': flag(
    'Whether statements that change tables become records of the topic that is called as `topic.prefix` says.',
    true,
  ),
  'schema.history.internal': text(
    'Class of the schema history.',
    'io.debezium.storage.kafka.history.KafkaSchemaHistory',
  ),
  'schema.history.internal.kafka.topic': text('Topic of the schema history.'),
  'schema.history.internal.kafka.bootstrap.servers': text('Brokers of the schema history.'),
  'schema.history.internal.kafka.query.timeout.ms': {
    type: 'long',
    default: 60_000,
    importance: 'low',
    validator: positive,
    doc: 'The longest wait for what the brokers answer about the topic of the schema history.',
  },
  'schema.history.internal.kafka.recovery.poll.interval.ms': {
    type: 'int',
    default: 100,
    importance: 'low',
    validator: positive,
    doc: 'The longest wait of one poll while the history is read. It is read to its end, however many polls that takes.',
  },
  'schema.history.internal.file.filename': text('File of `io.debezium.storage.file.history.FileSchemaHistory`.'),
  'schema.history.internal.skip.unparseable.ddl': flag(
    'Whether statements that cannot be read are passed over.',
    false,
  ),
  'schema.history.internal.store.only.captured.tables.ddl': flag(
    'Whether the history keeps captured tables alone.',
    false,
  ),
  'schema.history.internal.store.only.captured.databases.ddl': flag(
    'Whether the history keeps tables of captured databases alone.',
    false,
  ),
} as const satisfies ConfigSpec

/** The keys as a definition, to be merged with a connector's. */
export const HISTORY_CONFIG = defineConfig(HISTORY_KEYS)
export type HistoryConfig = InferConfig<typeof HISTORY_CONFIG>
