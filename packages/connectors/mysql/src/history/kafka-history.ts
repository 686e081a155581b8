// The schema history in a Kafka topic of one partition that is kept forever.
import { ConnectException, type ConnectorProps, errorMessage } from '@millrace/api'
import { Admin, Consumer, Producer } from '@millrace/kafka'
import type { HistoryStore } from './store.ts'

/** How to reach the topic. */
export interface KafkaHistoryOptions {
  readonly topic: string
  readonly bootstrap: string
  /** Settings of its clients beyond the brokers, such as security. */
  readonly producer: ConnectorProps
  readonly consumer: ConnectorProps
}

const POLL_MS = 500
const TIMEOUT_MS = 60_000
const PARTITION = 0

/** Reads the whole topic at each start, and appends to it. */
export class KafkaHistory implements HistoryStore {
  readonly #options: KafkaHistoryOptions
  #producer: Producer | null = null

  constructor(options: KafkaHistoryOptions) {
    this.#options = options
  }

  /** @throws ConnectException when the topic cannot be made or read */
  async read(): Promise<string[]> {
    const { topic } = this.#options
    try {
      await this.#create()
      return await this.#readAll()
    } catch (cause) {
      throw new ConnectException(
        `The schema history could not be read from the topic '${topic}': ${errorMessage(cause)}`,
        {
          cause,
          action: 'Check schema.history.internal.kafka.bootstrap.servers and schema.history.internal.consumer.*.',
        },
      )
    }
  }

  async append(record: string): Promise<void> {
    this.#producer ??= Producer.create({
      ...this.#options.producer,
      'bootstrap.servers': this.#options.bootstrap,
      acks: 'all',
      'max.block.ms': String(TIMEOUT_MS),
    })
    await this.#producer.send({ topic: this.#options.topic, partition: PARTITION, value: record })
  }

  async close(): Promise<void> {
    await this.#producer?.close({ timeoutMs: 1_000 })
  }

  async #create(): Promise<void> {
    const { bootstrap, topic, producer } = this.#options
    await using admin = Admin.create(clientOnly({ ...producer, 'bootstrap.servers': bootstrap }))
    const configs = { 'cleanup.policy': 'delete', 'retention.ms': '-1', 'retention.bytes': '-1' }
    const [created] = await admin.createTopics([{ name: topic, numPartitions: 1, configs }])
    const { error } = created!
    if (error !== null && error !== undefined && !/exists/i.test(`${error.name} ${error.message}`)) throw error
  }

  async #readAll(): Promise<string[]> {
    const { bootstrap, topic, consumer: own } = this.#options
    const partitions = [{ topic, partition: PARTITION }]
    await using consumer = Consumer.create({
      ...own,
      'bootstrap.servers': bootstrap,
      'isolation.level': 'read_committed',
      'enable.auto.commit': 'false',
    })
    consumer.assign(partitions)
    consumer.seekToBeginning(partitions)
    const [end] = await consumer.endOffsets(partitions, { timeoutMs: TIMEOUT_MS })
    const records: string[] = []
    while ((consumer.position(partitions[0]!) ?? 0) < end!.offset) {
      const { chunks } = await consumer.poll(POLL_MS)
      for (const { reader } of chunks) {
        while (reader.next()) {
          const { buffer, valueStart, valueEnd } = reader
          if (valueEnd >= 0) records.push(buffer.utf8Slice(valueStart, valueEnd))
        }
      }
    }
    return records
  }
}

/** Keys that every client knows: those of security and connections. */
function clientOnly(props: ConnectorProps): ConnectorProps {
  const own = Object.entries(props).filter(([key]) => /^(bootstrap|security|sasl|ssl|client|request)\./.test(key))
  return Object.fromEntries(own)
}
