// States of all connectors and tasks of the cluster in Kafka: every worker writes those of its own, every worker reads all.
import { setTimeout as sleep } from 'node:timers/promises'
import { errorMessage, type Logger } from '@millrace/api'
import { isRetriable } from '@millrace/kafka'
import type { Status, StatusStore } from '../../control/status-store.ts'
import type { TaskId } from '../../plane/messages.ts'
import type { LogRecord, TopicLog } from '../kafka-based-log.ts'
import type { ActiveTopic, StoredStatus } from './records.ts'
import * as records from './records.ts'

/**
 * The status topic as the distributed herder uses it: a StatusStore whose reads are of the whole cluster.
 *
 * Writes return at once and are tried again until they are in the topic or out of date; a write shows in reads when it
 * was read back. Set {@link generation} after each rebalance: it goes into every status written from then on.
 */
export interface StatusBackingStore extends StatusStore {
  generation: number
  /** Creates or checks the topic, and reads it to its end. */
  start(): Promise<void>
  stop(): Promise<void>
  /** Resolves when all writes so far have their outcome. Before work is handed over: what was written is seen by the next owner. */
  flush(): Promise<void>
  /** Names that have a status: also of connectors that are no longer configured. */
  connectors(): readonly string[]

  connector(name: string): StoredStatus | undefined
  task(id: TaskId): StoredStatus | undefined
  tasks(name: string): readonly { readonly id: TaskId; readonly status: StoredStatus }[]

  /** Writes unless another worker of a later generation has written since: for states of work that may run elsewhere by now. */
  putConnectorSafe(name: string, status: Status): void
  putTaskSafe(id: TaskId, status: Status): void

  /** When and by which task it was found out that a connector uses a topic. */
  activeTopic(connector: string, topic: string): ActiveTopic | undefined
  activeTopics(connector: string): readonly ActiveTopic[]
  /** Writes only what is not known yet. */
  putTopic(connector: string, topic: string, task?: number): void
}

/** What {@link StatusTopicStore} is made of; `log` gets what goes wrong in the background. */
export interface StatusTopicParts {
  readonly topicLog: TopicLog
  readonly log: Logger
}

interface Entry {
  status: StoredStatus | undefined
  /** Of the newest write: an older one is not tried again after it. */
  sequence: number
  deleted: boolean
}

const RETRY_MS = 100
const RETRY_MAX_MS = 5_000

export class StatusTopicStore implements StatusBackingStore {
  generation = 0
  readonly #parts: StatusTopicParts
  readonly #connectors = new Map<string, Entry>()
  readonly #tasks = new Map<string, Map<number, Entry>>()
  readonly #topics = new Map<string, Map<string, ActiveTopic>>()
  /** Writes of active topics under way, by key: the same is not written twice. */
  readonly #topicWrites = new Map<string, number>()
  readonly #writes = new Set<Promise<void>>()
  readonly #stopped = new AbortController()

  constructor(parts: StatusTopicParts) {
    this.#parts = parts
  }

