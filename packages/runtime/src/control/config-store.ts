// What users want: connector configurations, task configurations, target states. In memory for standalone workers.

import { isDeepStrictEqual } from 'node:util'
import type { ConnectorProps } from '@millrace/api'
import { withoutRateLimit } from '../config/rate-limit-config.ts'
import type { TargetState, TaskId } from '../plane/messages.ts'
import type { StoredConfig } from './entities.ts'

/** Connector configurations as this worker sees them. All are raw: references unresolved. */
export interface ConfigReader {
  connectors(): readonly string[]
  contains(connector: string): boolean
  connectorConfig(connector: string): StoredConfig | undefined
  targetState(connector: string): TargetState
  tasks(connector: string): readonly TaskId[]
  taskConfig(id: TaskId): StoredConfig | undefined
  /** The connector configuration from which the tasks of now were made. */
  appliedConfig(connector: string): StoredConfig | undefined
}

/** Where connector configurations are kept. Reads are of the local view. */
export interface ConfigStore extends ConfigReader {
  putConnector(connector: string, config: StoredConfig, targetState?: TargetState): Promise<void>
  removeConnector(connector: string): Promise<void>
  putTargetState(connector: string, state: TargetState): Promise<void>
  putTaskConfigs(connector: string, configs: readonly ConnectorProps[]): Promise<void>
  removeTaskConfigs(connector: string): Promise<void>
}

interface Entry {
  config: StoredConfig
  targetState: TargetState
  tasks: readonly StoredConfig[]
  applied: StoredConfig | undefined
}

/** Keeps all in memory: a standalone worker gets its connectors anew at each start. */
export class MemoryConfigStore implements ConfigStore {
  readonly #entries = new Map<string, Entry>()

  connectors(): readonly string[] {
    return [...this.#entries.keys()]
  }
  contains(connector: string): boolean {
    return this.#entries.has(connector)
  }
  connectorConfig(connector: string): StoredConfig | undefined {
    return this.#entries.get(connector)?.config
  }
  targetState(connector: string): TargetState {
    return this.#entries.get(connector)?.targetState ?? 'STARTED'
  }
  tasks(connector: string): readonly TaskId[] {
    return (this.#entries.get(connector)?.tasks ?? []).map((_, task) => ({ connector, task }))
  }
  taskConfig(id: TaskId): StoredConfig | undefined {
    return this.#entries.get(id.connector)?.tasks[id.task]
  }
  appliedConfig(connector: string): StoredConfig | undefined {
    return this.#entries.get(connector)?.applied
  }

  async putConnector(connector: string, config: StoredConfig, targetState?: TargetState): Promise<void> {
    const entry = this.#entries.get(connector)
    if (entry === undefined) {
      this.#entries.set(connector, { config, targetState: targetState ?? 'STARTED', tasks: [], applied: undefined })
    } else {
      entry.config = config
      if (targetState !== undefined) entry.targetState = targetState
    }
  }
  async removeConnector(connector: string): Promise<void> {
    this.#entries.delete(connector)
  }
  async putTargetState(connector: string, state: TargetState): Promise<void> {
    const entry = this.#entries.get(connector)
    if (entry !== undefined) entry.targetState = state
  }
  async putTaskConfigs(connector: string, configs: readonly ConnectorProps[]): Promise<void> {
    const entry = this.#entries.get(connector)
    if (entry === undefined) return
    entry.tasks = configs.map((config) => Object.freeze({ ...config }))
    entry.applied = entry.config
  }
  async removeTaskConfigs(connector: string): Promise<void> {
    const entry = this.#entries.get(connector)
    if (entry === undefined) return
    entry.tasks = []
    entry.applied = undefined
  }
}

type TaskConfigs = Pick<ConfigReader, 'tasks' | 'taskConfig' | 'appliedConfig' | 'connectorConfig'>

/** Limits are changed in running tasks. */
function unlimited(config: StoredConfig | undefined): StoredConfig | undefined {
  return config && withoutRateLimit(config)
}

/** True when the planned tasks differ from the stored ones, or the configuration changed since those were made. */
export function taskConfigsChanged(store: TaskConfigs, connector: string, planned: readonly ConnectorProps[]): boolean {
  const stored = store.tasks(connector).map((id) => store.taskConfig(id))
  return (
    !isDeepStrictEqual(
      stored,
      planned.map((one) => ({ ...one })),
    ) || !isDeepStrictEqual(unlimited(store.appliedConfig(connector)), unlimited(store.connectorConfig(connector)))
  )
}
