// Where records are written: finds the open batch of a partition, closes full ones, chooses partitions for records.
import type { ClusterClient } from '../cluster/index.ts'
import { KafkaException } from '../errors.ts'
import { BATCH_HEADER_SIZE, CompressionType } from '../records/index.ts'
import type { BufferPool } from './buffer-pool.ts'
import type { Deliveries } from './deliveries.ts'
import type { ProducerOptions } from './options.ts'
import type { OutgoingBatch } from './outgoing-batch.ts'
import { PartitionQueue } from './partition-queue.ts'
import { chooseSticky, partitionOfKey } from './partitioner.ts'

interface TopicState {
  readonly name: string
  /** Partitions, 0 while not known; asked again after every refresh of the metadata. */
  count: number
  readonly queues: PartitionQueue[]
  /** -1 until chosen. */
  sticky: number
  stickyBytes: number
  /** Date.now() when it was first written to; its queues know of later. */
  readonly since: number
}

/** What the accumulator tells the sender. */
export interface AccumulatorEvents {
  /** The partition got its first record since it was empty, or a batch became full. */
  onRecords(queue: PartitionQueue, batch: OutgoingBatch, full: boolean): void
  /** How long the partition's broker has taken nothing, in ms. */
  stalledMs(queue: PartitionQueue): number
}

export class Accumulator {
  readonly #options: ProducerOptions
  readonly #cluster: ClusterClient
  readonly #pool: BufferPool
  readonly #deliveries: Deliveries
  readonly #events: AccumulatorEvents
  readonly #topics = new Map<string, TopicState>()
  /** The topic of the last record: mostly that of the next. */
  #last: TopicState | null = null

  constructor(
    options: ProducerOptions,
    cluster: ClusterClient,
    pool: BufferPool,
    deliveries: Deliveries,
    events: AccumulatorEvents,
  ) {
    this.#options = options
    this.#cluster = cluster
    this.#pool = pool
    this.#deliveries = deliveries
    this.#events = events
  }

  /**
   * Partitions of a topic, 0 when it is not known. One that is written to stays known while the brokers do not know it
   * for a moment: its records wait, until their delivery timeout at most.
   */
  partitions(topic: string): number {
    if (this.#last?.name === topic && this.#last.count > 0) return this.#last.count
    return this.#cluster.topic(topic)?.partitions.length || (this.#topics.get(topic)?.count ?? 0)
  }

  /** @throws KafkaException when the topic is not known yet */
  partition(topic: string, key: Uint8Array | null, length: number): number {
    const state = this.#last?.name === topic ? this.#last : this.#topic(topic)
    const count = state.count
    if (count === 0) throw this.#unknown(topic)
    const { ignoreKeys, roundRobin } = this.#options
    if (roundRobin) {
      state.sticky = (state.sticky + 1) % count
      return state.sticky
    }
    if (count === 1) return 0
    if (key !== null && !ignoreKeys) return partitionOfKey(key, length, count)
    if (state.sticky < 0 || state.sticky >= count) this.#choose(state, count)
    return state.sticky
  }

  /** The batch to write the next record of this partition into. @throws KafkaException when there is no such partition */
  open(topic: string, partition: number): OutgoingBatch {
    const state = this.#last?.name === topic ? this.#last : this.#topic(topic)
    const queue = state.queues[partition] ?? this.#queue(state, partition)
    return queue.open ?? this.#newBatch(queue)
  }

  /**
   * The record that was just ended in `batch` belongs to it, or to the next one when it made this one too large.
   * Returns the batch that has it.
   * @throws KafkaException `RecordTooLargeException`: the record is taken out again
   */
  wrote(batch: OutgoingBatch, tag: number): OutgoingBatch {
    const queue = batch.queue
    const size = batch.lastRecordSize
    if (size + BATCH_HEADER_SIZE > this.#options.maxRequestSize) this.#refuse(batch, size)
    if (batch.count === 1) {
      queue.lastUsed = batch.createdAt = Date.now()
      this.#events.onRecords(queue, batch, false)
    }
    if (batch.size <= queue.limit) {
      batch.tags.push(tag)
      if (batch.size === queue.limit) this.#close(queue, batch)
    } else {
      batch = this.#overflow(queue, batch, tag)
    }
    if (this.#options.roundRobin) return batch
    const state = this.#last
    if (state?.name === queue.topic && state.sticky === queue.partition) this.#stickyWrote(state, queue, size)
    return batch
  }

  /** The metadata is new: topics may have more partitions, or be gone. */
  refresh(): void {
    this.#last = null
    for (const state of this.#topics.values()) state.count = this.partitions(state.name)
  }

  /**
   * The topics that nobody has written to for long: they need not be refreshed until there is something to send. Their
   * queues stay, because they know the sequence numbers.
   */
  forgetIdle(now: number): string[] {
    const isIdle = (queue: PartitionQueue): boolean =>
      queue.empty && queue.open?.recordOpen !== true && now - queue.lastUsed > this.#options.topicIdleMs
    const idle = [...this.#topics.values()].filter(
      (topic) =>
        this.#cluster.topic(topic.name) !== undefined &&
        now - topic.since > this.#options.topicIdleMs &&
        topic.queues.every(isIdle),
    )
    return idle.map((topic) => topic.name)
  }

  /** The batch is over its limit: its last record begins the next one; alone it goes as it is. */
  #overflow(queue: PartitionQueue, batch: OutgoingBatch, tag: number): OutgoingBatch {
    if (batch.count === 1) {
      batch.tags.push(tag)
      this.#close(queue, batch)
      return batch
    }
    queue.closeOpen()
    const next = this.#newBatch(queue)
    batch.moveLastTo(next)
    next.tags.push(tag)
    next.createdAt = Date.now()
    this.#pool.account(batch)
    this.#events.onRecords(queue, batch, true)
    if (next.size >= queue.limit) this.#close(queue, next)
    return next
  }

  #close(queue: PartitionQueue, batch: OutgoingBatch): void {
    queue.closeOpen()
    this.#pool.account(batch)
    this.#events.onRecords(queue, batch, true)
  }

  #refuse(batch: OutgoingBatch, size: number): never {
    batch.dropLast()
    this.#pool.account(batch)
    throw new KafkaException(
      `A record of ${size} bytes for ${batch.queue.name} is larger than max.request.size (${this.#options.maxRequestSize}) allows; ` +
        'raise it, and message.max.bytes of the broker or max.message.bytes of the topic with it',
      { exception: 'RecordTooLargeException' },
    )
  }

  #newBatch(queue: PartitionQueue): OutgoingBatch {
    const batch = this.#pool.take()
    batch.queue = queue
    queue.open = batch
    this.#deliveries.begin(batch)
    return batch
  }

