// Restarts of failed connectors and tasks by the worker itself: after a wait that grows, a bounded number of times, with a history
// that users see in the status.
import { errorMessage, type Logger } from '@millrace/api'
import { type RestartPolicy, restartPolicy } from '../config/auto-restart-config.ts'
import type { MetricSample, TaskId } from '../plane/messages.ts'
import type { ConfigReader } from './config-store.ts'

/** What failed: a task, or the instance of a connector. */
export type Failing = TaskId | string

/** What users see of it, among the fields of a state. */
export interface AutoRestartNote {
  /** Restarts since it last ran long enough without failure. */
  readonly attempts: number
  /** -1 for without end. */
  readonly max_attempts: number
  /** When the next one is due, ISO 8601; left out when none is. */
  readonly next?: string
  /** The last failures, oldest first. */
  readonly history: readonly { readonly at: string; readonly error: string }[]
}

/** Where restarts come from and go. */
export interface AutoRestartParts {
  readonly configs: ConfigReader
  /** Settings of the worker: defaults of all connectors. */
  readonly workerProps: Readonly<Record<string, string>>
  /** Restarts what is still this worker's, if it is `stillFailing` when its turn comes. */
  readonly restart: (what: Failing, stillFailing: () => boolean) => Promise<unknown>
  readonly log: Logger
}

interface Tried {
  readonly what: Failing
  attempts: number
  policy: RestartPolicy
  /** False once it runs again, or somebody restarts it. */
  failing: boolean
  /** Since when it runs; 0 while it does not. */
  runningSince: number
  due: number
  timer: NodeJS.Timeout | undefined
  readonly history: { readonly at: string; readonly error: string }[]
}

const MOST_REMEMBERED = 5
const JITTER = 0.2
const LONGEST_ERROR = 300
/** Classes in a trace: at its start, and behind each cause. */
const CLASSES = /^(?:Caused by: )?([A-Za-z_$][\w$.]*)(?=:|$)/gm

/** The automatic restarts of one worker. */
export class AutoRestarts {
  readonly #parts: AutoRestartParts
  readonly #records = new Map<string, Tried>()
  #restarts = 0
  #givenUp = 0
  #closed = false

  constructor(parts: AutoRestartParts) {
    this.#parts = parts
  }

