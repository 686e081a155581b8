// Incremental fetch sessions (KIP-227): a consumer names its partitions once, then only what changes; the broker answers only
// for partitions that have something to tell.

import { randomInt } from 'node:crypto'
import { ErrorCode, type Fetch, type ReceivedRequest, ZERO_UUID } from '@millrace/kafka/protocol'
import { BrokerError } from '../errors.ts'
import type { PartitionLog } from '../storage/partition-log.ts'
import type { TopicRegistry } from '../topics/topic-registry.ts'

type FetchRequest = ReceivedRequest<typeof Fetch>

/** One partition of a fetch, kept between the requests of a session. */
export interface FetchedPartition {
  /** Empty when the client named an id that is not known. */
  topic: string
  readonly topicId: string
  readonly partition: number
  log: PartitionLog | undefined
  fetchOffset: number
  maxBytes: number
  leaderEpoch: number
  lastFetchedEpoch: number
  /** What the client was told last; -1 when nothing yet. */
  toldHighWatermark: number
  toldStartOffset: number
}

/** The partitions one request wants, and how to answer. */
export interface FetchPlan {
  readonly partitions: Map<string, FetchedPartition>
  /** Id to answer with; 0 without a session. */
  readonly sessionId: number
  /** True when partitions with nothing new are left out of the answer. */
  readonly incremental: boolean
}

interface Session {
  readonly id: number
  readonly usesIds: boolean
  readonly partitions: Map<string, FetchedPartition>
  epoch: number
  lastUsed: number
}

const FINAL_EPOCH = -1
const INITIAL_EPOCH = 0
const MAX_EPOCH = 2147483647
/** A session that was silent this long (ms) may give its place to a new one; Kafka's min.incremental.fetch.session.eviction.ms. */
const EVICTABLE_AFTER_MS = 120_000

/** All sessions of the broker. */
export class FetchSessions {
  readonly #sessions = new Map<number, Session>()
  readonly #topics: TopicRegistry
  readonly #slots: () => number
  readonly #now: () => number

  constructor(topics: TopicRegistry, slots: () => number, now: () => number) {
    this.#topics = topics
    this.#slots = slots
    this.#now = now
  }

  get size(): number {
    return this.#sessions.size
  }

  /**
   * Finds out what a request wants.
   * @throws BrokerError FETCH_SESSION_ID_NOT_FOUND, INVALID_FETCH_SESSION_EPOCH, FETCH_SESSION_TOPIC_ID_ERROR
   */
  plan(request: FetchRequest, version: number): FetchPlan {
    const usesIds = version >= 13
    const { sessionId, sessionEpoch } = request
    if (sessionEpoch === FINAL_EPOCH || sessionEpoch === INITIAL_EPOCH) {
      if (sessionId !== 0) this.#sessions.delete(sessionId)
      const partitions = new Map<string, FetchedPartition>()
      this.#merge(partitions, request, usesIds)
      const id = sessionEpoch === INITIAL_EPOCH && version >= 7 ? this.#open(partitions, usesIds) : 0
      return { partitions, sessionId: id, incremental: false }
    }
    const session = this.#sessions.get(sessionId)
    if (session === undefined) {
      throw new BrokerError(ErrorCode.FETCH_SESSION_ID_NOT_FOUND, `there is no fetch session ${sessionId}`)
    }
    if (session.epoch !== sessionEpoch) {
      throw new BrokerError(
        ErrorCode.INVALID_FETCH_SESSION_EPOCH,
        `fetch session ${sessionId} is at epoch ${session.epoch}, the request at ${sessionEpoch}`,
      )
    }
    if (session.usesIds !== usesIds) {
      throw new BrokerError(
        ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR,
        `fetch session ${sessionId} was begun with topic ${session.usesIds ? 'ids' : 'names'}`,
      )
    }
    for (const forgotten of request.forgottenTopicsData) {
      const name = usesIds ? forgotten.topicId : forgotten.topic
      for (const partition of forgotten.partitions) session.partitions.delete(keyOf(name, partition))
    }
    this.#merge(session.partitions, request, usesIds)
    session.epoch = session.epoch === MAX_EPOCH ? 1 : session.epoch + 1
    session.lastUsed = this.#now()
    return { partitions: session.partitions, sessionId, incremental: true }
  }

  #open(partitions: Map<string, FetchedPartition>, usesIds: boolean): number {
    if (this.#sessions.size >= this.#slots() && !this.#evict()) return 0
    let id = 0
    do id = randomInt(1, MAX_EPOCH)
    while (this.#sessions.has(id))
    this.#sessions.set(id, { id, usesIds, partitions, epoch: 1, lastUsed: this.#now() })
    return id
  }

  #evict(): boolean {
    let oldest: Session | undefined
    for (const session of this.#sessions.values()) {
      if (oldest === undefined || session.lastUsed < oldest.lastUsed) oldest = session
    }
    if (oldest === undefined || this.#now() - oldest.lastUsed < EVICTABLE_AFTER_MS) return false
    return this.#sessions.delete(oldest.id)
  }

  #merge(partitions: Map<string, FetchedPartition>, request: FetchRequest, usesIds: boolean): void {
    for (const topic of request.topics) {
      const name = usesIds ? (this.#topics.byId(topic.topicId)?.name ?? '') : topic.topic
      for (const p of topic.partitions) {
        const key = keyOf(usesIds ? topic.topicId : topic.topic, p.partition)
        const known = partitions.get(key)
        if (known !== undefined) {
          known.fetchOffset = p.fetchOffset
          known.maxBytes = p.partitionMaxBytes
          known.leaderEpoch = p.currentLeaderEpoch
          known.lastFetchedEpoch = p.lastFetchedEpoch
          continue
        }
        partitions.set(key, {
          topic: name,
          topicId: usesIds ? topic.topicId : ZERO_UUID,
          partition: p.partition,
          log: undefined,
          fetchOffset: p.fetchOffset,
          maxBytes: p.partitionMaxBytes,
          leaderEpoch: p.currentLeaderEpoch,
          lastFetchedEpoch: p.lastFetchedEpoch,
          toldHighWatermark: -1,
          toldStartOffset: -1,
        })
      }
    }
  }
}

function keyOf(topic: string, partition: number): string {
  return `${partition}/${topic}`
}
