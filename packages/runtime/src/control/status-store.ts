// What connectors and tasks are: states as users and metrics see them. In memory for standalone workers.
import type { ReportedState, TaskId } from '../plane/messages.ts'
import type { AutoRestartNote } from './auto-restarts.ts'
import type { ProgressNote } from './progress-watch.ts'

/** State of a connector or task. */
export interface Status {
  readonly state: ReportedState
  readonly workerId: string
  readonly version: string
  /** Text of the error of a FAILED one; empty otherwise. */
  readonly trace: string
  /** Only where restarts by the worker itself are configured, and something failed. */
  readonly autoRestart?: AutoRestartNote
  /** Only of a task, and only where there is something to say of its progress. */
  readonly progress?: ProgressNote
}

/** Where states and used topics are kept. Reads are of the local view; DESTROYED removes. */
export interface StatusStore {
  connector(name: string): Status | undefined
  task(id: TaskId): Status | undefined
  /** Tasks of a connector in the order of their numbers. */
  tasks(name: string): readonly { readonly id: TaskId; readonly status: Status }[]
  putConnector(name: string, status: Status): void
  putTask(id: TaskId, status: Status): void
  /** Write unless another worker of a later generation has written since: for what may run elsewhere by now. */
  putConnectorSafe(name: string, status: Status): void
  putTaskSafe(id: TaskId, status: Status): void

  topics(connector: string): readonly string[]
  putTopic(connector: string, topic: string): void
  removeTopics(connector: string): void
}

/** Keeps all in memory. */
export class MemoryStatusStore implements StatusStore {
  readonly #connectors = new Map<string, Status>()
  readonly #tasks = new Map<string, Map<number, Status>>()
  readonly #topics = new Map<string, Set<string>>()

  connector(name: string): Status | undefined {
    return this.#connectors.get(name)
  }
  task(id: TaskId): Status | undefined {
    return this.#tasks.get(id.connector)?.get(id.task)
  }
  tasks(name: string): { readonly id: TaskId; readonly status: Status }[] {
    return [...(this.#tasks.get(name) ?? [])]
      .map(([task, status]) => ({ id: { connector: name, task }, status }))
      .sort((a, b) => a.id.task - b.id.task)
  }

  putConnector(name: string, status: Status): void {
    if (status.state === 'DESTROYED') this.#connectors.delete(name)
    else this.#connectors.set(name, status)
  }
  putTask(id: TaskId, status: Status): void {
    const tasks = this.#tasks.get(id.connector) ?? new Map<number, Status>()
    if (status.state === 'DESTROYED') tasks.delete(id.task)
    else tasks.set(id.task, status)
    if (tasks.size === 0) this.#tasks.delete(id.connector)
    else this.#tasks.set(id.connector, tasks)
  }

  putConnectorSafe(name: string, status: Status): void {
    this.putConnector(name, status)
  }
  putTaskSafe(id: TaskId, status: Status): void {
    this.putTask(id, status)
  }

  topics(connector: string): readonly string[] {
    return [...(this.#topics.get(connector) ?? [])]
  }
  putTopic(connector: string, topic: string): void {
    const topics = this.#topics.get(connector)
    if (topics === undefined) this.#topics.set(connector, new Set([topic]))
    else topics.add(topic)
  }
  removeTopics(connector: string): void {
    this.#topics.delete(connector)
  }
}
