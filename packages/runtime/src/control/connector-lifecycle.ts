// What a herder that decides alone does with a connector and its tasks: plan, start, stop. Calls must not overlap for one connector.
import type { ConnectorProps } from '@millrace/api'
import { reverseTransform } from '../config/config-transformer.ts'
import type { TaskId } from '../plane/messages.ts'
import { type ConfigStore, taskConfigsChanged } from './config-store.ts'
import { InstanceStarts, type StartParts } from './instance-starts.ts'

/** What the steps need. */
export interface LifecycleParts extends StartParts {
  readonly configs: ConfigStore
}

/** The steps. */
export class ConnectorLifecycle {
  readonly #parts: LifecycleParts
  readonly #starts: InstanceStarts

  constructor(parts: LifecycleParts) {
    this.#parts = parts
    this.#starts = new InstanceStarts(parts)
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
  start(name: string): Promise<void> {
    return this.#starts.connector(name)
  }

  /** Has tasks planned anew, and started where the plan differs from the tasks there are. */
  async updateTasks(name: string): Promise<void> {
    const { configs, worker } = this.#parts
    if (!worker.isRunning(name) || configs.targetState(name) !== 'STARTED') return
    const config = this.#starts.config(name)
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
  startTask(id: TaskId): Promise<unknown> {
    return this.#starts.task(id)
  }
}
