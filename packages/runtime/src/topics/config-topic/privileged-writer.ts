// Writes that only the leader may make: plain ones, or each a transaction that the next leader's claim fences (KIP-618).
import { ConnectException, errorMessage, type Logger } from '@millrace/api'
import { KafkaException, Producer } from '@millrace/kafka'
import type { TopicLog } from '../kafka-based-log.ts'
import { withinMs } from '../time-limit.ts'
import type { ConfigRecord } from './records.ts'

/** A write of the leader failed, most likely because another worker leads now: claim write privileges again, then retry. */
export class PrivilegedWriteException extends ConnectException {
  static override readonly className: string = 'org.apache.kafka.connect.storage.PrivilegedWriteException'
}

/** Makes the leader's writes. */
export interface PrivilegedWriter {
  /** Becomes the one who may write; others that could are fenced. @throws ConnectException */
  claim(): Promise<void>
  /** Resolves when all records are written, all together where there are transactions. */
  write(records: readonly ConfigRecord[], timeoutMs: number): Promise<void>
  close(): Promise<void>
}

/** Without transactions every worker could write; that only one does is the herder's business. */
export function plainWriter(log: TopicLog): PrivilegedWriter {
  return {
    claim: async () => {},
    write: async (records, timeoutMs) => {
      const sent = Promise.all(records.map(({ key, value }) => log.send(key, value)))
      await withinMs(sent, timeoutMs, 'Writing to the config topic')
    },
    close: async () => {},
  }
}

/** Writes in transactions of the producer that the whole cluster shares. */
export class FencableWriter implements PrivilegedWriter {
  readonly #topic: string
  readonly #props: Readonly<Record<string, string>>
  readonly #log: Logger
  #producer: Producer | undefined

  constructor(topic: string, props: Readonly<Record<string, string>>, log: Logger) {
    this.#topic = topic
    this.#props = props
    this.#log = log
  }

  async claim(): Promise<void> {
    if (this.#producer !== undefined) return
    const producer = Producer.create(this.#props, { log: this.#log })
    try {
      await producer.initTransactions()
    } catch (error) {
      await producer.destroy()
      throw new ConnectException(
        `Failed to create and initialize fencable producer for config topic: ${errorMessage(error)}`,
        { cause: error },
      )
    }
    this.#producer = producer
  }

  async write(records: readonly ConfigRecord[], timeoutMs: number): Promise<void> {
    const producer = this.#producer
    if (producer === undefined) {
      throw new KafkaException('Cannot produce to config topic without claiming write privileges first', {
        exception: 'IllegalStateException',
      })
    }
    try {
      await withinMs(this.#transaction(producer, records), timeoutMs, 'A transaction on the config topic')
    } catch (error) {
      this.#log.warn(`A write to the config topic failed; this worker has to claim it again: ${errorMessage(error)}`)
      await this.close()
      throw new PrivilegedWriteException(`Failed to perform fencable send to config topic: ${errorMessage(error)}`, {
        cause: error,
      })
    }
  }

  async close(): Promise<void> {
    const producer = this.#producer
    this.#producer = undefined
    await producer?.destroy()
  }

  async #transaction(producer: Producer, records: readonly ConfigRecord[]): Promise<void> {
    producer.beginTransaction()
    const sent = records.map(({ key, value }) => producer.send({ topic: this.#topic, key, value }))
    // A record that failed fails the commit, which tells more.
    for (const one of sent) one.catch(() => {})
    await Promise.all(sent)
    await producer.commitTransaction()
  }
}
