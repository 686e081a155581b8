// The store that `schema.history.internal` names.
import { ConfigException, type ConnectorProps } from '@millrace/api'
import type { HistoryConfig } from '../config/history.ts'
import { FileHistoryStore, type HistoryStore, MemoryHistoryStore } from './store.ts'

const KAFKA = 'io.debezium.storage.kafka.history.KafkaSchemaHistory'
const FILE = 'io.debezium.storage.file.history.FileSchemaHistory'
const MEMORY = 'io.debezium.relational.history.MemorySchemaHistory'
const PRODUCER = 'schema.history.internal.producer.'
const CONSUMER = 'schema.history.internal.consumer.'

/**
 * Opens the store of a configuration.
 * @throws ConfigException for a class that is not known, or a key of its that is missing
 */
export async function openHistory(config: HistoryConfig, props: ConnectorProps): Promise<HistoryStore> {
  const className = config['schema.history.internal']
  if (className === FILE) return new FileHistoryStore(required(config, 'schema.history.internal.file.filename'))
  if (className === MEMORY) return new MemoryHistoryStore()
  if (className !== KAFKA) {
    throw ConfigException.invalidValue(
      'schema.history.internal',
      className,
      `known are ${KAFKA}, ${FILE} and ${MEMORY}`,
    )
  }
  const topic = required(config, 'schema.history.internal.kafka.topic')
  const bootstrap = required(config, 'schema.history.internal.kafka.bootstrap.servers')
  // The client of Kafka is loaded where it is used alone.
  const { KafkaHistoryStore } = await import('./kafka-store.ts')
  return new KafkaHistoryStore({
    topic,
    bootstrap,
    producer: withPrefix(props, PRODUCER),
    consumer: withPrefix(props, CONSUMER),
    timeoutMs: config['schema.history.internal.kafka.query.timeout.ms'],
    pollMs: config['schema.history.internal.kafka.recovery.poll.interval.ms'],
  })
}

/** What is missing from a configuration's history, by key. */
export function historyProblems(props: ConnectorProps): Map<string, string> {
  const missing =
    (props['schema.history.internal'] ?? KAFKA) === KAFKA
      ? ['schema.history.internal.kafka.topic', 'schema.history.internal.kafka.bootstrap.servers']
      : props['schema.history.internal'] === FILE
        ? ['schema.history.internal.file.filename']
        : []
  const absent = missing.filter((key) => (props[key] ?? '').trim() === '')
  return new Map(absent.map((key) => [key, 'A value is required']))
}

type HistoryKey =
  | 'schema.history.internal.kafka.topic'
  | 'schema.history.internal.kafka.bootstrap.servers'
  | 'schema.history.internal.file.filename'

function required(config: HistoryConfig, key: HistoryKey): string {
  const value = config[key]
  if (value !== null && value.trim() !== '') return value
  throw new ConfigException(`${key} is required by ${config['schema.history.internal']}`, { configKey: key })
}

/** The keys that begin with a prefix, without it. */
export function withPrefix(props: ConnectorProps, prefix: string): ConnectorProps {
  const own = Object.entries(props).filter(([key]) => key.startsWith(prefix))
  return Object.fromEntries(own.map(([key, value]) => [key.slice(prefix.length), value]))
}
