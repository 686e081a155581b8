// The life of a task in its thread, the same for sources and sinks: start, run, pause, stop, fail, and what is reported of it.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '@millrace/api'
import type { ProgressPolicy } from '../config/progress-config.ts'
import type { MetricSample, RemoteError, ReportedState, TargetState, TaskId } from '../plane/messages.ts'
import { ProgressMarks } from './progress/marks.ts'
import { duration, isSame, stalled, type Verdict } from './progress/verdict.ts'
import { RateLimiter } from './rate-limiter.ts'
import { TaskStateMachine } from './task-state.ts'

/** What kind-specific code does. Called in this order: `open`, `run`, `close`. */
export interface TaskWork {
  /**
   * Makes clients and converters, initializes and starts the task. Resolves when it runs, or when it gave up because
   * `stopping` was aborted.
   */
  open(stopping: AbortSignal): Promise<void>
  /** Works until {@link TaskGate.stopping}. Rejects when the task has failed. */
  run(gate: TaskGate): Promise<void>
  /** Finishes what is under way (commits what may be committed), stops the task, closes clients. Called once, also after a failure. */
  close(failed: boolean): Promise<void>
  metrics(): MetricSample[]
  /** How it gets on, while it runs. */
  progress?(policy: ProgressPolicy): Verdict
  /**
   * The task did not stop in time and another may take its place: lets go of Kafka at once, and commits nothing any more.
   * `close` follows when the task's own code returns, if it ever does.
   */
  abandon?(): void
  /** The connector is to be paused or resumed: a wait under way should end. */
  targetChanged?(): void
  readonly version: string
}

/** What a loop asks at each turn. */
export interface TaskGate {
  /** Aborted when the task is to stop. */
  readonly signal: AbortSignal
  readonly stopping: boolean
  /** True while the connector is to be paused. */
  readonly wantsPause: boolean
  /** Says that the task is now paused, or running again. */
  paused(now: boolean): void
  /** Resolves when the task is to run again, or to stop. */
  unpaused(): Promise<void>
}

/** How a runner tells the world. */
export interface TaskReporter {
  state(id: TaskId, state: ReportedState, error: RemoteError | null, version: string): void
  describe(error: unknown): RemoteError
}

/** What is noted of a task, how it is judged, and what it is held to. */
export interface Watched {
  readonly marks: ProgressMarks
  readonly policy: ProgressPolicy | null
  readonly limiter: RateLimiter
}

const WELL: Verdict = { state: 'running', since: 0, reason: '' }

/** Runs one task. */
export class TaskRunner implements TaskGate {
  readonly id: TaskId
  readonly #work: TaskWork
  readonly #reporter: TaskReporter
  readonly #log: Logger
  readonly #watched: Watched
  #toldProgress: Verdict = WELL
  readonly #machine = new TaskStateMachine()
  readonly #stopping = new AbortController()
  #target: TargetState
  #targetChanged = Promise.withResolvers<void>()
  #ended: Promise<void> = Promise.resolve()
  #silent = false

  constructor(
    id: TaskId,
    work: TaskWork,
    target: TargetState,
    reporter: TaskReporter,
    log: Logger,
    watched: Watched = { marks: new ProgressMarks(), policy: null, limiter: new RateLimiter() },
  ) {
    this.#watched = watched
    this.id = id
    this.#work = work
    this.#target = target
    this.#reporter = reporter
    this.#log = log
  }

