// Whether the tasks of this worker get on: asks the threads every few seconds, and tells status, metrics and log what changed.
import { errorMessage, type Logger } from '@millrace/api'
import { checkIntervalMs, type ProgressPolicy, progressPolicy } from '../config/progress-config.ts'
import type { MetricSample, ReportedState, TaskId, TaskProgress, ThreadEvent } from '../plane/messages.ts'
import type { ConfigReader } from './config-store.ts'

/** What users see of it, among the fields of a task's state. */
export interface ProgressNote {
  readonly state: TaskProgress['state']
  /** ISO 8601. */
  readonly since: string
  readonly reason?: string
}

type ThreadSilent = Extract<ThreadEvent, { readonly event: 'threadSilent' }>

/** Where it looks, and whom it tells. */
export interface ProgressWatchParts {
  readonly configs: ConfigReader
  /** Settings of the worker: defaults of all connectors. */
  readonly workerProps: Readonly<Record<string, string>>
  /** Whether the worker has the task still. */
  readonly runs: (id: TaskId) => boolean
  /** Has the threads look; what they find comes to {@link ProgressWatch.progress} and {@link ProgressWatch.silent}. */
  readonly check: () => void
  /** What {@link ProgressWatch.note} says of a task has changed. */
  readonly publish: (id: TaskId) => void
  readonly log: Logger
}

interface Watched {
  readonly id: TaskId
  /** As reported last. */
  state: ReportedState
  /** What its thread said last. */
  progress: TaskProgress
  /** What is to be said while its thread does not answer. */
  silent: TaskProgress | null
  told: TaskProgress
  toldAt: number
}

/** Looks at least between two changes of a task that are told. */
const QUIET_LOOKS = 6

/** The watch over one worker's tasks. It changes nothing about them. */
export class ProgressWatch {
  readonly #parts: ProgressWatchParts
  readonly #quietMs: number
  readonly #tasks = new Map<string, Watched>()
  readonly #timer: NodeJS.Timeout

  constructor(parts: ProgressWatchParts) {
    this.#parts = parts
    const intervalMs = checkIntervalMs(parts.workerProps)
    this.#quietMs = QUIET_LOOKS * intervalMs
    this.#timer = setInterval(() => this.#look(), intervalMs).unref()
  }

  close(): void {
    clearInterval(this.#timer)
  }

  /** A task got to a state: what was known of its progress is over. */
  state(id: TaskId, state: ReportedState): void {
    const key = keyOf(id)
    if (state === 'UNASSIGNED' || state === 'DESTROYED') {
      this.#tasks.delete(key)
      return
    }
    const well = running()
    const known = this.#tasks.get(key)
    const told = known?.told ?? well
    this.#tasks.set(key, { id, state, progress: well, silent: null, told, toldAt: known?.toldAt ?? 0 })
    // The state that is written next says it: there is nothing more to tell.
    const watched = this.#tasks.get(key) as Watched
    if (state !== 'RUNNING') watched.told = well
    else if (told.state !== 'running') this.#tell(watched, well)
  }

  /** A thread tells how a task gets on. */
  progress(id: TaskId, progress: TaskProgress): void {
    const watched = this.#watched(id)
    watched.progress = progress
    this.#settle(watched)
  }

  /** A thread does not answer, or does again. */
  silent({ tasks, silentMs, suspects }: ThreadSilent): void {
    const names = suspects.map(({ id, at }) => `task ${keyOf(id)} at ${at}`)
    const since = Date.now() - Math.round(silentMs)
    for (const id of tasks) {
      const watched = this.#watched(id)
      const { stalledMs } = this.#policy(id)
      const own = suspects.length === 1 && keyOf(suspects[0]!.id) === keyOf(id)
      const who = own
        ? `it keeps its thread busy at ${suspects[0]!.at}`
        : `its thread is kept busy by ${names.length > 0 ? names.join(' or ') : 'code of a plugin'}`
      const reason = `${who}, and the thread has not answered since ${new Date(since).toISOString()}`
      // The first that is said of it stays, while it lasts.
      watched.silent = silentMs < stalledMs ? null : (watched.silent ?? { state: 'stalled', since, reason })
      this.#settle(watched)
    }
  }

  /** What users see; undefined when there is nothing to see, as its connector wants it. */
  note(id: TaskId): ProgressNote | undefined {
    const watched = this.#tasks.get(keyOf(id))
    if (watched === undefined) return undefined
    const { told, state } = watched
    if (state !== 'RUNNING' && told.state === 'running') return undefined
    const { watch } = this.#policy(id)
    if (watch === 'off' || (watch === 'problems' && !isProblem(told))) return undefined
    const since = new Date(told.since).toISOString()
    return { state: told.state, since, ...(told.reason !== '' && { reason: told.reason }) }
  }

  /** For every task of this worker, whatever its state. */
  samples(): MetricSample[] {
    this.#forgetGone()
    const group = 'task-progress-metrics'
    const now = Date.now()
    return [...this.#tasks.values()].flatMap((watched) => {
      const { id, state } = watched
      const labels = { connector: id.connector, task: String(id.task) }
      const current = currentOf(watched)
      const shown = state === 'RUNNING' || isProblem(current) ? current.state : state.toLowerCase()
      return [
        { group, name: 'progress', labels, value: shown },
        { group, name: 'stalled', labels, value: current.state === 'stalled' ? 1 : 0 },
        { group, name: 'progress-time-ms', labels, value: now - current.since },
      ]
    })
  }

