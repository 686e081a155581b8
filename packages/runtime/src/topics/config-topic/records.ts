// Keys and values of the config topic, as the reference writes them: fields in its order, compact JSON.
import type { ConnectorProps } from '@millrace/api'
import type { RestartRequest, StoredConfig } from '../../control/entities.ts'
import type { TargetState, TaskId } from '../../plane/messages.ts'
import { jsonBytes } from '../json-text.ts'
import type { SessionKey } from './cluster-config-state.ts'

export const TARGET_STATE_PREFIX = 'target-state-'
export const CONNECTOR_PREFIX = 'connector-'
export const TASK_PREFIX = 'task-'
export const COMMIT_PREFIX = 'commit-'
export const TASK_COUNT_PREFIX = 'tasks-fencing-'
export const RESTART_PREFIX = 'restart-connector-'
export const LOGGER_PREFIX = 'logger-cluster-'
export const SESSION_KEY = 'session-key'

/** A record to write; a null value is a tombstone. */
export interface ConfigRecord {
  readonly key: string
  readonly value: Buffer | null
}

export function connectorRecord(connector: string, config: StoredConfig | null): ConfigRecord {
  return { key: CONNECTOR_PREFIX + connector, value: config === null ? null : jsonBytes({ properties: config }) }
}
export function taskRecord({ connector, task }: TaskId, config: ConnectorProps): ConfigRecord {
  return { key: `${TASK_PREFIX}${connector}-${task}`, value: jsonBytes({ properties: config }) }
}
export function commitRecord(connector: string, tasks: number): ConfigRecord {
  return { key: COMMIT_PREFIX + connector, value: jsonBytes({ tasks }) }
}
/** Workers before 3.5 know no STOPPED and read the first field: to them the connector is paused (KIP-875). */
export function targetStateRecord(connector: string, state: TargetState | null): ConfigRecord {
  const old = state === 'STOPPED' ? 'PAUSED' : state
  return {
    key: TARGET_STATE_PREFIX + connector,
    value: state === null ? null : jsonBytes({ state: old, 'state.v2': state }),
  }
}
export function taskCountRecord(connector: string, taskCount: number): ConfigRecord {
  return { key: TASK_COUNT_PREFIX + connector, value: jsonBytes({ 'task-count': taskCount }) }
}
export function restartRecord({ connector, includeTasks, onlyFailed }: RestartRequest): ConfigRecord {
  return {
    key: RESTART_PREFIX + connector,
    value: jsonBytes({ 'include-tasks': includeTasks, 'only-failed': onlyFailed }),
  }
}
export function sessionKeyRecord({ key, algorithm, creationTimestamp }: SessionKey): ConfigRecord {
  const value = { key: key.toString('base64'), algorithm, 'creation-timestamp': creationTimestamp }
  return { key: SESSION_KEY, value: jsonBytes(value) }
}
export function loggerRecord(namespace: string, level: string): ConfigRecord {
  return { key: LOGGER_PREFIX + namespace, value: jsonBytes({ level }) }
}

/** `task-<connector>-<number>`; null for a key without a number at its end. */
export function parseTaskKey(key: string): TaskId | null {
  const match = /^task-(.*)-(\d+)$/s.exec(key)
  const task = Number(match?.[2])
  return match === null || task > 0x7fffffff ? null : { connector: match[1]!, task }
}
