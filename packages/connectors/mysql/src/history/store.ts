// Where the schema history is kept.
import { appendFile, readFile } from 'node:fs/promises'
import { ConfigException, type ConnectorProps } from '@millrace/api'
import type { Config } from '../config.ts'
import { KafkaHistory } from './kafka-history.ts'

/** A log of lines of JSON. */
export interface HistoryStore {
  /** Every record so far, in order. */
  read(): Promise<string[]>
  /** Resolves when the record is safe. */
  append(record: string): Promise<void>
  close(): Promise<void>
}

const KAFKA = 'io.debezium.storage.kafka.history.KafkaSchemaHistory'
const FILE = 'io.debezium.storage.file.history.FileSchemaHistory'
const MEMORY = 'io.debezium.relational.history.MemorySchemaHistory'
const PRODUCER = 'schema.history.internal.producer.'
const CONSUMER = 'schema.history.internal.consumer.'

/** @throws ConfigException for a class that is not known, or a key of its that is missing */
export function openHistory(config: Config, props: ConnectorProps): HistoryStore {
  const className = config['schema.history.internal']
  if (className === KAFKA) {
    return new KafkaHistory({
      topic: required(config, 'schema.history.internal.kafka.topic'),
      bootstrap: required(config, 'schema.history.internal.kafka.bootstrap.servers'),
      producer: withPrefix(props, PRODUCER),
      consumer: withPrefix(props, CONSUMER),
    })
  }
  if (className === FILE) return new FileHistory(required(config, 'schema.history.internal.file.filename'))
  if (className === MEMORY) return new MemoryHistory()
  throw ConfigException.invalidValue('schema.history.internal', className, `known are ${KAFKA}, ${FILE} and ${MEMORY}`)
}

type HistoryKey =
  | 'schema.history.internal.kafka.topic'
  | 'schema.history.internal.kafka.bootstrap.servers'
  | 'schema.history.internal.file.filename'

function required(config: Config, key: HistoryKey): string {
  const value = config[key]
  if (value !== null && value.trim() !== '') return value
  throw new ConfigException(`${key} is required by ${config['schema.history.internal']}`, { configKey: key })
}

function withPrefix(props: ConnectorProps, prefix: string): ConnectorProps {
  const own = Object.entries(props).filter(([key]) => key.startsWith(prefix))
  return Object.fromEntries(own.map(([key, value]) => [key.slice(prefix.length), value]))
}

/** One record a line. */
class FileHistory implements HistoryStore {
  readonly #file: string
  constructor(file: string) {
    this.#file = file
  }
  async read(): Promise<string[]> {
    const text = await readFile(this.#file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return ''
      throw error
    })
    return text.split('\n').filter((line) => line.trim() !== '')
  }
  append(record: string): Promise<void> {
    return appendFile(this.#file, `${record}\n`, { flush: true })
  }
  async close(): Promise<void> {}
}

/** Gone with the task: for tests, and for tables whose schema never changes while the connector is down. */
class MemoryHistory implements HistoryStore {
  readonly #records: string[] = []
  async read(): Promise<string[]> {
    return [...this.#records]
  }
  async append(record: string): Promise<void> {
    this.#records.push(record)
  }
  async close(): Promise<void> {}
}
