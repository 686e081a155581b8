// Offsets as records of the offset topic, written by the task's own producer.
import type { OffsetMap, PartitionOffset } from '@millrace/api'
import type { Producer } from '@millrace/kafka'
import { offsetValue } from '../../topics/offset-topic/records.ts'
import { partitionKey } from '../submitted-records.ts'

/** What {@link OffsetRecords} is made of. */
export interface OffsetRecordsParts {
  /** The topic of the connector's offsets: its own, or the worker's. */
  readonly topic: string
  /** The keys under which each partition is to be written: its own, and those that others gave it in the topic. */
  readonly keysOf: (partitions: readonly OffsetMap[]) => Promise<readonly (readonly Uint8Array[])[]>
  /** Keeps the worker's topic in step with a topic of the connector's own; null when there is no other. */
  readonly copy: ((offsets: readonly PartitionOffset[]) => Promise<void>) | null
  readonly copyFailed: (error: unknown) => void
}

/** Most partitions whose keys are remembered; past that they are asked for again. */
const MOST_KNOWN = 10_000

/** Writes the offsets of one task. */
export class OffsetRecords {
  readonly topic: string
  readonly #parts: OffsetRecordsParts
  readonly #keys = new Map<string, readonly Uint8Array[]>()
  #copying = false
  #toCopy = new Map<string, PartitionOffset>()

  constructor(parts: OffsetRecordsParts) {
    this.topic = parts.topic
    this.#parts = parts
  }

  /** Makes sure that the topic can be written to. */
  async prepare(producer: Producer, signal: AbortSignal): Promise<void> {
    // The control plane makes the topic as it must be; a broker that made it for the producer would not know.
    await this.#parts.keysOf([])
    await producer.awaitReady(this.topic, { signal })
  }
  /** Removed offsets leave the worker's topic first: the other way round a crash in between would bring them back. */
  async beforeCommit(offsets: readonly PartitionOffset[]): Promise<void> {
    const removed = offsets.filter((one) => one.offset === null)
    if (this.#parts.copy !== null && removed.length > 0) await this.#parts.copy(removed)
  }
  /** Gives the records to the producer, in its open transaction. @throws DataException for what JSON cannot hold */
  async write(producer: Producer, offsets: readonly PartitionOffset[]): Promise<void> {
    if (offsets.length === 0) return
    const names = offsets.map((one) => partitionKey(one.partition))
    const unknown = offsets.filter((_, index) => !this.#keys.has(names[index] as string))
    if (unknown.length > 0) {
      if (this.#keys.size > MOST_KNOWN) this.#keys.clear()
      await this.#learn(this.#keys.size === 0 ? offsets : unknown)
    }
    if (!producer.ready(this.topic)) await producer.awaitReady(this.topic)
    const now = Date.now()
    for (const [index, { offset }] of offsets.entries()) {
      const value = offsetValue(offset)
      for (const key of this.#keys.get(names[index] as string) ?? []) {
        while (producer.full) await producer.drained()
        const batch = producer.open(this.topic, producer.partition(this.topic, key))
        batch.begin(now)
        batch.key(key)
        batch.value(value)
        batch.end()
        producer.wrote(batch, 0)
      }
    }
  }
  /** Copies to the worker's topic, one copy at a time and the newest offsets next. A copy that fails is only logged. */
  afterCommit(offsets: readonly PartitionOffset[]): void {
    if (this.#parts.copy === null) return
    for (const one of offsets) if (one.offset !== null) this.#toCopy.set(partitionKey(one.partition), one)
    if (!this.#copying && this.#toCopy.size > 0) void this.#copyAll(this.#parts.copy)
  }

  async #learn(offsets: readonly PartitionOffset[]): Promise<void> {
    const keys = await this.#parts.keysOf(offsets.map((one) => one.partition))
    for (const [index, { partition }] of offsets.entries()) {
      this.#keys.set(partitionKey(partition), keys[index] as readonly Uint8Array[])
    }
  }
  async #copyAll(copy: NonNullable<OffsetRecordsParts['copy']>): Promise<void> {
    this.#copying = true
    try {
      while (this.#toCopy.size > 0) {
        const next = [...this.#toCopy.values()]
        this.#toCopy = new Map()
        await copy(next)
      }
    } catch (error) {
      this.#parts.copyFailed(error)
    } finally {
      this.#copying = false
    }
  }
}
