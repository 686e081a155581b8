// What the herder answers with: the entities of the REST API, field by field as they stand on the wire.
import type { OffsetMap } from '@millrace/api'
import type { ConnectorType, ReportedState, TaskId } from '../plane/messages.ts'
import type { AutoRestartNote } from './auto-restarts.ts'
import type { ProgressNote } from './progress-watch.ts'

export type { ConfigInfos, ConfigKeyInfo, TaskId } from '../plane/messages.ts'

/** A stored configuration; REST lets no null in. */
export type StoredConfig = Readonly<Record<string, string>>

/** GET /connectors/{c} */
export interface ConnectorInfo {
  readonly name: string
  readonly config: StoredConfig
  readonly tasks: readonly TaskId[]
  readonly type: ConnectorType | 'unknown'
}

/** State of a connector instance. `version` and `trace` are left out when there is nothing to say. */
export interface ConnectorState {
  readonly state: ReportedState
  readonly worker_id: string
  readonly version?: string
  readonly trace?: string
  /** Not of the reference: there only where restarts by the worker itself are configured and something failed. */
  readonly auto_restart?: AutoRestartNote
}

/** State of a task. */
export interface TaskState {
  readonly id: number
  readonly state: ReportedState
  readonly worker_id: string
  readonly version?: string
  readonly trace?: string
  /** Not of the reference: there only where restarts by the worker itself are configured and something failed. */
  readonly auto_restart?: AutoRestartNote
  /** Not of the reference: there only where `progress.watch` has something to tell. */
  readonly progress?: ProgressNote
}

/** GET /connectors/{c}/status */
export interface ConnectorStateInfo {
  readonly name: string
  readonly connector: ConnectorState
  readonly tasks: readonly TaskState[]
  readonly type: ConnectorType | 'unknown'
}

/** One entry of GET /connectors/{c}/tasks */
export interface TaskInfo {
  readonly id: TaskId
  readonly config: StoredConfig
}

/** One partition and its offset, as users read and write them. */
export interface OffsetEntry {
  readonly partition: OffsetMap | null
  readonly offset: OffsetMap | null
}

/** GET /connectors/{c}/offsets */
export interface ConnectorOffsets {
  readonly offsets: readonly OffsetEntry[]
}

/** One entry of GET /connector-plugins */
export interface PluginInfo {
  readonly class: string
  readonly type: string
  readonly version?: string
}

/** A restart as asked for (KIP-745). */
export interface RestartRequest {
  readonly connector: string
  readonly onlyFailed: boolean
  readonly includeTasks: boolean
}
