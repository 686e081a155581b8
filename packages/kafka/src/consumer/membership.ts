// A consumer's part in its group as the consumer sees it, whichever protocol the group speaks.
import type { TopicPartition } from '@millrace/api'
import type { MemberIdentity } from '../group/channel.ts'
import { keyOf, type RebalanceListener, type Subscription } from './subscription.ts'

/** Driven by the consumer's poll: {@link step} never waits for the group, only for the listener. */
export interface Membership {
  /** Assignments taken over so far. */
  readonly rebalances: number
  /** Whether {@link step} has something to do. When not, {@link polled} is all. */
  readonly due: boolean
  /** Who this member is, with its generation or epoch; -1 while it has none. */
  readonly identity: MemberIdentity
  /** The owner is alive. */
  polled(): void
  /**
   * Does what is due and can be done now: gives up, joins, takes over. Rings the bell when more is due later.
   * @throws what the listener threw, or the error that ended the membership
   */
  step(): Promise<void>
  /** The subscription means other topics than before. */
  topicsChanged(): void
  /** There is new metadata. */
  metadataChanged(): void
  /** Who commits now. @throws KafkaException when this member may not */
  committer(): MemberIdentity
  /**
   * Who commits these partitions when the broker found the committer's epoch stale; undefined when they are gone, or the
   * group's protocol knows no such thing.
   */
  committerAgain(partitions: readonly TopicPartition[]): MemberIdentity | undefined
  /** Who asks for committed offsets; undefined when no member need be named. */
  reader(): MemberIdentity | undefined
  /** Gives everything up and leaves; `stay`: without a word to the group. @throws what the listener threw, after the leave */
  leave(reason: string, options: { readonly timeoutMs: number; readonly stay?: boolean }): Promise<void>
  /** Ends at once. */
  destroy(): void
}

/** The partitions that a group gave, and the listener who is told of it. */
export class Holdings {
  readonly #subscription: Subscription
  readonly #beforeRevoke: () => Promise<void>

  /** `beforeRevoke`: the last chance for the automatic commit; must not reject. */
  constructor(subscription: Subscription, beforeRevoke: () => Promise<void>) {
    this.#subscription = subscription
    this.#beforeRevoke = beforeRevoke
  }

  get listener(): RebalanceListener {
    return this.#subscription.listener
  }

  all(): TopicPartition[] {
    return this.#subscription.assignment()
  }

  /** Gives partitions up in good order. @throws what the listener threw; they are given up all the same */
  async giveUp(partitions: readonly TopicPartition[]): Promise<void> {
    try {
      await this.#beforeRevoke()
      await this.listener.onRevoked?.(partitions)
    } finally {
      this.#remove(partitions)
    }
  }

  /** They are gone already. @throws what the listener threw */
  async loseAll(): Promise<void> {
    const partitions = this.all()
    if (partitions.length === 0) return
    const { listener } = this
    try {
      await (listener.onLost ?? listener.onRevoked)?.call(listener, partitions)
    } finally {
      this.#remove(partitions)
    }
  }

  #remove(partitions: readonly TopicPartition[]): void {
    const gone = new Set(partitions.map(keyOf))
    this.#subscription.setAssigned(this.all().filter((one) => !gone.has(keyOf(one))))
  }
}
