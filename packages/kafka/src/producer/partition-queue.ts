// One partition's batches in order: the open one, the closed ones that wait, those on the wire; and its sequence numbers.
import type { OutgoingBatch } from './outgoing-batch.ts'

/** Sequence numbers are int32 and wrap from the greatest to 0. */
const SEQUENCES = 0x80000000

/** True when `sequence` comes at or before `other`, in a range that wraps. */
export function isAtOrBefore(sequence: number, other: number): boolean {
  return (other - sequence + SEQUENCES) % SEQUENCES < SEQUENCES / 2
}

/** The sequence number `count` records after `sequence`. */
export function sequenceAfter(sequence: number, count: number): number {
  return (sequence + count) % SEQUENCES
}

export class PartitionQueue {
  readonly topic: string
  readonly partition: number
  /** Takes records. Null until one comes. */
  open: OutgoingBatch | null = null
  /** Closed, in order; batches to be sent again come first. */
  readonly closed: OutgoingBatch[] = []
  /** Sent and not answered, in order. */
  readonly wire: OutgoingBatch[] = []
  /** Date.now() when a batch was last begun. */
  lastUsed = 0
  /** Date.now() before which nothing is sent again. */
  retryAt = 0
  /** Size in bytes beyond which the open batch is closed: batch.size, more when compression is foreseen. */
  limit: number

  // An idempotent producer's numbers in this partition.
  producerId = -1
  producerEpoch = -1
  nextSequence = 0
  /** A batch of this id and epoch was acknowledged: the broker knows what comes next. */
  confirmed = false
  /** A batch with numbers failed: the rest must be numbered anew under a higher epoch, or the broker sees a gap. */
  gap = false
  /** A broker that was restarted may have batches whose answers were lost, and not remember them: it must be asked. */
  doubt = false

  constructor(topic: string, partition: number, limit: number) {
    this.topic = topic
    this.partition = partition
    this.limit = limit
  }

  /** Name for messages. */
  get name(): string {
    return `${this.topic}-${this.partition}`
  }

  get empty(): boolean {
    return this.wire.length === 0 && this.closed.length === 0 && (this.open === null || this.open.count === 0)
  }

  /** Batches that wait to be sent. */
  get queued(): number {
    return this.closed.length + (this.open === null ? 0 : 1)
  }

  /** The next batch to send, which may be the open one. */
  get head(): OutgoingBatch | null {
    return this.closed[0] ?? this.open
  }

  /** True when no batch that was numbered before `batch` waits for its answer or to be sent again. */
  isOldest(batch: OutgoingBatch): boolean {
    const before = this.closed[0]
    if (before?.sequenced === true && before.serial < batch.serial) return false
    return this.wire.every((other) => other.serial >= batch.serial)
  }

  /** Takes the open batch out of writing. */
  closeOpen(): void {
    if (this.open === null) return
    this.closed.push(this.open)
    this.open = null
  }

  /** Puts a batch that was sent back where its order demands. */
  putBack(batch: OutgoingBatch): void {
    this.offWire(batch)
    let at = 0
    // Serial numbers grow with order; only batches that were sent before can stand in front.
    while (at < this.closed.length && this.closed[at]!.serial < batch.serial) at++
    this.closed.splice(at, 0, batch)
  }

  offWire(batch: OutgoingBatch): void {
    const at = this.wire.indexOf(batch)
    if (at >= 0) this.wire.splice(at, 1)
    batch.onWire = false
  }

  /** Gives every batch that waits with numbers new ones from 0 on, under another epoch. Nothing may be on the wire. */
  renumber(producerId: number, producerEpoch: number): void {
    this.producerId = producerId
    this.producerEpoch = producerEpoch
    this.nextSequence = 0
    this.confirmed = false
    this.gap = false
    this.doubt = false
    for (const batch of this.closed) {
      if (!batch.sequenced) break
      this.number(batch)
    }
  }

  /** Gives a batch the next sequence numbers. */
  number(batch: OutgoingBatch): void {
    batch.producerId = this.producerId
    batch.producerEpoch = this.producerEpoch
    batch.baseSequence = this.nextSequence
    this.nextSequence = sequenceAfter(this.nextSequence, batch.count)
    batch.sealedBytes = null
  }
}
