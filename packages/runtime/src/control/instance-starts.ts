// Starts connector instances and tasks on this worker, as they are configured now. A failure becomes their state.
import { type Logger, NotFoundException } from '@millrace/api'
import type { WorkerMetrics } from '../metrics/worker-metrics.ts'
import type { ExactlyOnceStart, TaskId } from '../plane/messages.ts'
import type { ConfigReader } from './config-store.ts'
import type { StoredConfig } from './entities.ts'
import type { StatusReporter } from './status-reporter.ts'
import { taskKey, type Worker } from './worker.ts'

/** What starts need. */
export interface StartParts {
  readonly worker: Worker
  readonly configs: ConfigReader
  readonly status: StatusReporter
  readonly metrics: WorkerMetrics
  /** How a task is to deliver exactly once; undefined where it is not. */
  readonly exactlyOnce?: (id: TaskId, config: StoredConfig) => ExactlyOnceStart | undefined
  readonly log: Logger
}

/** The starts of one worker. */
export class InstanceStarts {
  readonly #parts: StartParts

  constructor(parts: StartParts) {
    this.#parts = parts
  }

  /** Starts the instance; a failure is its state, and the caller's error. */
  async connector(name: string): Promise<void> {
    const { configs, metrics, worker } = this.#parts
    const { connectorStarts } = metrics
    connectorStarts.begin(name)
    try {
      await worker.startConnector(name, this.config(name), configs.targetState(name))
      connectorStarts.settle(name, 'RUNNING')
    } catch (error) {
      connectorStarts.settle(name, 'FAILED')
      this.#parts.log.error(`Failed to start connector ${name}`, { error, connector: name })
      this.#parts.status.connectorFailed(name, error)
      throw error
    }
  }

  /** Starts a stored task; a failure is its state, and returned. */
  async task(id: TaskId): Promise<unknown> {
    const { configs, metrics, worker } = this.#parts
    metrics.taskStarts.begin(taskKey(id))
    try {
      const config = this.config(id.connector)
      const exactlyOnce = this.#parts.exactlyOnce?.(id, config)
      await worker.startTask(id, config, configs.taskConfig(id) ?? {}, configs.targetState(id.connector), {
        tasks: configs.tasks(id.connector).length,
        exactlyOnce,
      })
      return undefined
    } catch (error) {
      this.#parts.log.error(`Failed to start task ${taskKey(id)}`, { error })
      metrics.taskStarts.settle(taskKey(id), 'FAILED')
      this.#parts.status.taskFailed(id, error)
      return error
    }
  }

  /** The configuration of a connector. @throws NotFoundException */
  config(name: string): StoredConfig {
    const config = this.#parts.configs.connectorConfig(name)
    if (config === undefined) throw new NotFoundException(`Connector ${name} not found`)
    return config
  }
}
