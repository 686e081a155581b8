// What a partition remembers of idempotent and transactional producers: the last five batches of each, its epoch and its open
// transaction. Rules: KIP-98 (sequences, fencing), KIP-360 (a producer that is not known may begin at any sequence).

import { ErrorCode } from '@millrace/kafka/protocol'
import { BrokerError } from '../errors.ts'

/** A batch that was stored, kept so that its retry is recognized. */
interface StoredBatch {
  readonly firstSequence: number
  readonly lastSequence: number
  readonly baseOffset: number
  readonly lastOffset: number
  readonly timestamp: number
}

/** One producer as this partition knows it. */
export interface ProducerEntry {
  readonly producerId: number
  epoch: number
  /** Oldest first, at most five. */
  batches: StoredBatch[]
  /** Offset of the first record of the open transaction, -1 when none is open. */
  transactionStart: number
  coordinatorEpoch: number
  /** Time (ms) of its last batch or marker. */
  lastTimestamp: number
}

/** The fields of a batch header that matter here. */
export interface SequencedBatch {
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
  readonly count: number
  readonly transactional: boolean
}

const REMEMBERED = 5
const SEQUENCE_LIMIT = 2 ** 31

/** Sequence numbers go from 0 to 2^31-1 and begin again at 0. */
export function addSequence(sequence: number, delta: number): number {
  return (sequence + delta) % SEQUENCE_LIMIT
}

/** All producers of one partition. */
export class ProducerStates {
  readonly #entries = new Map<number, ProducerEntry>()
  /** Producers with an open transaction here. */
  readonly #open = new Map<number, ProducerEntry>()

  get size(): number {
    return this.#entries.size
  }

  entries(): IterableIterator<ProducerEntry> {
    return this.#entries.values()
  }

  get(producerId: number): ProducerEntry | undefined {
    return this.#entries.get(producerId)
  }

  /**
   * Judges a batch before it is stored. Returns the stored batch when this one is its retry.
   * @throws BrokerError INVALID_PRODUCER_EPOCH, OUT_OF_ORDER_SEQUENCE_NUMBER, INVALID_TXN_STATE
   */
  check(batch: SequencedBatch): StoredBatch | undefined {
    const entry = this.#entries.get(batch.producerId)
    if (entry === undefined) return undefined
    if (batch.producerEpoch < entry.epoch) {
      throw new BrokerError(
        ErrorCode.INVALID_PRODUCER_EPOCH,
        `producer ${batch.producerId} writes with epoch ${batch.producerEpoch}, the partition has seen ${entry.epoch}`,
      )
    }
    if (batch.baseSequence >= 0) {
      if (batch.producerEpoch === entry.epoch) {
        const lastSequence = addSequence(batch.baseSequence, batch.count - 1)
        const known = entry.batches.find(
          (b) => b.firstSequence === batch.baseSequence && b.lastSequence === lastSequence,
        )
        if (known !== undefined) return known
        const before = entry.batches.at(-1)
        if (before !== undefined && addSequence(before.lastSequence, 1) !== batch.baseSequence) {
          throw outOfOrder(batch, before.lastSequence)
        }
      } else if (batch.baseSequence !== 0 && entry.epoch >= 0) {
        throw outOfOrder(batch, entry.batches.at(-1)?.lastSequence ?? -1)
      }
    }
    if (entry.transactionStart >= 0 && !batch.transactional) {
      throw new BrokerError(
        ErrorCode.INVALID_TXN_STATE,
        `producer ${batch.producerId} has an open transaction here and sent a batch that is not part of it`,
      )
    }
    return undefined
  }

  /** Takes over a batch that was stored at `firstOffset`..`lastOffset`. */
  stored(batch: SequencedBatch, firstOffset: number, lastOffset: number, timestamp: number): void {
    const entry = this.#entry(batch.producerId)
    if (batch.producerEpoch !== entry.epoch) {
      entry.epoch = batch.producerEpoch
      entry.batches = []
    }
    if (batch.baseSequence >= 0) {
      if (entry.batches.length === REMEMBERED) entry.batches.shift()
      entry.batches.push({
        firstSequence: batch.baseSequence,
        lastSequence: addSequence(batch.baseSequence, batch.count - 1),
        baseOffset: firstOffset,
        lastOffset,
        timestamp,
      })
    }
    entry.lastTimestamp = timestamp
    if (batch.transactional && entry.transactionStart < 0) {
      entry.transactionStart = firstOffset
      this.#open.set(batch.producerId, entry)
    }
  }

  /** Takes over a commit or abort marker; returns where the transaction began here, -1 when it had no records here. */
  ended(producerId: number, epoch: number, coordinatorEpoch: number, timestamp: number): number {
    const entry = this.#entry(producerId)
    if (epoch !== entry.epoch) {
      entry.epoch = epoch
      entry.batches = []
    }
    entry.coordinatorEpoch = coordinatorEpoch
    entry.lastTimestamp = timestamp
    const start = entry.transactionStart
    entry.transactionStart = -1
    this.#open.delete(producerId)
    return start
  }

  /** Offset of the oldest record of an open transaction, undefined when none is open. */
  firstOpenOffset(): number | undefined {
    if (this.#open.size === 0) return undefined
    let first = Number.POSITIVE_INFINITY
    for (const entry of this.#open.values()) if (entry.transactionStart < first) first = entry.transactionStart
    return first
  }

  /** Forgets producers without an open transaction that have been silent since before `horizon` (ms). */
  expire(horizon: number): void {
    for (const [id, entry] of this.#entries) {
      if (entry.transactionStart < 0 && entry.lastTimestamp < horizon) this.#entries.delete(id)
    }
  }

  clear(): void {
    this.#entries.clear()
    this.#open.clear()
  }

  snapshot(): ProducerEntry[] {
    return [...this.#entries.values()]
  }

  restore(entries: readonly ProducerEntry[]): void {
    this.clear()
    for (const entry of entries) {
      this.#entries.set(entry.producerId, entry)
      if (entry.transactionStart >= 0) this.#open.set(entry.producerId, entry)
    }
  }

  #entry(producerId: number): ProducerEntry {
    let entry = this.#entries.get(producerId)
    if (entry === undefined) {
      entry = { producerId, epoch: -1, batches: [], transactionStart: -1, coordinatorEpoch: -1, lastTimestamp: -1 }
      this.#entries.set(producerId, entry)
    }
    return entry
  }
}

function outOfOrder(batch: SequencedBatch, last: number): BrokerError {
  return new BrokerError(
    ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
    `producer ${batch.producerId} sent sequence ${batch.baseSequence} (epoch ${batch.producerEpoch}) after ${last}`,
  )
}
