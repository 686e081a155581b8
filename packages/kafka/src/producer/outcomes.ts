// What an answer, or its absence, means for each batch: done, try again, split, or failed. Follows the Java client.
import { backoffMs } from '../backoff.ts'
import type { ClusterClient } from '../cluster/index.ts'
import { brokerError, KafkaException } from '../errors.ts'
import type { ResponseOf } from '../protocol/api.ts'
import { ErrorCode } from '../protocol/error-codes.ts'
import type { Produce } from '../protocol/messages/produce.ts'
import type { BufferPool } from './buffer-pool.ts'
import type { Deliveries } from './deliveries.ts'
import type { ProducerMetrics } from './metrics.ts'
import type { Numbering } from './numbering.ts'
import type { ProducerOptions } from './options.ts'
import type { OutgoingBatch } from './outgoing-batch.ts'
import type { PartitionQueue } from './partition-queue.ts'
import { splitBatch } from './split-batch.ts'

type ProduceResponse = ResponseOf<typeof Produce>
type PartitionResponse = ProduceResponse['responses'][number]['partitionResponses'][number]

export class Outcomes {
  readonly #options: ProducerOptions
  readonly #cluster: ClusterClient
  readonly #pool: BufferPool
  readonly #deliveries: Deliveries
  readonly #numbering: Numbering
  readonly #metrics: ProducerMetrics

  constructor(parts: {
    readonly options: ProducerOptions
    readonly cluster: ClusterClient
    readonly pool: BufferPool
    readonly deliveries: Deliveries
    readonly numbering: Numbering
    readonly metrics: ProducerMetrics
  }) {
    this.#options = parts.options
    this.#cluster = parts.cluster
    this.#pool = parts.pool
    this.#deliveries = parts.deliveries
    this.#numbering = parts.numbering
    this.#metrics = parts.metrics
  }

  /** The broker answered a request with these batches. Returns for how many ms it wants no more (KIP-219). */
  answered(batches: readonly OutgoingBatch[], response: ProduceResponse): number {
    const open = new Map(batches.map((batch) => [batch.queue.name, batch]))
    for (const topic of response.responses) {
      for (const partition of topic.partitionResponses) {
        const name = `${topic.name}-${partition.index}`
        const batch = open.get(name)
        if (batch === undefined) continue
        open.delete(name)
        this.#one(batch, partition)
      }
    }
    if (open.size > 0) {
      this.lost(
        [...open.values()],
        new KafkaException('The broker left partitions out of its answer', { retriable: true }),
      )
    }
    return response.throttleTimeMs
  }

  /** No answer came: nobody knows whether the batches are written. */
  lost(batches: readonly OutgoingBatch[], error: unknown): void {
    const failure =
      error instanceof KafkaException
        ? error
        : new KafkaException(`An answer to a produce request cannot be read: ${String(error)}`, { cause: error })
    // Put back from last to first costs least; the order comes from the batches themselves.
    for (const batch of batches) this.#unsuccessful(batch, failure, null)
  }

  /** A request with acks=0 went out: that is all that will be known. */
  unanswered(batch: OutgoingBatch): void {
    batch.queue.offWire(batch)
    // The socket may not have taken the bytes yet, and nobody will say when it has: this buffer is not used again.
    batch.onWire = true
    this.#deliveries.succeed(batch, -1, -1)
    this.#pool.release(batch, false)
  }

  /** The broker turned out to have a batch already, which waits to be sent again. */
  alreadyWritten(queue: PartitionQueue, batch: OutgoingBatch): void {
    const at = queue.closed.indexOf(batch)
    if (at < 0) return
    queue.closed.splice(at, 1)
    queue.confirmed = true
    this.#deliveries.succeed(batch, -1, -1)
  }

  /** The delivery timeout of a batch has passed. */
  expire(queue: PartitionQueue, batch: OutgoingBatch, error: KafkaException): void {
    const at = queue.closed.indexOf(batch)
    if (at >= 0) queue.closed.splice(at, 1)
    this.#numbering.onFailed(queue, batch, error)
    this.#deliveries.fail(batch, error)
  }

