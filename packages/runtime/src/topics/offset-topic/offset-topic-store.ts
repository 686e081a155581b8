// Source offsets of the cluster in Kafka: one topic, read whole; an OffsetStore for those who commit and resume.
import { ConnectException, errorMessage, type Logger, type OffsetMap, type PartitionOffset } from '@millrace/api'
import { partitionKey } from '../../control/offset-json.ts'
import type { StoredOffset } from '../../control/offset-store.ts'
import type { LogRecord, TopicLog } from '../kafka-based-log.ts'
import type { KeyedOffsetStore } from './keyed-offset-store.ts'
import { offsetKey, offsetValue, parseOffsetKey, parseOffsetValue } from './records.ts'

/** What {@link OffsetTopicStore} is made of. */
export interface OffsetTopicParts {
  readonly topic: string
  readonly topicLog: TopicLog
  readonly log: Logger
}

/** One key of the topic. The same partition has several when writers ordered its fields differently. */
interface KeyEntry {
  readonly key: Buffer
  readonly value: Buffer
  readonly timestamp: number
}
interface PartitionEntry {
  readonly partition: OffsetMap
  readonly keys: Map<string, KeyEntry>
}

/**
 * How long the topic's end may take to be read, when offsets are asked for. Long enough for a transaction that a killed
 * worker left open to run out (transaction.timeout.ms is 60 s where it is not set).
 */
const READ_MS = 120_000

/**
 * The reference looks offsets up by exact bytes of the key, where a Java map's order decides. Here partitions are equal
 * whatever the order of their fields; what is written goes to every key that the partition has in the topic, so that
 * workers of both kinds resume from the same offset.
 */
export class OffsetTopicStore implements KeyedOffsetStore {
  readonly #parts: OffsetTopicParts
  readonly #connectors = new Map<string, Map<string, PartitionEntry>>()

  constructor(parts: OffsetTopicParts) {
    this.#parts = parts
  }

  start(): Promise<void> {
    return this.#parts.topicLog.start()
  }
  stop(): Promise<void> {
    return this.#parts.topicLog.stop()
  }

  /** @throws ConnectException when the topic cannot be read to its end */
  async read(connector: string, partitions: readonly OffsetMap[]): Promise<(OffsetMap | null)[]> {
    await this.#readToEnd()
    const known = this.#connectors.get(connector)
    return partitions.map((partition) => this.#offsetOf(known?.get(partitionKey(connector, partition))))
  }

  /** @throws ConnectException when the topic cannot be read to its end */
  async list(connector: string): Promise<StoredOffset[]> {
    await this.#readToEnd()
    return [...(this.#connectors.get(connector)?.values() ?? [])].flatMap((entry) => {
      const offset = this.#offsetOf(entry)
      return offset === null ? [] : [{ partition: entry.partition, offset }]
    })
  }

  /** @throws DataException before anything is written; KafkaException for the first record that was not */
  async write(connector: string, offsets: readonly PartitionOffset[]): Promise<void> {
    const records = this.records(connector, offsets)
    await Promise.all(records.map(({ key, value }) => this.#parts.topicLog.send(key, value)))
  }

  /** The records that {@link write} writes: for writers that put them into a transaction of their own. */
  records(
    connector: string,
    offsets: readonly PartitionOffset[],
  ): { readonly key: Buffer; readonly value: Buffer | null }[] {
    return offsets.flatMap(({ partition, offset }) => {
      const value = offsetValue(offset)
      return this.keys(connector, partition).map((key) => ({ key, value }))
    })
  }

  keys(connector: string, partition: OffsetMap): readonly Buffer[] {
    const own = offsetKey(connector, partition)
    const entry = this.#connectors.get(connector)?.get(partitionKey(connector, partition))
    const others = [...(entry?.keys.values() ?? [])].map((one) => one.key).filter((key) => !key.equals(own))
    return [own, ...others]
  }

  /** Takes the next record of the topic. */
  accept({ key, value, timestamp, offset, partition: kafkaPartition }: LogRecord): void {
    const place = parseOffsetKey(key)
    if (place === undefined || key === null) {
      this.#parts.log.warn(
        `A record of the offset topic is ignored: its key is no ["connector",{partition}] ` +
          `(${this.#parts.topic}-${kafkaPartition}, offset ${offset})`,
      )
      return
    }
    const id = partitionKey(place.connector, place.partition)
    const partitions = this.#connectors.get(place.connector) ?? new Map<string, PartitionEntry>()
    const entry = partitions.get(id) ?? { partition: place.partition, keys: new Map<string, KeyEntry>() }
    if (value === null) entry.keys.delete(key.toString('latin1'))
    else entry.keys.set(key.toString('latin1'), { key, value, timestamp })
    if (entry.keys.size > 0) partitions.set(id, entry)
    else partitions.delete(id)
    if (partitions.size > 0) this.#connectors.set(place.connector, partitions)
    else this.#connectors.delete(place.connector)
  }

  #offsetOf(entry: PartitionEntry | undefined): OffsetMap | null {
    if (entry === undefined) return null
    const newest = [...entry.keys.values()].reduce((a, b) => (b.timestamp > a.timestamp ? b : a))
    const offset = parseOffsetValue(newest.value)
    if (offset !== undefined) return offset
    this.#parts.log.error(`The offset at key ${newest.key.toString()} of topic '${this.#parts.topic}' cannot be read`)
    return null
  }

  async #readToEnd(): Promise<void> {
    try {
      await this.#parts.topicLog.readToEnd(READ_MS)
    } catch (error) {
      throw new ConnectException(`Failed to fetch offsets from topic '${this.#parts.topic}': ${errorMessage(error)}`, {
        cause: error,
      })
    }
  }
}
