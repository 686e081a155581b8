// Keys and values of the status topic, as the reference writes them.
import type { AutoRestartNote } from '../../control/auto-restarts.ts'
import type { ProgressNote } from '../../control/progress-watch.ts'
import type { Status } from '../../control/status-store.ts'
import type { ReportedState, TaskId } from '../../plane/messages.ts'
import { isJsonObject, jsonBytes, parseJson } from '../json-text.ts'

export const CONNECTOR_PREFIX = 'status-connector-'
export const TASK_PREFIX = 'status-task-'
export const TOPIC_PREFIX = 'status-topic-'
const TOPIC_SEPARATOR = ':connector-'

/** A status as it stands in the topic. */
export interface StoredStatus extends Status {
  /** Generation of the group when it was written. */
  readonly generation: number
}

/** That a connector uses a topic (KIP-558). */
export interface ActiveTopic {
  readonly topic: string
  readonly connector: string
  /** The task that found it out. */
  readonly task: number
  /** Milliseconds since the epoch. */
  readonly discoverTimestamp: number
}

const STATES: ReadonlySet<unknown> = new Set<ReportedState>([
  'UNASSIGNED',
  'RUNNING',
  'PAUSED',
  'FAILED',
  'STOPPED',
  'RESTARTING',
  'DESTROYED',
])

export function connectorKey(connector: string): string {
  return CONNECTOR_PREFIX + connector
}
export function taskKey({ connector, task }: TaskId): string {
  return `${TASK_PREFIX}${connector}-${task}`
}
export function topicKey(connector: string, topic: string): string {
  return TOPIC_PREFIX + topic + TOPIC_SEPARATOR + connector
}

/** DESTROYED is a tombstone: null. */
export function statusValue(status: StoredStatus): Buffer | null {
  if (status.state === 'DESTROYED') return null
  return jsonBytes({
    state: status.state,
    trace: status.trace === '' ? null : status.trace,
    worker_id: status.workerId,
    generation: status.generation,
    version: status.version === '' ? null : status.version,
    // Workers of the reference read past it.
    ...(status.autoRestart !== undefined && { auto_restart: status.autoRestart }),
    ...(status.progress !== undefined && { progress: status.progress }),
  })
}
export function topicValue({ topic, connector, task, discoverTimestamp }: ActiveTopic): Buffer {
  return jsonBytes({ topic: { name: topic, connector, task, discoverTimestamp } })
}

/** @throws SyntaxError; undefined for what is no status */
export function parseStatus(value: Buffer): StoredStatus | undefined {
  const parsed = parseJson(value)
  if (!isJsonObject(parsed)) return undefined
  const { state, trace, worker_id: workerId, generation, version, auto_restart: note, progress } = parsed
  if (!STATES.has(state) || typeof workerId !== 'string' || typeof generation !== 'number') return undefined
  return Object.freeze({
    state: state as ReportedState,
    trace: typeof trace === 'string' ? trace : '',
    workerId,
    generation,
    version: typeof version === 'string' ? version : '',
    ...(isJsonObject(note) && Array.isArray(note.history) && { autoRestart: note as unknown as AutoRestartNote }),
    ...(isJsonObject(progress) &&
      typeof progress.state === 'string' && { progress: progress as unknown as ProgressNote }),
  })
}

/** @throws SyntaxError; undefined for what is no active topic */
export function parseTopic(value: Buffer): ActiveTopic | undefined {
  const parsed = parseJson(value)
  const inner = isJsonObject(parsed) ? parsed.topic : undefined
  if (!isJsonObject(inner)) return undefined
  const { name, connector, task, discoverTimestamp } = inner
  if (typeof name !== 'string' || typeof connector !== 'string' || typeof task !== 'number') return undefined
  if (typeof discoverTimestamp !== 'number') return undefined
  return Object.freeze({ topic: name, connector, task, discoverTimestamp })
}

/** `status-task-<connector>-<number>`; undefined for another key. */
export function parseTaskKey(key: string): TaskId | undefined {
  const match = /^status-task-(.*)-(\d+)$/s.exec(key)
  return match === null ? undefined : { connector: match[1]!, task: Number(match[2]) }
}

/** `status-topic-<topic>:connector-<name>`; undefined for another key. A topic's name has no colon. */
export function parseTopicKey(key: string): { readonly topic: string; readonly connector: string } | undefined {
  const colon = key.indexOf(':')
  const topic = key.slice(TOPIC_PREFIX.length, Math.max(colon, 0))
  const connector = key.slice(colon + TOPIC_SEPARATOR.length)
  return topic === '' || connector === '' ? undefined : { topic, connector }
}