  #one(batch: OutgoingBatch, answer: PartitionResponse): void {
    const code = answer.errorCode
    if (code === ErrorCode.NONE) this.#done(batch, answer.baseOffset, answer.logAppendTimeMs)
    // The broker has it already but no longer knows where.
    else if (code === ErrorCode.DUPLICATE_SEQUENCE_NUMBER) this.#done(batch, -1, -1)
    else this.#unsuccessful(batch, this.#errorOf(batch, answer), answer)
  }

  #done(batch: OutgoingBatch, baseOffset: number, appendTime: number): void {
    const queue = batch.queue
    queue.offWire(batch)
    if (batch.sequenced && batch.producerId === queue.producerId && batch.producerEpoch === queue.producerEpoch) {
      queue.confirmed = true
    }
    if (this.#wasSettled(batch)) return
    this.#deliveries.succeed(batch, baseOffset, appendTime)
  }

  #unsuccessful(batch: OutgoingBatch, error: KafkaException, answer: PartitionResponse | null): void {
    const queue = batch.queue
    if (this.#wasSettled(batch)) {
      queue.offWire(batch)
      return
    }
    batch.lastError = error
    if (error.staleMetadata) this.#cluster.requestRefresh()
    if (error.errorCode === ErrorCode.MESSAGE_TOO_LARGE && batch.count > 1) {
      this.#split(batch)
      return
    }
    if (this.#mayRetry(batch, error, answer)) {
      this.#retry(batch, this.#tookNewLeader(queue, answer))
      return
    }
    queue.offWire(batch)
    this.#numbering.onFailed(queue, batch, error)
    this.#deliveries.fail(batch, error)
  }

  #mayRetry(batch: OutgoingBatch, error: KafkaException, answer: PartitionResponse | null): boolean {
    if (batch.attempts > this.#options.retries) return false
    if (batch.createdAt + this.#options.deliveryTimeoutMs <= Date.now()) return false
    if (this.#numbering.stopped) return false
    return this.#numbering.mayRetry(batch.queue, batch, error, answer?.logStartOffset ?? -1) ?? error.retriable
  }

  #retry(batch: OutgoingBatch, atOnce: boolean): void {
    const queue = batch.queue
    this.#metrics.recordRetryTotal += batch.count
    queue.putBack(batch)
    queue.retryAt = atOnce ? 0 : Date.now() + backoffMs(this.#options.backoff, batch.attempts - 1)
  }

  /** KIP-951: an answer may name the new leader, and then nobody needs to wait. */
  #tookNewLeader(queue: PartitionQueue, answer: PartitionResponse | null): boolean {
    const leader = answer?.currentLeader
    if (leader === undefined || leader.leaderId < 0) return false
    const before = this.#cluster.leader(queue.topic, queue.partition)
    this.#cluster.applyLeader(queue.topic, queue.partition, leader.leaderId, leader.leaderEpoch)
    return this.#cluster.leader(queue.topic, queue.partition) !== before
  }

  /** The broker takes no batch of this size: two halves may do. They keep its sequence numbers between them. */
  #split(batch: OutgoingBatch): void {
    const queue = batch.queue
    queue.offWire(batch)
    this.#metrics.batchSplitTotal++
    const halves = splitBatch(batch, () => this.#pool.take())
    for (const half of halves) {
      this.#pool.account(half)
      queue.putBack(half)
    }
    queue.retryAt = 0
    this.#deliveries.replace(batch, halves)
  }

  /** An expired batch has its outcome; its buffer is free now that the answer is here. */
  #wasSettled(batch: OutgoingBatch): boolean {
    if (!batch.settled) return false
    batch.queue.offWire(batch)
    this.#pool.release(batch, true)
    return true
  }

  #errorOf(batch: OutgoingBatch, answer: PartitionResponse): KafkaException {
    const records = answer.recordErrors
    const detail = records
      .slice(0, 3)
      .map((one) => `record ${one.batchIndex} of the batch: ${one.batchIndexErrorMessage ?? 'refused'}`)
    if (answer.errorMessage) detail.unshift(answer.errorMessage)
    if (answer.errorCode === ErrorCode.MESSAGE_TOO_LARGE) {
      detail.push(
        `a record of ${batch.size} bytes is more than message.max.bytes of the broker or max.message.bytes of the topic allows; raise it, or make the record smaller`,
      )
    }
    return brokerError(answer.errorCode, `Writing ${batch.count} record(s) to ${batch.queue.name}`, detail.join('; '))
  }
}
