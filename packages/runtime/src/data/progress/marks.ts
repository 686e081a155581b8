// Where a task's loop is, noted by the loop itself: two or three stores a batch, read only when somebody looks.
import { errorMessage } from '@millrace/api'

/** What a loop may be at. */
export const STEPS = [
  'none',
  'start()',
  'poll()',
  'sending records',
  'put()',
  'converting records',
  'preparing a commit',
  'committing',
  'reading',
  'waiting for its rate limit',
  'open()',
  'close()',
  'stop()',
] as const
export type Step = (typeof STEPS)[number]

const CODES = new Map<Step, number>(STEPS.map((step, code) => [step, code]))

/**
 * A thread's notes that the control plane can read although the thread does not answer: at 0 the slot of the task whose
 * code ran last, and in each task's own slot what it is at.
 */
export type Cells = Int32Array

/** Something that fails again and again. */
export interface Trouble {
  /** performance.now() of the first failure. */
  readonly since: number
  error: string
  times: number
}

/** The notes of one task. */
export class ProgressMarks {
  readonly #cells: Cells
  readonly #slot: number
  #step: Step = 'none'
  #since = performance.now()
  #trouble: Trouble | null = null

  /** @param slot 0 for none */
  constructor(cells: Cells = new Int32Array(1), slot = 0) {
    this.#cells = cells
    this.#slot = slot < cells.length ? slot : 0
  }

  get step(): Step {
    return this.#step
  }
  /** performance.now() of the last {@link at}. */
  get since(): number {
    return this.#since
  }
  get trouble(): Trouble | null {
    return this.#trouble
  }

  /** The loop comes to a step; its code runs now. @param now performance.now(), where it is known anyway */
  at(step: Step, now = performance.now()): void {
    this.#step = step
    this.#since = now
    if (this.#slot === 0) return
    this.#cells[this.#slot] = CODES.get(step) as number
    this.#cells[0] = this.#slot
  }
  /** The loop waits: code of others may run. */
  yields(): void {
    if (this.#slot !== 0 && this.#cells[0] === this.#slot) this.#cells[0] = 0
  }
  /** The task has ended. */
  ended(): void {
    this.yields()
    if (this.#slot !== 0) this.#cells[this.#slot] = 0
  }

  /** Something failed that will be tried again. */
  failing(error: unknown): void {
    this.#trouble ??= { since: performance.now(), error: '', times: 0 }
    this.#trouble.error = errorMessage(error)
    this.#trouble.times++
  }
  /** It went well. */
  worked(): void {
    this.#trouble = null
  }
}
