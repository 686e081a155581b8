// Sends batches: picks what is ready, one request per broker at a time up to the limit, and keeps the clock for lingering,
// retries and delivery timeouts. All of it is driven by events; between them there is one timer.
import { errorMessage, type Logger } from '@millrace/api'
import type { ClusterClient } from '../cluster/index.ts'
import { KafkaException, timedOut } from '../errors.ts'
import { decodeResponse } from '../protocol/api.ts'
import { Produce } from '../protocol/messages/produce.ts'
import { BATCH_HEADER_SIZE, UnsupportedCompression } from '../records/index.ts'
import { limitAfter } from './accumulator.ts'
import type { BufferPool } from './buffer-pool.ts'
import type { Deliveries } from './deliveries.ts'
import type { ProducerMetrics } from './metrics.ts'
import { type Node, Nodes } from './nodes.ts'
import type { Numbering } from './numbering.ts'
import type { ProducerOptions } from './options.ts'
import type { Outcomes } from './outcomes.ts'
import type { OutgoingBatch } from './outgoing-batch.ts'
import type { PartitionQueue } from './partition-queue.ts'
import { encodeProduce } from './produce-request.ts'

/** setTimeout's own limit. */
const LONGEST_TIMER = 0x7fffffff

export class Sender {
  readonly #options: ProducerOptions
  readonly #cluster: ClusterClient
  readonly #pool: BufferPool
  readonly #deliveries: Deliveries
  readonly #numbering: Numbering
  readonly #outcomes: Outcomes
  readonly #metrics: ProducerMetrics
  readonly #log: Logger
  /** Partitions that have batches, those that were served longest ago first. */
  readonly #active = new Set<PartitionQueue>()
  readonly #nodes: Nodes
  #scheduled = false
  #looking = false
  #timer: NodeJS.Timeout | null = null
  #timerAt = Number.POSITIVE_INFINITY
  /** Nothing lingers any more: the producer is closing. */
  hurry = false
  #stopped = false

  constructor(parts: {
    readonly options: ProducerOptions
    readonly cluster: ClusterClient
    readonly pool: BufferPool
    readonly deliveries: Deliveries
    readonly numbering: Numbering
    readonly outcomes: Outcomes
    readonly metrics: ProducerMetrics
    readonly log: Logger
  }) {
    this.#options = parts.options
    this.#cluster = parts.cluster
    this.#pool = parts.pool
    this.#deliveries = parts.deliveries
    this.#numbering = parts.numbering
    this.#outcomes = parts.outcomes
    this.#metrics = parts.metrics
    this.#log = parts.log
    this.#nodes = new Nodes(parts.cluster, parts.options.backoff, parts.log, () => this.wake())
  }

  /** Requests without an answer. */
  get inFlight(): number {
    return this.#nodes.inFlight
  }

