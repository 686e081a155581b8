// A worker's membership in its Connect cluster: joins, leads when it must, hands assignments to the herder, and survives the
// loss of its coordinator. It decides nothing about work; it only says what is to be stopped and what is to run.
import { type Logger, silentLogger } from '@millrace/api'
import {
  GroupMember,
  type GroupMemberOptions,
  type GroupProtocol,
  type Joined,
  type JoinedMember,
} from '@millrace/kafka/group'
import type { TaskId } from '../plane/messages.ts'
import type { ConfigView } from './config-view.ts'
import {
  type Assignment,
  CONNECT_PROTOCOL_TYPE,
  type ConnectProtocolMode,
  type ConnectProtocolVersion,
  decodeAssignment,
  metadataOffers,
  newestVersion,
  versionOfProtocol,
} from './connect-protocol.ts'
import { CoordinatorWatch } from './coordinator-watch.ts'
import { completeJoin, deletedWork, failed } from './held-work.ts'
import { INITIAL_STATE, type IncrementalState, lead, type Owners } from './leader.ts'
import { isEmptyWork, NO_WORK, type Work, withoutWork } from './work.ts'

/** A join under way, or done and not yet looked at. */
interface Attempt {
  readonly done: boolean
  readonly joined: Joined | undefined
  readonly error: unknown
}

const LONGEST_TIMER_MS = 2 ** 31 - 1

/**
 * What the herder does when the group says so. `onRevoked` and `onAssigned` are called from within the calls of
 * {@link WorkerGroupMember} only, one at a time; they are awaited, while heartbeats go on.
 */
export interface RebalanceListener {
  /**
   * Stop this work, now: it is about to run elsewhere, or must not run while the worker is out of the group. Return when all
   * of it has stopped or was cancelled after its graceful timeout, offsets committed and statuses flushed: the group waits,
   * for at most `rebalance.timeout.ms`. May name work that is not running. Connectors and tasks that the newest configuration
   * does not have any more are named at the next call of the loop, before the group knows.
   */
  onRevoked(work: Work): Promise<void>
  /**
   * A join completed, `assignment.assigned` is all that this worker holds from now on. Only remember it and return soon; then
   * look at it outside of the listener (see {@link WorkerGroupMember}).
   */
  onAssigned(assignment: Assignment, generation: number): Promise<void> | void
  /**
   * The herder did not poll within `rebalance.timeout.ms`: this worker leaves the group, and joins again at the next poll.
   * Called when it happens, whatever the herder is doing: log what that is.
   */
  onPollTimeout(): void
}

export interface WorkerGroupMemberOptions {
  readonly groupId: string
  /** The REST URL that other workers reach this one at, with its trailing slash. */
  readonly url: string
  /** `connect.protocol` */
  readonly mode: ConnectProtocolMode
  readonly sessionTimeoutMs: number
  readonly heartbeatIntervalMs: number
  /** How long the coordinator may not answer before this worker stops its work, which others may have by then. By default the heartbeat interval. */
  readonly coordinatorPatienceMs?: number
  /** How long the group waits for this worker to stop its work and join; and how long the herder may go without polling. */
  readonly rebalanceTimeoutMs: number
  /** `scheduled.rebalance.max.delay.ms` */
  readonly maxDelayMs: number
  /**
   * `group.instance.id`, which the reference does not have; null for none. A second worker with the same id fences the first
   * one. A worker that comes back under its id gives back what its predecessor held and joins again, as one that is new.
   */
  readonly groupInstanceId?: string | null
  /** How to reach the coordinator: a ClusterChannel of @millrace/kafka with the protocol type `connect`. */
  readonly channel: GroupMemberOptions['channel']
  readonly backoff: GroupMemberOptions['backoff']
  /** The newest view of the config topic that is in memory. Asked at every join, and again when this worker leads. */
  readonly config: () => ConfigView
  readonly listener: RebalanceListener
  readonly log?: Logger
  /** Milliseconds since the epoch; by default the system's. */
  readonly now?: () => number
}

/**
 * How a poll ended.
 * - `rebalanced`: a join completed, or work was given up because the coordinator cannot be reached; the listener knows it.
 * - `woken`: {@link WorkerGroupMember.wakeup} was called. A join that is under way goes on and is picked up by the next call.
 * - `idle`: the time is over (of {@link WorkerGroupMember.ensureActive}: there was nothing to do), the worker is a member.
 */
export type PollOutcome = 'rebalanced' | 'woken' | 'idle'

