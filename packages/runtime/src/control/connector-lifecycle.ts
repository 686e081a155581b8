// Starting, planning and stopping connectors and tasks on this worker: the steps that every herder takes, whoever decides.
// Failures become states here; calls must not overlap for one connector.
import { type ConnectorProps, type Logger, NotFoundException } from '@millrace/api'
import { reverseTransform } from '../config/config-transformer.ts'
import type { WorkerMetrics } from '../metrics/worker-metrics.ts'
import type { TaskId } from '../plane/messages.ts'
import { type ConfigStore, taskConfigsChanged } from './config-store.ts'
import type { StoredConfig } from './entities.ts'
import type { StatusReporter } from './status-reporter.ts'
import { taskKey, type Worker } from './worker.ts'

/** What the steps need. */
export interface LifecycleParts {
  readonly worker: Worker
  readonly configs: ConfigStore
  readonly status: StatusReporter
  readonly metrics: WorkerMetrics
  readonly log: Logger
}

/** The steps. */
export class ConnectorLifecycle {
  readonly #parts: LifecycleParts

  constructor(parts: LifecycleParts) {
    this.#parts = parts
  }

  /** Brings the instance and its tasks to the state that is wanted. */
  async applyTargetState(name: string): Promise<void> {
    const { configs, worker } = this.#parts
    if (!worker.isRunning(name)) return
    const state = configs.targetState(name)
    await worker.setConnectorState(name, state)
    await worker.setTaskStates(configs.tasks(name), state)
    if (state === 'STARTED') await this.updateTasks(name)
  }

  /** Starts the instance; a failure is its state, and the caller's error. */
  async start(name: string): Promise<void> {
    const { configs, metrics, worker } = this.#parts
    const { connectorStarts } = metrics
    connectorStarts.begin(name)
    try {
      await worker.startConnector(name, this.#config(name), configs.targetState(name))
      connectorStarts.settle(name, 'RUNNING')
    } catch (error) {
      connectorStarts.settle(name, 'FAILED')
      this.#parts.log.error(`Failed to start connector ${name}`, { error, connector: name })
      this.#parts.status.connectorFailed(name, error)
      throw error
    }
  }

  /** Has tasks planned anew, and started where the plan differs from the tasks there are. */
  async updateTasks(name: string): Promise<void> {
    const { configs, worker } = this.#parts
    if (!worker.isRunning(name) || configs.targetState(name) !== 'STARTED') return
    const config = this.#config(name)
    let planned: ConnectorProps[]
    try {
      planned = reverseTransform(config, await worker.taskConfigs(name, config))
    } catch (error) {
      this.#parts.log.error(`Failed to plan the tasks of connector ${name}`, { error })
      this.#parts.status.connectorFailed(name, error)
      throw error
    }
    if (!taskConfigsChanged(configs, name, planned)) return
    await this.removeTasks(name)
    await configs.putTaskConfigs(name, planned)
    await Promise.all(configs.tasks(name).map((id) => this.startTask(id)))
  }

  /** Stops the tasks and forgets them. */
  async removeTasks(name: string): Promise<void> {
    const { configs, worker } = this.#parts
    const ids = configs.tasks(name)
    if (ids.length === 0) return
    await worker.stopTasks(ids)
    await configs.removeTaskConfigs(name)
    for (const id of ids) this.#parts.status.task(id, 'DESTROYED', null, '')
  }

  /** Starts a stored task; a failure is its state, and returned. */
  async startTask(id: TaskId): Promise<unknown> {
    const { configs, metrics, worker } = this.#parts
    metrics.taskStarts.begin(taskKey(id))
    try {
      const config = this.#config(id.connector)
      await worker.startTask(id, config, configs.taskConfig(id) ?? {}, configs.targetState(id.connector))
      return undefined
    } catch (error) {
      this.#parts.log.error(`Failed to start task ${taskKey(id)}`, { error })
      metrics.taskStarts.settle(taskKey(id), 'FAILED')
      this.#parts.status.taskFailed(id, error)
      return error
    }
  }

  #config(name: string): StoredConfig {
    const config = this.#parts.configs.connectorConfig(name)
    if (config === undefined) throw new NotFoundException(`Connector ${name} not found`)
    return config
  }
}
