// The herder of a distributed worker: what users ask for, answered from the cluster's state, carried out by who must.

import {
  AlreadyExistsException,
  ConnectException,
  type ConnectorProps,
  type Logger,
  NotFoundException,
  type RawConfig,
} from '@millrace/api'
import type { ConnectorOffsetService } from '../control/connector-offsets.ts'
import { requireValid } from '../control/connector-validation.ts'
import type {
  ConfigInfos,
  ConfigKeyInfo,
  ConnectorInfo,
  ConnectorOffsets,
  ConnectorStateInfo,
  OffsetEntry,
  PluginInfo,
  RestartRequest,
  StoredConfig,
  TaskId,
  TaskInfo,
  TaskState,
} from '../control/entities.ts'
import {
  BadRequestException,
  NotAssignedException,
  NotLeaderException,
  RebalanceNeededException,
} from '../control/errors.ts'
import { busyHerder, type HealthProblem, type HealthReport, together } from '../control/health.ts'
import type { Created, Herder, InternalRequest } from '../control/herder.ts'
import type { RescanResult } from '../control/plugin-rescan.ts'
import { restartPlan } from '../control/restart-plan.ts'
import { stateInfo, taskState } from '../control/status-reporter.ts'
import type { StatusStore } from '../control/status-store.ts'
import { taskKey } from '../control/worker.ts'
import type { WorkerServices } from '../control/worker-services.ts'
import type { LoggerLevel } from '../logging/log-tree.ts'
import type { WorkerGroupMember } from '../membership/index.ts'
import type { MetricSample, TargetState } from '../plane/messages.ts'
import type { ClusterConfigState } from '../topics/config-topic/cluster-config-state.ts'
import type { ConfigBackingStore } from '../topics/config-topic/config-topic-store.ts'
import type { GroupLoop } from './group-loop.ts'
import type { LeaderDuties } from './leader.ts'
import type { RequestQueue } from './request-queue.ts'

/** What the herder is made of. */
export interface DistributedHerderParts {
  readonly workerId: string
  readonly services: WorkerServices
  readonly configs: ConfigBackingStore
  readonly statuses: StatusStore
  readonly offsets: ConnectorOffsetService
  readonly member: WorkerGroupMember
  readonly loop: GroupLoop
  readonly requests: RequestQueue
  readonly leader: LeaderDuties
  /** Restarts what runs here. */
  readonly restartConnector: (name: string) => Promise<void>
  readonly restartTask: (id: TaskId) => Promise<void>
  /** @throws RestException for a request of another worker that is not signed as it must be */
  readonly verify: (request: InternalRequest) => void
  readonly fenceZombies: (name: string) => Promise<void>
  /** Whether sources of this worker deliver exactly once. */
  readonly exactlyOnce: boolean
  readonly kafkaClusterId: () => Promise<string | null>
  /** The internal topics. */
  readonly topics: () => readonly { readonly topic: string; problems(): string[] }[]
  readonly mask: (text: string) => string
  /** How long a request may wait for the group to settle, in ms. */
  readonly rebalanceWaitMs: number
  readonly log: Logger
}

/** How often a request looks whether the group has settled. */
const SETTLE_LOOK_MS = 20
const AGAIN = Symbol()
/** A coordinator that moves is back before. */
const COORDINATOR_SILENT_MS = 5_000

/** Reads are of the newest state of the cluster known here. Changes queue, and are the leader's or the owner's. */
export class DistributedHerder implements Herder {
  readonly #parts: DistributedHerderParts
  readonly #services: WorkerServices
  #ready = false

  constructor(parts: DistributedHerderParts) {
    this.#parts = parts
    this.#services = parts.services
  }

  get ready(): boolean {
    return this.#ready
  }
  get workerId(): string {
    return this.#parts.workerId
  }
  /** The worker has joined its group once. */
  setReady(): void {
    this.#ready = true
  }
  kafkaClusterId(): Promise<string | null> {
    return this.#parts.kafkaClusterId()
  }
  healthCheck(): Promise<void> {
    return this.#parts.requests.run(() => {})
  }

