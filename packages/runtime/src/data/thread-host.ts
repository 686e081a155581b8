// What runs in one pool thread: connectors and tasks by name, and the answers to the control plane's requests about them.
import {
  ConnectException,
  type ConnectorProps,
  type OffsetReader,
  type SinkConnector,
  type SourceConnector,
} from '@millrace/api'
import { SharedClusters } from '@millrace/kafka'
import { type ProgressPolicy, progressPolicy } from '../config/progress-config.ts'
import { toException } from '../control/remote-errors.ts'
import type { JavaLevel } from '../logging/levels.ts'
import { createLogging, type Logging } from '../logging/logging.ts'
import type {
  AlterOutcome,
  ControlRequests,
  ReportedState,
  StartTask,
  TaskId,
  ThreadRequests,
} from '../plane/messages.ts'
import { describeError } from '../plane/remote-error.ts'
import type { Handlers, RpcPeer } from '../plane/rpc.ts'
import { connectorOf, instantiate, PluginRegistry } from '../plugins/registry.ts'
import { ConnectorHost } from './connector-host.ts'
import { LazyWork } from './lazy-work.ts'
import { type Cells, ProgressMarks } from './progress/marks.ts'
import { RateLimiter } from './rate-limiter.ts'
import { createWork } from './task-factory.ts'
import { TaskRunner } from './task-runner.ts'

type Params<K extends keyof ThreadRequests> = Parameters<ThreadRequests[K]>[0]

/** The thread after `init`. */
interface Ready {
  readonly logging: Logging
  readonly plugins: PluginRegistry
  readonly clusters: SharedClusters
  readonly init: Params<'init'>
}

const STOP_ON_CLOSE_MS = 1_000

/** The host of one thread. */
export class ThreadHost {
  readonly #peer: () => RpcPeer<ControlRequests, ThreadRequests>
  readonly #exit: () => void
  readonly #cells: Cells
  readonly #connectors = new Map<string, ConnectorHost>()
  readonly #tasks = new Map<string, TaskRunner>()
  #ready: Ready | undefined

  /** @param peer the control plane, for offsets and events; @param exit ends the thread; @param cells for notes of tasks */
  constructor(peer: () => RpcPeer<ControlRequests, ThreadRequests>, exit: () => void, cells: Cells) {
    this.#peer = peer
    this.#exit = exit
    this.#cells = cells
  }

