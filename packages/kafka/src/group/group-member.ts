// One membership in a group, by the classic protocol (JoinGroup, SyncGroup, Heartbeat, LeaveGroup), for any protocol type.
// It knows nothing of topics: metadata and assignments are bytes to it. Consumers and Connect workers stand on it.
import { type Logger, silentLogger } from '@millrace/api'
import { type BackoffOptions, backoffMs, wait } from '../backoff.ts'
import { withDeadline } from '../deadline.ts'
import { brokerError, isRetriable, KafkaException, timedOut } from '../errors.ts'
import { ErrorCode, errorCodeInfo } from '../protocol/index.ts'
import type { GroupChannel, GroupProtocol, JoinAnswer, JoinedMember, MemberIdentity } from './channel.ts'
import { Heartbeat } from './heartbeat.ts'
import { checkMove, heartbeats, type MemberState } from './member-state.ts'

export const NO_GENERATION_ID = -1

export interface GroupMemberOptions {
  readonly groupId: string
  /** Static membership (KIP-345): the member keeps its place over restarts within the session timeout. */
  readonly groupInstanceId: string | null
  readonly protocolType: string
  readonly sessionTimeoutMs: number
  readonly heartbeatIntervalMs: number
  /** Longest time the owner may go without {@link GroupMember.polled} before the member leaves the group by itself. */
  readonly maxPollIntervalMs: number
  readonly channel: GroupChannel
  readonly backoff: BackoffOptions
  readonly log?: Logger
}

/** What the owner of a membership provides. */
export interface GroupMemberOwner {
  /** What this member can speak, preferred first. Asked anew at every join. */
  protocols(): readonly GroupProtocol[]
  /** This member leads: divide. Rejecting fails the join with the same error. */
  assign(protocol: string, members: readonly JoinedMember[], skipped: boolean): Promise<ReadonlyMap<string, Buffer>>
  /** Something happened that the owner's poll should look at: a rebalance, a lost generation, a fatal error. */
  wake(): void
  /**
   * The owner did not poll in time, and the member leaves by itself. Called when it happens, instead of the warning that
   * speaks to users of a consumer.
   */
  pollExpired?(): void
}

/** A finished join. */
export interface Joined {
  readonly generationId: number
  readonly memberId: string
  readonly protocol: string
  readonly isLeader: boolean
  readonly assignment: Buffer
}

/**
 * Contract: the owner calls {@link polled} whenever it makes progress, and {@link join} as long as {@link needsJoin};
 * before it, it gives up what its protocol says must be given up (everything, if {@link takeLost} says the generation is
 * gone). Heartbeats run beside, and never wait for the owner. Calls of `join` share the attempt that is under way.
 */
export class GroupMember {
  readonly #options: GroupMemberOptions
  readonly #owner: GroupMemberOwner
  readonly #log: Logger
  readonly #heartbeat: Heartbeat
  #state: MemberState = 'unjoined'
  #memberId = ''
  #generationId = NO_GENERATION_ID
  #protocol: string | null = null
  #leader = false
  #attempt: Promise<Joined | undefined> | undefined
  #rejoinReason = 'joining for the first time'
  #rejoinAfterSync = false
  #lost: string | undefined
  #failure: Error | undefined
  #failures = 0
  /** Goes up when a join under way is overtaken by a leave or the end: what it still brings counts for nothing. */
  #turn = 0