  health(): HealthReport {
    const { loop, member, topics, mask } = this.#parts
    const silentMs = member.coordinatorSilentMs
    const unready: HealthProblem[] = []
    if (!this.#ready) unready.push({ what: 'group', reason: 'The worker has not joined its group yet' })
    if (silentMs >= COORDINATOR_SILENT_MS) {
      const reason = `Its coordinator has not answered for ${Math.round(silentMs / 1000)} s`
      unready.push({ what: 'group', reason })
    }
    for (const topic of topics()) {
      for (const reason of topic.problems()) unready.push({ what: `topic ${topic.topic}`, reason: mask(reason) })
    }
    return together(busyHerder(loop.doing, loop.busyMs), { dead: [], unready })
  }

  connectors(): readonly string[] {
    return this.#state.connectors()
  }
  connectorInfo(name: string): ConnectorInfo {
    const config = this.#existing(name)
    return { name, config, tasks: this.#state.tasks(name), type: this.#services.typeOf(config) }
  }
  taskInfos(name: string): readonly TaskInfo[] {
    this.#existing(name)
    const state = this.#state
    return state.tasks(name).map((id) => ({ id, config: state.taskConfig(id) ?? {} }))
  }
  connectorStatus(name: string): ConnectorStateInfo {
    const { statuses } = this.#parts
    const status = statuses.connector(name)
    if (status === undefined) throw new NotFoundException(`No status found for connector ${name}`)
    return stateInfo(name, this.#services.typeOf(this.#state.connectorConfig(name)), status, statuses.tasks(name))
  }
  taskStatus(id: TaskId): TaskState {
    const status = this.#parts.statuses.task(id)
    if (status === undefined) throw new NotFoundException(`No status found for task ${taskKey(id)}`)
    return taskState(id, status)
  }

  async putConnectorConfig(
    name: string,
    config: RawConfig,
    options: { readonly allowReplace: boolean; readonly initialState?: TargetState },
  ): Promise<Created> {
    const infos = await this.#services.validate(config)
    return this.#parts.requests.run(async () => {
      requireValid(this.#services.validation, name, config, infos)
      this.requireLeader('Only the leader can set connector configs.')
      const exists = this.#state.contains(name)
      if (exists && !options.allowReplace) throw new AlreadyExistsException(`Connector ${name} already exists`)
      // Validation refuses nulls.
      const stored = { ...(config as StoredConfig) }
      await this.#parts.leader.write(`the config of connector ${name}`, () =>
        this.#parts.configs.putConnectorConfig(name, stored, options.initialState),
      )
      return { created: !exists, info: this.connectorInfo(name) }
    })
  }

  async patchConnectorConfig(name: string, patch: RawConfig): Promise<Created> {
    const patched = await this.#parts.requests.run(() => {
      this.requireLeader('Only the leader can set connector configs.')
      const config: Record<string, string | null> = { ...this.#existing(name) }
      for (const [key, value] of Object.entries(patch)) {
        if (value === null) delete config[key]
        else config[key] = value
      }
      return config
    })
    return this.putConnectorConfig(name, patched, { allowReplace: true })
  }

