// The control plane's end of the data plane: starts and stops connectors and tasks there, resolves references on the way,
// keeps secrets known to the logs, and passes on what the threads report. It decides nothing.
import { isDeepStrictEqual } from 'node:util'
import { ConnectException, type ConnectorProps, type Logger, type RawConfig } from '@millrace/api'
import type { ConfigTransformer, Resolved } from '../config/config-transformer.ts'
import { hasRateLimitKeys, rateLimit, withoutRateLimit } from '../config/rate-limit-config.ts'
import { wellKnownSecrets } from '../config/secret-keys.ts'
import type { Logging } from '../logging/logging.ts'
import type { CreateDataPlane, DataPlane, DataPlaneHost } from '../plane/data-plane.ts'
import type {
  ConfigInfos,
  ConfigKeyInfo,
  ConnectorType,
  ExactlyOnceStart,
  MetricSample,
  RemoteError,
  ReportedState,
  TargetState,
  TaskId,
  TaskProgress,
  ThreadEvent,
} from '../plane/messages.ts'
import { pluginPaths } from '../plugins/plugin-path.ts'
import { connectorOf, type PluginRegistry } from '../plugins/registry.ts'
import type { ListedModule, PluginSource } from '../plugins/sources.ts'
import type { OffsetStore } from './offset-store.ts'
import { PluginRescan } from './plugin-rescan.ts'
import { toException } from './remote-errors.ts'

/** What the worker tells the herder. Called in order; must not throw. */
export interface WorkerListener {
  connectorState(connector: string, state: ReportedState, error: RemoteError | null, version: string): void
  taskState(id: TaskId, state: ReportedState, error: RemoteError | null, version: string): void
  reconfigure(connector: string): void
  topicUsed(connector: string, topic: string): void
  taskProgress(id: TaskId, progress: TaskProgress): void
  threadSilent(event: Extract<ThreadEvent, { readonly event: 'threadSilent' }>): void
  /** A value of the connector's configuration runs out after `ttlMs`. */
  expires(connector: string, ttlMs: number): void
}

/** What a worker is made of. */
export interface WorkerParts {
  readonly workerId: string
  /** Configuration of the worker, references resolved. */
  readonly props: ConnectorProps
  readonly threads: number
  readonly stopTimeoutMs: number
  readonly pluginModules: readonly PluginSource[]
  readonly registry: PluginRegistry
  readonly transformer: ConfigTransformer
  readonly logging: Logging
  readonly offsets: OffsetStore
  /** What exactly-once source tasks ask; left out where there are none. */
  readonly exactlyOnce?: Pick<DataPlaneHost['requests'], 'fenceZombies' | 'verifyTask' | 'offsetKeys' | 'copyOffsets'>
  readonly createDataPlane: CreateDataPlane
}

const notHere = async () => {
  throw new ConnectException('This worker does not deliver exactly once')
}
const NO_EXACTLY_ONCE = { fenceZombies: notHere, verifyTask: notHere, offsetKeys: notHere, copyOffsets: notHere }

/** Runs connectors and tasks in the data plane. */
export class Worker {
  readonly #parts: WorkerParts
  readonly #plane: DataPlane
  readonly #log: Logger
  readonly #connectors = new Map<string, ConnectorType>()
  readonly #tasks = new Map<string, TaskId>()
  /** Tasks that were given a limit, or had one. */
  readonly #limited = new Set<string>()
  /** Configurations with which the instances that are well were started. */
  readonly #startedWith = new Map<string, ConnectorProps>()
  #listener: WorkerListener | undefined
  /** Plugins that came since the start. */
  readonly #added: ListedModule[] = []
  readonly plugins: PluginRescan

  constructor(parts: WorkerParts) {
    this.#parts = parts
    this.#log = parts.logging.logger('org.apache.kafka.connect.runtime.Worker')
    const publish = (modules: readonly ListedModule[]) => {
      this.#added.push(...modules)
      this.#plane.addPlugins(modules)
    }
    const paths = pluginPaths(parts.props)
    this.plugins = new PluginRescan(paths, parts.registry, parts.pluginModules, publish, this.#log)
    this.#plane = parts.createDataPlane(
      {
        init: () => this.#init(),
        requests: {
          readOffsets: ({ connector, partitions }) => parts.offsets.read(connector, partitions),
          writeOffsets: ({ connector, offsets }) => parts.offsets.write(connector, offsets),
          ...(parts.exactlyOnce ?? NO_EXACTLY_ONCE),
        },
        onEvent: (event) => this.#onEvent(event),
      },
      { threads: parts.threads },
    )
  }

  /** Sets who hears of states. Before the first connector. */
  listen(listener: WorkerListener): void {
    this.#listener = listener
  }

