// The loop of a distributed worker: stays in the group, brings its work in line with the assignment, serves requests, follows
// the config topic; one step after another, so that nothing here happens at the same time as anything else here.
import { errorMessage, type Logger } from '@millrace/api'
import type { RestartRequest } from '../control/entities.ts'
import { type Assignment, failed, mustHandOver, type Work, type WorkerGroupMember } from '../membership/index.ts'
import type { TaskId } from '../plane/messages.ts'
import type { ConfigBackingStore } from '../topics/config-topic/config-topic-store.ts'
import type { AssignedWork } from './assigned-work.ts'
import type { ClusterView } from './cluster-view.ts'
import type { LeaderDuties } from './leader.ts'
import type { PendingChanges } from './pending-changes.ts'
import type { RequestQueue } from './request-queue.ts'

/** What the loop drives. */
export interface GroupLoopParts {
  readonly member: WorkerGroupMember
  readonly configs: ConfigBackingStore
  readonly view: ClusterView
  readonly changes: PendingChanges
  readonly requests: RequestQueue
  readonly work: AssignedWork
  readonly leader: LeaderDuties
  readonly handlers: LoopHandlers
  readonly settings: {
    /** `worker.sync.timeout.ms` */
    readonly syncTimeoutMs: number
    /** `worker.unsync.backoff.ms` */
    readonly unsyncBackoffMs: number
    /** `scheduled.rebalance.max.delay.ms` */
    readonly maxDelayMs: number
  }
  readonly now: () => number
  readonly log: Logger
}

/** What the herder does when the loop comes to it. */
export interface LoopHandlers {
  /** A connector was configured anew. True when what runs here has taken that over. */
  configured(connector: string): Promise<boolean>
  /** The target state of a connector changed. */
  targetState(connector: string): Promise<void>
  restart(request: RestartRequest): Promise<void>
  /** Work stopped here for good; states are to be durable before the group meets. */
  released(work: Work): Promise<void>
  /** The share of an assignment was started. */
  settled(): void
}

const FENCED_BACKOFF_MS = 250
const SYNC_RETRIES = 5
const FAILURE_BACKOFF_MS = 1_000
const NEVER = Number.POSITIVE_INFINITY
const WAITING = 'waiting for the group'

/** The loop. {@link WorkerGroupMember} calls its listener from within. */
export class GroupLoop {
  readonly #parts: GroupLoopParts
  readonly #stop = new AbortController()
  #assignment: Assignment | null = null
  /** False from the moment an assignment comes until its work was started. */
  #resolved = false
  #canReadConfigs = true
  #scheduledRebalance = NEVER
  #nextKey = NEVER
  #syncRetries = SYNC_RETRIES
  #done: Promise<void> | undefined
  #doing = WAITING
  #doingSince = performance.now()

  constructor(parts: GroupLoopParts) {
    this.#parts = parts
  }

  /** True when there is an assignment, its work was started, and none is about to come. */
  get settled(): boolean {
    return this.#resolved && !this.#parts.changes.rebalanceDue && !this.#parts.member.rejoinNeeded
  }

  /** What the loop is at, for messages. */
  get doing(): string {
    return this.#doing
  }

  /** Since when the loop is at something of its own, in ms; 0 while it waits for the group. */
  get busyMs(): number {
    return this.#doing === WAITING ? 0 : performance.now() - this.#doingSince
  }

  /** Runs until {@link stop}. */
  start(): void {
    this.#done = this.#run()
  }

  /** Ends the loop where it stands; the work runs on. */
  async stop(): Promise<void> {
    this.#stop.abort()
    this.#parts.member.wakeup()
    await this.#done
  }

  /** For the group member: an assignment was made. */
  async assigned(assignment: Assignment, generation: number): Promise<void> {
    const { log, now, member, leader } = this.#parts
    log.info(
      `Joined group at generation ${generation} with protocol version ${member.protocolVersion}: ` +
        `${assignment.assigned.connectors.length} connectors, ${assignment.assigned.tasks.length} tasks, ` +
        `config offset ${assignment.configOffset}, rebalance delay ${assignment.delayMs} ms`,
    )
    this.#assignment = assignment
    this.#resolved = false
    this.#scheduledRebalance = assignment.delayMs > 0 ? now() + assignment.delayMs : NEVER
    if (assignment.leader === member.memberId) await this.#while('taking the lead', () => leader.elected())
  }

  /** For the group member: work is to be stopped. */
  async revoked(work: Work): Promise<void> {
    await this.#while('stopping what others take over', () => this.#parts.work.stop(work))
    await this.#while('writing the last states of what others take over', () => this.#parts.handlers.released(work))
  }

  /** Reads the config topic to its end, and works with what is there from now on. @returns false when it took too long */
  async refresh(timeoutMs: number): Promise<boolean> {
    const { configs, view, log } = this.#parts
    try {
      await configs.refresh(timeoutMs)
      view.moveTo(configs.snapshot())
      return true
    } catch (error) {
      log.warn(`Did not reach the end of the config topic within ${timeoutMs} ms`, { error })
      this.#canReadConfigs = false
      return false
    }
  }

  async #run(): Promise<void> {
    const { log } = this.#parts
    while (!this.#stop.signal.aborted) {
      try {
        await this.#step()
      } catch (error) {
        if (this.#stop.signal.aborted) return
        log.error(`The worker cannot be a member of its group: ${errorMessage(error)}. Trying again in 1 s`, { error })
        await this.#pause(FAILURE_BACKOFF_MS)
      }
    }
  }

