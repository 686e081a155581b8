// What a consumer knows of one assigned partition: where it stands, what is fetched, why it may not be fetched now.
import type { TopicPartition } from '@millrace/api'
import type { FetchedPartition } from './fetched-partition.ts'

/**
 * - `initializing`: no position yet; the committed offset is looked up.
 * - `resetting`: the position comes from the log: its start, its end, or a time.
 * - `validating`: the position is known but the log may have been truncated below it (KIP-320).
 * - `fetching`: ready.
 */
export type PartitionPhase = 'initializing' | 'resetting' | 'validating' | 'fetching'

/** Where a reset leads: a special timestamp of ListOffsets, or a time in milliseconds since the epoch. */
export type ResetTarget = number
export const TO_LATEST: ResetTarget = -1
export const TO_EARLIEST: ResetTarget = -2

/** An offset with the epoch of the leader that wrote the record before it, -1 when unknown. */
export interface Position {
  readonly offset: number
  readonly epoch: number
}

const NOWHERE: Position = { offset: -1, epoch: -1 }

export class PartitionState implements TopicPartition {
  readonly topic: string
  readonly partition: number
  phase: PartitionPhase = 'initializing'
  /** Next record to hand out; offset -1 until known. */
  position: Position = NOWHERE
  /** Next record to fetch: after the position by what is buffered. */
  fetchPosition: Position = NOWHERE
  resetTo: ResetTarget = TO_LATEST
  /** Leader epoch under which the position was found valid. */
  validatedEpoch = -1
  paused = false
  /** Not before this time (performance.now) after an error. */
  retryAt = 0
  failures = 0
  /** To be thrown by the next poll. */
  failure: Error | undefined
  /** Of the last fetch; -1 before it. */
  highWatermark = -1
  lastStableOffset = -1
  logStartOffset = -1
  /** Fetched and not yet handed out, in offset order. */
  readonly buffered: FetchedPartition[] = []
  bufferedBytes = 0
  /** True while it is in the fetcher's queue of partitions with something buffered. */
  queued = false
  /** Goes up whenever what is under way for the old position must be thrown away. */
  version = 0

  constructor({ topic, partition }: TopicPartition) {
    this.topic = topic
    this.partition = partition
  }

  /** Goes on at `position`; anything buffered is dropped. Without an epoch there is nothing to validate against. */
  seek(position: Position): void {
    this.#drop()
    this.position = this.fetchPosition = position
    this.phase = position.epoch >= 0 ? 'validating' : 'fetching'
    this.validatedEpoch = -1
  }

  /** The log says where to go on. */
  reset(target: ResetTarget): void {
    this.#drop()
    this.position = this.fetchPosition = NOWHERE
    this.resetTo = target
    this.phase = 'resetting'
  }

  /** The leader changed: fetching waits until the position is known to be in its log. */
  validate(): void {
    if (this.phase === 'fetching' && this.fetchPosition.epoch >= 0) this.phase = 'validating'
  }

  /** Lag in records behind what can be read, or undefined before it is known. */
  lag(readCommitted: boolean): number | undefined {
    const end = readCommitted ? this.lastStableOffset : this.highWatermark
    return end < 0 || this.position.offset < 0 ? undefined : Math.max(0, end - this.position.offset)
  }

  /** Frees what is buffered; what is under way will be thrown away. */
  release(): void {
    this.#drop()
  }

  #drop(): void {
    this.version++
    for (const fetched of this.buffered) fetched.release()
    this.buffered.length = 0
    this.bufferedBytes = 0
    this.failure = undefined
    this.retryAt = 0
    this.failures = 0
  }
}