  get signal(): AbortSignal {
    return this.#stopping.signal
  }
  get stopping(): boolean {
    return this.#stopping.signal.aborted
  }
  get wantsPause(): boolean {
    return this.#target === 'PAUSED'
  }
  get state(): TaskStateMachine {
    return this.#machine
  }
  /** Begins; returns at once. What becomes of it is reported. */
  start(): void {
    this.#ended = this.#live()
  }
  /** Changes what is wanted; the loop follows at its next turn. */
  setTarget(target: TargetState): void {
    if (target === this.#target) return
    this.#target = target
    this.#targetChanged.resolve()
    this.#work.targetChanged?.()
    this.#targetChanged = Promise.withResolvers()
  }
  paused(now: boolean): void {
    if (this.stopping || this.#machine.ended) return
    const before = this.#machine.reported
    this.#machine.move(now ? 'paused' : 'running')
    if (this.#machine.reported !== before) this.#report(null)
  }
  async unpaused(): Promise<void> {
    while (this.wantsPause && !this.stopping) {
      const stopped = new Promise<void>((resolve) =>
        this.signal.addEventListener('abort', () => resolve(), { once: true }),
      )
      await Promise.race([this.#targetChanged.promise, stopped])
    }
  }
  /** Asks the task to stop and waits. After `timeoutMs` it is abandoned: what it still reports is not passed on. */
  async stop(timeoutMs: number): Promise<'stopped' | 'abandoned'> {
    if (!this.#machine.ended && this.#machine.state !== 'stopping') this.#machine.move('stopping')
    this.#stopping.abort()
    const timer = new AbortController()
    const late = sleep(timeoutMs, 'abandoned' as const, { signal: timer.signal }).catch(() => 'abandoned' as const)
    const end = await Promise.race([this.#ended.then(() => 'stopped' as const), late])
    timer.abort()
    if (end === 'abandoned') {
      this.#silent = true
      this.#work.abandon?.()
    }
    return end
  }
  metrics(): MetricSample[] {
    return this.#work.metrics()
  }
  get limiter(): RateLimiter {
    return this.#watched.limiter
  }
  get version(): string {
    return this.#work.version
  }
  /** How the task gets on, if that is something else than at the last such question; null otherwise. */
  progressNews(): Verdict | null {
    const { marks, policy } = this.#watched
    if (policy === null || policy.watch === 'off') return null
    const verdict = this.#progress(marks, policy)
    if (isSame(verdict, this.#toldProgress)) return null
    this.#toldProgress = verdict
    return verdict.state === 'running' ? { ...verdict, since: performance.now() } : verdict
  }
  #progress(marks: ProgressMarks, policy: ProgressPolicy): Verdict {
    if (this.#silent) return WELL
    const { state } = this.#machine
    if (state === 'running') return this.#work.progress?.(policy) ?? WELL
    // Nothing is noted before the task is made; what it waits for then is its configuration and its plugins.
    const ms = performance.now() - marks.since
    if (state !== 'starting' || this.wantsPause || ms < policy.stalledMs) return WELL
    const what = marks.step === 'none' ? 'making the task' : marks.step
    return stalled(marks.since, `${what} has not come to an end for ${duration(ms)}`)
  }

  async #live(): Promise<void> {
    let failure: unknown
    let failed = false
    let began = false
    try {
      if (this.wantsPause) {
        this.paused(true)
        await this.unpaused()
      }
      if (!this.stopping) {
        began = true
        await this.#work.open(this.signal)
      }
      if (!this.stopping) {
        this.#machine.move(this.wantsPause ? 'paused' : 'running')
        this.#report(null)
        await this.#work.run(this)
      }
    } catch (error) {
      failure = error
      failed = true
    }
    try {
      if (began) await this.#work.close(failed)
    } catch (error) {
      this.#log.error('The task could not be closed as it should', { error })
      if (!failed) {
        failure = error
        failed = true
      }
    }
    this.#watched.marks.ended()
    if (failed && this.stopping) this.#log.warn('The task failed while it was being stopped', { error: failure })
    if (failed && !this.stopping) {
      this.#log.error(
        'Task threw an uncaught and unrecoverable exception. Task is being killed and will not recover until manually restarted',
        { error: failure },
      )
      this.#machine.move('failed')
      this.#report(failure)
    } else {
      if (this.#machine.state !== 'stopping') this.#machine.move('stopping')
      this.#machine.move('stopped')
      this.#report(null)
    }
  }
  #report(error: unknown): void {
    if (this.#silent) return
    const described = error === null ? null : this.#reporter.describe(error)
    this.#reporter.state(this.id, this.#machine.reported, described, this.#work.version)
  }
}
