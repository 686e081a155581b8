// What the answers to fetches mean for the partitions that were asked for: records to hand out, errors, better leaders.
import type { Logger } from '@millrace/api'
import { type BackoffOptions, backoffMs } from '../backoff.ts'
import type { ClusterClient } from '../cluster/index.ts'
import { brokerError, KafkaException } from '../errors.ts'
import { ErrorCode, errorCodeInfo } from '../protocol/index.ts'
import { outOfRange } from './errors.ts'
import type { FetchPart } from './fetch-session.ts'
import { FetchedPartition, Frame } from './fetched-partition.ts'
import type { TopicAnswers } from './idle-fetches.ts'
import type { PartitionState } from './partition-state.ts'
import type { Positions } from './positions.ts'
import type { PrefetchBudget } from './prefetch-budget.ts'
import type { Subscription } from './subscription.ts'

/** A partition as it was when it was asked for. */
export interface Asked {
  readonly state: PartitionState
  readonly version: number
  readonly part: FetchPart
}

type PartitionAnswer = TopicAnswers[number]['partitions'][number]

/** What the answers are taken with. */
export interface FetchAnswersOptions {
  readonly cluster: ClusterClient
  readonly subscription: Subscription
  readonly positions: Positions
  readonly readCommitted: boolean
  readonly checkCrcs: boolean
  readonly backoff: BackoffOptions
  readonly log: Logger
  /** Partitions with something buffered, in order of arrival. */
  readonly ready: PartitionState[]
  readonly counters: { bytes: number }
}

export class FetchAnswers {
  readonly #options: FetchAnswersOptions
  readonly #budget: PrefetchBudget
  readonly #freed: (bytes: number) => void

  constructor(options: FetchAnswersOptions, budget: PrefetchBudget, freed: (bytes: number) => void) {
    this.#options = options
    this.#budget = budget
    this.#freed = freed
  }

  /** The partition is paused: what it has buffered is kept, but not the whole answer it came in. */
  paused(state: PartitionState): void {
    const use = (bytes: number) => {
      this.#budget.hold(bytes)
    }
    for (const fetched of state.buffered) fetched.detach(this.#freed, use)
  }

  /**
   * Takes what an answer says of the partitions that were asked for.
   * @returns bytes of records in it
   */
  accept(responses: TopicAnswers, asked: ReadonlyMap<string, Asked>): number {
    let bytes = 0
    for (const { partitions } of responses) for (const one of partitions) bytes += one.records?.length ?? 0
    this.#options.counters.bytes += bytes
    const frame = new Frame(bytes, this.#freed)
    frame.use()
    this.#budget.hold(bytes)
    for (const { topic, topicId, partitions } of responses) {
      const name = topic === '' ? topicId : topic
      for (const one of partitions) {
        const request = asked.get(`${name} ${one.partitionIndex}`)
        // Sought, given up or reset since: the answer is to a question nobody asks any more.
        if (request === undefined || request.state.version !== request.version) continue
        // Fetched since by another request of this consumer.
        if (request.state.fetchPosition.offset !== request.part.fetchOffset) continue
        this.#partition(request, one, frame)
      }
    }
    frame.release()
    return bytes
  }

  #partition({ state, part }: Asked, answer: PartitionAnswer, frame: Frame): void {
    const { leaderId, leaderEpoch: epoch } = answer.currentLeader
    if (leaderId >= 0) this.#options.cluster.applyLeader(state.topic, state.partition, leaderId, epoch)
    const { epoch: truncatedEpoch, endOffset } = answer.divergingEpoch
    if (answer.errorCode !== ErrorCode.NONE) this.#refused(state, part, answer.errorCode)
    else if (endOffset >= 0) this.#options.positions.truncate(state, endOffset, truncatedEpoch)
    else this.#good(state, part, answer, frame)
  }

  #good(state: PartitionState, part: FetchPart, answer: PartitionAnswer, frame: Frame): void {
    state.failures = 0
    state.validatedEpoch = part.currentLeaderEpoch
    state.highWatermark = answer.highWatermark
    state.lastStableOffset = answer.lastStableOffset
    state.logStartOffset = answer.logStartOffset
    const { records } = answer
    if (records === null || records.length === 0) return
    const { readCommitted, checkCrcs } = this.#options
    const fetched = new FetchedPartition({
      topic: state.topic,
      partition: state.partition,
      records,
      frame,
      from: state.fetchPosition,
      readCommitted,
      aborted: answer.abortedTransactions ?? [],
      checkCrcs,
    })
    if (fetched.batches === 0 && !fetched.unreadable) {
      fetched.release()
      this.fail(state, tooLarge(state, part))
      return
    }
    if (!state.queued) this.#options.ready.push(state)
    state.queued = true
    state.buffered.push(fetched)
    state.bufferedBytes += fetched.bytes
    state.fetchPosition = fetched.end
    if (state.paused) this.paused(state)
  }

  #refused(state: PartitionState, part: FetchPart, code: number): void {
    const { cluster, positions } = this.#options
    const { staleMetadata, retriable, name } = errorCodeInfo(code)
    if (code === ErrorCode.OFFSET_OUT_OF_RANGE) {
      this.#options.log.info('the position is not in the log', {
        topic: state.topic,
        partition: state.partition,
        offset: part.fetchOffset,
      })
      // What is buffered before it is handed out first: only then is the position itself out of range.
      this.retryLater(state)
      if (state.buffered.length === 0) positions.resetByPolicy(state, () => outOfRange(state, part.fetchOffset))
    } else if (retriable || staleMetadata) {
      this.#options.log.debug('a partition cannot be fetched now', {
        topic: state.topic,
        partition: state.partition,
        error: name,
      })
      if (staleMetadata || code === ErrorCode.UNKNOWN_LEADER_EPOCH) cluster.requestRefresh()
      this.retryLater(state)
    } else {
      this.fail(state, brokerError(code, `Fetching ${state.topic}-${state.partition} at offset ${part.fetchOffset}`))
    }
  }

  /** The next poll throws `error`. */
  fail(state: PartitionState, error: Error): void {
    this.retryLater(state)
    this.#options.subscription.fail(state, error)
  }

  /** Leaves the partition alone for a while, longer with each failure in a row. */
  retryLater(state: PartitionState): void {
    state.retryAt = performance.now() + backoffMs(this.#options.backoff, state.failures++)
  }
}

function tooLarge(state: PartitionState, part: FetchPart): KafkaException {
  return new KafkaException(
    `The record batch of ${state.topic}-${state.partition} at offset ${part.fetchOffset} is larger than max.partition.fetch.bytes ` +
      `(${part.partitionMaxBytes}) and the broker cut it: raise max.partition.fetch.bytes.`,
    { exception: 'RecordTooLargeException' },
  )
}
