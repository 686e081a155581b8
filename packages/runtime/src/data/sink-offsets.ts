// Offsets of a sink task's partitions: what waits for the task, what it was given, what is committed, what it may ask to commit.
import { type Logger, OffsetsByPartition, type TopicPartition } from '@millrace/api'

/** Offsets of the partitions assigned now. */
export class SinkOffsets {
  readonly #log: Logger
  readonly #assigned = new Map<string, TopicPartition>()
  /** Next offset to deliver, by partition, once something was delivered or rewound: everything before was given to the task. */
  readonly #current = new OffsetsByPartition()
  readonly #committed = new OffsetsByPartition()
  /** Offsets behind the batch that waits for the task. It counts only once the task has taken it: until then it may be lost with us. */
  #waiting = new OffsetsByPartition()

  constructor(log: Logger) {
    this.#log = log
  }

  get assignment(): readonly TopicPartition[] {
    return [...this.#assigned.values()]
  }
  isAssigned(partition: TopicPartition): boolean {
    return this.#assigned.has(keyOf(partition))
  }
  assign(partition: TopicPartition): void {
    this.#assigned.set(keyOf(partition), { topic: partition.topic, partition: partition.partition })
  }
  forget(partition: TopicPartition): void {
    this.#assigned.delete(keyOf(partition))
    this.#current.delete(partition.topic, partition.partition)
    this.#waiting.delete(partition.topic, partition.partition)
    this.#committed.delete(partition.topic, partition.partition)
  }
  /** Records from `first` up to and without `next` are in the batch for the task. */
  taken(topic: string, partition: number, first: number, next: number): void {
    if (this.#committed.get(topic, partition) === undefined) this.#committed.set(topic, partition, first)
    this.#waiting.set(topic, partition, next)
  }
  /** The task was given the batch, and did not refuse it. */
  delivered(): void {
    if (this.#waiting.size === 0) return
    for (const { topic, partition, offset } of this.#waiting) this.#current.set(topic, partition, offset)
    this.#waiting = new OffsetsByPartition()
  }
  /** Reading goes on at `offset`: what counts as committed follows. */
  rewind(topic: string, partition: number, offset: number): void {
    this.#current.set(topic, partition, offset)
    this.#committed.set(topic, partition, offset)
    this.#waiting.delete(topic, partition)
  }
  /** Partitions that stand beyond what is committed, with the offset to go back to. */
  uncommittedPositions(): (TopicPartition & { readonly offset: number })[] {
    return [...this.#current].flatMap(({ topic, partition, offset }) => {
      const committed = this.#committed.get(topic, partition)
      return committed === undefined || committed === offset ? [] : [{ topic, partition, offset: committed }]
    })
  }
  /** These offsets are committed now. */
  remember(offsets: OffsetsByPartition): void {
    for (const { topic, partition, offset } of offsets) {
      const current = this.#current.get(topic, partition)
      // The task may have gone back since the commit was sent: what it reads again does not count as committed.
      if (current !== undefined && offset <= current) this.#committed.set(topic, partition, offset)
    }
  }
  /** Records delivered and not committed. */
  get uncommitted(): number {
    let sum = 0
    for (const { topic, partition, offset } of this.#current) {
      sum += Math.max(0, offset - (this.#committed.get(topic, partition) ?? offset))
    }
    return sum
  }
  /** A copy of the current offsets of some partitions, for the task's preCommit. */
  of(partitions: readonly TopicPartition[]): OffsetsByPartition {
    const copy = new OffsetsByPartition()
    for (const { topic, partition } of partitions) {
      const offset = this.#current.get(topic, partition)
      if (offset !== undefined) copy.set(topic, partition, offset)
    }
    return copy
  }
  /** Of what a task returned, what will be committed: assigned partitions, never beyond what was delivered, only news. */
  accept(returned: OffsetsByPartition): OffsetsByPartition {
    const accepted = new OffsetsByPartition()
    for (const { topic, partition, offset } of returned) {
      const current = this.#current.get(topic, partition)
      if (!this.isAssigned({ topic, partition })) {
        this.#log.warn(
          `Ignoring the offset ${offset} that the task returned for ${topic}-${partition}: it is not assigned to it`,
        )
      } else if (current !== undefined && offset > current) {
        this.#log.warn(
          `Ignoring the offset ${offset} that the task returned for ${topic}-${partition}: only ${current} was delivered`,
        )
      } else if (offset !== this.#committed.get(topic, partition)) {
        accepted.set(topic, partition, offset)
      }
    }
    return accepted
  }
}

function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`
}
