// What a task is, and what it may become.
import type { ReportedState } from '../plane/messages.ts'

/** States of a task in its thread. */
export type TaskState = 'starting' | 'running' | 'paused' | 'stopping' | 'stopped' | 'failed'

const ALLOWED: Readonly<Record<TaskState, readonly TaskState[]>> = {
  starting: ['running', 'paused', 'stopping', 'failed'],
  running: ['paused', 'stopping', 'failed'],
  paused: ['running', 'stopping', 'failed'],
  stopping: ['stopped', 'failed'],
  stopped: [],
  failed: [],
}

const REPORTED: Readonly<Record<TaskState, ReportedState>> = {
  starting: 'UNASSIGNED',
  running: 'RUNNING',
  paused: 'PAUSED',
  stopping: 'RUNNING',
  stopped: 'UNASSIGNED',
  failed: 'FAILED',
}

/** The state of one task and how long it was in which. */
export class TaskStateMachine {
  #state: TaskState = 'starting'
  readonly #created = performance.now()
  #since = this.#created
  readonly #spent = new Map<TaskState, number>()

  get state(): TaskState {
    return this.#state
  }
  get reported(): ReportedState {
    return REPORTED[this.#state]
  }
  get ended(): boolean {
    return this.#state === 'stopped' || this.#state === 'failed'
  }
  /** @throws Error for a move that is not allowed, naming those that are */
  move(to: TaskState): void {
    if (to === this.#state) return
    if (!ALLOWED[this.#state].includes(to)) {
      throw new Error(
        `A task that is ${this.#state} cannot become ${to}; it may become ${ALLOWED[this.#state].join(', ') || 'nothing'}`,
      )
    }
    const now = performance.now()
    this.#spent.set(this.#state, (this.#spent.get(this.#state) ?? 0) + now - this.#since)
    this.#since = now
    this.#state = to
  }
  /** Share of the time since the task was made that it spent in a state, 0 to 1. */
  ratio(state: TaskState): number {
    const now = performance.now()
    const spent = (this.#spent.get(state) ?? 0) + (this.#state === state ? now - this.#since : 0)
    return now === this.#created ? 0 : spent / (now - this.#created)
  }
}
