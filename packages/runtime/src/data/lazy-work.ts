// Work that is made when the task opens: a task whose plugins or settings are wrong fails like any other.

import type { ProgressPolicy } from '../config/progress-config.ts'
import type { MetricSample } from '../plane/messages.ts'
import type { Verdict } from './progress/verdict.ts'
import type { TaskGate, TaskWork } from './task-runner.ts'

/** Wraps the making of a task's work into the work. */
export class LazyWork implements TaskWork {
  readonly #make: () => Promise<TaskWork>
  #work: TaskWork | null = null

  constructor(make: () => Promise<TaskWork>) {
    this.#make = make
  }

  get version(): string {
    return this.#work?.version ?? ''
  }
  async open(stopping: AbortSignal): Promise<void> {
    this.#work = await this.#make()
    await this.#work.open(stopping)
  }
  async run(gate: TaskGate): Promise<void> {
    await this.#work?.run(gate)
  }
  async close(failed: boolean): Promise<void> {
    await this.#work?.close(failed)
  }
  abandon(): void {
    this.#work?.abandon?.()
  }
  targetChanged(): void {
    this.#work?.targetChanged?.()
  }
  progress(policy: ProgressPolicy): Verdict {
    return this.#work?.progress?.(policy) ?? { state: 'running', since: 0, reason: '' }
  }
  metrics(): MetricSample[] {
    return this.#work?.metrics() ?? []
  }
}
