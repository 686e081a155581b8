// The herder of a standalone worker: alone, in memory, one change after another.

import {
  AlreadyExistsException,
  ConnectException,
  type Logger,
  NotFoundException,
  type RawConfig,
  UnsupportedOperationException,
} from '@millrace/api'
import type { LoggerLevel } from '../logging/log-tree.ts'
import type { Logging } from '../logging/logging.ts'
import type { WorkerMetrics } from '../metrics/worker-metrics.ts'
import type { MetricSample, TargetState } from '../plane/messages.ts'
import type { PluginRegistry } from '../plugins/registry.ts'
import { AutoRestarts, type Failing } from './auto-restarts.ts'
import { ConfigExpiries } from './config-expiries.ts'
import type { ConfigStore } from './config-store.ts'
import { ConnectorLifecycle } from './connector-lifecycle.ts'
import type { ConnectorOffsetService } from './connector-offsets.ts'
import { requireValid } from './connector-validation.ts'
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
} from './entities.ts'
import { BadRequestException } from './errors.ts'
import { busyHerder, type HealthReport, together } from './health.ts'
import type { Created, Herder } from './herder.ts'
import type { RescanResult } from './plugin-rescan.ts'
import { ProgressWatch } from './progress-watch.ts'
import { restartPlan } from './restart-plan.ts'
import { SerialQueue } from './serial-queue.ts'
import { StatusReporter, stateInfo, taskState } from './status-reporter.ts'
import type { StatusStore } from './status-store.ts'
import { taskKey, type Worker } from './worker.ts'
import { WorkerServices } from './worker-services.ts'

/** What a standalone herder is made of. */
export interface StandaloneHerderParts {
  readonly workerId: string
  /** Configuration of the worker, references resolved. */
  readonly workerProps: Readonly<Record<string, string>>
  readonly worker: Worker
  readonly configs: ConfigStore
  readonly statuses: StatusStore
  readonly offsets: ConnectorOffsetService
  readonly registry: PluginRegistry
  readonly logging: Logging
  readonly topicTracking: boolean
  readonly kafkaClusterId: () => Promise<string | null>
  readonly metrics: WorkerMetrics
}

/** Carries out what users ask for. Reads answer at once; changes queue. */
export class StandaloneHerder implements Herder {
  readonly #parts: StandaloneHerderParts
  readonly #queue = new SerialQueue()
  readonly #status: StatusReporter
  readonly #restarts: AutoRestarts
  readonly #watch: ProgressWatch
  readonly #lifecycle: ConnectorLifecycle
  readonly #log: Logger
  readonly #services: WorkerServices
  readonly #expiries: ConfigExpiries
  readonly #whenReady = Promise.withResolvers<void>()
  #ready = false
  #stopping = false