  deleteConnector(name: string): Promise<void> {
    return this.#parts.requests.run(async () => {
      this.requireLeader('Only the leader can delete connector configs.')
      this.#existing(name)
      await this.#parts.leader.write(`the removal of connector ${name}`, () =>
        this.#parts.configs.removeConnectorConfig(name),
      )
    })
  }

  pauseConnector(name: string): Promise<void> {
    return this.#setTargetState(name, 'PAUSED')
  }
  resumeConnector(name: string): Promise<void> {
    return this.#setTargetState(name, 'STARTED')
  }
  stopConnector(name: string): Promise<void> {
    return this.#parts.requests.run(async () => {
      this.#known(name)
      this.requireLeader('Only the leader can transition connectors to the STOPPED state.')
      const { configs, leader } = this.#parts
      // Tasks first: a started connector without tasks plans some, a stopped one with tasks would confuse.
      await leader.write(`an empty set of tasks for connector ${name}`, () => configs.putTaskConfigs(name, []))
      await configs.putTargetState(name, 'STOPPED')
      await this.refresh('after writing the STOPPED target state')
    })
  }

  restartConnector(name: string): Promise<void> {
    return this.#whenSettled(async () => {
      if (!this.#state.contains(name)) throw new NotFoundException(`Unknown connector: ${name}`)
      if (this.#parts.loop.owns(name)) return this.#parts.restartConnector(name)
      const { member } = this.#parts
      if (member.isLeader) {
        const owner = member.connectorUrl(name)
        throw new NotAssignedException('Cannot restart connector since it is not assigned to this member', owner)
      }
      throw new NotLeaderException('Only the leader can process restart requests.', member.leaderUrl)
    })
  }

  restartConnectorAndTasks(request: RestartRequest): Promise<ConnectorStateInfo> {
    const { connector } = request
    return this.#whenSettled(async () => {
      const { configs, statuses } = this.#parts
      if (!this.#state.contains(connector)) throw new NotFoundException(`Unknown connector: ${connector}`)
      this.requireLeader('Only the leader can process restart requests.')
      const status = statuses.connector(connector)
      if (status === undefined) throw new NotFoundException(`Status for connector ${connector} not found`)
      const plan = restartPlan(request, status, statuses)
      const restarted = new Set(plan.tasks.map(taskKey))
      const type = this.#services.typeOf(this.#state.connectorConfig(connector))
      const answer = stateInfo(connector, type, status, statuses.tasks(connector), {
        ...(plan.connector && { connector: 'RESTARTING' }),
        task: (id) => (restarted.has(taskKey(id)) ? 'RESTARTING' : undefined),
      })
      // Everybody reads it and restarts what runs there.
      await this.#parts.leader.write(`a restart request for connector ${connector}`, () =>
        configs.putRestartRequest(request),
      )
      return answer
    })
  }

  restartTask(id: TaskId): Promise<void> {
    return this.#whenSettled(async () => {
      if (!this.#state.contains(id.connector)) throw new NotFoundException(`Unknown connector: ${id.connector}`)
      if (this.#state.taskConfig(id) === undefined) throw new NotFoundException(`Unknown task: ${taskKey(id)}`)
      if (this.#parts.loop.owns(id)) return this.#parts.restartTask(id)
      const { member } = this.#parts
      const message = 'Cannot restart task since it is not assigned to this member'
      if (member.isLeader) throw new NotAssignedException(message, member.taskUrl(id))
      throw new NotLeaderException(message, member.leaderUrl)
    })
  }

  async connectorOffsets(name: string): Promise<ConnectorOffsets> {
    const config = this.#existing(name)
    const { offsets } = this.#parts
    return this.#services.typeOf(config) === 'sink' ? offsets.sink(name, config) : offsets.source(name)
  }
  alterConnectorOffsets(name: string, offsets: readonly OffsetEntry[]): Promise<string> {
    return this.#changeOffsets(name, offsets)
  }
  resetConnectorOffsets(name: string): Promise<string> {
    return this.#changeOffsets(name, null)
  }

  activeTopics(name: string): readonly string[] {
    return this.#parts.statuses.topics(name)
  }
  resetActiveTopics(name: string): void {
    this.#parts.statuses.removeTopics(name)
  }

  plugins(connectorsOnly: boolean): readonly PluginInfo[] {
    return this.#services.plugins(connectorsOnly)
  }
  pluginConfig(name: string, version?: string): Promise<readonly ConfigKeyInfo[]> {
    return this.#services.pluginConfig(name, version)
  }
  rescanPlugins(): Promise<RescanResult> {
    return this.#services.rescanPlugins()
  }
  validateConnectorConfig(config: RawConfig): Promise<ConfigInfos> {
    return this.#services.validate(config)
  }
  loggerLevels(): Readonly<Record<string, LoggerLevel>> {
    return this.#services.loggerLevels()
  }
  loggerLevel(name: string): LoggerLevel | undefined {
    return this.#services.loggerLevel(name)
  }
  setLoggerLevel(namespace: string, level: string): Promise<readonly string[]> {
    return this.#services.setLoggerLevel(namespace, level)
  }
  setClusterLoggerLevel(namespace: string, level: string): Promise<void> {
    return this.#parts.configs.putLoggerLevel(namespace, level)
  }

  /** Another worker planned the tasks of a connector that runs there. */
  async putTaskConfigs(name: string, configs: readonly StoredConfig[], request: InternalRequest): Promise<void> {
    this.#parts.verify(request)
    await this.publish(name, configs)
  }
  async fenceZombieSourceTasks(name: string, request: InternalRequest): Promise<void> {
    this.#parts.verify(request)
    await this.#parts.fenceZombies(name)
  }

  /** Writes task configurations. @throws NotLeaderException */
  publish(name: string, configs: readonly ConnectorProps[]): Promise<void> {
    return this.#parts.requests.run(async () => {
      this.requireLeader('Only the leader may write task configurations.')
      this.#existing(name)
      if (configs.length > 0 && this.#state.targetState(name) === 'STOPPED') {
        throw new BadRequestException(`Cannot submit non-empty set of task configs for stopped connector ${name}`)
      }
      await this.#parts.leader.write(`${configs.length} task configs for connector ${name}`, () =>
        this.#parts.configs.putTaskConfigs(name, configs),
      )
    })
  }

  metrics(): Promise<readonly MetricSample[]> {
    return this.#services.metrics()
  }

  async #changeOffsets(name: string, entries: readonly OffsetEntry[] | null): Promise<string> {
    const { offsets, exactlyOnce, fenceZombies } = this.#parts
    const isSink = (config: StoredConfig) => this.#services.typeOf(config) === 'sink'
    if (exactlyOnce && !(await this.#whenSettled(async () => isSink(await this.#stopped(name))))) {
      // What a task that is no more than a zombie commits later would undo the change.
      await fenceZombies(name).catch((cause: unknown) => {
        const what = 'Failed to perform zombie fencing for source connector prior to modifying offsets'
        throw new ConnectException(what, { cause })
      })
    }
    // Fencing takes its time: whether it may be done is asked anew.
    return this.#whenSettled(async () => {
      const config = await this.#stopped(name)
      return isSink(config) ? offsets.changeSink(name, config, entries) : offsets.changeSource(name, config, entries)
    })
  }

  /** The configuration of a connector whose offsets may be changed, by this worker. */
  async #stopped(name: string): Promise<StoredConfig> {
    this.requireLeader('Only the leader can process external offsets modification requests')
    await this.refresh('before modifying connector offsets')
    const config = this.#existing(name)
    if (this.#state.targetState(name) === 'STOPPED' && this.#state.tasks(name).length === 0) return config
    throw new BadRequestException(
      'Connectors must be in the STOPPED state before their offsets can be modified. This can be done for the specified ' +
        `connector by issuing a 'PUT' request to the '/connectors/${name}/stop' endpoint`,
    )
  }

  /** Any worker may write it, and all read it. */
  async #setTargetState(name: string, state: TargetState): Promise<void> {
    this.#known(name)
    await this.#parts.configs.putTargetState(name, state)
  }

  /** Reads the config topic to its end, from within the loop. @throws ConnectException when that takes too long */
  async refresh(when: string): Promise<void> {
    if (!(await this.#parts.loop.refresh(this.#parts.rebalanceWaitMs || SETTLE_LOOK_MS))) {
      throw new ConnectException(`Failed to read to end of config topic ${when}`)
    }
  }

  /**
   * Serves a request once the group has settled: who leads and who owns what is known then. The reference answers 409 at
   * once when it has not; here a request waits a bounded time.
   */
  async #whenSettled<T>(work: () => Promise<T>): Promise<T> {
    const { requests, loop, rebalanceWaitMs } = this.#parts
    const until = performance.now() + rebalanceWaitMs
    for (let delay = 0; ; delay = SETTLE_LOOK_MS) {
      const outcome = await requests.run<T | typeof AGAIN>(() => {
        if (loop.settled) return work()
        if (performance.now() < until) return AGAIN
        throw new RebalanceNeededException(
          `Request cannot be completed because a rebalance is expected; the group did not settle within ${rebalanceWaitMs} ms`,
        )
      }, delay)
      if (outcome !== AGAIN) return outcome
    }
  }

  /** @throws NotLeaderException with the leader's URL */
  requireLeader(message: string): void {
    const { member } = this.#parts
    if (!member.isLeader) throw new NotLeaderException(message, member.leaderUrl)
  }
  get #state(): ClusterConfigState {
    return this.#parts.configs.snapshot()
  }
  #existing(name: string): StoredConfig {
    const config = this.#state.connectorConfig(name)
    if (config === undefined) throw new NotFoundException(`Connector ${name} not found`)
    return config
  }
  #known(name: string): void {
    if (!this.#state.contains(name)) throw new NotFoundException(`Unknown connector ${name}`)
  }
}
