// `io.debezium.storage.kafka.history.KafkaSchemaHistory`: the schema history in a Kafka topic of one partition, kept forever.
import { ConnectException, errorMessage } from '@millrace/api'
import { TopicLog, type TopicLogOptions } from '../kafka/topic-log.ts'
import type { HistoryStore } from './store.ts'

/** Reads the whole topic at each start, and appends to it. The topic is made at the first use. */
export class KafkaHistoryStore implements HistoryStore {
  readonly #topic: string
  readonly #log: TopicLog
  #created = false

  constructor(options: TopicLogOptions) {
    this.#topic = options.topic
    this.#log = new TopicLog(options)
  }

  /** @throws ConnectException when the topic cannot be made or read */
  async exists(): Promise<boolean> {
    let any = false
    await this.replay(() => {
      any = true
    })
    return any
  }

  async append(text: string): Promise<void> {
    await this.#create()
    await this.#log.append(text)
  }

  /** @throws ConnectException when the topic cannot be made or read */
  async replay(visit: (text: string) => void): Promise<void> {
    await this.#create()
    const texts: string[] = []
    try {
      await this.#log.read(({ value }) => texts.push(value))
    } catch (cause) {
      throw unreadable(this.#topic, cause)
    }
    for (const text of texts) visit(text)
  }

  close(): Promise<void> {
    return this.#log.close()
  }

  async #create(): Promise<void> {
    if (this.#created) return
    try {
      await this.#log.create()
    } catch (cause) {
      throw unreadable(this.#topic, cause)
    }
    this.#created = true
  }
}

function unreadable(topic: string, cause: unknown): ConnectException {
  return new ConnectException(
    `The schema history could not be read from the topic '${topic}': ${errorMessage(cause)}`,
    {
      cause,
      action: 'Check schema.history.internal.kafka.bootstrap.servers and schema.history.internal.consumer.*.',
    },
  )
}
