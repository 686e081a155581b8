// Fetches ahead of the polls: one request under way per broker, in an incremental session, bounded in bytes over all.
import { errorMessage, type Logger, silentLogger } from '@millrace/api'
import type { BackoffOptions } from '../backoff.ts'
import type { ClusterClient } from '../cluster/index.ts'
import { brokerError, isRetriable } from '../errors.ts'
import { ErrorCode, errorCodeInfo, Fetch, type ResponseOf, ZERO_UUID } from '../protocol/index.ts'
import { BufferedRecords, type PolledChunk } from './buffered-records.ts'
import { type Asked, FetchAnswers } from './fetch-answers.ts'
import { fetchRequest } from './fetch-request.ts'
import { type FetchPart, FetchSession, type SessionRequest } from './fetch-session.ts'
import { IdleFetches, type TopicAnswers } from './idle-fetches.ts'
import { IdleSeats } from './idle-seats.ts'
import { leaderEpoch } from './list-offsets.ts'
import type { PartitionState } from './partition-state.ts'
import type { Positions } from './positions.ts'
import { PrefetchBudget, type PrefetchLimits } from './prefetch-budget.ts'
import type { Subscription } from './subscription.ts'

export interface FetcherOptions extends PrefetchLimits {
  readonly cluster: ClusterClient
  readonly subscription: Subscription
  readonly positions: Positions
  readonly minBytes: number
  readonly maxWaitMs: number
  readonly readCommitted: boolean
  readonly checkCrcs: boolean
  readonly requestTimeoutMs: number
  readonly backoff: BackoffOptions
  /** Records arrived, or an error waits. */
  wake(): void
  readonly log?: Logger
}

/** Counters since the consumer was made. */
export interface FetchCounters {
  fetches: number
  bytes: number
  records: number
  /** Sum and maximum over all fetches, from request to answer, in milliseconds. */
  latencyMs: number
  latencyMaxMs: number
  throttleMs: number
}

type FetchAnswer = ResponseOf<typeof Fetch>

/** The broker may hold a fetch back for fetch.max.wait.ms: nothing else shall wait behind it. */
const FETCH_LANE = 'fetch'

export class Fetcher {
  readonly #options: FetcherOptions
  readonly #log: Logger
  readonly #sessions = new Map<number, FetchSession>()
  /** Bytes reserved by the request under way to each broker. */
  readonly #underWay = new Map<number, number>()
  readonly #buffered = new BufferedRecords(() => this.changed())
  readonly #budget: PrefetchBudget
  readonly #answers: FetchAnswers
  /** Undefined when this consumer shares its cluster with nobody. */
  readonly #seats: IdleSeats | undefined
  /** What the parts of a seat mean. */
  readonly #seated = new Map<number, ReadonlyMap<string, Asked>>()
  #dirty = true
  #closed = false
  #retryTimer: NodeJS.Timeout | undefined
  #retryAt = 0
  /** Of the last fetch, if it failed. */
  lastError: string | null = null
  /** performance.now() of the last answer of a broker, also of one that found nothing. */
  lastAnswerAt = Number.NEGATIVE_INFINITY
  readonly counters: FetchCounters = { fetches: 0, bytes: 0, records: 0, latencyMs: 0, latencyMaxMs: 0, throttleMs: 0 }