  /** Tasks that were abandoned say nothing any more. */
  #forgetGone(): void {
    for (const [key, { id }] of this.#tasks) if (!this.#parts.runs(id)) this.#tasks.delete(key)
  }
  #look(): void {
    this.#forgetGone()
    this.#parts.check()
    for (const watched of this.#tasks.values()) this.#settle(watched)
  }

  /** Tells what is new, unless something was told of the task just now: then at a later look, if it is still so. */
  #settle(watched: Watched): void {
    const current = currentOf(watched)
    const { told } = watched
    if (current.state === told.state && (current.state === 'running' || current.reason === told.reason)) return
    if (Date.now() - watched.toldAt < this.#quietMs) return
    this.#tell(watched, current)
  }
  #tell(watched: Watched, current: TaskProgress): void {
    const { id } = watched
    const before = this.note(id)
    const was = watched.told
    watched.told = current
    const { log } = this.#parts
    const where = { connector: id.connector, task: id.task }
    if (isProblem(current)) log.warn(`Task ${keyOf(id)} is ${current.state}: ${current.reason}`, where)
    else if (isProblem(was)) log.info(`Task ${keyOf(id)} gets on again`, where)
    else log.debug(`Task ${keyOf(id)} is ${current.state}`, where)
    const after = this.note(id)
    if (before?.state === after?.state && before?.reason === after?.reason) return
    watched.toldAt = Date.now()
    this.#parts.publish(id)
  }

  #watched(id: TaskId): Watched {
    const key = keyOf(id)
    const known = this.#tasks.get(key)
    if (known !== undefined) return known
    const made: Watched = {
      id,
      state: 'UNASSIGNED',
      progress: running(),
      silent: null,
      told: running(),
      toldAt: 0,
    }
    this.#tasks.set(key, made)
    return made
  }
  #policy(id: TaskId): ProgressPolicy {
    const { configs, workerProps, log } = this.#parts
    try {
      return progressPolicy(configs.connectorConfig(id.connector) ?? {}, workerProps)
    } catch (error) {
      log.debug(`Task ${keyOf(id)} is watched by the defaults: ${errorMessage(error)}`)
      return progressPolicy({}, {})
    }
  }
}

function currentOf({ silent, progress }: Watched): TaskProgress {
  return silent ?? progress
}
function running(): TaskProgress {
  return { state: 'running', since: Date.now(), reason: '' }
}
function isProblem({ state }: TaskProgress): boolean {
  return state === 'behind' || state === 'stalled'
}
function keyOf({ connector, task }: TaskId): string {
  return `${connector}-${task}`
}