/**
 * Contract. The herder's serial loop calls, again and again: {@link ensureActive}; then looks at the last assignment; does
 * what was requested of it; then {@link poll} until its next deadline. Both calls may never overlap.
 *
 * After `rebalanced`, the herder (as the reference's does)
 * 1. reads the config topic to its end when `assignment.error` is set or its offset is behind `assignment.configOffset`;
 *    when that takes too long it calls {@link leave} and waits before the next {@link ensureActive};
 * 2. calls {@link requestRejoin} when the assignment failed, or its offset is still not that of the assignment;
 * 3. starts what is in `assignment.assigned` and does not run;
 * 4. calls {@link requestRejoin} once if `mustHandOver(assignment)`, and when `assignment.delayMs` is over.
 *
 * While the herder waits in one of the calls, it counts as alive. Elsewhere it has `rebalanceTimeoutMs` till the next call.
 */
export class WorkerGroupMember {
  readonly #options: WorkerGroupMemberOptions
  readonly #log: Logger
  readonly #now: () => number
  readonly #watch: CoordinatorWatch
  readonly #member: GroupMember
  #config: ConfigView
  #held: Assignment | null = null
  #version: ConnectProtocolVersion
  #lastCompletedGeneration = -1
  #leaderState: IncrementalState = INITIAL_STATE
  #owners: Owners | null = null
  #attempt: Attempt | undefined
  #rejoinReason: string | undefined
  /** The first assignment of a static member is its predecessor's. */
  #inherits: boolean
  #woken = false
  #polling = false
  #stir: (() => void) | undefined
  #stirred = false

