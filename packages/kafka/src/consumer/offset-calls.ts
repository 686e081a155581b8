// Calls about offsets that wait for an answer: tried again with backoff until their time is up.
import type { TopicPartition } from '@millrace/api'
import { type BackoffOptions, backoffMs, wait } from '../backoff.ts'
import type { ClusterClient } from '../cluster/index.ts'
import { withDeadline } from '../deadline.ts'
import { KafkaException, timedOut } from '../errors.ts'
import type { MemberIdentity } from '../group/channel.ts'
import { ErrorCode } from '../protocol/index.ts'
import { type CommittedOffset, commitOnce, committedOnce, type OffsetToCommit } from './committed-offsets.ts'
import { type FoundOffset, listOffsetsOnce, type OffsetQuery } from './list-offsets.ts'
import { keyOf } from './subscription.ts'

export interface OffsetCallsOptions {
  readonly cluster: ClusterClient
  readonly backoff: BackoffOptions
  readonly requestTimeoutMs: number
  readonly readCommitted: boolean
}

export class OffsetCalls {
  readonly #options: OffsetCallsOptions

  constructor(options: OffsetCallsOptions) {
    this.#options = options
  }

  /**
   * `renewed`: who commits when the committer's epoch has become stale, while the commit is still this member's to make.
   * @throws KafkaException as `commitOnce`, and TimeoutException when the time is up
   */
  async commit(
    groupId: string,
    member: MemberIdentity,
    offsets: readonly OffsetToCommit[],
    timeoutMs: number,
    renewed: () => MemberIdentity | undefined = () => undefined,
  ): Promise<void> {
    if (offsets.length === 0) return
    const { cluster } = this.#options
    let committer = member
    const what = () => `Committing offsets of ${named(offsets)} for group "${groupId}"`
    await this.#until(timeoutMs, what, async (left) => {
      try {
        return (await commitOnce(cluster, groupId, committer, offsets, left)) ? true : undefined
      } catch (error) {
        const again = isStale(error) ? renewed() : undefined
        if (again === undefined) throw error
        // The coordinator is ahead: the new epoch is here already, or comes with the answer to a heartbeat.
        committer = again
        return undefined
      }
    })
  }

  /** @returns by {@link keyOf}; partitions without a committed offset are missing */
  async committed(
    groupId: string,
    partitions: readonly TopicPartition[],
    timeoutMs: number,
  ): Promise<ReadonlyMap<string, CommittedOffset>> {
    if (partitions.length === 0) return new Map()
    const { cluster } = this.#options
    const what = () => `Reading committed offsets of ${named(partitions)} for group "${groupId}"`
    return await this.#until(timeoutMs, what, (left) => committedOnce(cluster, groupId, partitions, left))
  }

  /** @returns what was found, in the order asked */
  async list(queries: readonly OffsetQuery[], timeoutMs: number): Promise<FoundOffset[]> {
    const { cluster, readCommitted } = this.#options
    if (queries.length === 0) return []
    await cluster.ensureTopics([...new Set(queries.map((one) => one.topic))], { timeoutMs })
    const found = new Map<string, FoundOffset>()
    const what = () => `Looking up offsets of ${named(queries)}`
    await this.#until(timeoutMs, what, async () => {
      const missing = queries.filter((one) => !found.has(keyOf(one)))
      for (const [key, one] of await listOffsetsOnce(cluster, missing, readCommitted)) found.set(key, one)
      return found.size >= queries.length ? true : undefined
    })
    return queries.map((one) => found.get(keyOf(one))!)
  }

  async #until<T>(timeoutMs: number, what: () => string, once: (left: number) => Promise<T | undefined>): Promise<T> {
    const { backoff, requestTimeoutMs } = this.#options
    const deadline = performance.now() + timeoutMs
    const late = () => timedOut(`${what()} was not done within ${timeoutMs} ms`)
    for (let attempt = 0; ; attempt++) {
      const left = deadline - performance.now()
      const result = await withDeadline(once(Math.max(1, Math.min(left, requestTimeoutMs))), left, late)
      if (result !== undefined) return result
      const pause = backoffMs(backoff, attempt)
      if (performance.now() + pause > deadline) throw late()
      await wait(pause)
    }
  }
}

function isStale(error: unknown): boolean {
  return error instanceof KafkaException && error.errorCode === ErrorCode.STALE_MEMBER_EPOCH
}

function named(partitions: readonly TopicPartition[]): string {
  const first = partitions.slice(0, 5).map(({ topic, partition }) => `${topic}-${partition}`)
  const more = partitions.length - first.length
  return more > 0 ? `${first.join(', ')} and ${more} more partitions` : first.join(', ')
}
