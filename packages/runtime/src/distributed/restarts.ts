// Restarts of what runs on this worker: by a request to the owner, or by one that all workers read (KIP-745).
import { ConnectException, type Logger } from '@millrace/api'
import type { RestartRequest } from '../control/entities.ts'
import type { InstanceStarts } from '../control/instance-starts.ts'
import { restartPlan } from '../control/restart-plan.ts'
import type { StatusReporter } from '../control/status-reporter.ts'
import type { StatusStore } from '../control/status-store.ts'
import { taskKey, type Worker } from '../control/worker.ts'
import type { TaskId } from '../plane/messages.ts'
import type { AssignedWork } from './assigned-work.ts'

/** What restarts need. */
export interface RestartParts {
  readonly worker: Worker
  readonly work: AssignedWork
  readonly starts: InstanceStarts
  readonly status: StatusReporter
  readonly statuses: StatusStore
  readonly log: Logger
}

/** Restarts, from within the herder's loop. */
export class Restarts {
  readonly #parts: RestartParts

  constructor(parts: RestartParts) {
    this.#parts = parts
  }

  /** Restarts an instance that runs here. @throws ConnectException when it does not start */
  async connector(name: string): Promise<void> {
    const { worker, work } = this.#parts
    await worker.stopConnector(name)
    const failure = await work.startConnector(name)
    if (failure !== undefined) throw new ConnectException(`Failed to start connector: ${name}`, { cause: failure })
  }

  /** Restarts a task that runs here. @throws ConnectException when it does not start */
  async task(id: TaskId): Promise<void> {
    const { worker, starts } = this.#parts
    await worker.stopTasks([id])
    const failure = await starts.task(id)
    if (failure !== undefined) throw new ConnectException(`Failed to start task: ${taskKey(id)}`, { cause: failure })
  }

  /** Does this worker's part of a request. Failed starts show in the states. */
  async carryOut(request: RestartRequest): Promise<void> {
    const { worker, work, starts, status, statuses, log } = this.#parts
    const name = request.connector
    const current = statuses.connector(name)
    if (current === undefined) {
      log.debug(`Connector ${name} is not restarted: it has no state yet`)
      return
    }
    const plan = restartPlan(request, current, statuses)
    const tasks = plan.tasks.filter((id) => work.runsTask(id))
    const connector = plan.connector && work.runsConnector(name)
    if (!connector && tasks.length === 0) return
    log.info(`Restarting ${connector ? 'the instance' : 'nothing'} and ${tasks.length} tasks of connector ${name} here`)
    if (connector) {
      await worker.stopConnector(name)
      status.connector(name, 'RESTARTING', null, '')
    }
    await worker.stopTasks(tasks)
    for (const id of tasks) status.task(id, 'RESTARTING', null, '')
    if (connector) await work.startConnector(name)
    await Promise.all(tasks.map((id) => starts.task(id)))
  }
}