  constructor(options: FetcherOptions) {
    this.#options = options
    this.#budget = new PrefetchBudget(options)
    this.#log = options.log ?? silentLogger
    this.#answers = new FetchAnswers(
      { ...options, log: this.#log, ready: this.#buffered.ready, counters: this.counters },
      this.#budget,
      this.#freed,
    )
    const fetches = IdleFetches.of(options.cluster, options)
    if (fetches !== undefined) {
      this.#seats = new IdleSeats(fetches, {
        accept: (node, responses) => this.#shared(node, responses),
        alive: () => {
          this.lastAnswerAt = performance.now()
        },
        failed: () => this.#again(),
      })
    }
  }

  /** Bytes of answers in memory whose records are not all handed out. */
  get heldBytes(): number {
    return this.#budget.held
  }

  /** Something changed that may allow another fetch: assignment, position, pause, leader. */
  changed(): void {
    this.#dirty = true
  }

  /** Sends what can be sent. Cheap when nothing changed since the last call. */
  send(): void {
    if (!this.#dirty || this.#closed) return
    this.#dirty = false
    const byNode = this.#wanted()
    const brokers = byNode.size + this.#underWay.size
    // A broker that is being asked is not among them, and may still have a seat that no request holds yet.
    this.#seats?.leaveAllBut({ has: (node) => byNode.has(node) || this.#underWay.has(node) })
    for (const [node, states] of byNode) {
      if (this.#waitsWithOthers(node, states)) continue
      const room = this.#budget.room(brokers, states.length, this.#starved)
      if (room > 0) void this.#fetch(node, states, room)
    }
  }

  /**
   * Hands out up to `most` records of what is buffered; positions move on over them.
   * @throws the fault of a batch that cannot be read, once it is next in its partition
   */
  collect(most: number): { count: number; chunks: PolledChunk[] } {
    const collected = this.#buffered.collect(most)
    this.counters.records += collected.count
    return collected
  }

  /** The partition is paused: what it has buffered is kept, but not the whole answer it came in. */
  paused(state: PartitionState): void {
    this.#answers.paused(state)
  }

  /** Ends the sessions, without waiting for the answers, and sends nothing more. */
  close(): void {
    this.#closed = true
    clearTimeout(this.#retryTimer)
    this.#seats?.leaveAllBut(new Set())
    const { cluster } = this.#options
    for (const [node, session] of this.#sessions) {
      const last = session.close()
      if (last === undefined || this.#underWay.has(node)) continue
      const request = { maxWaitMs: 0, minBytes: 0, ...last, topics: [] }
      cluster.send(node, Fetch, request, { timeoutMs: 1_000, lane: FETCH_LANE }).catch(() => {})
    }
  }

  readonly #freed = (bytes: number): void => {
    this.#budget.free(bytes)
    this.#dirty = true
  }

  /** Partitions to ask each idle broker for. */
  #wanted(): Map<number, PartitionState[]> {
    const { cluster, subscription, maxPartitionBytes } = this.#options
    const byNode = new Map<number, PartitionState[]>()
    const now = performance.now()
    let retryAt = Number.POSITIVE_INFINITY
    for (const state of subscription.states()) {
      if (state.phase !== 'fetching' || state.paused || state.failure !== undefined) continue
      if (state.bufferedBytes > maxPartitionBytes) continue
      const node = cluster.leader(state.topic, state.partition)
      if (state.retryAt > now) {
        retryAt = Math.min(retryAt, state.retryAt)
      } else if (node < 0) {
        cluster.requestRefresh()
      } else if (!this.#underWay.has(node)) {
        const list = byNode.get(node)
        if (list === undefined) byNode.set(node, [state])
        else list.push(state)
      }
    }
    if (retryAt < Number.POSITIVE_INFINITY) this.#retryAfter(retryAt - now)
    return byNode
  }

  /** All that is held belongs to partitions that are paused, and nothing is under way. */
  readonly #starved = (): boolean => this.#underWay.size === 0 && this.#buffered.isHeldBack

  async #fetch(node: number, states: readonly PartitionState[], room: number): Promise<void> {
    const { cluster, requestTimeoutMs } = this.#options
    const session = this.#session(node)
    const { asked, parts } = this.#question(states)
    const probes = this.#seats?.probes(node) === true
    // Whether there is anything is asked without waiting, over the connection that all share.
    const terms = { ...this.#options, maxBytes: room, ...(probes && { maxWaitMs: 0 }) }
    const request = fetchRequest(probes ? withoutSession(parts) : session.next(parts), terms)
    const started = performance.now()
    this.#underWay.set(node, room)
    this.#budget.reserve(room)
    let freed = false
    const finish = () => {
      if (freed) return
      freed = true
      this.#underWay.delete(node)
      this.#budget.unreserve(room)
      this.#dirty = true
    }
    try {
      const answer = await cluster.send(node, Fetch, request, {
        timeoutMs: requestTimeoutMs + terms.maxWaitMs,
        ...(!probes && { lane: FETCH_LANE }),
      })
      finish()
      if (this.#closed) return
      this.#count(answer, performance.now() - started)
      if (this.#sessionGood(session, answer, probes)) {
        const bytes = this.#answers.accept(answer.responses, asked)
        this.#seats?.answered(node, bytes === 0, probes)
      }
    } catch (error) {
      finish()
      session.failed()
      if (this.#closed) return
      this.#failed(states, error)
    }
    this.#again()
  }

  #again(): void {
    if (this.#closed) return
    this.#dirty = true
    this.send()
    this.#options.wake()
  }

  /** What a request for these asks, and what its answer will be about. */
  #question(states: readonly PartitionState[]): { asked: ReadonlyMap<string, Asked>; parts: FetchPart[] } {
    const asked = new Map<string, Asked>()
    const parts: FetchPart[] = []
    for (const state of states) {
      const part = this.#part(state)
      parts.push(part)
      const one = { state, version: state.version, part }
      asked.set(`${part.topic} ${part.partition}`, one)
      asked.set(`${part.topicId} ${part.partition}`, one)
    }
    return { asked, parts }
  }

  /** True when nothing new was there lately, and a request that others wait in too asks for these. */
  #waitsWithOthers(node: number, states: readonly PartitionState[]): boolean {
    const seats = this.#seats
    if (seats === undefined) return false
    if (states.some((state) => state.buffered.length > 0)) {
      seats.leave(node)
      return false
    }
    const { asked, parts } = this.#question(states)
    if (!seats.keeps(node, parts)) {
      if (!seats.take(node, parts)) return false
      this.#seated.set(node, asked)
    }
    const restMs = seats.restMs(node)
    if (restMs <= 0) return false
    if (restMs < Number.POSITIVE_INFINITY) this.#retryAfter(restMs)
    return true
  }

  /** Something came while this consumer waited with others. */
  #shared(node: number, responses: TopicAnswers): void {
    const asked = this.#seated.get(node)
    if (this.#closed || asked === undefined) return
    this.#answers.accept(responses, asked)
    this.#again()
  }

  #session(node: number): FetchSession {
    const known = this.#sessions.get(node)
    if (known !== undefined) return known
    const session = new FetchSession()
    this.#sessions.set(node, session)
    return session
  }

  #part(state: PartitionState): FetchPart {
    const { cluster, maxPartitionBytes } = this.#options
    const { topic, partition, fetchPosition } = state
    return {
      topic,
      topicId: cluster.topic(topic)?.topicId ?? ZERO_UUID,
      partition,
      currentLeaderEpoch: leaderEpoch(cluster, topic, partition),
      fetchOffset: fetchPosition.offset,
      lastFetchedEpoch: fetchPosition.epoch,
      partitionMaxBytes: maxPartitionBytes,
    }
  }

  #count(answer: FetchAnswer, ms: number): void {
    const { counters } = this
    this.lastError = null
    this.lastAnswerAt = performance.now()
    counters.fetches++
    counters.latencyMs += ms
    counters.latencyMaxMs = Math.max(counters.latencyMaxMs, ms)
    counters.throttleMs += answer.throttleTimeMs
  }

  #sessionGood(session: FetchSession, answer: FetchAnswer, probe: boolean): boolean {
    const code = answer.errorCode
    if (code === ErrorCode.NONE) {
      if (!probe) session.answered(answer.sessionId)
      return true
    }
    session.lost()
    const { name, staleMetadata, retriable } = errorCodeInfo(code)
    this.#log.debug('a fetch session ended', { error: name })
    if (staleMetadata || code === ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR) this.#options.cluster.requestRefresh()
    if (!retriable && code !== ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR) throw brokerError(code, 'Fetching records')
    return false
  }

  #failed(states: readonly PartitionState[], error: unknown): void {
    this.#options.cluster.requestRefresh()
    const fatal = !isRetriable(error)
    for (const state of states) {
      if (fatal) this.#answers.fail(state, error instanceof Error ? error : new Error(String(error)))
      else this.#answers.retryLater(state)
    }
    this.lastError = errorMessage(error)
    this.#log.debug('a fetch failed', { error })
  }

  /** Looks again then, or earlier when something is due before. */
  #retryAfter(ms: number): void {
    const at = performance.now() + ms
    if (this.#retryTimer !== undefined && this.#retryAt <= at) return
    clearTimeout(this.#retryTimer)
    this.#retryAt = at
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = undefined
      this.#dirty = true
      this.#options.wake()
    }, Math.ceil(ms))
  }
}

/** For a request that begins no session (KIP-227: epoch -1). */
function withoutSession(parts: readonly FetchPart[]): SessionRequest {
  return { sessionId: 0, sessionEpoch: -1, send: parts, forget: [] }
}