  #topic(name: string): TopicState {
    let state = this.#topics.get(name)
    if (state === undefined) {
      state = { name, count: 0, queues: [], sticky: -1, stickyBytes: 0, since: Date.now() }
      this.#topics.set(name, state)
    }
    if (state.count === 0) state.count = this.partitions(name)
    this.#last = state
    return state
  }

  #queue(state: TopicState, partition: number): PartitionQueue {
    const count = state.count
    if (count === 0) throw this.#unknown(state.name)
    if (!Number.isInteger(partition) || partition < 0 || partition >= count) {
      throw new KafkaException(`Topic ${state.name} has no partition ${partition}: it has ${count}, numbered from 0`, {
        exception: 'InvalidPartitionsException',
      })
    }
    const queue = new PartitionQueue(state.name, partition, this.#options.batchSize)
    state.queues[partition] = queue
    return queue
  }

  /** KIP-794: after batch.size bytes the choice changes with the next full batch, after twice that in any case. */
  #stickyWrote(state: TopicState, queue: PartitionQueue, size: number): void {
    const enough = this.#options.batchSize
    state.stickyBytes += size
    if (state.stickyBytes < enough) return
    if (state.stickyBytes >= 2 * enough || queue.open === null) this.#choose(state, state.count)
  }

  #choose(state: TopicState, count: number): void {
    state.stickyBytes = 0
    if (count < 2) {
      state.sticky = 0
      return
    }
    const { adaptive, availabilityTimeoutMs } = this.#options
    const loads = Array.from({ length: count }, (_, partition) => {
      const queue = state.queues[partition]
      const stalled =
        availabilityTimeoutMs > 0 && queue !== undefined && this.#events.stalledMs(queue) > availabilityTimeoutMs
      return {
        available: !stalled && this.#cluster.leader(state.name, partition) >= 0,
        queued: queue?.queued ?? 0,
      }
    })
    state.sticky = chooseSticky(loads, adaptive, Math.random())
  }

  #unknown(topic: string): KafkaException {
    return new KafkaException(`Topic ${topic} is not known yet: wait for awaitReady() before writing to it`, {
      exception: 'UnknownTopicOrPartitionException',
      retriable: true,
    })
  }
}

/** How many times larger an open batch may be than what its compression makes of it, so that batch.size is met. */
const MOST_GAIN = 8
const DETERIORATION = 1.05

/** The open batch's limit after a batch of the partition was compressed to `ratio` of its size. */
export function limitAfter(queue: PartitionQueue, options: ProducerOptions, ratio: number): void {
  if (options.compression === CompressionType.none) return
  const before = options.batchSize / queue.limit
  // Gains are believed slowly, losses at once.
  const expected = ratio > before ? ratio * DETERIORATION : Math.max(before - 0.05, ratio)
  const limit = options.batchSize / Math.min(1, expected)
  queue.limit = Math.floor(Math.min(limit, options.batchSize * MOST_GAIN, options.maxRequestSize))
}