  /** Something failed: plans its restart, if its configuration has any. */
  failed(what: Failing, trace: string): void {
    const connector = connectorOf(what)
    const config = this.#parts.configs.connectorConfig(connector)
    if (this.#closed || config === undefined) return
    let policy: RestartPolicy | undefined
    try {
      policy = restartPolicy(config, this.#parts.workerProps)
    } catch (error) {
      this.#parts.log.warn(`${named(what)} is not restarted by itself: ${errorMessage(error)}`, { connector })
    }
    if (policy === undefined) return
    const record = this.#record(what, policy)
    const now = Date.now()
    if (record.runningSince > 0 && now - record.runningSince >= policy.resetMs) record.attempts = 0
    record.runningSince = 0
    record.failing = true
    record.policy = policy
    const error = (trace.split('\n')[0] ?? '').slice(0, LONGEST_ERROR)
    record.history.push({ at: new Date(now).toISOString(), error })
    if (record.history.length > MOST_REMEMBERED) record.history.shift()
    this.#plan(
      record,
      [...trace.matchAll(CLASSES)].map((one) => one[1] as string),
    )
  }

  /** Something runs. */
  running(what: Failing): void {
    const record = this.#records.get(keyOf(what))
    if (record === undefined) return
    this.#calledOff(record)
    if (record.runningSince === 0) record.runningSince = Date.now()
  }
  /** Somebody restarts it. */
  restarting(what: Failing): void {
    const record = this.#records.get(keyOf(what))
    if (record !== undefined) this.#calledOff(record)
  }

  /** Something was stopped, moved, or configured anew: what was planned for it is off, and it is counted anew. */
  forget(what: Failing): void {
    const record = this.#records.get(keyOf(what))
    clearTimeout(record?.timer)
    this.#records.delete(keyOf(what))
  }
  /** The same for a connector and all its tasks. */
  forgetAll(connector: string): void {
    for (const { what } of [...this.#records.values()]) if (connectorOf(what) === connector) this.forget(what)
  }

  /** What users see of it; undefined when nothing ever failed. */
  note(what: Failing): AutoRestartNote | undefined {
    const record = this.#records.get(keyOf(what))
    if (record === undefined) return undefined
    const { attempts, policy, due, history } = record
    return {
      attempts,
      max_attempts: policy.maxRetries,
      ...(due > 0 && { next: new Date(due).toISOString() }),
      history: [...history],
    }
  }

  samples(): MetricSample[] {
    if (this.#records.size === 0 && this.#restarts === 0) return []
    const group = 'connect-auto-restart-metrics'
    const waiting = [...this.#records.values()].filter(({ due }) => due > 0).length
    const values = {
      'auto-restarts-total': this.#restarts,
      'auto-restarts-given-up-total': this.#givenUp,
      'auto-restarts-waiting': waiting,
    }
    return Object.entries(values).map(([name, value]) => ({ group, name, labels: {}, value }))
  }

  close(): void {
    this.#closed = true
    for (const { timer } of this.#records.values()) clearTimeout(timer)
  }

  #calledOff(record: Tried): void {
    clearTimeout(record.timer)
    record.due = 0
    record.failing = false
  }

  #record(what: Failing, policy: RestartPolicy): Tried {
    const known = this.#records.get(keyOf(what))
    if (known !== undefined) return known
    const made: Tried = {
      what,
      attempts: 0,
      policy,
      failing: true,
      runningSince: 0,
      due: 0,
      timer: undefined,
      history: [],
    }
    this.#records.set(keyOf(what), made)
    return made
  }

  #plan(record: Tried, classes: readonly string[]): void {
    const { what, policy, attempts } = record
    const { log } = this.#parts
    const connector = connectorOf(what)
    clearTimeout(record.timer)
    record.due = 0
    if (!policy.applies(classes)) {
      log.warn(`${named(what)} is not restarted by itself after an error of class ${classes[0]}`, { connector })
      return
    }
    if (policy.maxRetries >= 0 && attempts >= policy.maxRetries) {
      this.#givenUp++
      log.error(`${named(what)} failed after ${attempts} restarts and is not restarted by itself any more`, {
        connector,
      })
      return
    }
    const backoff = Math.min(policy.maxBackoffMs, policy.backoffMs * 2 ** Math.min(attempts, 40))
    const waitMs = Math.round(backoff * (1 + JITTER * (Math.random() * 2 - 1)))
    const of = policy.maxRetries < 0 ? '' : ` of ${policy.maxRetries}`
    log.warn(`${named(what)} failed and is restarted in ${waitMs} ms, restart ${attempts + 1}${of}`, { connector })
    record.due = Date.now() + waitMs
    record.timer = setTimeout(() => this.#restart(record), waitMs).unref()
  }

  #restart(record: Tried): void {
    const { what } = record
    // Somebody who paused or stopped it looks into it: it waits until it is to run.
    if (this.#parts.configs.targetState(connectorOf(what)) !== 'STARTED') {
      record.due = Date.now() + record.policy.maxBackoffMs
      record.timer = setTimeout(() => this.#restart(record), record.policy.maxBackoffMs).unref()
      return
    }
    record.due = 0
    record.attempts++
    this.#restarts++
    this.#parts.log.info(`Restarting ${named(what)} by itself`, { connector: connectorOf(what) })
    // A start that fails is reported as a failure, and planned again there.
    const stillFailing = () => record.failing && this.#records.get(keyOf(what)) === record
    this.#parts.restart(what, stillFailing).catch((error: unknown) => {
      this.#parts.log.debug(`${named(what)} did not restart`, { error })
    })
  }
}

function connectorOf(what: Failing): string {
  return typeof what === 'string' ? what : what.connector
}
function keyOf(what: Failing): string {
  return typeof what === 'string' ? `connector ${what}` : `task ${what.task} ${what.connector}`
}
function named(what: Failing): string {
  return typeof what === 'string' ? `Connector ${what}` : `Task ${what.connector}-${what.task}`
}