  async start(): Promise<void> {
    await this.#parts.topicLog.start()
  }
  async stop(): Promise<void> {
    this.#stopped.abort()
    await this.#parts.topicLog.stop()
    await Promise.allSettled(this.#writes)
  }
  async flush(): Promise<void> {
    await Promise.allSettled(this.#writes)
  }

  connectors(): string[] {
    return [...this.#connectors].flatMap(([name, entry]) => (entry.status === undefined ? [] : [name]))
  }
  connector(name: string): StoredStatus | undefined {
    return this.#connectors.get(name)?.status
  }
  task(id: TaskId): StoredStatus | undefined {
    return this.#tasks.get(id.connector)?.get(id.task)?.status
  }
  tasks(name: string): { readonly id: TaskId; readonly status: StoredStatus }[] {
    return [...(this.#tasks.get(name) ?? [])]
      .flatMap(([task, { status }]) => (status === undefined ? [] : [{ id: { connector: name, task }, status }]))
      .sort((a, b) => a.id.task - b.id.task)
  }

  putConnector(name: string, status: Status): void {
    this.#put(records.connectorKey(name), this.#connectorEntry(name), status, false)
  }
  putTask(id: TaskId, status: Status): void {
    this.#put(records.taskKey(id), this.#taskEntry(id), status, false)
  }
  putConnectorSafe(name: string, status: Status): void {
    this.#put(records.connectorKey(name), this.#connectorEntry(name), status, true)
  }
  putTaskSafe(id: TaskId, status: Status): void {
    this.#put(records.taskKey(id), this.#taskEntry(id), status, true)
  }

  topics(connector: string): string[] {
    return [...(this.#topics.get(connector)?.keys() ?? [])]
  }
  activeTopic(connector: string, topic: string): ActiveTopic | undefined {
    return this.#topics.get(connector)?.get(topic)
  }
  activeTopics(connector: string): ActiveTopic[] {
    return [...(this.#topics.get(connector)?.values() ?? [])]
  }
  putTopic(connector: string, topic: string, task = 0): void {
    const key = records.topicKey(connector, topic)
    if (this.activeTopic(connector, topic) !== undefined || this.#topicWrites.has(key)) return
    this.#sendTopic(key, records.topicValue({ topic, connector, task, discoverTimestamp: Date.now() }))
  }
  removeTopics(connector: string): void {
    for (const topic of this.topics(connector)) this.#sendTopic(records.topicKey(connector, topic), null)
  }

  /** Takes the next record of the topic. */
  read(record: LogRecord): void {
    const key = record.key?.toString() ?? ''
    try {
      if (key.startsWith(records.CONNECTOR_PREFIX)) this.#readConnector(key, record.value)
      else if (key.startsWith(records.TASK_PREFIX)) this.#readTask(key, record.value)
      else if (key.startsWith(records.TOPIC_PREFIX)) this.#readTopic(key, record.value)
      else this.#odd(key)
    } catch (error) {
      this.#odd(key, error)
    }
  }

  #put(key: string, entry: Entry, status: Status, safe: boolean): void {
    const stored = { ...status, generation: this.generation }
    if (safe && !mayWrite(entry, stored)) return
    const sequence = ++entry.sequence
    this.#inBackground(key, records.statusValue(stored), () => {
      const current = !entry.deleted && stored.generation === this.generation && entry.sequence === sequence
      return current && (!safe || mayWrite(entry, stored))
    })
  }

  #sendTopic(key: string, value: Buffer | null): void {
    const sequence = (this.#topicWrites.get(key) ?? 0) + 1
    this.#topicWrites.set(key, sequence)
    this.#inBackground(
      key,
      value,
      () => this.#topicWrites.get(key) === sequence,
      () => {
        if (this.#topicWrites.get(key) === sequence) this.#topicWrites.delete(key)
      },
    )
  }

  /** Writes until it succeeds, is out of date, or can never succeed. */
  #inBackground(key: string, value: Buffer | null, current: () => boolean, done: () => void = () => {}): void {
    const write = this.#write(key, value, current).finally(() => {
      this.#writes.delete(write)
      done()
    })
    this.#writes.add(write)
  }
  async #write(key: string, value: Buffer | null, current: () => boolean): Promise<void> {
    const { topicLog, log } = this.#parts
    for (let pause = RETRY_MS; ; pause = Math.min(pause * 2, RETRY_MAX_MS)) {
      try {
        await topicLog.send(key, value)
        return
      } catch (error) {
        if (this.#stopped.signal.aborted) return
        if (!isRetriable(error)) {
          log.error(`The status '${key}' could not be written: ${errorMessage(error)}`, { error })
          return
        }
        await sleep(pause, undefined, { signal: this.#stopped.signal }).catch(() => {})
        if (this.#stopped.signal.aborted || !current()) return
      }
    }
  }

  #readConnector(key: string, value: Buffer | null): void {
    const name = key.slice(records.CONNECTOR_PREFIX.length)
    if (name === '') {
      this.#odd(key)
    } else if (value === null) {
      const entries = [this.#connectors.get(name), ...(this.#tasks.get(name)?.values() ?? [])]
      for (const entry of entries) if (entry !== undefined) entry.deleted = true
      this.#connectors.delete(name)
      this.#tasks.delete(name)
    } else {
      const status = records.parseStatus(value)
      if (status === undefined) this.#odd(key)
      else this.#connectorEntry(name).status = status
    }
  }

  #readTask(key: string, value: Buffer | null): void {
    const id = records.parseTaskKey(key)
    if (id === undefined) {
      this.#odd(key)
    } else if (value === null) {
      const tasks = this.#tasks.get(id.connector)
      const entry = tasks?.get(id.task)
      if (entry !== undefined) entry.deleted = true
      tasks?.delete(id.task)
      if (tasks?.size === 0) this.#tasks.delete(id.connector)
    } else {
      const status = records.parseStatus(value)
      if (status === undefined) this.#odd(key)
      else this.#taskRead(this.#taskEntry(id), status)
    }
  }
  #taskRead(entry: Entry, status: StoredStatus): void {
    const { status: known } = entry
    // The old owner's good-bye, after the new one's start. One worker's own writes come in their order: its good-bye counts.
    const late =
      status.state === 'UNASSIGNED' &&
      known?.state === 'RUNNING' &&
      known.workerId !== status.workerId &&
      known.generation >= status.generation
    if (!late) entry.status = status
  }

  #readTopic(key: string, value: Buffer | null): void {
    const place = records.parseTopicKey(key)
    if (place === undefined) {
      this.#odd(key)
      return
    }
    const topics = this.#topics.get(place.connector) ?? new Map<string, ActiveTopic>()
    if (value === null) {
      topics.delete(place.topic)
    } else {
      const active = records.parseTopic(value)
      if (active === undefined) this.#odd(key)
      else topics.set(place.topic, active)
    }
    if (topics.size === 0) this.#topics.delete(place.connector)
    else this.#topics.set(place.connector, topics)
  }

  #connectorEntry(name: string): Entry {
    return orNew(this.#connectors, name, newEntry)
  }
  #taskEntry(id: TaskId): Entry {
    const tasks = orNew(this.#tasks, id.connector, () => new Map<number, Entry>())
    return orNew(tasks, id.task, newEntry)
  }
  #odd(key: string, error?: unknown): void {
    this.#parts.log.warn(`A record of the status topic is ignored: key '${key}'`, error === undefined ? {} : { error })
  }
}

function mayWrite(entry: Entry, status: StoredStatus): boolean {
  const known = entry.status
  return known === undefined || known.workerId === status.workerId || known.generation <= status.generation
}
function newEntry(): Entry {
  return { status: undefined, sequence: 0, deleted: false }
}
function orNew<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key)
  if (found !== undefined) return found
  const made = make()
  map.set(key, made)
  return made
}