  constructor(parts: StandaloneHerderParts) {
    this.#parts = parts
    this.#log = parts.logging.logger('org.apache.kafka.connect.runtime.standalone.StandaloneHerder')
    this.#status = new StatusReporter(parts.statuses, parts.workerId, parts.logging.mask)
    const { worker, configs, metrics } = parts
    this.#restarts = new AutoRestarts({
      configs,
      workerProps: parts.workerProps,
      restart: (what, stillFailing) => this.#restartFailed(what, stillFailing),
      log: this.#log,
    })
    this.#status.restartedBy(this.#restarts)
    this.#watch = new ProgressWatch({
      configs,
      workerProps: parts.workerProps,
      runs: (id) => worker.hasTask(id),
      check: () => worker.checkProgress(),
      publish: (id) => this.#status.taskProgressed(id),
      log: this.#log,
    })
    this.#status.watchedBy(this.#watch)
    this.#services = new WorkerServices({ ...parts, restarts: this.#restarts, watch: this.#watch, log: this.#log })
    this.#lifecycle = new ConnectorLifecycle({ worker, configs, metrics, status: this.#status, log: this.#log })
    this.#expiries = new ConfigExpiries(async (name) => this.#stopping || this.restartConnector(name), this.#log)
    worker.listen({
      connectorState: (name, state, error, version) => this.#status.connector(name, state, error, version),
      taskState: (id, state, error, version) => {
        parts.metrics.taskStarts.settle(taskKey(id), state)
        this.#status.task(id, state, error, version)
      },
      taskProgress: (id, progress) => this.#watch.progress(id, progress),
      threadSilent: (event) => this.#watch.silent(event),
      reconfigure: (name) => this.#background(name, 'plan the tasks of', () => this.#lifecycle.updateTasks(name)),
      topicUsed: (name, topic) => {
        if (parts.topicTracking && parts.configs.contains(name)) parts.statuses.putTopic(name, topic)
      },
      expires: (name, ttlMs) => this.#expiries.plan(name, ttlMs),
    })
  }

  get ready(): boolean {
    return this.#ready
  }
  get workerId(): string {
    return this.#parts.workerId
  }

  /** What was named at the start has been dealt with. */
  setReady(): void {
    this.#ready = true
    this.#whenReady.resolve()
  }

  kafkaClusterId(): Promise<string | null> {
    return this.#parts.kafkaClusterId()
  }
  health(): HealthReport {
    const starting = { what: 'herder', reason: 'What was named at the start has not been dealt with yet' }
    return together(busyHerder('changing a connector', this.#queue.busyMs), {
      dead: [],
      unready: this.#ready ? [] : [starting],
    })
  }
  async healthCheck(): Promise<void> {
    await this.#whenReady.promise
    await this.#queue.run(async () => {})
    await this.#queue.run(async () => {})
  }

  connectors(): readonly string[] {
    return this.#parts.configs.connectors()
  }
  connectorInfo(name: string): ConnectorInfo {
    const config = this.#existing(name)
    return { name, config, tasks: this.#parts.configs.tasks(name), type: this.#services.typeOf(config) }
  }
  taskInfos(name: string): readonly TaskInfo[] {
    this.#existing(name)
    const { configs } = this.#parts
    return configs.tasks(name).map((id) => ({ id, config: configs.taskConfig(id) ?? {} }))
  }
  connectorStatus(name: string): ConnectorStateInfo {
    const { statuses, configs } = this.#parts
    const status = statuses.connector(name)
    if (status === undefined) throw new NotFoundException(`No status found for connector ${name}`)
    return stateInfo(name, this.#services.typeOf(configs.connectorConfig(name)), status, statuses.tasks(name))
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
    return this.#change(async () => {
      requireValid(this.#services.validation, name, config, infos)
      const exists = this.#parts.configs.contains(name)
      if (exists && !options.allowReplace) throw new AlreadyExistsException(`Connector ${name} already exists`)
      this.#restarts.forgetAll(name)
      if (
        exists &&
        options.initialState === undefined &&
        this.#parts.worker.takesWithoutStart(name, config as StoredConfig)
      ) {
        const { configs, worker } = this.#parts
        await configs.putConnector(name, { ...(config as StoredConfig) })
        await worker.limitTasks(configs.tasks(name), config as StoredConfig)
        return { created: false, info: this.connectorInfo(name) }
      }
      if (exists) await this.#parts.worker.stopConnector(name)
      // Validation refuses nulls.
      await this.#parts.configs.putConnector(name, { ...(config as StoredConfig) }, options.initialState)
      await this.#start(name)
      await this.#lifecycle.updateTasks(name)
      return { created: !exists, info: this.connectorInfo(name) }
    })
  }

  async patchConnectorConfig(name: string, patch: RawConfig): Promise<Created> {
    const patched: Record<string, string | null> = { ...this.#existing(name) }
    for (const [key, value] of Object.entries(patch)) {
      if (value === null) delete patched[key]
      else patched[key] = value
    }
    return this.putConnectorConfig(name, patched, { allowReplace: true })
  }

  deleteConnector(name: string): Promise<void> {
    return this.#change(async () => {
      this.#existing(name)
      this.#expiries.forget(name)
      await this.#lifecycle.removeTasks(name)
      await this.#parts.worker.stopConnector(name)
      await this.#parts.configs.removeConnector(name)
      const { statuses } = this.#parts
      for (const { id } of statuses.tasks(name)) this.#status.task(id, 'DESTROYED', null, '')
      this.#status.connector(name, 'DESTROYED', null, '')
      statuses.removeTopics(name)
    })
  }

  async pauseConnector(name: string): Promise<void> {
    await this.#setTargetState(name, 'PAUSED')
  }
  async resumeConnector(name: string): Promise<void> {
    await this.#setTargetState(name, 'STARTED')
  }
  stopConnector(name: string): Promise<void> {
    return this.#change(async () => {
      this.#known(name)
      await this.#lifecycle.removeTasks(name)
      await this.#parts.configs.putTargetState(name, 'STOPPED')
      await this.#lifecycle.applyTargetState(name)
    })
  }

  restartConnector(name: string): Promise<void> {
    return this.#change(() => this.#restartNow(name))
  }

  restartConnectorAndTasks(request: RestartRequest): Promise<ConnectorStateInfo> {
    const name = request.connector
    return this.#change(async () => {
      const { configs, statuses, worker } = this.#parts
      if (!configs.contains(name)) throw new NotFoundException(`Unknown connector: ${name}`)
      const status = statuses.connector(name)
      if (status === undefined) throw new NotFoundException(`Status for connector ${name} not found`)
      const plan = restartPlan(request, status, statuses)
      const restarted = new Set(plan.tasks.map(taskKey))
      const answer = stateInfo(
        name,
        this.#services.typeOf(configs.connectorConfig(name)),
        status,
        statuses.tasks(name),
        {
          ...(plan.connector && { connector: 'RESTARTING' }),
          task: (id) => (restarted.has(taskKey(id)) ? 'RESTARTING' : undefined),
        },
      )
      this.#log.info(
        `Restarting ${plan.connector ? 'the instance' : 'nothing'} and ${plan.tasks.length} tasks of connector ${name}`,
      )
      if (plan.connector) {
        await worker.stopConnector(name)
        this.#status.connector(name, 'RESTARTING', null, '')
      }
      await worker.stopTasks(plan.tasks)
      for (const id of plan.tasks) this.#status.task(id, 'RESTARTING', null, '')
      // A failed start shows in the states; the answer is the plan.
      if (plan.connector) await this.#start(name).catch(() => {})
      for (const id of plan.tasks) await this.#lifecycle.startTask(id)
      return answer
    })
  }

  restartTask(id: TaskId): Promise<void> {
    return this.#change(() => this.#restartTaskNow(id))
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
  /** The cluster is this worker. */
  async setClusterLoggerLevel(namespace: string, level: string): Promise<void> {
    await this.#services.setLoggerLevel(namespace, level)
  }

  async putTaskConfigs(): Promise<void> {
    throw new UnsupportedOperationException(
      'Kafka Connect in standalone mode does not support externally setting task configurations.',
    )
  }
  async fenceZombieSourceTasks(): Promise<void> {
    throw new UnsupportedOperationException(
      'Kafka Connect in standalone mode does not support exactly-once source connectors.',
    )
  }

  metrics(): Promise<readonly MetricSample[]> {
    return this.#services.metrics()
  }

  /** Ends all work; changes asked for afterwards are refused. */
  async stop(): Promise<void> {
    if (this.#stopping) return
    this.#log.info('Herder stopping')
    this.#stopping = true
    this.#restarts.close()
    this.#watch.close()
    this.#expiries.close()
    await this.#queue.run(() => this.#parts.worker.stop())
    this.#log.info('Herder stopped')
  }

  #changeOffsets(name: string, entries: readonly OffsetEntry[] | null): Promise<string> {
    return this.#change(async () => {
      const { configs, offsets } = this.#parts
      const config = this.#existing(name)
      if (configs.targetState(name) !== 'STOPPED' || configs.tasks(name).length > 0) {
        throw new BadRequestException(
          'Connectors must be in the STOPPED state before their offsets can be modified. This can be done for the specified ' +
            `connector by issuing a 'PUT' request to the '/connectors/${name}/stop' endpoint`,
        )
      }
      const sink = this.#services.typeOf(config) === 'sink'
      return sink ? offsets.changeSink(name, config, entries) : offsets.changeSource(name, config, entries)
    })
  }

  /** Writes the wish at once, and has it carried out in turn. */
  async #setTargetState(name: string, state: TargetState): Promise<void> {
    this.#known(name)
    await this.#parts.configs.putTargetState(name, state)
    this.#background(name, `bring to ${state}`, () => this.#lifecycle.applyTargetState(name))
  }

  async #start(name: string): Promise<void> {
    this.#expiries.forget(name)
    await this.#lifecycle.start(name)
  }

  async #restartNow(name: string): Promise<void> {
    this.#existing(name)
    await this.#parts.worker.stopConnector(name)
    await this.#start(name)
    await this.#lifecycle.updateTasks(name)
  }
  async #restartTaskNow(id: TaskId): Promise<void> {
    this.#existing(id.connector)
    if (this.#parts.configs.taskConfig(id) === undefined) throw new NotFoundException(`Task ${taskKey(id)} not found`)
    await this.#parts.worker.stopTasks([id])
    const failure = await this.#lifecycle.startTask(id)
    if (failure !== undefined) throw failure
  }
  /** Restarts by the worker itself, unless somebody was faster. */
  #restartFailed(what: Failing, stillFailing: () => boolean): Promise<void> {
    return this.#change(async () => {
      if (!stillFailing()) return
      if (typeof what === 'string') await this.#restartNow(what)
      else await this.#restartTaskNow(what)
    })
  }

  #change<T>(work: () => Promise<T>): Promise<T> {
    return this.#queue.run(async () => {
      if (this.#stopping) throw new ConnectException('Worker is shutting down')
      return work()
    })
  }

  #background(name: string, what: string, work: () => Promise<void>): void {
    this.#change(async () => {
      if (this.#parts.configs.contains(name)) await work()
    }).catch((error: unknown) => this.#complain(name, what, error))
  }

  #complain(name: string, what: string, error: unknown): void {
    if (!this.#stopping) this.#log.error(`Failed to ${what} connector ${name}`, { error })
  }

  #existing(name: string): StoredConfig {
    const config = this.#parts.configs.connectorConfig(name)
    if (config === undefined) throw new NotFoundException(`Connector ${name} not found`)
    return config
  }
  #known(name: string): void {
    if (!this.#parts.configs.contains(name)) throw new NotFoundException(`Unknown connector ${name}`)
  }
}