  /** Resolves references; what they resolved to is masked in all output from now on. */
  async resolve<P extends RawConfig>(props: P): Promise<Resolved<P>> {
    const resolved = await this.#parts.transformer.resolve(props)
    this.#parts.logging.mask.add([...resolved.secrets, ...wellKnownSecrets(resolved.props)])
    return resolved
  }

  /** True when the connector was started here and not stopped since, whatever became of it. */
  isRunning(connector: string): boolean {
    return this.#connectors.has(connector)
  }

  /** True when the task was started here and not stopped since, whatever became of it. */
  hasTask(id: TaskId): boolean {
    return this.#tasks.has(taskKey(id))
  }

  /** Up to so many tasks may come soon. */
  expect(tasks: number): void {
    this.#plane.expect(tasks)
  }

  /** Starts a connector instance in the state wanted. @throws ConnectException when it cannot start */
  async startConnector(connector: string, config: ConnectorProps, targetState: TargetState): Promise<void> {
    if (this.#connectors.has(connector)) throw new ConnectException(`Connector ${connector} is already running.`)
    await this.plugins.ifMissing(config)
    const type = connectorOf(this.#parts.registry, config).kind
    const { props, secrets, ttlMs } = await this.resolve(config)
    this.#connectors.set(connector, type)
    this.#log.info(`Starting connector ${connector} of type ${config['connector.class']}`)
    this.#startedWith.set(connector, config)
    await this.#call(() =>
      this.#plane.startConnector({ connector, type, props, targetState, secrets: this.#secrets(secrets) }),
    ).catch((error: unknown) => {
      this.#startedWith.delete(connector)
      throw error
    })
    if (ttlMs !== undefined && (props['config.action.reload'] ?? 'restart') === 'restart') {
      this.#listener?.expires(connector, ttlMs)
    }
  }

  /** Stops and forgets a connector instance; nothing happens when there is none. */
  async stopConnector(connector: string): Promise<void> {
    this.#startedWith.delete(connector)
    if (!this.#connectors.delete(connector)) return
    this.#log.info(`Stopping connector ${connector}`)
    await this.#call(() => this.#plane.stopConnector({ connector })).catch((error: unknown) => {
      this.#log.warn(`Connector ${connector} did not stop as it should`, { error })
    })
  }

  /** Moves a connector instance to another state. */
  async setConnectorState(connector: string, targetState: TargetState): Promise<void> {
    await this.#call(() => this.#plane.setConnectorState({ connector, targetState }))
  }

  /** Has a running connector plan its tasks. `config` is its raw configuration. */
  async taskConfigs(connector: string, config: ConnectorProps): Promise<ConnectorProps[]> {
    const { props } = await this.resolve(config)
    const maxTasks = Number.parseInt(props['tasks.max'] ?? '1', 10)
    return this.#call(() => this.#plane.taskConfigs({ connector, maxTasks }))
  }

