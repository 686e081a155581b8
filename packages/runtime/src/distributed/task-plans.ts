// Plans the tasks of connectors that run here, and has the leader write what is new; tries again until that worked.
import { ConnectException, type ConnectorProps, errorMessage, type Logger, TooManyTasksException } from '@millrace/api'
import { reverseTransform } from '../config/config-transformer.ts'
import { taskConfigsChanged } from '../control/config-store.ts'
import { RestException } from '../control/errors.ts'
import type { StatusReporter } from '../control/status-reporter.ts'
import type { Worker } from '../control/worker.ts'
import type { ClusterConfigState } from '../topics/config-topic/cluster-config-state.ts'

/** What planning needs. */
export interface TaskPlanParts {
  readonly worker: Worker
  readonly state: () => ClusterConfigState
  readonly status: StatusReporter
  /** Has the leader write the plan, whoever that is. */
  readonly publish: (connector: string, configs: readonly ConnectorProps[]) => Promise<void>
  readonly log: Logger
}

const FIRST_RETRY_MS = 250
const LONGEST_RETRY_MS = 60_000
/** A key that was replaced meanwhile is known to all within this time. */
const KEY_ROTATION_MS = 60_000
const FORBIDDEN = 403

interface Plan {
  /** Asked for again while it was made: what is in it may be old. */
  stale: boolean
  retry: NodeJS.Timeout | undefined
}

/** Plans, one at a time for each connector. */
export class TaskPlans {
  readonly #parts: TaskPlanParts
  readonly #plans = new Map<string, Plan>()
  #stopped = false

  constructor(parts: TaskPlanParts) {
    this.#parts = parts
  }

  /** Has the tasks of a connector planned, soon. */
  request(connector: string): void {
    if (this.#stopped) return
    const plan = this.#plans.get(connector)
    if (plan === undefined) {
      this.#plans.set(connector, { stale: false, retry: undefined })
      void this.#run(connector, Date.now(), 0)
    } else if (plan.retry === undefined) {
      plan.stale = true
    } else {
      // What was to be tried later is asked for now: with a configuration that may be mended.
      clearTimeout(plan.retry)
      plan.retry = undefined
      void this.#run(connector, Date.now(), 0)
    }
  }

  /** Ends all tries. */
  stop(): void {
    this.#stopped = true
    for (const { retry } of this.#plans.values()) clearTimeout(retry)
    this.#plans.clear()
  }

  /** Never rejects. */
  async #run(connector: string, asked: number, attempt: number): Promise<void> {
    const plan = this.#plans.get(connector)
    if (plan === undefined) return
    try {
      do {
        plan.stale = false
        await this.#plan(connector)
      } while (plan.stale && !this.#stopped)
      this.#plans.delete(connector)
    } catch (error) {
      this.#failed(connector, plan, error, asked, attempt)
    }
  }

  async #plan(connector: string): Promise<void> {
    const { worker, state, publish } = this.#parts
    const config = state().connectorConfig(connector)
    if (config === undefined || !worker.isRunning(connector) || state().targetState(connector) !== 'STARTED') return
    const planned = reverseTransform(config, await worker.taskConfigs(connector, config))
    if (!taskConfigsChanged(state(), connector, planned)) return
    await publish(connector, planned)
  }

  #failed(connector: string, plan: Plan, error: unknown, asked: number, attempt: number): void {
    const { log, worker, status } = this.#parts
    if (this.#stopped || !worker.isRunning(connector)) {
      this.#plans.delete(connector)
      return
    }
    const expiredKey =
      error instanceof RestException && error.status === FORBIDDEN && Date.now() - asked <= KEY_ROTATION_MS
    if (error instanceof TooManyTasksException) {
      log.error(
        `Connector ${connector} planned too many tasks; it is not asked again until its configuration changes`,
        {
          error,
        },
      )
      status.connectorFailed(connector, error)
      this.#plans.delete(connector)
      return
    }
    const delay = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** attempt)
    if (expiredKey) {
      log.debug(
        `The leader did not accept the signature of the plan of ${connector}, perhaps because of a new session key`,
      )
    } else {
      log.error(
        `The tasks of connector ${connector} could not be planned: ${errorMessage(error)}. Trying again in ${delay} ms`,
        { error },
      )
      if (isOwnFault(error)) status.connectorFailed(connector, error)
    }
    plan.retry = setTimeout(() => {
      plan.retry = undefined
      void this.#run(connector, asked, attempt + 1)
    }, delay)
    plan.retry.unref()
  }
}

/** True for what the connector itself threw: users look for that in its state, not in a log. */
function isOwnFault(error: unknown): boolean {
  return error instanceof ConnectException && !(error instanceof RestException)
}