  async #step(): Promise<void> {
    const { member, leader, requests, settings } = this.#parts
    if (!this.#canReadConfigs && !(await this.#catchUp(settings.syncTimeoutMs))) return
    if ((await member.ensureActive()) === 'woken' && member.rejoinNeeded) return
    if (!(await this.#settle())) return
    const mayWrite = await this.#while('claiming the config topic again', () => leader.reclaim(member.isLeader))
    if (!mayWrite) return this.#pause(FENCED_BACKOFF_MS)
    if (!(await this.#while('renewing the session key', () => this.#signRequests()))) return
    const nextRequest = await this.#while('serving requests', () => requests.serve())
    await this.#while('restarting', () => this.#restarts())
    if (await this.#while('following the config topic', () => this.#followConfigs())) return
    const until = Math.min(nextRequest ?? NEVER, this.#scheduledRebalance, this.#nextKey)
    await member.poll(Math.max(0, until - this.#parts.now()))
    await this.#settle()
  }

  /** Brings the work in line with the assignment. @returns false when the group must meet first */
  async #settle(): Promise<boolean> {
    const { member, configs, view, now, work } = this.#parts
    const assignment = this.#assignment
    if (assignment === null || this.#stop.signal.aborted) return false
    if (this.#scheduledRebalance <= now()) {
      this.#scheduledRebalance = NEVER
      member.requestRejoin('the delay for members that left is over')
      return false
    }
    if (this.#resolved) return true
    // Mostly what the assignment was made for has been read here already.
    const newest = configs.snapshot()
    if (newest.offset === assignment.configOffset) view.moveTo(newest)
    const behind = view.offset < assignment.configOffset
    if (failed(assignment) ? behind || member.isLeader : behind) {
      if (!(await this.#catchUp(this.#parts.settings.syncTimeoutMs))) {
        member.requestRejoin('the config topic could not be read in time')
        return false
      }
    }
    if (failed(assignment)) {
      member.requestRejoin('the assignment failed: members had different configurations')
      return false
    }
    // Beyond the offset that the assignment was made for: what is to run is not what was divided.
    if (view.offset !== assignment.configOffset) {
      member.requestRejoin('the configuration changed since the assignment was made')
      return false
    }
    await this.#while('starting what was assigned', () => work.start(assignment.assigned))
    this.#resolved = true
    this.#parts.handlers.settled()
    if (!mustHandOver(assignment)) return true
    member.requestRejoin('work was given up and must be divided')
    return false
  }

  /** Reads to the end of the config topic; when that takes too long, leaves the group for a while: it must not wait for this worker. */
  async #catchUp(timeoutMs: number): Promise<boolean> {
    const { member, settings, log } = this.#parts
    if (await this.#while('catching up with the config topic', () => this.refresh(timeoutMs))) {
      this.#canReadConfigs = true
      this.#syncRetries = SYNC_RETRIES
      return true
    }
    await member.leave('the config topic could not be read in time')
    if (member.protocolVersion === 0) {
      await this.#pause(settings.unsyncBackoffMs)
    } else if (this.#syncRetries > 0) {
      await this.#pause(settings.maxDelayMs / 10 / this.#syncRetries--)
    } else {
      log.warn(`This worker gives up its work: it could not catch up with the config topic in ${SYNC_RETRIES} tries`)
      await member.giveUpWork('the config topic could not be read')
      this.#syncRetries = SYNC_RETRIES
    }
    return false
  }

  /** Sees to the session key when this worker leads. @returns false when it could not be written */
  async #signRequests(): Promise<boolean> {
    const { member, leader } = this.#parts
    this.#nextKey = NEVER
    if (!member.isLeader || member.protocolVersion < 2) return true
    try {
      this.#nextKey = await leader.renewKey()
      return true
    } catch {
      // Perhaps it was written after all: that is seen at the end of the topic.
      this.#canReadConfigs = false
      return false
    }
  }

  async #restarts(): Promise<void> {
    const { changes, handlers, log } = this.#parts
    for (const request of changes.takeRestarts()) {
      await handlers.restart(request).catch((error: unknown) => {
        log.warn(`A request to restart connector ${request.connector} could not be carried out`, { error })
      })
    }
  }

  /** Carries out what the config topic told. @returns true when the group must meet */
  async #followConfigs(): Promise<boolean> {
    const { changes, configs, view, member, work, handlers } = this.#parts
    const rebalance = changes.takeRebalance()
    if (rebalance) {
      view.moveTo(configs.snapshot())
      member.requestRejoin('connectors or tasks were configured')
      if (member.protocolVersion === 0) {
        changes.forgetForEager()
        return true
      }
    }
    const { connectors, replanned, targetStates } = changes.take()
    if (connectors.size > 0 || replanned.size > 0 || targetStates.size > 0) view.moveTo(configs.snapshot())
    const restarted: string[] = []
    for (const connector of connectors) if (!(await handlers.configured(connector))) restarted.push(connector)
    await work.restartConnectors(restarted, (name) => view.contains(name))
    for (const connector of targetStates) if (view.contains(connector)) await handlers.targetState(connector)
    await work.stopTasksOf(replanned)
    return rebalance
  }

  /** Whether this worker runs something, for requests that only its owner can carry out. */
  owns(what: string | TaskId): boolean {
    return typeof what === 'string' ? this.#parts.work.runsConnector(what) : this.#parts.work.runsTask(what)
  }

  async #while<T>(doing: string, work: () => Promise<T>): Promise<T> {
    this.#doing = doing
    this.#doingSince = performance.now()
    try {
      return await work()
    } finally {
      this.#doing = WAITING
    }
  }

  async #pause(ms: number): Promise<void> {
    const { signal } = this.#stop
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, ms)
    const stop = () => resolve()
    signal.addEventListener('abort', stop, { once: true })
    await promise
    signal.removeEventListener('abort', stop)
    clearTimeout(timer)
  }
}