  /** Starts a task. @throws ConnectException when it cannot even be begun */
  async startTask(
    id: TaskId,
    config: ConnectorProps,
    taskConfig: ConnectorProps,
    targetState: TargetState,
    options: { readonly tasks: number; readonly exactlyOnce?: ExactlyOnceStart | undefined },
  ): Promise<void> {
    await this.plugins.ifMissing(config)
    const type = connectorOf(this.#parts.registry, config).kind
    const connector = await this.resolve(config)
    const task = await this.resolve(taskConfig)
    const limit = rateLimit(connector.props, options.tasks)
    const { exactlyOnce } = options
    this.#tasks.set(taskKey(id), id)
    if (limit !== null) this.#limited.add(taskKey(id))
    const secrets = this.#secrets([...connector.secrets, ...task.secrets])
    await this.#call(() =>
      this.#plane.startTask({
        id,
        type,
        connectorProps: connector.props,
        taskProps: task.props,
        targetState,
        secrets,
        ...(limit !== null && { rateLimit: limit }),
        ...(exactlyOnce !== undefined && { exactlyOnce }),
      }),
    )
  }

  /** Holds those of a connector's tasks that run here to the limits of its configuration. They go on meanwhile. */
  async limitTasks(ids: readonly TaskId[], config: ConnectorProps): Promise<void> {
    const here = ids.filter((id) => this.#tasks.has(taskKey(id)))
    if (here.length === 0) return
    if (!hasRateLimitKeys(config) && here.every((id) => !this.#limited.has(taskKey(id)))) return
    const { props } = await this.resolve(config)
    const limit = rateLimit(props, ids.length)
    await Promise.all(
      here.map(async (id) => {
        this.#limited.add(taskKey(id))
        await this.#call(() => this.#plane.setTaskLimit({ id, limit }))
      }),
    )
  }
  /**
   * True when the running instance of a connector need not be started anew for a configuration, because only limits are
   * different. From then on the instance counts as started with it.
   */
  takesWithoutStart(connector: string, config: ConnectorProps): boolean {
    const before = this.#startedWith.get(connector)
    if (before === undefined || isDeepStrictEqual(before, config)) return false
    if (!isDeepStrictEqual(withoutRateLimit(before), withoutRateLimit(config))) return false
    this.#startedWith.set(connector, config)
    return true
  }

  /** Stops tasks within the worker's time for it, all at once. What they report afterwards is not passed on. */
  async stopTasks(ids: readonly TaskId[]): Promise<void> {
    await Promise.all(ids.map((id) => this.#stopTask(id)))
  }

  /** Moves tasks of a connector to another state. */
  async setTaskStates(ids: readonly TaskId[], targetState: TargetState): Promise<void> {
    const known = ids.filter((id) => this.#tasks.has(taskKey(id)))
    await Promise.all(known.map((id) => this.#call(() => this.#plane.setTaskState({ id, targetState }))))
  }

  /** Validates a configuration whose references are resolved. */
  validate(props: RawConfig): Promise<ConfigInfos> {
    return this.#call(() => this.#plane.validateConnector({ props }))
  }
  pluginConfig(className: string, version?: string): Promise<ConfigKeyInfo[]> {
    return this.#call(() => this.#plane.pluginConfig({ className, ...(version !== undefined && { version }) }))
  }
  alterSourceOffsets: DataPlane['alterSourceOffsets'] = (params) =>
    this.#call(() => this.#plane.alterSourceOffsets(params))
  alterSinkOffsets: DataPlane['alterSinkOffsets'] = (params) => this.#call(() => this.#plane.alterSinkOffsets(params))

  metrics(): Promise<MetricSample[]> {
    return this.#plane.metrics()
  }
  /** Has the threads look how the tasks get on; the listener hears of it. */
  checkProgress(): void {
    this.#plane.checkProgress()
  }
  async setLogLevel(logger: string, level: string): Promise<void> {
    await this.#plane.setLogLevel(logger, level)
  }

  /** Stops everything that runs, then the threads. */
  async stop(): Promise<void> {
    await this.stopTasks([...this.#tasks.values()])
    await Promise.all([...this.#connectors.keys()].map((connector) => this.stopConnector(connector)))
    await this.#plane.close()
  }

  async #stopTask(id: TaskId): Promise<void> {
    if (!this.#tasks.has(taskKey(id))) return
    try {
      const timeoutMs = this.#parts.stopTimeoutMs
      const end = await this.#call(() => this.#plane.stopTask({ id, timeoutMs }))
      if (end === 'abandoned') {
        this.#log.error(
          `Graceful stop of task ${taskKey(id)} failed: it did not end within ${timeoutMs} ms and was abandoned.`,
        )
      }
    } catch (error) {
      this.#log.warn(`Task ${taskKey(id)} did not stop as it should`, { error })
    }
    this.#tasks.delete(taskKey(id))
    this.#limited.delete(taskKey(id))
  }

  async #init() {
    const parts = this.#parts
    return {
      workerId: parts.workerId,
      workerProps: parts.props,
      pluginModules: [...parts.pluginModules, ...this.#added],
      logLevels: parts.logging.tree.explicit(),
      logFormat: parts.logging.format,
      secrets: parts.logging.mask.secrets,
    }
  }

  #secrets(secrets: readonly string[]): readonly string[] {
    return [...new Set([...this.#parts.logging.mask.secrets, ...secrets])]
  }

  #onEvent(event: ThreadEvent): void {
    if (event.event === 'loggerKnown') {
      this.#parts.logging.tree.know(event.logger)
      return
    }
    const listener = this.#listener
    if (listener === undefined) return
    switch (event.event) {
      case 'connectorState':
        if (event.state === 'FAILED') this.#startedWith.delete(event.connector)
        if (this.#connectors.has(event.connector)) {
          listener.connectorState(event.connector, event.state, event.error, event.version)
        }
        return
      case 'taskState':
        if (this.#tasks.has(taskKey(event.id))) listener.taskState(event.id, event.state, event.error, event.version)
        return
      case 'taskProgress':
        if (this.#tasks.has(taskKey(event.id))) listener.taskProgress(event.id, event.progress)
        return
      case 'threadSilent': {
        const tasks = event.tasks.filter((id) => this.#tasks.has(taskKey(id)))
        if (tasks.length > 0) listener.threadSilent({ ...event, tasks })
        return
      }
      case 'reconfigure':
        if (this.#connectors.has(event.connector)) listener.reconfigure(event.connector)
        return
      case 'topicUsed':
        listener.topicUsed(event.connector, event.topic)
    }
  }

  async #call<T>(request: () => Promise<T>): Promise<T> {
    try {
      return await request()
    } catch (error) {
      throw toException(error, this.#parts.logging.mask)
    }
  }
}

/** `name-0` */
export function taskKey(id: TaskId): string {
  return `${id.connector}-${id.task}`
}
