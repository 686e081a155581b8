// Folds the records of the config topic into the cluster's configuration; odd records are told and passed over.
import type { Logger } from '@millrace/api'
import type { RestartRequest, StoredConfig } from '../../control/entities.ts'
import type { TargetState, TaskId } from '../../plane/messages.ts'
import { isJsonObject, kindOf, parseJson } from '../json-text.ts'
import type { LogRecord } from '../kafka-based-log.ts'
import { ClusterConfigState, type ConnectorRecords, type SessionKey } from './cluster-config-state.ts'
import {
  COMMIT_PREFIX,
  CONNECTOR_PREFIX,
  LOGGER_PREFIX,
  parseTaskKey,
  RESTART_PREFIX,
  SESSION_KEY,
  TARGET_STATE_PREFIX,
  TASK_COUNT_PREFIX,
  TASK_PREFIX,
} from './records.ts'

/**
 * Hears of changes after the store has started, one by one in the order of the topic; what the start replays is in the
 * first snapshot instead. Called while records are read: keep it short, note what changed, and do the work elsewhere.
 * The snapshot taken inside a call holds the change. Must not throw.
 */
export interface ConfigUpdateListener {
  onConnectorConfigUpdate(connector: string): void
  onConnectorConfigRemove(connector: string): void
  /** A set of task configurations was committed; `tasks` is empty when it was incomplete, or there are none. */
  onTaskConfigUpdate(tasks: readonly TaskId[], connector: string): void
  onConnectorTargetStateChange(connector: string): void
  onSessionKeyUpdate(key: SessionKey): void
  onRestartRequest(request: RestartRequest): void
  onLoggingLevelUpdate(namespace: string, level: string): void
}

const NOTHING: ConnectorRecords = Object.freeze({ taskConfigs: new Map(), pendingFencing: false, inconsistent: false })
const TARGET_STATES: ReadonlySet<unknown> = new Set<TargetState>(['STARTED', 'PAUSED', 'STOPPED'])

export class ConfigReader {
  /** Null until the start has read what was there: nobody is told of the past. */
  listener: ConfigUpdateListener | null = null
  readonly #log: Logger
  #connectors = new Map<string, ConnectorRecords>()
  /** Task configurations that no commit has put in force. */
  readonly #deferred = new Map<string, Map<number, StoredConfig>>()
  #offset = -1
  #sessionKey: SessionKey | null = null
  #snapshot: ClusterConfigState | undefined = ClusterConfigState.EMPTY

  constructor(log: Logger) {
    this.#log = log
  }

  get snapshot(): ClusterConfigState {
    // Copied when asked for, not with each record: a start may read many thousands.
    this.#snapshot ??= new ClusterConfigState(this.#offset, this.#sessionKey, new Map(this.#connectors))
    return this.#snapshot
  }

  /** Takes the next record. */
  read(record: LogRecord): void {
    let value: unknown
    try {
      value = parseJson(record.value)
    } catch (error) {
      this.#log.error(`The value of the config record at offset ${record.offset} is no JSON; it is ignored`, { error })
      return
    }
    this.#offset = record.offset + 1
    this.#snapshot = undefined
    const key = record.key?.toString() ?? ''
    const rest = (prefix: string) => key.slice(prefix.length)
    if (key.startsWith(TARGET_STATE_PREFIX)) this.#targetState(rest(TARGET_STATE_PREFIX), value)
    else if (key.startsWith(CONNECTOR_PREFIX)) this.#connector(rest(CONNECTOR_PREFIX), value)
    else if (key.startsWith(TASK_PREFIX)) this.#task(key, value)
    else if (key.startsWith(COMMIT_PREFIX)) this.#commit(rest(COMMIT_PREFIX), value)
    else if (key.startsWith(RESTART_PREFIX)) this.#restart(rest(RESTART_PREFIX), value)
    else if (key.startsWith(TASK_COUNT_PREFIX)) this.#taskCount(rest(TASK_COUNT_PREFIX), value)
    else if (key === SESSION_KEY) this.#session(value)
    else if (key.startsWith(LOGGER_PREFIX)) this.#logger(rest(LOGGER_PREFIX), value)
    else this.#odd(`the key '${key}' is not known`)
  }

