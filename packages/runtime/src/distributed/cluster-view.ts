// The configuration that this worker works with now: one state of the config topic, replaced only where the herder's loop says so.
import type { ConfigReader } from '../control/config-store.ts'
import type { StoredConfig } from '../control/entities.ts'
import type { TargetState, TaskId } from '../plane/messages.ts'
import type { ClusterConfigState } from '../topics/config-topic/cluster-config-state.ts'

/**
 * What is started and stopped follows this view and not the newest state: an assignment is made for one offset of the config
 * topic, and what is configured later belongs to the next.
 */
export class ClusterView implements ConfigReader {
  #state: ClusterConfigState

  constructor(state: ClusterConfigState) {
    this.#state = state
  }

  get state(): ClusterConfigState {
    return this.#state
  }
  get offset(): number {
    return this.#state.offset
  }
  moveTo(state: ClusterConfigState): void {
    this.#state = state
  }

  connectors(): readonly string[] {
    return this.#state.connectors()
  }
  contains(connector: string): boolean {
    return this.#state.contains(connector)
  }
  connectorConfig(connector: string): StoredConfig | undefined {
    return this.#state.connectorConfig(connector)
  }
  targetState(connector: string): TargetState {
    return this.#state.targetState(connector) ?? 'STARTED'
  }
  tasks(connector: string): readonly TaskId[] {
    return this.#state.tasks(connector)
  }
  taskConfig(id: TaskId): StoredConfig | undefined {
    return this.#state.taskConfig(id)
  }
  taskConfigGeneration(connector: string): number | undefined {
    return this.#state.taskConfigGeneration(connector)
  }
  appliedConfig(connector: string): StoredConfig | undefined {
    return this.#state.appliedConfig(connector)
  }
}
