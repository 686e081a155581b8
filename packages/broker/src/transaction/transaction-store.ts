// Where transactions live on disk: `__transaction_state`, in Kafka's own format.
// Key v0: string transactional id. Value v0: int64 producer id, int16 epoch, int32 timeout, int8 state, nullable array of
// { string topic, array of int32 partitions }, int64 updated at, int64 started at. Each begins with its version.

import { ByteReader, ByteWriter } from '@millrace/kafka/protocol'
import type { InternalTopic } from '../topics/internal-topic.ts'
import { TRANSACTION_STATES, type TransactionPartition, type TransactionRecord } from './transaction.ts'

const VERSION = 0

function keyOf(transactionalId: string): Buffer {
  const out = new ByteWriter(64)
  out.int16(VERSION)
  out.text(transactionalId, false)
  return out.bytes()
}

function writeValue(record: TransactionRecord): Buffer {
  const out = new ByteWriter(256)
  out.int16(VERSION)
  out.int64(record.producerId)
  out.int16(record.producerEpoch)
  out.int32(record.timeoutMs)
  out.int8(TRANSACTION_STATES.indexOf(record.state))
  const topics = Map.groupBy(record.partitions, (p) => p.topic)
  out.int32(topics.size)
  for (const [topic, partitions] of topics) {
    out.text(topic, false)
    out.int32(partitions.length)
    for (const p of partitions) out.int32(p.partition)
  }
  out.int64(record.updatedAt)
  out.int64(record.startedAt)
  return out.bytes()
}

function readValue(transactionalId: string, bytes: Buffer): TransactionRecord {
  const from = new ByteReader(bytes)
  from.int16()
  const producerId = from.int64()
  const producerEpoch = from.int16()
  const timeoutMs = from.int32()
  const state = TRANSACTION_STATES[from.int8()] ?? 'Empty'
  const partitions: TransactionPartition[] = []
  for (let topics = from.count(from.int32()); topics > 0; topics--) {
    const topic = from.text(from.int16()) ?? ''
    for (let left = from.count(from.int32()); left > 0; left--) partitions.push({ topic, partition: from.int32() })
  }
  const updatedAt = from.int64()
  return {
    transactionalId,
    producerId,
    producerEpoch,
    timeoutMs,
    state,
    partitions,
    updatedAt,
    startedAt: from.int64(),
  }
}

/** See the head of this file. */
export class TransactionStore {
  readonly #topic: InternalTopic
  readonly #now: () => number

  constructor(topic: InternalTopic, now: () => number) {
    this.#topic = topic
    this.#now = now
  }

  /** @throws BrokerError when the disk refuses */
  save(record: TransactionRecord): void {
    const { transactionalId } = record
    this.#topic.write(transactionalId, [
      { key: keyOf(transactionalId), value: writeValue(record), timestamp: this.#now() },
    ])
  }

  /** @throws BrokerError when the disk refuses */
  erase(transactionalId: string): void {
    this.#topic.write(transactionalId, [{ key: keyOf(transactionalId), value: null, timestamp: this.#now() }])
  }

  /** Every transactional id as it was stored last. */
  load(): TransactionRecord[] {
    const records = new Map<string, TransactionRecord>()
    this.#topic.replay(() => ({
      record: (key, value) => {
        if (key === null) return
        const from = new ByteReader(key)
        if (from.int16() !== VERSION) return
        const transactionalId = from.text(from.int16()) ?? ''
        if (value === null) records.delete(transactionalId)
        else records.set(transactionalId, readValue(transactionalId, value))
      },
      ended: () => {},
    }))
    return [...records.values()]
  }
}
