// A batch on its way out: the bytes being built, and what is known of its fate.
import type { KafkaException } from '../errors.ts'
import { BatchBuilder } from '../records/index.ts'
import type { PartitionQueue } from './partition-queue.ts'

/** What became of one record that was given to send(). */
export interface SendWaiter {
  /** Position of the record in its batch. */
  readonly index: number
  readonly timestamp: number
  readonly resolve: (metadata: RecordMetadata) => void
  readonly reject: (error: KafkaException) => void
}

/** Where a record was written. */
export interface RecordMetadata {
  readonly topic: string
  readonly partition: number
  /** -1 with acks=0, or when the broker no longer knew it. */
  readonly offset: number
  /** Milliseconds since the epoch: the record's own, or the broker's with log append time. */
  readonly timestamp: number
}

/** Tag of a record that was given to send(): its waiter knows what became of it. */
export const NO_TAG = -1

/** Buffers are recycled between batches, and with them these objects. */
export class OutgoingBatch extends BatchBuilder {
  /** Set when the batch is opened. */
  queue!: PartitionQueue
  /** One per record, in order. */
  tags: number[] = []
  waiters: SendWaiter[] = []
  /** Order of creation in the producer, for flush: whole, but for the parts of a batch that was split. */
  serial = 0
  /** Distance to the serial of what comes next: 1, less for parts. */
  span = 1
  /** Date.now() of its first record: the delivery timeout runs from here. */
  createdAt = 0
  /** How often it was sent. */
  attempts = 0
  /** Numbers of an idempotent producer, once given; they stay through retries. */
  producerId = -1
  producerEpoch = -1
  baseSequence = -1
  /** Sent and not answered. */
  onWire = false
  /** Its outcome is told while its bytes are still on the wire: an answer changes nothing more. */
  settled = false
  /** What went wrong last. */
  lastError: KafkaException | null = null
  /** Bytes of memory that are counted for it. */
  accounted = 0
  /** The sealed bytes, header included; null until the batch is sealed. */
  sealedBytes: Buffer | null = null

  /** True once sequence numbers were given. */
  get sequenced(): boolean {
    return this.baseSequence >= 0
  }

  override reset(): void {
    super.reset()
    this.tags = []
    this.waiters = []
    this.span = 1
    this.attempts = 0
    this.producerId = this.producerEpoch = this.baseSequence = -1
    this.onWire = this.settled = false
    this.lastError = null
    this.sealedBytes = null
  }
}