  /** The partition has a first record, or a full batch. */
  onRecords(queue: PartitionQueue, batch: OutgoingBatch, full: boolean): void {
    this.#active.add(queue)
    if (full || this.#options.lingerMs === 0 || this.hurry) this.wake()
    else this.#arm(batch.createdAt + this.#options.lingerMs)
  }

  /** How long the partition's broker has taken nothing while it has something to take. */
  stalledMs(queue: PartitionQueue): number {
    if (queue.empty) return 0
    const node = this.#nodes.find(this.#cluster.leader(queue.topic, queue.partition))
    return node === undefined || node.lastProgress === 0 ? 0 : Date.now() - node.lastProgress
  }

  /** Looks for something to send when the present run of code is done. */
  wake(): void {
    if (this.#scheduled || this.#stopped) return
    this.#scheduled = true
    queueMicrotask(() => {
      this.#scheduled = false
      this.#drain()
    })
  }

  /** Fails what is not on the wire: the transaction is aborted, or the producer ends. */
  failUnsent(error: KafkaException): void {
    for (const queue of this.#active) {
      if (queue.open?.recordOpen !== true) queue.closeOpen()
      for (const batch of queue.closed.splice(0)) this.#deliveries.fail(batch, error)
    }
  }

  /** Ends all sending. Batches that are not done fail with `error`. */
  stop(error: KafkaException): void {
    this.#stopped = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.failUnsent(error)
    for (const batch of [...this.#deliveries.unfinished]) this.#deliveries.fail(batch, error)
    this.#pool.wake()
  }

  #drain(): void {
    if (this.#stopped) return
    const failure = this.#numbering.failure
    if (failure !== null) this.failUnsent(failure)
    // Several rounds: a broker takes several requests, each with at most one batch of a partition.
    for (let again = true; again; ) again = this.#round(Date.now())
  }

  /** One request to each broker that can take one and has something to take. True when any was sent. */
  #round(now: number): boolean {
    const picked = new Map<Node, PartitionQueue[]>()
    let wakeAt = Number.POSITIVE_INFINITY
    let leaderless: Set<string> | null = null
    const refused: [Node, PartitionQueue, KafkaException][] = []
    for (const queue of this.#active) {
      const deadline = this.#expire(queue, now)
      if (queue.empty) {
        this.#active.delete(queue)
        continue
      }
      if (deadline < wakeAt) wakeAt = deadline
      const at = this.#sendableAt(queue, now)
      if (at > now) {
        if (at < wakeAt) wakeAt = at
        continue
      }
      const leader = this.#cluster.leader(queue.topic, queue.partition)
      if (leader < 0) {
        leaderless ??= new Set()
        leaderless.add(queue.topic)
        continue
      }
      const node = this.#nodes.get(leader)
      if (node.refusal !== null) {
        refused.push([node, queue, node.refusal])
        continue
      }
      if (node.notBefore > now) {
        if (node.notBefore < wakeAt) wakeAt = node.notBefore
      } else if (this.#nodes.isOpen(node) && node.inFlight < this.#options.maxInFlight) {
        const list = picked.get(node)
        if (list === undefined) picked.set(node, [queue])
        else list.push(queue)
      }
    }
    for (const [node, queue, refusal] of refused) {
      node.refusal = null
      this.#refuse(refusal, queue)
    }
    if (leaderless !== null) this.#lookFor(leaderless)
    if (wakeAt < Number.POSITIVE_INFINITY) this.#arm(wakeAt)
    for (const [node, queues] of picked) this.#send(node, queues, now)
    return picked.size > 0
  }

  /** The partition's broker will have nothing of us: what waits fails now, and the next records try again. */
  #refuse(refusal: KafkaException, queue: PartitionQueue): void {
    if (queue.open?.recordOpen !== true) queue.closeOpen()
    for (const batch of [...queue.closed]) this.#outcomes.expire(queue, batch, refusal)
  }

  /** These topics have partitions without a leader, or were forgotten while nothing was written to them. */
  #lookFor(topics: ReadonlySet<string>): void {
    const forgotten = [...topics].filter((topic) => this.#cluster.topic(topic) === undefined)
    if (forgotten.length === 0 || this.#looking) {
      this.#cluster.requestRefresh()
      return
    }
    this.#looking = true
    this.#cluster
      .ensureTopics(forgotten, { timeoutMs: this.#options.requestTimeoutMs })
      .catch((error: unknown) => this.#log.debug(`Topics are not to be found: ${errorMessage(error)}`))
      .finally(() => {
        this.#looking = false
        this.wake()
      })
  }

  /** Date.now() from which the partition's next batch may go; Infinity when something else must happen first. */
  #sendableAt(queue: PartitionQueue, now: number): number {
    const head = queue.head
    if (head === null || head.count === 0) return Number.POSITIVE_INFINITY
    // A broker that knows nothing of a producer takes any first number: the second batch must not come first.
    const window = this.#options.idempotent && queue.confirmed ? this.#options.maxInFlight : 1
    if (queue.wire.length >= window) return Number.POSITIVE_INFINITY
    if (!this.#numbering.admits(queue, head)) return Number.POSITIVE_INFINITY
    // While a batch is being sent again it goes alone: what follows it must not overtake it.
    if (head.attempts > 0) return queue.wire.length > 0 ? Number.POSITIVE_INFINITY : queue.retryAt
    if (head !== queue.open) return now
    // A record is being written, by somebody who waits for something: look again soon.
    if (head.recordOpen) return now + Math.max(1, this.#options.lingerMs)
    if (this.hurry || this.#pool.full || head.serial <= this.#deliveries.flushingUpTo) return now
    return head.createdAt + this.#options.lingerMs
  }

  /** Fails batches that are older than the delivery timeout; returns when the next one will be. */
  #expire(queue: PartitionQueue, now: number): number {
    const limit = this.#options.deliveryTimeoutMs
    const oldest = queue.wire[0] ?? queue.head
    if (oldest === null || oldest.count === 0) return Number.POSITIVE_INFINITY
    if (oldest.createdAt + limit > now) return oldest.createdAt + limit
    for (const batch of [...queue.wire, ...queue.closed]) {
      if (this.#stopped) break
      if (!batch.settled && batch.createdAt + limit <= now)
        this.#outcomes.expire(queue, batch, this.#expired(queue, batch, now))
    }
    const open = queue.open
    if (open !== null && open.count > 0 && !open.recordOpen && open.createdAt + limit <= now) {
      queue.open = null
      this.#outcomes.expire(queue, open, this.#expired(queue, open, now))
    }
    return Number.POSITIVE_INFINITY
  }

  /** What went wrong last on the way to a partition's broker; null for nothing that is known. */
  problemOf(queue: PartitionQueue): unknown {
    const leader = this.#cluster.leader(queue.topic, queue.partition)
    if (leader < 0) return new Error(`${queue.name} has no leader`)
    return this.#nodes.find(leader)?.lastError ?? null
  }

  #expired(queue: PartitionQueue, batch: OutgoingBatch, now: number): KafkaException {
    const node = this.#nodes.find(this.#cluster.leader(queue.topic, queue.partition))
    const why = batch.lastError ?? node?.lastError
    const reason =
      why !== undefined && why !== null
        ? `the last problem was: ${errorMessage(why)}`
        : batch.onWire
          ? 'the broker has not answered'
          : 'they could not be sent yet'
    return timedOut(
      `${batch.count} record(s) for ${queue.name} were not acknowledged within ${now - batch.createdAt} ms ` +
        `(delivery.timeout.ms is ${this.#options.deliveryTimeoutMs}); ${reason}`,
      why ?? undefined,
    )
  }

  #send(node: Node, queues: readonly PartitionQueue[], now: number): void {
    const batches: OutgoingBatch[] = []
    let size = 0
    for (const queue of queues) {
      const next = queue.head!
      if (batches.length > 0 && size + next.size > this.#options.maxRequestSize) continue
      const batch = this.#takeHead(queue, now)
      if (batch === null) continue
      batches.push(batch)
      size += batch.size
      // Served last, so that others come first when not all fit.
      this.#active.delete(queue)
      this.#active.add(queue)
    }
    if (batches.length > 0) this.#request(node, batches, now)
  }

  /** Takes a partition's next batch, sealed and numbered; null when it cannot be sealed: it has failed then. */
  #takeHead(queue: PartitionQueue, now: number): OutgoingBatch | null {
    if (queue.closed.length === 0) queue.closeOpen()
    const batch = queue.closed.shift()!
    try {
      this.#prepare(queue, batch)
    } catch (error) {
      if (!(error instanceof UnsupportedCompression)) throw error
      const failure = new KafkaException(`Records for ${queue.name} cannot be compressed: ${error.message}`, {
        exception: 'UnsupportedCompressionTypeException',
        cause: error,
      })
      this.#deliveries.fail(batch, failure)
      return null
    }
    if (batch.attempts === 0) {
      const waited = now - batch.createdAt
      this.#metrics.recordQueueTimeTotalMs += waited
      if (waited > this.#metrics.recordQueueTimeMaxMs) this.#metrics.recordQueueTimeMaxMs = waited
    }
    batch.attempts++
    batch.onWire = true
    queue.wire.push(batch)
    return batch
  }

  #prepare(queue: PartitionQueue, batch: OutgoingBatch): void {
    const { compression, compressionLevel, transactionalId } = this.#options
    if (!batch.sealed) {
      const plain = batch.size
      batch.seal(compressionLevel === undefined ? { compression } : { compression, compressionLevel })
      limitAfter(queue, this.#options, (batch.size - BATCH_HEADER_SIZE) / (plain - BATCH_HEADER_SIZE))
      this.#pool.account(batch)
    }
    this.#numbering.number(queue, batch)
    batch.sealedBytes ??= batch.stamp({
      producerId: batch.producerId,
      producerEpoch: batch.producerEpoch,
      baseSequence: batch.baseSequence,
      transactional: transactionalId !== null,
    })
  }

  #request(node: Node, batches: readonly OutgoingBatch[], now: number): void {
    const connection = node.connection!
    const { acks, transactionalId, requestTimeoutMs } = this.#options
    this.#metrics.requestTotal++
    node.lastProgress = now
    try {
      const version = Math.min(connection.version(Produce), this.#numbering.maxProduceVersion)
      const header = { transactionalId, acks, timeoutMs: Math.min(requestTimeoutMs, LONGEST_TIMER) }
      const pieces = encodeProduce(version, header, batches)
      if (acks === 0) {
        connection.sendOnly(Produce, version, pieces)
        for (const batch of batches) this.#outcomes.unanswered(batch)
        return
      }
      node.inFlight++
      connection.sendRaw(Produce, version, pieces, requestTimeoutMs).then(
        (from) => this.#answered(node, batches, now, () => decodeResponse(Produce, version, from)),
        (error: unknown) => this.#lost(node, batches, error),
      )
    } catch (error) {
      node.inFlight++
      this.#lost(node, batches, error)
    }
  }

  #answered(
    node: Node,
    batches: readonly OutgoingBatch[],
    sentAt: number,
    read: () => Parameters<Outcomes['answered']>[1],
  ): void {
    const now = Date.now()
    node.inFlight--
    node.lastProgress = now
    node.lastError = null
    const latency = now - sentAt
    this.#metrics.requestLatencyTotalMs += latency
    if (latency > this.#metrics.requestLatencyMaxMs) this.#metrics.requestLatencyMaxMs = latency
    let throttle: number
    try {
      throttle = this.#outcomes.answered(batches, read())
    } catch (error) {
      this.#outcomes.lost(batches, error)
      throttle = 0
    }
    if (throttle > 0) {
      node.notBefore = now + throttle
      this.#metrics.produceThrottleTotalMs += throttle
    }
    this.#drain()
  }

  #lost(node: Node, batches: readonly OutgoingBatch[], error: unknown): void {
    node.inFlight--
    node.lastError = error
    this.#outcomes.lost(batches, error)
    this.#cluster.requestRefresh()
    this.wake()
  }

  /** Makes sure that the sender looks again at this time (Date.now) at the latest. */
  #arm(at: number): void {
    if (at >= this.#timerAt || this.#stopped) return
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timerAt = at
    this.#timer = setTimeout(
      () => {
        this.#timer = null
        this.#timerAt = Number.POSITIVE_INFINITY
        this.#drain()
      },
      Math.min(Math.max(0, at - Date.now()), LONGEST_TIMER),
    )
  }
}
