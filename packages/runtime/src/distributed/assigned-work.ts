// What runs on this worker, and the way from there to what should: starts and stops of whole assignments, a bounded number at once.
import type { Logger } from '@millrace/api'
import type { InstanceStarts } from '../control/instance-starts.ts'
import type { Worker } from '../control/worker.ts'
import { isEmptyWork, NO_WORK, type Work, withoutWork } from '../membership/index.ts'
import type { TaskId } from '../plane/messages.ts'

/** What assigned work needs. */
export interface AssignedWorkParts {
  readonly worker: Worker
  readonly starts: InstanceStarts
  /** A connector instance is up: its tasks are to be planned. */
  readonly connectorStarted: (connector: string) => void
  /** A connector instance was stopped because others will run it. */
  readonly connectorStopped: (connector: string) => void
  readonly log: Logger
}

/** Starts at once: enough to keep all threads busy, few enough that the systems of a thousand connectors are not all asked together. */
const AT_ONCE = 16

/** The work of one worker. Calls must not overlap. */
export class AssignedWork {
  readonly #parts: AssignedWorkParts
  #running: Work = NO_WORK

  constructor(parts: AssignedWorkParts) {
    this.#parts = parts
  }

  get running(): Work {
    return this.#running
  }
  runsConnector(connector: string): boolean {
    return this.#running.connectors.includes(connector)
  }
  runsTask(id: TaskId): boolean {
    return this.#running.tasks.some((one) => one.connector === id.connector && one.task === id.task)
  }

  /** Starts what of an assignment does not run yet. Failures are states. */
  async start(assigned: Work): Promise<void> {
    const missing = withoutWork(assigned, this.#running)
    this.#running = assigned
    if (isEmptyWork(missing)) return
    this.#parts.log.info(
      `Starting ${missing.connectors.length} connectors and ${missing.tasks.length} tasks after a rebalance`,
    )
    await all([
      ...missing.connectors.map((connector) => () => this.startConnector(connector)),
      ...missing.tasks.map((id) => () => this.#parts.starts.task(id)),
    ])
  }

  /** Stops work that goes elsewhere. */
  async stop(work: Work): Promise<void> {
    const { worker, connectorStopped } = this.#parts
    this.#running = withoutWork(this.#running, work)
    await Promise.all([
      ...work.connectors.map(async (connector) => {
        if (!worker.isRunning(connector)) return
        await worker.stopConnector(connector)
        connectorStopped(connector)
      }),
      worker.stopTasks(work.tasks),
    ])
  }

  /** Stops the tasks of connectors that were planned anew; those that stay here start with the next assignment. */
  async stopTasksOf(connectors: ReadonlySet<string>): Promise<void> {
    const tasks = this.#running.tasks.filter(({ connector }) => connectors.has(connector))
    if (tasks.length > 0) await this.stop({ connectors: [], tasks })
  }

  /** Starts a connector instance; a failure is its state, logged, and returned. */
  async startConnector(connector: string): Promise<unknown> {
    try {
      await this.#parts.starts.connector(connector)
    } catch (error) {
      return error
    }
    this.#parts.connectorStarted(connector)
    return undefined
  }

  /** Starts instances that run here anew, with the configuration of now; those without one any more only stop. */
  async restartConnectors(connectors: Iterable<string>, remains: (connector: string) => boolean): Promise<void> {
    const own = [...connectors].filter((connector) => this.runsConnector(connector))
    await all(
      own.map((connector) => async () => {
        await this.#parts.worker.stopConnector(connector)
        if (remains(connector)) await this.startConnector(connector)
      }),
    )
  }
}

async function all(steps: readonly (() => Promise<unknown>)[]): Promise<void> {
  let next = 0
  const lane = async () => {
    while (next < steps.length) await steps[next++]?.()
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, steps.length) }, lane))
}