  #targetState(connector: string, value: unknown): void {
    const { targetState: before, config } = this.#of(connector)
    if (value === null) {
      this.#change(connector, { targetState: config === undefined ? undefined : 'STARTED' })
      return
    }
    const state = this.#stateOf(connector, value)
    if (state === undefined) return
    this.#change(connector, { targetState: state })
    if (state !== before && config !== undefined) this.listener?.onConnectorTargetStateChange(connector)
  }

  #stateOf(connector: string, value: unknown): TargetState | undefined {
    const what = `the target state of connector '${connector}'`
    if (!isJsonObject(value)) return this.#odd(`${what} is ${kindOf(value)}, not an object`)
    let state = value['state.v2']
    if (state != null && typeof state !== 'string') {
      this.#odd(`${what} has a 'state.v2' that is ${kindOf(state)}, not a text`)
      state = null
    }
    // Written by a worker that knows only the older field.
    state ??= value.state
    if (TARGET_STATES.has(state)) return state as TargetState
    return this.#odd(`${what} is '${String(state)}', not STARTED, PAUSED or STOPPED`)
  }

  #connector(connector: string, value: unknown): void {
    if (value === null) {
      this.#forget(connector)
      this.#log.info(`Connector '${connector}' was removed from the config topic`)
      this.listener?.onConnectorConfigRemove(connector)
      return
    }
    const config = this.#properties(value, `the configuration of connector '${connector}'`)
    if (config === undefined) return
    this.#change(connector, { config, targetState: this.#of(connector).targetState ?? 'STARTED' })
    this.listener?.onConnectorConfigUpdate(connector)
  }

  #task(key: string, value: unknown): void {
    const id = parseTaskKey(key)
    if (id === null) {
      this.#odd(`the key '${key}' names no task`)
      return
    }
    const config = this.#properties(value, `the configuration of task ${id.connector}-${id.task}`)
    if (config === undefined) return
    const deferred = this.#deferred.get(id.connector) ?? new Map<number, StoredConfig>()
    this.#deferred.set(id.connector, deferred.set(id.task, config))
  }

  #commit(connector: string, value: unknown): void {
    const { config, taskConfigs, generation } = this.#of(connector)
    if (config === undefined) {
      // Deleted, and compaction removed what said so.
      this.#forget(connector)
      return
    }
    const count = isJsonObject(value) ? value.tasks : undefined
    if (typeof count !== 'number') {
      this.#odd(`the commit of tasks of connector '${connector}' has no number of tasks`)
      return
    }
    const deferred = this.#deferred.get(connector)
    this.#deferred.delete(connector)
    const complete = Array.from({ length: count }, (_, task) => deferred?.has(task) ?? false).every(Boolean)
    const updated = complete ? [...(deferred?.keys() ?? [])] : []
    this.#change(connector, {
      taskCount: count,
      pendingFencing: true,
      inconsistent: !complete,
      ...(complete && { applied: config }),
      ...(complete &&
        deferred !== undefined && {
          taskConfigs: new Map([...taskConfigs, ...deferred]),
          generation: (generation ?? -1) + 1,
        }),
    })
    if (!complete) {
      this.#log.debug(`The task configurations of connector '${connector}' are incomplete: they have to be made anew`)
    }
    this.listener?.onTaskConfigUpdate(
      updated.map((task) => ({ connector, task })),
      connector,
    )
  }

  #restart(connector: string, value: unknown): void {
    if (!isJsonObject(value)) {
      this.#odd(`the restart request for '${connector}' is ${kindOf(value)}`)
      return
    }
    const flag = (field: string) => {
      const found = value[field]
      if (typeof found === 'boolean') return found
      this.#log.warn(`The restart request for '${connector}' has no true or false as '${field}': false is assumed`)
      return false
    }
    const request = { connector, onlyFailed: flag('only-failed'), includeTasks: flag('include-tasks') }
    this.listener?.onRestartRequest(request)
  }

  #taskCount(connector: string, value: unknown): void {
    const count = isJsonObject(value) ? value['task-count'] : undefined
    if (typeof count !== 'number') {
      this.#odd(`the task count record of connector '${connector}' has no number`)
      return
    }
    this.#change(connector, { taskCountRecord: count, pendingFencing: false })
  }

  #session(value: unknown): void {
    if (!isJsonObject(value)) {
      this.#odd(`the session key is ${kindOf(value)}`)
      return
    }
    const { key, algorithm, 'creation-timestamp': created } = value
    if (typeof key !== 'string') {
      this.#odd(`the session key has no text as 'key'`)
      return
    }
    if (typeof algorithm !== 'string') {
      this.#odd(`the session key has no text as 'algorithm'`)
      return
    }
    if (!Number.isSafeInteger(created)) {
      this.#odd(`the session key has no number as 'creation-timestamp'`)
      return
    }
    const bytes = Buffer.from(key, 'base64')
    this.#sessionKey = Object.freeze({ key: bytes, algorithm, creationTimestamp: created as number })
    this.listener?.onSessionKeyUpdate(this.#sessionKey)
  }

  #logger(namespace: string, value: unknown): void {
    const level = isJsonObject(value) ? value.level : undefined
    if (typeof level !== 'string') {
      this.#odd(`the level of logger '${namespace}' is no text`)
      return
    }
    this.listener?.onLoggingLevelUpdate(namespace, level)
  }

  #properties(value: unknown, what: string): StoredConfig | undefined {
    const properties = isJsonObject(value) ? value.properties : undefined
    if (!isJsonObject(properties)) return this.#odd(`${what} has no object as 'properties'`)
    // A key with null is a key without a value: left out.
    const entries = Object.entries(properties).filter(([, one]) => one !== null)
    return Object.freeze(Object.fromEntries(entries.map(([key, one]) => [key, String(one)])))
  }

  #of(connector: string): ConnectorRecords {
    return this.#connectors.get(connector) ?? NOTHING
  }
  #change(connector: string, change: { [K in keyof ConnectorRecords]?: ConnectorRecords[K] | undefined }): void {
    const entry = { ...this.#of(connector), ...change }
    if (change.targetState === undefined && 'targetState' in change) delete entry.targetState
    this.#connectors.set(connector, Object.freeze(entry) as ConnectorRecords)
  }

  /** What a deletion takes away. The target state has a tombstone of its own; the fencing record outlives the connector. */
  #forget(connector: string): void {
    this.#deferred.delete(connector)
    const entry = this.#connectors.get(connector)
    if (entry === undefined) return
    const { config: _config, taskCount: _count, applied: _applied, ...kept } = entry
    this.#connectors.set(connector, Object.freeze({ ...kept, taskConfigs: new Map() }))
  }

  #odd(what: string): undefined {
    this.#log.error(`A record of the config topic is ignored: ${what} (offset ${this.#offset - 1})`)
  }
}
