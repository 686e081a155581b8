// The configuration of the whole cluster at one offset of the config topic: an immutable view.
import type { StoredConfig } from '../../control/entities.ts'
import type { TargetState, TaskId } from '../../plane/messages.ts'

/** Key with which workers sign requests to each other (KIP-507). */
export interface SessionKey {
  readonly key: Buffer
  /** Java name of the HMAC algorithm: `HmacSHA256`. */
  readonly algorithm: string
  /** Milliseconds since the epoch. */
  readonly creationTimestamp: number
}

/** All that the config topic says about one connector name; also about one that was deleted. */
export interface ConnectorRecords {
  readonly config?: StoredConfig
  readonly targetState?: TargetState
  /** Of the last commit record. */
  readonly taskCount?: number
  readonly taskConfigs: ReadonlyMap<number, StoredConfig>
  /** Counts complete sets of task configurations, from 0. */
  readonly generation?: number
  /** The connector configuration that was in force when the task configurations were committed. */
  readonly applied?: StoredConfig
  /** Tasks whose zombies were last fenced. */
  readonly taskCountRecord?: number
  readonly pendingFencing: boolean
  /** The last commit lacked some task configurations: they have to be made anew. */
  readonly inconsistent: boolean
}

/** A snapshot of the config topic. Configurations are raw: references to config providers are not resolved. */
export class ClusterConfigState {
  /** Offset after the last record read; -1 before the first. The group protocol calls it the config offset. */
  readonly offset: number
  readonly sessionKey: SessionKey | null
  readonly #connectors: ReadonlyMap<string, ConnectorRecords>

  constructor(offset: number, sessionKey: SessionKey | null, connectors: ReadonlyMap<string, ConnectorRecords>) {
    this.offset = offset
    this.sessionKey = sessionKey
    this.#connectors = connectors
    Object.freeze(this)
  }

  /** The state before anything was read. */
  static readonly EMPTY = new ClusterConfigState(-1, null, new Map())

  contains(connector: string): boolean {
    return this.connectorConfig(connector) !== undefined
  }
  /** Connectors that have a configuration, in the order in which they came. */
  connectors(): string[] {
    return [...this.#connectors].flatMap(([name, records]) => (records.config === undefined ? [] : [name]))
  }
  connectorConfig(connector: string): StoredConfig | undefined {
    return this.#connectors.get(connector)?.config
  }
  targetState(connector: string): TargetState | undefined {
    return this.#connectors.get(connector)?.targetState
  }

  /** Tasks of a connector in order; none while it is inconsistent. */
  tasks(connector: string): TaskId[] {
    const records = this.#connectors.get(connector)
    if (records === undefined || records.inconsistent) return []
    return Array.from({ length: records.taskCount ?? 0 }, (_, task) => ({ connector, task }))
  }
  /** Number of tasks of the last commit; 0 when there was none. */
  taskCount(connector: string): number {
    return this.#connectors.get(connector)?.taskCount ?? 0
  }
  taskConfig(id: TaskId): StoredConfig | undefined {
    return this.#connectors.get(id.connector)?.taskConfigs.get(id.task)
  }
  /** Configurations of all tasks of a connector by number; also of tasks beyond the present count, if they were written. */
  taskConfigs(connector: string): ReadonlyMap<number, StoredConfig> {
    return this.#connectors.get(connector)?.taskConfigs ?? new Map()
  }
  /** Which complete set of task configurations this is; undefined before the first. */
  taskConfigGeneration(connector: string): number | undefined {
    return this.#connectors.get(connector)?.generation
  }
  /** The connector configuration from which the tasks of now were made. */
  appliedConfig(connector: string): StoredConfig | undefined {
    return this.#connectors.get(connector)?.applied
  }

  /** Number of tasks that may still run as zombies: of the last fencing; undefined without one (KIP-618). */
  taskCountRecord(connector: string): number | undefined {
    return this.#connectors.get(connector)?.taskCountRecord
  }
  /** True when task configurations came after the last fencing: zombies have to be fenced before tasks start (KIP-618). */
  pendingFencing(connector: string): boolean {
    return this.#connectors.get(connector)?.pendingFencing ?? false
  }
  /** Connectors whose task configurations are incomplete, because compaction removed some. */
  inconsistentConnectors(): string[] {
    return [...this.#connectors].flatMap(([name, records]) => (records.inconsistent ? [name] : []))
  }
}
