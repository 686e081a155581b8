// One membership by the consumer group protocol (KIP-848): heartbeats that tell what is wanted and held, and bring back an
// epoch and what the coordinator wants this member to hold. It knows topics by id only, and takes nothing over itself.
import { randomBytes } from 'node:crypto'
import { type Logger, silentLogger } from '@millrace/api'
import { type BackoffOptions, backoffMs } from '../../backoff.ts'
import { withDeadline } from '../../deadline.ts'
import { brokerError, isRetriable, timedOut } from '../../errors.ts'
import { ErrorCode, errorCodeInfo } from '../../protocol/index.ts'
import {
  type ConsumerGroupChannel,
  type HeartbeatAnswer,
  LEAVE_EPOCH,
  STATIC_LEAVE_EPOCH,
  type TopicIdPartitions,
} from './channel.ts'
import { fatalAdvice } from './fatal-advice.ts'
import { HeartbeatFields, type MemberFields, type WantedTopics } from './heartbeat-fields.ts'
import { type ConsumerMemberState, checkConsumerMove } from './member-state.ts'

export interface ConsumerMemberOptions {
  readonly groupId: string
  /** Static membership (KIP-345): the partitions wait for the member over a restart within the session timeout. */
  readonly groupInstanceId: string | null
  readonly rackId: string | null
  /** An assignor of the coordinator (`group.remote.assignor`); null lets it choose. */
  readonly serverAssignor: string | null
  /**
   * Longest time in ms without {@link ConsumerMember.polled} before the member leaves by itself, and the time the
   * coordinator waits for it to give partitions up.
   */
  readonly maxPollIntervalMs: number
  readonly channel: ConsumerGroupChannel
  readonly backoff: BackoffOptions
  readonly log?: Logger
}

/** What the owner of a membership provides. */
export interface ConsumerMemberOwner {
  /** What to read. Asked at every heartbeat. */
  wanted(): WantedTopics
  /** There is a new target, a lost membership or a failure to look at. */
  wake(): void
}

/** Before the coordinator named its interval. */
const FIRST_INTERVAL_MS = 5_000
/** While a regular expression is being resolved by the coordinator, which answers the join without waiting for it. */
const RESOLVING = { initialMs: 50, maxMs: 5_000 }
const NOTHING: readonly TopicIdPartitions[] = Object.freeze([])

/**
 * Contract: the owner calls {@link join} when {@link state} is `unjoined` (after giving up what {@link takeLost} says is
 * lost), brings what it holds in line with {@link target}, and then says so with {@link acknowledge}. Heartbeats never wait
 * for the owner.
 */
export class ConsumerMember {
  /** Chosen by the member, and kept for as long as it lives (KIP-1082). */
  readonly memberId = newMemberId()
  readonly #options: ConsumerMemberOptions
  readonly #owner: ConsumerMemberOwner
  readonly #log: Logger
  readonly #fields = new HeartbeatFields()
  #state: ConsumerMemberState = 'unjoined'
  #epoch = 0
  #target: readonly TopicIdPartitions[] | undefined
  #owned = NOTHING
  #lost: string | undefined
  #failure: unknown
  #intervalMs = FIRST_INTERVAL_MS
  #failures = 0
  #resolving = 0
  #polledAt = performance.now()
  #timer: NodeJS.Timeout | undefined
  #underWay = false
  #again = false
  /** Goes up with every membership: answers to heartbeats of an earlier one count for nothing. */
  #turn = 0

  constructor(options: ConsumerMemberOptions, owner: ConsumerMemberOwner) {
    this.#options = options
    this.#owner = owner
    this.#log = options.log ?? silentLogger
  }

  get state(): ConsumerMemberState {
    return this.#state
  }

  /** Epoch for commits; -1 while there is none. */
  get epoch(): number {
    return this.#state === 'member' ? this.#epoch : -1
  }

  get groupInstanceId(): string | null {
    return this.#options.groupInstanceId
  }

  /** Number of this membership: another one means that what was begun under the old one must not be finished. */
  get turn(): number {
    return this.#turn
  }

  /** What the coordinator wants this member to hold; undefined before its first word. The same object until it says anew. */
  get target(): readonly TopicIdPartitions[] | undefined {
    return this.#target
  }

  /** Whether {@link takeLost} or {@link takeFailure} has something. */
  get troubled(): boolean {
    return this.#lost !== undefined || this.#failure !== undefined
  }

  /** Why the membership was lost since the last call, or undefined: what was held may belong to others already. */
  takeLost(): string | undefined {
    const lost = this.#lost
    this.#lost = undefined
    return lost
  }