  constructor(options: WorkerGroupMemberOptions) {
    this.#options = options
    this.#log = options.log ?? silentLogger
    this.#now = options.now ?? Date.now
    this.#config = options.config()
    this.#version = newestVersion(options.mode)
    const groupInstanceId = options.groupInstanceId ?? null
    this.#inherits = groupInstanceId !== null
    this.#watch = new CoordinatorWatch(options.channel, this.#patienceMs, () => this.#signal())
    this.#member = new GroupMember(
      {
        groupId: options.groupId,
        groupInstanceId,
        protocolType: CONNECT_PROTOCOL_TYPE,
        sessionTimeoutMs: options.sessionTimeoutMs,
        heartbeatIntervalMs: options.heartbeatIntervalMs,
        maxPollIntervalMs: options.rebalanceTimeoutMs,
        channel: this.#watch,
        backoff: options.backoff,
        log: this.#log,
      },
      {
        protocols: () => this.#offers(),
        assign: async (protocol, members, skipped) => this.#lead(protocol, members, skipped),
        wake: () => this.#signal(),
        pollExpired: () => options.listener.onPollTimeout(),
      },
    )
  }

  get #patienceMs(): number {
    return this.#options.coordinatorPatienceMs ?? this.#options.heartbeatIntervalMs
  }

  /** Empty while the worker is in no generation. */
  get coordinatorSilentMs(): number {
    return this.#watch.silentMs
  }
  get memberId(): string {
    return this.#member.generationId < 0 ? '' : this.#member.memberId
  }

  /** Generation the worker is in; -1 for none. Writes to the config and status topics name it. */
  get generation(): number {
    return this.#member.generationId
  }

  /** The last assignment with all that this worker holds; null before the first, and after work was given up. */
  get assignment(): Assignment | null {
    return this.#held
  }

  /** Version of the group's protocol, before the first join the newest this worker offers. From 2 on, internal requests are signed. */
  get protocolVersion(): ConnectProtocolVersion {
    return this.#version
  }

  /** Whether this worker leads the generation of its assignment. It stays the leader during a rebalance, until the next assignment. */
  get isLeader(): boolean {
    return this.#held !== null && this.memberId !== '' && this.#held.leader === this.memberId
  }

  /** REST URL of the leader; null when there is no assignment yet. */
  get leaderUrl(): string | null {
    return this.#held?.leaderUrl ?? null
  }

  /** Whether the group must be joined, for the first time or again. */
  get rejoinNeeded(): boolean {
    return (
      this.#attempt !== undefined ||
      this.#member.needsJoin ||
      this.#rejoinReason !== undefined ||
      this.#held === null ||
      failed(this.#held)
    )
  }

  /** REST URL of the worker that runs a connector. Null when nobody does, this worker does not lead, or a rebalance is due. */
  connectorUrl(connector: string): string | null {
    return this.#settledOwners?.connectorUrl(connector) ?? null
  }

  /** REST URL of the worker that runs a task; null as for {@link connectorUrl}. */
  taskUrl(task: TaskId): string | null {
    return this.#settledOwners?.taskUrl(task) ?? null
  }

  get #settledOwners(): Owners | null {
    return this.isLeader && !this.rejoinNeeded ? this.#owners : null
  }

  /**
   * Makes sure that the worker is a member with an assignment: joins if it must, for as long as that takes.
   * @throws KafkaException when it cannot be a member: not authorized, fenced, a group of another kind
   */
  ensureActive(): Promise<PollOutcome> {
    return this.#exclusive(0)
  }

  /** Waits until the group needs something (then does it), until {@link wakeup}, or for `timeoutMs`. Errors as {@link ensureActive}. */
  poll(timeoutMs: number): Promise<PollOutcome> {
    return this.#exclusive(timeoutMs)
  }

  /** Ends the call under way that waits, or else the next one that would. */
  wakeup(): void {
    this.#woken = true
    this.#signal()
  }

  /** Asks for a rebalance: the next {@link ensureActive} or {@link poll} joins anew. During a join it means one more after it. */
  requestRejoin(reason: string): void {
    this.#rejoinReason ??= reason
    this.#signal()
  }

  /** Stops everything that this worker holds, and holds nothing: the next join says so. For a worker that cannot keep up. */
  async giveUpWork(reason: string): Promise<void> {
    const held = this.#held?.assigned ?? NO_WORK
    this.#held = null
    this.#owners = null
    // A join under way may have told the leader that this work is held: join again, and tell that it is not.
    this.#rejoinReason = reason
    if (isEmptyWork(held)) return
    this.#log.info('this worker gives up all its work', { group: this.#options.groupId, reason })
    await this.#options.listener.onRevoked(held)
  }

  /** Leaves the group; the next {@link ensureActive} joins it again, with the work that is still held. */
  async leave(reason: string): Promise<void> {
    this.#attempt = undefined
    await this.#member.leave(reason, { timeoutMs: this.#options.sessionTimeoutMs })
  }

  /** Leaves for good, so that the others need not wait for the session timeout. Stop the work before. Never rejects. */
  async stop(options: { readonly timeoutMs: number }): Promise<void> {
    this.#watch.stop()
    await this.#member.leave('this worker stops', options)
    this.#member.destroy()
    this.wakeup()
  }

  /** Ends at once and tells nobody: what a crash does. */
  destroy(): void {
    this.#watch.stop()
    this.#member.destroy()
    this.wakeup()
  }

  async #exclusive(timeoutMs: number): Promise<PollOutcome> {
    if (this.#polling)
      throw new Error('A worker group member is polled by one loop only, and this call overlaps another')
    this.#polling = true
    try {
      return await this.#poll(timeoutMs)
    } finally {
      this.#polling = false
    }
  }

  async #poll(timeoutMs: number): Promise<PollOutcome> {
    const until = performance.now() + timeoutMs
    for (;;) {
      this.#member.polled()
      if (this.#member.state === 'closed') return this.#wokenNow('woken')
      this.#passOnTroubles()
      if (this.#watch.takeLost()) {
        if (!isEmptyWork(this.#held?.assigned ?? NO_WORK)) {
          await this.giveUpWork(`the group coordinator could not be reached for ${this.#patienceMs} ms`)
          return 'rebalanced'
        }
      }
      await this.#stopDeleted()
      if (this.rejoinNeeded) {
        const joined = await this.#joinOnce()
        if (joined === 'woken') return this.#wokenNow('woken')
        if (joined !== undefined) {
          await this.#complete(joined)
          return 'rebalanced'
        }
        continue
      }
      const left = until - performance.now()
      if (left <= 0) return 'idle'
      if (this.#woken) return this.#wokenNow('woken')
      await this.#wait(left)
    }
  }

  #wokenNow(outcome: PollOutcome): PollOutcome {
    this.#woken = false
    return outcome
  }

  /** @throws the error that ended the membership */
  #passOnTroubles(): void {
    const failure = this.#member.takeFailure()
    const lost = this.#member.takeLost()
    if (lost !== undefined) {
      this.#log.info('this worker lost its place in the group and joins again', { group: this.#options.groupId, lost })
    }
    if (failure !== undefined) throw failure
  }

  /** One attempt, or the rest of the one under way. */
  async #joinOnce(): Promise<Joined | 'woken' | undefined> {
    this.#attempt ??= await this.#startAttempt()
    const attempt = this.#attempt
    while (!attempt.done) {
      if (this.#woken) return 'woken'
      if (this.#watch.isLost || this.#attempt !== attempt) return undefined
      await this.#wait(Number.POSITIVE_INFINITY)
    }
    if (this.#attempt === attempt) this.#attempt = undefined
    if (attempt.error !== undefined) throw attempt.error
    return attempt.joined
  }

  async #startAttempt(): Promise<Attempt> {
    await this.#prepare()
    if (this.#rejoinReason !== undefined) this.#member.requestRejoin(this.#rejoinReason)
    else if (!this.#member.needsJoin) this.#member.requestRejoin('this worker has no assignment')
    this.#rejoinReason = undefined
    const attempt: Attempt = { done: false, joined: undefined, error: undefined }
    const settle = (outcome: Partial<Attempt>) => {
      Object.assign(attempt, outcome, { done: true })
      this.#signal()
    }
    this.#member.join().then(
      (joined) => settle({ joined }),
      (error: unknown) => settle({ error }),
    )
    return attempt
  }

  /** An eager group stops everything before it joins. */
  async #prepare(): Promise<void> {
    this.#owners = null
    if (this.#version === 0 && this.#held !== null) await this.#stop(this.#held, this.#held.assigned)
  }

  /** And the group is told, so that the rest is spread anew. */
  async #stopDeleted(): Promise<void> {
    const held = this.#held
    if (held === null || isEmptyWork(held.assigned)) return
    const deleted = deletedWork(held, this.#options.config())
    if (isEmptyWork(deleted)) return
    await this.#stop(held, deleted)
    this.#rejoinReason ??= 'connectors or tasks were deleted'
  }

  async #stop(held: Assignment, work: Work): Promise<void> {
    if (isEmptyWork(work)) return
    await this.#options.listener.onRevoked(work)
    this.#held = { ...held, assigned: withoutWork(held.assigned, work) }
  }

  #offers(): readonly GroupProtocol[] {
    this.#config = this.#options.config()
    const { mode, url } = this.#options
    const held = this.#held
    // What is revoked has been carried out: it is no part of what the worker holds.
    const allocation = held === null ? null : { ...held, revoked: NO_WORK }
    return metadataOffers(mode, { url, configOffset: this.#config.offset, allocation })
  }

  #lead(protocol: string, members: readonly JoinedMember[], skipped: boolean): ReadonlyMap<string, Buffer> {
    // KIP-814: the coordinator wants none from a static leader that came back. It will join again, and then it leads.
    if (skipped) return new Map()
    const result = lead(this.#leaderState, {
      now: this.#now(),
      maxDelayMs: this.#options.maxDelayMs,
      leaderId: this.#member.memberId,
      protocol,
      generation: this.#member.generationId,
      lastCompletedGeneration: this.#lastCompletedGeneration,
      members,
      config: this.#config,
      freshConfig: this.#options.config,
    })
    this.#leaderState = result.state
    this.#owners = result.owners
    if (result.owners === null) {
      this.#log.info(
        'this worker leads, but other members know later configurations; all shall read the config topic and join again',
      )
    }
    return result.assignments
  }

  async #complete(joined: Joined): Promise<void> {
    this.#version = versionOfProtocol(joined.protocol)
    this.#lastCompletedGeneration = joined.generationId
    const fresh = decodeAssignment(joined.assignment)
    if (this.#inherits) return this.#refuseInheritance(fresh, joined.generationId)
    const { stop, held } = completeJoin(this.#held, fresh, this.#version > 0)
    if (!isEmptyWork(stop)) await this.#options.listener.onRevoked(stop)
    this.#held = held
    await this.#options.listener.onAssigned(held, joined.generationId)
  }

  /** What a static member's predecessor was told last is but a part of what it held: better to have nothing, and to say so. */
  async #refuseInheritance(fresh: Assignment, generation: number): Promise<void> {
    this.#inherits = false
    this.#held = { ...fresh, assigned: NO_WORK, revoked: NO_WORK, delayMs: 0 }
    this.#rejoinReason = 'a static member begins with no work'
    await this.#options.listener.onAssigned(this.#held, generation)
  }

  #signal(): void {
    this.#stirred = true
    this.#stir?.()
  }

  /** Until something stirs, or for a time; while it waits the herder counts as alive. */
  async #wait(ms: number): Promise<void> {
    if (!this.#stirred) {
      const alive = setInterval(() => this.#member.polled(), this.#options.heartbeatIntervalMs)
      let timer: NodeJS.Timeout | undefined
      await new Promise<void>((resolve) => {
        this.#stir = resolve
        if (Number.isFinite(ms)) timer = setTimeout(resolve, Math.min(ms, LONGEST_TIMER_MS))
      })
      clearTimeout(timer)
      clearInterval(alive)
      this.#stir = undefined
    }
    this.#stirred = false
  }
}
