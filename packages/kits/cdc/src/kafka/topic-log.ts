// A topic of one partition as a log: the schema history, and the signals that come by Kafka. Its brokers need not be those
// that the task writes its records to, nor its security theirs, which is why the kit has a client of its own here.
import type { ConnectorProps } from '@millrace/api'
import { Admin, Consumer, Producer } from '@millrace/kafka'

/** How to reach the topic. */
export interface TopicLogOptions {
  readonly topic: string
  /** Brokers, as `bootstrap.servers` has them. */
  readonly bootstrap: string
  /** Settings of its clients beyond the brokers, such as security. */
  readonly producer: ConnectorProps
  readonly consumer: ConnectorProps
  /** The longest wait for the brokers' answers, ms. */
  readonly timeoutMs: number
  /** The longest wait for records of one poll, ms. */
  readonly pollMs: number
}

/** One record of the topic. */
export interface LogEntry {
  readonly key: string | null
  readonly value: string
  readonly offset: number
}

const PARTITION = 0

/** Not for overlapping calls of {@link TopicLog.read} and {@link TopicLog.follow}. */
export class TopicLog {
  readonly #options: TopicLogOptions
  #producer: Producer | null = null
  #follower: Consumer | null = null

  constructor(options: TopicLogOptions) {
    this.#options = options
  }

  /** Makes the topic, kept forever, unless it is there. */
  async create(): Promise<void> {
    const { bootstrap, topic, producer } = this.#options
    await using admin = Admin.create(clientOnly({ ...producer, 'bootstrap.servers': bootstrap }))
    const configs = { 'cleanup.policy': 'delete', 'retention.ms': '-1', 'retention.bytes': '-1' }
    const [created] = await admin.createTopics([{ name: topic, numPartitions: 1, configs }])
    const { error } = created!
    if (error !== null && error !== undefined && !/exists/i.test(`${error.name} ${error.message}`)) throw error
  }

  /** Resolves when the record is on all replicas in sync. */
  async append(value: string, key: string | null = null): Promise<void> {
    const { producer, bootstrap, topic, timeoutMs } = this.#options
    this.#producer ??= Producer.create({
      ...producer,
      'bootstrap.servers': bootstrap,
      acks: 'all',
      'max.block.ms': String(timeoutMs),
    })
    await this.#producer.send({ topic, partition: PARTITION, value, ...(key !== null && { key }) })
  }

  /** Visits all records that are there, oldest first. */
  async read(visit: (entry: LogEntry) => void): Promise<void> {
    await using consumer = this.#consumer()
    const partition = { topic: this.#options.topic, partition: PARTITION }
    const [end] = await consumer.endOffsets([partition], { timeoutMs: this.#options.timeoutMs })
    consumer.seekToBeginning([partition])
    while ((consumer.position(partition) ?? 0) < end!.offset) await take(consumer, this.#options.pollMs, visit)
  }

  /**
   * Visits what came since the last call; the first one begins at `from`, or at the end. Waits a poll for the first record.
   * @param from the offset of the first record to visit; null for the present end
   */
  async follow(from: number | null, visit: (entry: LogEntry) => void): Promise<void> {
    if (this.#follower === null) {
      this.#follower = this.#consumer()
      const partition = { topic: this.#options.topic, partition: PARTITION }
      const [end] = await this.#follower.endOffsets([partition], { timeoutMs: this.#options.timeoutMs })
      this.#follower.seek(partition, from ?? end!.offset)
    }
    await take(this.#follower, this.#options.pollMs, visit)
  }

  async close(): Promise<void> {
    await Promise.all([this.#producer?.close({ timeoutMs: 1_000 }), this.#follower?.close()])
    this.#producer = this.#follower = null
  }

  #consumer(): Consumer {
    const consumer = Consumer.create({
      ...this.#options.consumer,
      'bootstrap.servers': this.#options.bootstrap,
      'isolation.level': 'read_committed',
      'enable.auto.commit': 'false',
    })
    consumer.assign([{ topic: this.#options.topic, partition: PARTITION }])
    return consumer
  }
}

async function take(consumer: Consumer, pollMs: number, visit: (entry: LogEntry) => void): Promise<void> {
  const { chunks } = await consumer.poll(pollMs)
  for (const { reader } of chunks) {
    while (reader.next()) {
      const { buffer, keyStart, keyEnd, valueStart, valueEnd } = reader
      if (valueEnd < 0) continue
      const key = keyEnd < 0 ? null : buffer.utf8Slice(keyStart, keyEnd)
      visit({ key, value: buffer.utf8Slice(valueStart, valueEnd), offset: Number(reader.offset) })
    }
  }
}

/** Keys that every client knows: those of security and connections. */
function clientOnly(props: ConnectorProps): ConnectorProps {
  const own = Object.entries(props).filter(([key]) => /^(bootstrap|security|sasl|ssl|client|request)\./.test(key))
  return Object.fromEntries(own)
}