  /** An error for the owner to throw, once. */
  takeFailure(): unknown {
    const failure = this.#failure
    this.#failure = undefined
    return failure
  }

  /** The owner is alive: {@link ConsumerMemberOptions.maxPollIntervalMs} starts anew. */
  polled(): void {
    this.#polledAt = performance.now()
  }

  /** Starts to be a member, holding nothing. */
  join(): void {
    this.#move('joining')
    this.#newTurn()
    this.#resolving = 0
    this.#schedule(0)
  }

  /** The owner holds `owned` now, and nothing else. */
  acknowledge(owned: readonly TopicIdPartitions[]): void {
    // Some coordinators answer what a member holds with the assignment again: nothing new must end it.
    if (sameHoldings(owned, this.#owned)) return
    this.#owned = owned
    this.#beatSoon()
  }

  /** What the owner wants to read changed. */
  subscriptionChanged(): void {
    this.#resolving = 0
    this.#beatSoon()
  }

  /** Leaves, so that the group need not wait for the session timeout. Never rejects. */
  async leave(options: { readonly timeoutMs: number }): Promise<void> {
    if (this.#state === 'closed' || this.#state === 'leaving') return
    const known = this.#state !== 'unjoined'
    this.#move('leaving')
    this.#newTurn()
    try {
      if (known) await this.#sayGoodbye(options.timeoutMs)
    } catch (error) {
      this.#log.debug('could not tell the group coordinator of the leave', { error })
    } finally {
      if (this.state === 'leaving') this.#move('unjoined')
    }
  }

  /** Ends at once and tells nobody: the coordinator notices at the session timeout. */
  destroy(): void {
    this.#newTurn()
    if (this.#state !== 'closed') this.#move('closed')
  }

  async #sayGoodbye(timeoutMs: number): Promise<void> {
    const { channel, groupInstanceId } = this.#options
    const memberEpoch = groupInstanceId === null ? LEAVE_EPOCH : STATIC_LEAVE_EPOCH
    const said = { ...this.#say(), memberEpoch }
    const silent = { rackId: null, rebalanceTimeoutMs: -1, serverAssignor: null, subscribedTopicNames: null }
    const request = { ...this.#fields.request(said), ...silent, subscribedTopicRegex: null, topicPartitions: null }
    const late = () => timedOut(`the group coordinator did not answer within ${timeoutMs} ms`)
    const { errorCode } = await withDeadline(channel.heartbeat(request, timeoutMs), timeoutMs, late)
    if (errorCode !== ErrorCode.NONE)
      this.#log.debug('the group coordinator refused the leave', { error: errorCodeInfo(errorCode).name })
  }

  #say(): MemberFields {
    const { groupInstanceId, rackId, serverAssignor, maxPollIntervalMs } = this.#options
    return {
      memberId: this.memberId,
      memberEpoch: this.#epoch,
      instanceId: groupInstanceId,
      rackId,
      serverAssignor,
      rebalanceTimeoutMs: maxPollIntervalMs,
      wanted: this.#owner.wanted(),
      owned: this.#owned,
    }
  }

  #beatSoon(): void {
    if (this.#state !== 'joining' && this.#state !== 'member') return
    if (this.#underWay) this.#again = true
    else this.#schedule(0)
  }

  #schedule(ms: number): void {
    clearTimeout(this.#timer)
    const untilPoll = this.#polledAt + this.#options.maxPollIntervalMs - performance.now()
    this.#timer = setTimeout(() => void this.#beat(), Math.max(0, Math.min(ms, untilPoll + 1)))
  }

  async #beat(): Promise<void> {
    if (performance.now() - this.#polledAt > this.#options.maxPollIntervalMs) {
      this.#pollExpired()
      return
    }
    const turn = this.#turn
    const said = this.#say()
    this.#underWay = true
    this.#again = false
    let pauseMs: number
    try {
      const answer = await this.#options.channel.heartbeat(this.#fields.request(said))
      if (turn !== this.#turn) return
      pauseMs = answer.errorCode === ErrorCode.NONE ? this.#accept(said, answer) : this.#refused(answer)
    } catch (error) {
      if (turn !== this.#turn) return
      pauseMs = this.#notAnswered(error)
    }
    if (turn !== this.#turn) return
    this.#underWay = false
    this.#schedule(this.#again && this.#failures === 0 ? 0 : pauseMs)
  }

  /** @returns milliseconds until the next heartbeat */
  #accept(said: MemberFields, answer: HeartbeatAnswer): number {
    this.#failures = 0
    this.#fields.heard(said)
    this.#intervalMs = answer.heartbeatIntervalMs
    if (answer.memberEpoch !== this.#epoch) {
      this.#log.debug('the member has a new epoch', { group: this.#options.groupId, epoch: answer.memberEpoch })
      this.#epoch = answer.memberEpoch
    }
    if (this.#state === 'joining') this.#move('member')
    if (answer.assignment !== null) {
      this.#target = answer.assignment.topicPartitions
      this.#owner.wake()
    }
    const waits = said.wanted.regex !== '' && (this.#target ?? NOTHING).length === 0
    return waits ? Math.min(this.#intervalMs, backoffMs(RESOLVING, this.#resolving++)) : this.#intervalMs
  }

  /** @returns milliseconds until the next heartbeat, if there is one */
  #refused({ errorCode, errorMessage }: HeartbeatAnswer): number {
    const { groupId, channel } = this.#options
    // What was said may not have been taken in.
    this.#fields.forget()
    switch (errorCode) {
      case ErrorCode.NOT_COORDINATOR:
      case ErrorCode.COORDINATOR_NOT_AVAILABLE:
        channel.forgetCoordinator()
        return this.#pauseMs()
      case ErrorCode.COORDINATOR_LOAD_IN_PROGRESS:
        return this.#pauseMs()
      case ErrorCode.UNKNOWN_MEMBER_ID:
      case ErrorCode.FENCED_MEMBER_EPOCH:
        this.#drop(`the coordinator answered ${errorCodeInfo(errorCode).name}: ${errorMessage ?? ''}`)
        return 0
      default: {
        const advice = fatalAdvice(errorCode)
        const detail = [errorMessage, advice].filter((one) => one !== null && one !== '').join('. ')
        const error = brokerError(errorCode, `A heartbeat of group "${groupId}"`, detail)
        this.#failure = error
        // The topics are looked up again and again by the coordinator: the membership stays, and may be mended from outside.
        if (errorCode !== ErrorCode.TOPIC_AUTHORIZATION_FAILED) this.#drop(error.message)
        this.#owner.wake()
        return this.#pauseMs()
      }
    }
  }

  #notAnswered(error: unknown): number {
    this.#fields.forget()
    if (isRetriable(error)) {
      this.#options.channel.forgetCoordinator()
      return this.#pauseMs()
    }
    this.#failure = error
    this.#drop('heartbeats cannot be sent')
    return 0
  }

  #pauseMs(): number {
    return Math.min(this.#intervalMs, backoffMs(this.#options.backoff, this.#failures++))
  }

  /** The membership is over; the owner gives up what it had, and joins anew. */
  #drop(why: string): void {
    this.#log.info('no longer a member of the group', { group: this.#options.groupId, why })
    this.#lost = why
    this.#move('unjoined')
    this.#newTurn()
    this.#owner.wake()
  }

  #pollExpired(): void {
    const { groupId, maxPollIntervalMs } = this.#options
    const why =
      'the time between polls exceeded max.poll.interval.ms, so the member leaves and the others take its part over; ' +
      'raise max.poll.interval.ms or lower max.poll.records'
    this.#log.warn(why, { group: groupId, maxPollIntervalMs })
    this.leave({ timeoutMs: maxPollIntervalMs }).finally(() => this.#owner.wake())
    this.#lost = why
  }

  #newTurn(): void {
    this.#turn++
    clearTimeout(this.#timer)
    this.#fields.forget()
    this.#epoch = 0
    this.#target = undefined
    this.#owned = NOTHING
    this.#failures = 0
    this.#underWay = false
    this.#again = false
  }

  #move(to: ConsumerMemberState): void {
    this.#state = checkConsumerMove(this.#options.groupId, this.#state, to)
  }
}

function sameHoldings(some: readonly TopicIdPartitions[], others: readonly TopicIdPartitions[]): boolean {
  const flat = (list: readonly TopicIdPartitions[]) =>
    list.flatMap(({ topicId, partitions }) => partitions.map((partition) => `${topicId} ${partition}`))
  const set = new Set(flat(others))
  const list = flat(some)
  return list.length === set.size && list.every((one) => set.has(one))
}

/** 16 random bytes as Kafka writes its ids; a leading dash would make trouble on command lines. */
function newMemberId(): string {
  for (;;) {
    const id = randomBytes(16).toString('base64url')
    if (!id.startsWith('-')) return id
  }
}
