// A worker that has only a membership: it keeps the herder's loop and its rules, and "runs" work by keeping its name in a set.
import { openCluster } from '@millrace/kafka/cluster'
import { ClusterChannel } from '@millrace/kafka/group'
import {
  type Assignment,
  type ConfigView,
  type ConnectProtocolMode,
  failed,
  mustHandOver,
  taskKey,
  type Work,
  WorkerGroupMember,
} from '../index.ts'

export interface MembershipWorkerOptions {
  readonly bootstrap: string
  readonly groupId: string
  readonly url: string
  readonly config: () => ConfigView
  readonly mode?: ConnectProtocolMode
  readonly maxDelayMs?: number
  readonly sessionTimeoutMs?: number
  readonly heartbeatIntervalMs?: number
  readonly rebalanceTimeoutMs?: number
  readonly groupInstanceId?: string
  /** Asked once in each turn of the loop; what it gives is awaited. */
  readonly hang?: () => Promise<void> | undefined
}

export class MembershipWorker {
  readonly member: WorkerGroupMember
  /** Names of connectors, keys of tasks. */
  readonly running = new Set<string>()
  /** Everything that happened, in order: for messages of failed tests, and to count. */
  readonly events: string[] = []
  /** The error that ended the loop. */
  failure: unknown
  readonly #config: () => ConfigView
  readonly #hang: () => Promise<void> | undefined
  readonly #cluster: ReturnType<typeof openCluster>
  #assignment: Assignment | null = null
  #rejoinAt = Number.POSITIVE_INFINITY
  #stopping = false
  #done: Promise<void>

  constructor(options: MembershipWorkerOptions) {
    const { bootstrap, groupId, url, config, sessionTimeoutMs = 10_000, rebalanceTimeoutMs = 60_000 } = options
    this.#config = config
    this.#hang = options.hang ?? (() => undefined)
    this.#cluster = openCluster({ 'bootstrap.servers': bootstrap })
    const groupInstanceId = options.groupInstanceId ?? null
    this.member = new WorkerGroupMember({
      groupId,
      url,
      mode: options.mode ?? 'sessioned',
      sessionTimeoutMs,
      heartbeatIntervalMs: options.heartbeatIntervalMs ?? 300,
      rebalanceTimeoutMs,
      maxDelayMs: options.maxDelayMs ?? 0,
      groupInstanceId,
      channel: new ClusterChannel({
        cluster: this.#cluster,
        groupId,
        protocolType: 'connect',
        sessionTimeoutMs,
        rebalanceTimeoutMs,
        requestTimeoutMs: 40_000,
      }),
      backoff: { initialMs: 50, maxMs: 500 },
      config,
      listener: {
        onRevoked: async (work) => this.#revoked(work),
        onAssigned: (assignment, generation) => this.#assigned(assignment, generation),
        onPollTimeout: () => this.events.push('poll timeout'),
      },
    })
    this.#done = this.#loop().catch((error: unknown) => {
      this.failure = error
    })
  }

  /** All work of the configuration that this worker runs, sorted. */
  get names(): readonly string[] {
    return [...this.running].sort()
  }

  /** Configurations changed: rebalance. */
  configChanged(): void {
    this.member.requestRejoin('the configuration changed')
  }

  /** Stops the work, leaves the group. */
  async stop(): Promise<void> {
    this.#stopping = true
    this.member.wakeup()
    this.running.clear()
    await this.member.stop({ timeoutMs: 5_000 })
    await this.#end()
  }

  /** Goes without a word. */
  async crash(): Promise<void> {
    this.#stopping = true
    this.running.clear()
    this.member.destroy()
    await this.#end()
  }

  async #end(): Promise<void> {
    await this.#done
    await this.#cluster.close()
  }

  async #loop(): Promise<void> {
    while (!this.#stopping) {
      if ((await this.member.ensureActive()) === 'woken') continue
      await this.#hang()
      this.#lookAtAssignment()
      if (this.member.rejoinNeeded) continue
      await this.member.poll(Math.max(0, this.#rejoinAt - Date.now()))
      if (Date.now() >= this.#rejoinAt) {
        this.#rejoinAt = Number.POSITIVE_INFINITY
        this.member.requestRejoin('the delay is over')
      }
    }
  }

  #lookAtAssignment(): void {
    const assignment = this.#assignment
    this.#assignment = null
    if (assignment === null) return
    if (failed(assignment) || assignment.configOffset !== this.#config().offset) {
      this.member.requestRejoin('the configuration is of another offset')
      return
    }
    for (const connector of assignment.assigned.connectors) this.running.add(connector)
    for (const task of assignment.assigned.tasks) this.running.add(taskKey(task))
    if (mustHandOver(assignment)) this.member.requestRejoin('revoked work was stopped')
  }

  #revoked(work: Work): void {
    this.events.push(`revoked ${[...work.connectors, ...work.tasks.map(taskKey)].join(' ')}`)
    for (const connector of work.connectors) this.running.delete(connector)
    for (const task of work.tasks) this.running.delete(taskKey(task))
  }

  #assigned(assignment: Assignment, generation: number): void {
    this.events.push(`assigned in ${generation}`)
    this.#assignment = assignment
    this.#rejoinAt = assignment.delayMs > 0 ? Date.now() + assignment.delayMs : Number.POSITIVE_INFINITY
    this.member.wakeup()
  }
}
