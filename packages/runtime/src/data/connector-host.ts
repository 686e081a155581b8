// A connector instance in its thread: the planner, which touches no record.
import { setTimeout as sleep } from 'node:timers/promises'
import {
  ConnectException,
  type Connector,
  type ConnectorContext,
  type ConnectorProps,
  type Logger,
  type OffsetReader,
  type SourceConnectorContext,
  TooManyTasksException,
} from '@millrace/api'
import { withoutRateLimit } from '../config/rate-limit-config.ts'
import type { ConnectorType, ReportedState, TargetState } from '../plane/messages.ts'

/** What a connector host tells and needs. */
export interface ConnectorHostParts {
  readonly name: string
  readonly type: ConnectorType
  readonly connector: Connector
  readonly props: ConnectorProps
  readonly offsets: OffsetReader
  readonly log: Logger
  readonly onState: (state: ReportedState, error: unknown) => void
  readonly onReconfigure: () => void
}

const REPORTED: Readonly<Record<TargetState, ReportedState>> = {
  STARTED: 'RUNNING',
  PAUSED: 'PAUSED',
  STOPPED: 'STOPPED',
}
/** Keys of a sink that its tasks need whatever the connector returned. */
const SINK_KEYS = ['topics', 'topics.regex'] as const

/** One connector instance: started while its target state is STARTED, stopped otherwise. */
export class ConnectorHost {
  readonly #parts: ConnectorHostParts
  #started = false
  #failed = false
  #ended = false

  constructor(parts: ConnectorHostParts) {
    this.#parts = parts
  }

  /** Initializes it and moves it to its first state. What goes wrong is reported as FAILED, and thrown. */
  async start(target: TargetState): Promise<void> {
    const { connector, offsets, log, onReconfigure, name } = this.#parts
    const context: ConnectorContext & Partial<SourceConnectorContext> = {
      log,
      requestTaskReconfiguration: () => {
        if (!this.#ended) onReconfigure()
      },
      raiseError: (error) => this.#fail(error),
      ...(this.#parts.type === 'source' && { offsets }),
    }
    try {
      connector.initialize(context)
    } catch (error) {
      this.#fail(error)
      throw new ConnectException(`Connector ${name} could not be initialized`, { cause: error })
    }
    await this.moveTo(target)
  }
  /** Starts or stops the instance as its new state wants. */
  async moveTo(target: TargetState): Promise<void> {
    const { connector, props, onState } = this.#parts
    if (this.#failed) throw new ConnectException(`Connector ${this.#parts.name} has failed: restart it first`)
    try {
      if (target === 'STARTED' && !this.#started) {
        this.#started = true
        await connector.start(props)
      } else if (target !== 'STARTED' && this.#started) {
        this.#started = false
        await connector.stop()
      }
    } catch (error) {
      this.#fail(error)
      throw error
    }
    onState(REPORTED[target], null)
  }
  /** Task configs, completed and checked. @throws TooManyTasksException when there are more than `tasks.max` allows */
  async taskConfigs(maxTasks: number): Promise<ConnectorProps[]> {
    const { connector, props, name, log, type } = this.#parts
    const configs = await connector.taskConfigs(maxTasks)
    if (configs.length > maxTasks) {
      const message =
        `The connector ${name} has generated ${configs.length} tasks, which is greater than ${maxTasks}, the maximum number of tasks it is configured to create. ` +
        "This behaviour should be considered a bug and is disallowed. If necessary, it can be permitted by reconfiguring the connector with 'tasks.max.enforce' set to false; " +
        'however, this option will be removed in a future release of Kafka Connect.'
      if ((props['tasks.max.enforce'] ?? 'true').trim().toLowerCase() !== 'false')
        throw new TooManyTasksException(message)
      log.warn(message)
    }
    const taskClass = taskClassName(connector)
    const inherited = type === 'sink' ? SINK_KEYS.filter((key) => props[key] !== undefined) : []
    // A limit is the worker's business: a change of it must not look like new tasks.
    return configs.map((config) => ({
      ...withoutRateLimit(config),
      'task.class': taskClass,
      ...Object.fromEntries(inherited.map((key) => [key, props[key] as string])),
    }))
  }
  /** Stops the instance, whatever its state. One that takes longer than `timeoutMs` is left to itself: it has no say any more. */
  async stop(timeoutMs: number): Promise<void> {
    if (this.#started) {
      this.#started = false
      const timer = new AbortController()
      const late = sleep(timeoutMs, true, { signal: timer.signal }).catch(() => false)
      const stopped = (async () => this.#parts.connector.stop())().then(() => false)
      const isLate = await Promise.race([stopped, late]).finally(() => timer.abort())
      if (isLate) {
        this.#parts.log.error(`Connector ${this.#parts.name} did not stop within ${timeoutMs} ms and was abandoned`)
        stopped.catch(() => {})
      }
    }
    this.#ended = true
  }

  #fail(error: unknown): void {
    if (this.#ended) return
    this.#failed = true
    this.#parts.log.error(`Connector ${this.#parts.name} has failed`, { error })
    this.#parts.onState('FAILED', error)
  }
}

function taskClassName(connector: Connector): string {
  const { taskClass } = connector as Connector & { taskClass?(): { readonly className: string } }
  const className = taskClass?.call(connector).className
  if (className === undefined) throw new ConnectException('A connector must extend SourceConnector or SinkConnector')
  return className
}