  /** Answers to requests of the control plane. */
  readonly handlers: Handlers<ThreadRequests> = {
    init: async (init) => {
      const logging = await createLogging({ format: init.logFormat as 'json' | 'pretty', levels: init.logLevels })
      logging.mask.add(init.secrets)
      logging.tree.onKnown((logger) => this.#peer().emit({ event: 'loggerKnown', logger }))
      const clusters = new SharedClusters(logging.logger('org.apache.kafka.clients.NetworkClient'))
      this.#ready = { init, logging, clusters, plugins: await PluginRegistry.load(init.pluginModules) }
    },
    validateConnector: async ({ props }) => {
      const { validateConnector } = await import('../validation/validate-connector.ts')
      const { plugins, init } = this.#thread
      return validateConnector(plugins, init.workerProps, props)
    },
    pluginConfig: async ({ className, version }) => {
      const { pluginConfig } = await import('../validation/plugin-config.ts')
      return pluginConfig(this.#thread.plugins, className, version)
    },
    startConnector: (p) => this.#startConnector(p),
    stopConnector: async ({ connector, timeoutMs }) => {
      const host = this.#connectors.get(connector)
      this.#connectors.delete(connector)
      await host?.stop(timeoutMs)
    },
    setConnectorState: ({ connector, targetState }) => this.#connector(connector).moveTo(targetState),
    taskConfigs: ({ connector, maxTasks }) => this.#connector(connector).taskConfigs(maxTasks),
    alterSourceOffsets: ({ props, offsets }) =>
      this.#alter<SourceConnector>(props, (one) => one.alterOffsets?.(props, offsets)),
    alterSinkOffsets: ({ props, offsets }) =>
      this.#alter<SinkConnector>(props, (one) => one.alterOffsets?.(props, offsets)),
    startTask: (p) => this.#startTask(p),
    stopTask: ({ id, timeoutMs }) => this.#stopTask(id, timeoutMs),
    setTaskLimit: ({ id, limit }) => this.#tasks.get(keyOf(id))?.limiter.set(limit),
    setTaskState: ({ id, targetState }) => {
      this.#tasks.get(keyOf(id))?.setTarget(targetState)
    },
    metrics: () => [...this.#tasks.values()].flatMap((task) => task.metrics()),
    checkProgress: () => {
      for (const task of this.#tasks.values()) this.#tellProgress(task)
    },
    addPlugins: ({ modules }) => this.#thread.plugins.add(modules),
    setLogLevel: ({ logger, level }) => {
      this.#ready?.logging.tree.setLevel(logger, level as JavaLevel)
    },
    close: async () => {
      await Promise.all([...this.#tasks.values()].map((task) => task.stop(STOP_ON_CLOSE_MS)))
      this.#exit()
    },
  }
  /** Errors as they cross: secrets of this thread masked. */
  readonly describeError = (error: unknown) =>
    describeError(error, (text) => this.#ready?.logging.mask.mask(text) ?? text)

  async #startConnector(p: Params<'startConnector'>): Promise<void> {
    const { plugins, logging } = this.#thread
    logging.mask.add(p.secrets)
    const name = p.connector
    const connector = await instantiate<'source' | 'sink'>(connectorOf(plugins, p.props))
    const host = new ConnectorHost({
      name,
      type: p.type,
      connector,
      props: p.props,
      offsets: this.#offsetsOf(name),
      log: logging.logger(`org.apache.kafka.connect.runtime.WorkerConnector`, { connector: name }),
      onState: (state, error) => this.#connectorState(name, state, error, connector.version),
      onReconfigure: () => this.#peer().emit({ event: 'reconfigure', connector: name }),
    })
    this.#connectors.set(name, host)
    await host.start(p.targetState)
  }
  #connectorState(connector: string, state: ReportedState, error: unknown, version: string): void {
    const described = error === null ? null : this.describeError(error)
    this.#peer().emit({ event: 'connectorState', connector, state, error: described, version })
  }

  /** Begins a task. Everything that can fail in making it fails the task, and not this request. */
  async #startTask(start: StartTask): Promise<void> {
    const { plugins, logging, clusters, init } = this.#thread
    const key = keyOf(start.id)
    if (this.#tasks.has(key)) throw new ConnectException(`Task already exists in this worker: ${key}`)
    logging.mask.add(start.secrets)
    const kind = start.type === 'source' ? 'WorkerSourceTask' : 'WorkerSinkTask'
    const log = logging.logger(`org.apache.kafka.connect.runtime.${kind}`, {
      connector: start.id.connector,
      task: start.id.task,
    })
    const marks = new ProgressMarks(this.#cells, start.slot)
    const limiter = new RateLimiter(start.rateLimit ?? null)
    const work = new LazyWork(() =>
      createWork(start, {
        marks,
        limiter,
        plugins,
        workerProps: init.workerProps,
        log,
        mask: (text) => logging.mask.mask(text),
        offsets: this.#offsetsOf(start.id.connector),
        clusters,
        control: (name, params) => this.#ask(name, params),
        topicUsed: (topic) => this.#peer().emit({ event: 'topicUsed', connector: start.id.connector, topic }),
        state: () => runner.state,
      }),
    )
    const reporter = {
      state: (id: TaskId, state: ReportedState, error: ReturnType<typeof describeError> | null, version: string) =>
        this.#peer().emit({ event: 'taskState', id, state, error, version }),
      describe: this.describeError,
    }
    const policy = progressPolicyOf(start.connectorProps, init.workerProps)
    const runner: TaskRunner = new TaskRunner(start.id, work, start.targetState, reporter, log, {
      marks,
      policy,
      limiter,
    })
    this.#tasks.set(key, runner)
    runner.start()
  }
  #tellProgress(task: TaskRunner): void {
    const news = task.progressNews()
    if (news === null) return
    const { state, since, reason } = news
    const progress = {
      state,
      since: Math.round(Date.now() - (performance.now() - since)),
      reason: this.#thread.logging.mask.mask(reason),
    }
    this.#peer().emit({ event: 'taskProgress', id: task.id, progress })
  }
  async #stopTask(id: TaskId, timeoutMs: number): Promise<'stopped' | 'abandoned' | 'unknown'> {
    const key = keyOf(id)
    const runner = this.#tasks.get(key)
    if (runner === undefined) return 'unknown'
    const end = await runner.stop(timeoutMs)
    this.#tasks.delete(key)
    return end
  }

  /** Has a connector that is not started judge new offsets. */
  async #alter<C extends SourceConnector | SinkConnector>(
    props: Readonly<Record<string, string>>,
    alter: (connector: C) => boolean | PromiseLike<boolean> | undefined,
  ): Promise<AlterOutcome> {
    const connector = await instantiate<'source' | 'sink'>(connectorOf(this.#thread.plugins, props))
    const outcome = alter(connector as C)
    // A connector without the method leaves its offsets to the framework, as the reference's default implementation does.
    return outcome === undefined ? 'external' : (await outcome) ? 'complete' : 'external'
  }

  #offsetsOf(connector: string): OffsetReader {
    const read: OffsetReader['offsets'] = (partitions) => this.#ask('readOffsets', { connector, partitions })
    return { offsets: read, offset: async (partition) => (await read([partition]))[0] ?? null }
  }
  /** Asks the control plane; what it answers with an error is thrown as one. */
  async #ask<K extends keyof ControlRequests>(
    name: K,
    params: Parameters<ControlRequests[K]>[0],
  ): Promise<ReturnType<ControlRequests[K]>> {
    try {
      return await (this.#peer().call(name, params as never) as Promise<ReturnType<ControlRequests[K]>>)
    } catch (error) {
      throw toException(error, this.#thread.logging.mask)
    }
  }
  #connector(name: string): ConnectorHost {
    const host = this.#connectors.get(name)
    if (host === undefined) throw new ConnectException(`Connector ${name} does not run in this thread`)
    return host
  }
  get #thread(): Ready {
    if (this.#ready === undefined) throw new TypeError('init comes before every other request')
    return this.#ready
  }
}

/** A task whose settings do not fit is told so by validation; it is watched by the defaults. */
function progressPolicyOf(props: ConnectorProps, workerProps: ConnectorProps): ProgressPolicy {
  try {
    return progressPolicy(props, workerProps)
  } catch {
    return progressPolicy({}, {})
  }
}

function keyOf(id: TaskId): string {
  return `${id.connector}-${id.task}`
}
