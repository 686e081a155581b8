// Writes states: what the threads report, and what the herder itself does to connectors and tasks.
import { errorCode, stackTrace } from '@millrace/api'
import type { SecretMask } from '../logging/mask.ts'
import type { ConnectorType, RemoteError, ReportedState, TaskId } from '../plane/messages.ts'
import type { AutoRestarts, Failing } from './auto-restarts.ts'
import type { ConnectorState, ConnectorStateInfo, TaskState } from './entities.ts'
import type { ProgressWatch } from './progress-watch.ts'
import { remoteTrace } from './remote-errors.ts'
import type { Status, StatusStore } from './status-store.ts'

/** Keeps the states of one worker's connectors and tasks. */
export class StatusReporter {
  readonly #store: StatusStore
  readonly #workerId: string
  readonly #mask: SecretMask
  #restarts: AutoRestarts | undefined
  #watch: ProgressWatch | undefined
  /** States of this worker's tasks as written last; reads of the store may be behind. */
  readonly #last = new Map<string, Status>()

  constructor(store: StatusStore, workerId: string, mask: SecretMask) {
    this.#store = store
    this.#workerId = workerId
    this.#mask = mask
  }

  /** Sets who restarts what failed, and is told of every state. Before the first of them. */
  restartedBy(restarts: AutoRestarts): void {
    this.#restarts = restarts
  }

  /** Sets who watches over tasks, and is told of their states. Before the first of them. */
  watchedBy(watch: ProgressWatch): void {
    this.#watch = watch
  }

  connector(name: string, state: ReportedState, error: RemoteError | null, version: string): void {
    const status = this.#status(name, state, error, version || this.#store.connector(name)?.version || '')
    if (isOver(state)) this.#store.putConnectorSafe(name, status)
    else this.#store.putConnector(name, status)
  }
  task(id: TaskId, state: ReportedState, error: RemoteError | null, version: string): void {
    const status = this.#status(id, state, error, version || this.#store.task(id)?.version || '')
    if (state === 'UNASSIGNED' || state === 'DESTROYED') this.#last.delete(taskKey(id))
    else this.#last.set(taskKey(id), status)
    if (isOver(state)) this.#store.putTaskSafe(id, status)
    else this.#store.putTask(id, status)
  }

  /** A connector that could not be started or asked for its tasks. */
  connectorFailed(name: string, error: unknown): void {
    this.#store.putConnector(name, this.#failed(name, error, this.#store.connector(name)?.version))
  }
  /** A task that could not even be begun. */
  taskFailed(id: TaskId, error: unknown): void {
    const status = this.#failed(id, error, this.#store.task(id)?.version)
    this.#watch?.state(id, 'FAILED')
    this.#last.set(taskKey(id), status)
    this.#store.putTask(id, status)
  }

  /** What is to be said of a task's progress has changed; its state has not. */
  taskProgressed(id: TaskId): void {
    const { progress: _, ...known } = this.#last.get(taskKey(id)) ?? {
      // It is still being started: nothing was written of it by this worker.
      state: 'UNASSIGNED' as const,
      workerId: this.#workerId,
      version: '',
      trace: '',
    }
    this.#store.putTaskSafe(id, this.#noted(id, known))
  }

  #status(what: Failing, state: ReportedState, error: RemoteError | null, version: string): Status {
    const trace = error === null ? '' : this.#mask.mask(error.trace)
    if (typeof what !== 'string') this.#watch?.state(what, state)
    if (state === 'FAILED') this.#restarts?.failed(what, trace)
    if (state === 'RUNNING') this.#restarts?.running(what)
    if (state === 'RESTARTING') this.#restarts?.restarting(what)
    if (state === 'UNASSIGNED' || state === 'DESTROYED') this.#restarts?.forget(what)
    return this.#noted(what, { state, workerId: this.#workerId, version, trace: withCode(trace, error?.code) })
  }
  #failed(what: Failing, error: unknown, version: string | undefined): Status {
    const trace = this.#mask.mask(remoteTrace(error) ?? stackTrace(error))
    this.#restarts?.failed(what, trace)
    const coded = withCode(trace, errorCode(error))
    return this.#noted(what, { state: 'FAILED', workerId: this.#workerId, version: version ?? '', trace: coded })
  }
  #noted(what: Failing, status: Status): Status {
    const autoRestart = this.#restarts?.note(what)
    const progress = typeof what === 'string' ? undefined : this.#watch?.note(what)
    return { ...status, ...(autoRestart !== undefined && { autoRestart }), ...(progress !== undefined && { progress }) }
  }
}

/** The code in a line behind the trace, which itself is as the reference's. */
function withCode(trace: string, code: string | undefined): string {
  return trace === '' || code === undefined ? trace : `${trace}${trace.endsWith('\n') ? '' : '\n'}Code: ${code}\n`
}

function taskKey({ connector, task }: TaskId): string {
  return `${connector}-${task}`
}

/** True for states with which work ends here: it may have begun elsewhere meanwhile, and that worker's word is the newer one. */
function isOver(state: ReportedState): boolean {
  return state === 'UNASSIGNED' || state === 'FAILED'
}

/** States of a connector and its tasks for REST; `as` replaces states for the answer alone. */
export function stateInfo(
  name: string,
  type: ConnectorType | 'unknown',
  connector: Status,
  tasks: readonly { readonly id: TaskId; readonly status: Status }[],
  as: { readonly connector?: ReportedState; readonly task?: (id: TaskId) => ReportedState | undefined } = {},
): ConnectorStateInfo {
  return {
    name,
    connector: connectorState(connector, as.connector),
    tasks: tasks.map(({ id, status }) => taskState(id, status, as.task?.(id))),
    type,
  }
}

/** State of a task for REST. */
export function taskState(id: TaskId, status: Status, as?: ReportedState): TaskState {
  return { id: id.task, ...connectorState(status, as) }
}

function connectorState(status: Status, as: ReportedState = status.state): ConnectorState {
  return {
    state: as,
    worker_id: status.workerId,
    ...(status.version !== '' && { version: status.version }),
    ...(status.trace !== '' && { trace: status.trace }),
    ...(status.autoRestart !== undefined && { auto_restart: status.autoRestart }),
    ...(status.progress !== undefined && { progress: status.progress }),
  }
}