  constructor(options: GroupMemberOptions, owner: GroupMemberOwner) {
    this.#options = options
    this.#owner = owner
    this.#log = options.log ?? silentLogger
    this.#heartbeat = new Heartbeat({
      intervalMs: options.heartbeatIntervalMs,
      sessionTimeoutMs: options.sessionTimeoutMs,
      maxPollIntervalMs: options.maxPollIntervalMs,
      backoff: options.backoff,
      send: () => this.#sendHeartbeat(),
      sessionExpired: () => this.#sessionExpired(),
      pollExpired: () => this.#pollExpired(),
    })
  }

  get state(): MemberState {
    return this.#state
  }

  get memberId(): string {
    return this.#memberId
  }

  /** -1 while the member has none: commits must not claim one then. */
  get generationId(): number {
    return this.#generationId
  }

  /** Name of the protocol the group chose, once joined. */
  get protocol(): string | null {
    return this.#protocol
  }

  get isLeader(): boolean {
    return this.#leader && this.#generationId !== NO_GENERATION_ID
  }

  get groupInstanceId(): string | null {
    return this.#options.groupInstanceId
  }

  /** Time of the last heartbeat that was answered well, in milliseconds since the epoch; 0 before the first. */
  get lastHeartbeatAt(): number {
    return this.#heartbeat.lastAnsweredAt
  }

  /** Whether the owner should prepare and call {@link join}. */
  get needsJoin(): boolean {
    return this.#state !== 'stable' && this.#state !== 'leaving' && this.#state !== 'closed'
  }

  /** Whether a join is under way: the owner has prepared already. */
  get joinUnderWay(): boolean {
    return this.#attempt !== undefined
  }

  /** The owner is alive: {@link GroupMemberOptions.maxPollIntervalMs} starts anew. */
  polled(): void {
    this.#heartbeat.polled()
  }

  /** Why the generation was lost since the last call, or undefined: what was assigned may belong to others already. */
  takeLost(): string | undefined {
    const lost = this.#lost
    this.#lost = undefined
    return lost
  }

  /** Whether {@link takeFailure} has one. */
  get failed(): boolean {
    return this.#failure !== undefined
  }

  /** An error that ends the membership, once, for the owner to throw. */
  takeFailure(): Error | undefined {
    const failure = this.#failure
    this.#failure = undefined
    return failure
  }

  /** Asks for a rebalance: subscription or metadata changed, or partitions were given up cooperatively. */
  requestRejoin(reason: string): void {
    this.#rejoinReason = reason
    if (this.#state === 'stable') {
      this.#move('rebalancing')
      this.#owner.wake()
    } else if (this.#attempt !== undefined) {
      this.#rejoinAfterSync = true
    }
  }

  /**
   * One attempt to join. Waits for the rest of the group, so up to the longest rebalance timeout among the members.
   * @returns undefined when it must be tried again, with the wait that is due already done
   * @throws KafkaException that is not worth a retry: authorization, inconsistent protocols, a fenced instance id
   */
  join(): Promise<Joined | undefined> {
    if (this.#attempt === undefined) {
      this.#attempt = this.#join().finally(() => {
        this.#attempt = undefined
      })
      // The owner may look at the outcome later, at its next poll.
      this.#attempt.catch(() => {})
    }
    return this.#attempt
  }

  /** Leaves the group, so that it need not wait for the session timeout. A static member keeps its place, unless `evenStatic`. */
  async leave(reason: string, options: { timeoutMs: number; evenStatic?: boolean }): Promise<void> {
    if (this.#state === 'closed' || this.#state === 'leaving') return
    this.#heartbeat.stop()
    this.#turn++
    const identity = this.#identity()
    const tell = identity.memberId !== '' && (identity.groupInstanceId === null || options.evenStatic === true)
    this.#move('leaving')
    this.#forget(true)
    try {
      if (tell) {
        const { channel } = this.#options
        const late = () => timedOut(`the group coordinator did not answer within ${options.timeoutMs} ms`)
        const code = await withDeadline(channel.leave(identity, reason, options.timeoutMs), options.timeoutMs, late)
        if (code !== 0) this.#log.debug('the group coordinator refused the leave', { error: errorCodeInfo(code).name })
      }
    } catch (error) {
      this.#log.debug('could not tell the group coordinator of the leave', { error })
    } finally {
      if (this.state === 'leaving') this.#move('unjoined')
    }
  }

  /** Leaves (a dynamic member tells the coordinator) and ends. Never rejects. */
  async close(options: { timeoutMs: number }): Promise<void> {
    if (this.#state === 'closed') return
    await this.leave('the consumer is being closed', options)
    this.destroy()
  }

  /** Ends at once and tells nobody: the coordinator notices at the session timeout. */
  destroy(): void {
    this.#turn++
    this.#heartbeat.stop()
    if (this.#state !== 'closed') this.#move('closed')
  }

  async #join(): Promise<Joined | undefined> {
    const { channel } = this.#options
    const turn = this.#turn
    this.#heartbeat.stop()
    this.#move('joining')
    this.#rejoinAfterSync = false
    const offered = this.#owner.protocols()
    try {
      const answer = await channel.join(this.#identity(), offered, this.#rejoinReason)
      if (this.#turn !== turn) return undefined
      if (answer.errorCode !== ErrorCode.NONE) return await this.#joinRefused(answer)
      this.#accept(answer)
      // While the leader divides, which may need metadata, and only then.
      if (this.#leader) this.#heartbeat.start()
      const joined = await this.#sync(answer, turn)
      if (joined !== undefined) this.#failures = 0
      return joined
    } catch (error) {
      if (this.#turn !== turn) return undefined
      if (this.state !== 'unjoined') this.#move('unjoined')
      this.#heartbeat.stop()
      if (!isRetriable(error)) throw error
      this.#log.info('the join was interrupted and is tried again', { group: this.#options.groupId, error })
      channel.forgetCoordinator()
      await this.#pause()
      return undefined
    }
  }

  #accept(answer: JoinAnswer): void {
    const { protocolType, groupId } = this.#options
    if (answer.protocolType !== null && answer.protocolType !== protocolType) {
      throw new KafkaException(
        `Group "${groupId}" has the protocol type "${answer.protocolType}", this member speaks "${protocolType}". Use another group.id.`,
        { exception: 'InconsistentGroupProtocolException', errorCode: ErrorCode.INCONSISTENT_GROUP_PROTOCOL },
      )
    }
    this.#memberId = answer.memberId
    this.#generationId = answer.generationId
    this.#protocol = answer.protocolName
    this.#leader = answer.leader === answer.memberId
    this.#lost = undefined
    this.#move('syncing')
  }

  async #sync(answer: JoinAnswer, turn: number): Promise<Joined | undefined> {
    const { channel } = this.#options
    const protocol = answer.protocolName ?? ''
    let assignments: { memberId: string; assignment: Buffer }[] = []
    if (this.#leader) {
      const divided = await this.#owner.assign(protocol, answer.members, answer.skipAssignment)
      assignments = [...divided].map(([memberId, assignment]) => ({ memberId, assignment }))
      if (this.#turn !== turn) return undefined
    }
    // The coordinator takes a member that waits in SyncGroup for alive, and would answer its heartbeats after it.
    this.#heartbeat.stop()
    const identity = this.#identity()
    const synced = await channel.sync(identity, protocol, assignments)
    if (this.#turn !== turn) return undefined
    if (synced.errorCode !== ErrorCode.NONE) return await this.#syncRefused(synced.errorCode)
    this.#move('stable')
    this.#heartbeat.start()
    if (this.#rejoinAfterSync) this.#move('rebalancing')
    return {
      generationId: identity.generationId,
      memberId: identity.memberId,
      protocol,
      isLeader: this.#leader,
      assignment: synced.assignment,
    }
  }

  async #joinRefused(answer: JoinAnswer): Promise<undefined> {
    const code = answer.errorCode
    this.#move('unjoined')
    if (code === ErrorCode.MEMBER_ID_REQUIRED) {
      this.#memberId = answer.memberId
      this.#rejoinReason = 'joining with the member id that the coordinator gave'
      return undefined
    }
    return await this.#refused(code, 'JoinGroup')
  }

  async #syncRefused(code: number): Promise<undefined> {
    this.#move('unjoined')
    if (code === ErrorCode.REBALANCE_IN_PROGRESS) {
      this.#rejoinReason = 'the group rebalanced again before the assignment came'
      return undefined
    }
    return await this.#refused(code, 'SyncGroup')
  }

  /** What refusals of both steps have in common: what is lost, whether to look for the coordinator, whether to give up. */
  async #refused(code: number, step: string): Promise<undefined> {
    const { name } = errorCodeInfo(code)
    this.#log.debug('the group coordinator refused a step of the join', { step, error: name })
    if (code === ErrorCode.UNKNOWN_MEMBER_ID || code === ErrorCode.ILLEGAL_GENERATION) {
      this.#lose(`${step} was refused: ${name}`, code === ErrorCode.UNKNOWN_MEMBER_ID)
      return undefined
    }
    if (code === ErrorCode.NOT_COORDINATOR || code === ErrorCode.COORDINATOR_NOT_AVAILABLE) {
      this.#options.channel.forgetCoordinator()
    } else if (code !== ErrorCode.COORDINATOR_LOAD_IN_PROGRESS && code !== ErrorCode.REBALANCE_IN_PROGRESS) {
      if (code === ErrorCode.FENCED_INSTANCE_ID) this.#lose(name, true)
      throw brokerError(code, `Joining group "${this.#options.groupId}" (${step})`, advice(code))
    }
    await this.#pause()
    return undefined
  }

  #pause(): Promise<void> {
    return wait(backoffMs(this.#options.backoff, this.#failures++))
  }

  async #sendHeartbeat(): Promise<boolean> {
    const identity = this.#identity()
    const code = await this.#options.channel.heartbeat(identity)
    // An answer to a heartbeat of an older generation says nothing about this one.
    if (identity.generationId !== this.#generationId || !heartbeats(this.#state)) return true
    switch (code) {
      case ErrorCode.NONE:
        return true
      case ErrorCode.REBALANCE_IN_PROGRESS:
        if (this.#state === 'stable') this.requestRejoin('the group is rebalancing')
        return true
      case ErrorCode.NOT_COORDINATOR:
      case ErrorCode.COORDINATOR_NOT_AVAILABLE:
        this.#options.channel.forgetCoordinator()
        return false
      case ErrorCode.COORDINATOR_LOAD_IN_PROGRESS:
        return false
      case ErrorCode.UNKNOWN_MEMBER_ID:
      case ErrorCode.ILLEGAL_GENERATION:
        this.#drop(`the coordinator does not know this member any more: ${errorCodeInfo(code).name}`, code)
        return true
      default:
        this.#failure = brokerError(code, `A heartbeat of group "${this.#options.groupId}"`, advice(code))
        this.#drop(`the coordinator refused a heartbeat: ${errorCodeInfo(code).name}`, code)
        return true
    }
  }

  #drop(why: string, code: number): void {
    this.#heartbeat.stop()
    this.#lose(why, code !== ErrorCode.ILLEGAL_GENERATION)
    this.#move('unjoined')
    this.#log.info('no longer a member of the group', { group: this.#options.groupId, why })
    this.#owner.wake()
  }

  #sessionExpired(): void {
    this.#log.warn('no heartbeat was answered within session.timeout.ms; looking for the group coordinator again', {
      group: this.#options.groupId,
      sessionTimeoutMs: this.#options.sessionTimeoutMs,
    })
    this.#options.channel.forgetCoordinator()
  }

  #pollExpired(): void {
    const why =
      'the time between polls exceeded max.poll.interval.ms, so the member leaves and the others take its part over; ' +
      'raise max.poll.interval.ms or lower max.poll.records'
    if (this.#owner.pollExpired !== undefined) this.#owner.pollExpired()
    else this.#log.warn(why, { group: this.#options.groupId, maxPollIntervalMs: this.#options.maxPollIntervalMs })
    this.#lost = why
    this.leave('max.poll.interval.ms exceeded', { timeoutMs: this.#options.sessionTimeoutMs }).finally(() =>
      this.#owner.wake(),
    )
  }

  #lose(why: string, memberToo: boolean): void {
    if (this.#generationId !== NO_GENERATION_ID) this.#lost = why
    this.#rejoinReason = why
    this.#forget(memberToo)
  }

  #forget(memberToo: boolean): void {
    this.#generationId = NO_GENERATION_ID
    this.#protocol = null
    this.#leader = false
    if (memberToo) this.#memberId = ''
  }

  #identity(): MemberIdentity {
    return {
      memberId: this.#memberId,
      groupInstanceId: this.#options.groupInstanceId,
      generationId: this.#generationId,
    }
  }

  #move(to: MemberState): void {
    this.#state = checkMove(this.#options.groupId, this.#state, to)
  }
}

/** What to do about the errors that end a membership. */
function advice(code: number): string | null {
  switch (code) {
    case ErrorCode.FENCED_INSTANCE_ID:
      return 'another process joined with the same group.instance.id; give each member its own'
    case ErrorCode.INCONSISTENT_GROUP_PROTOCOL:
      return 'the members of the group have no assignor in common, or the group is of another kind; align partition.assignment.strategy, or use another group.id'
    case ErrorCode.INVALID_SESSION_TIMEOUT:
      return "session.timeout.ms must lie between the broker's group.min.session.timeout.ms and group.max.session.timeout.ms"
    case ErrorCode.GROUP_AUTHORIZATION_FAILED:
      return 'the principal needs READ on the group'
    case ErrorCode.GROUP_MAX_SIZE_REACHED:
      return "the group has as many members as the broker's group.max.size allows"
    default:
      return null
  }
}
