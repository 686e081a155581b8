// A compacted topic the broker keeps its own state in: made on first use, written by key, read back whole at a start.
import { encodeBatch, type RecordInput } from '@millrace/kafka/records'
import type { PartitionLog } from '../storage/partition-log.ts'
import { type ReplayVisitor, replayRecords } from '../storage/replay-records.ts'
import type { Topic, TopicRegistry } from './topic-registry.ts'

/** What a batch of state belongs to, when it is part of a producer's transaction. */
export interface TransactionalWrite {
  readonly producerId: number
  readonly producerEpoch: number
}

/** See the head of this file. */
export class InternalTopic {
  readonly name: string
  readonly #registry: TopicRegistry
  readonly #partitions: () => number
  readonly #config: () => Readonly<Record<string, string>>

  constructor(
    name: string,
    registry: TopicRegistry,
    partitions: () => number,
    config: () => Readonly<Record<string, string>>,
  ) {
    this.name = name
    this.#registry = registry
    this.#partitions = partitions
    this.#config = config
  }

  /** The topic, created if need be. @throws BrokerError KAFKA_STORAGE_ERROR */
  ensure(): Topic {
    return this.#registry.get(this.name) ?? this.#registry.create(this.name, this.#partitions(), this.#config())
  }

  /** Partition of `key`, as Kafka's coordinators place it: the JVM's hash of the string. */
  partitionOf(key: string): number {
    let hash = 0
    for (let i = 0; i < key.length; i++) hash = (Math.imul(hash, 31) + key.charCodeAt(i)) | 0
    return (hash & 0x7fffffff) % this.ensure().logs.length
  }

  logOf(key: string): PartitionLog {
    return this.ensure().logs[this.partitionOf(key)]!
  }

  /** Appends one batch to the partition of `key`. @throws BrokerError */
  write(key: string, records: readonly RecordInput[], transaction?: TransactionalWrite): void {
    const options = transaction === undefined ? {} : { ...transaction, transactional: true, baseSequence: -1 }
    this.logOf(key).append(encodeBatch(records, options))
  }

  /** Reads everything back, partition after partition; nothing when the topic was never made. */
  replay(visitor: (partition: number) => ReplayVisitor): void {
    for (const log of this.#registry.get(this.name)?.logs ?? []) replayRecords(log, visitor(log.partition))
  }
}
