// Which instances a restart concerns, from the states of now (KIP-745).
import type { ReportedState, TaskId } from '../plane/messages.ts'
import type { RestartRequest } from './entities.ts'
import type { Status, StatusStore } from './status-store.ts'

/** What to restart. */
export interface RestartPlan {
  readonly connector: boolean
  readonly tasks: readonly TaskId[]
}

/** The plan of a request. */
export function restartPlan(request: RestartRequest, connector: Status, statuses: StatusStore): RestartPlan {
  const concerned = (state: ReportedState) => !request.onlyFailed || state === 'FAILED'
  return {
    connector: concerned(connector.state),
    tasks: request.includeTasks
      ? statuses
          .tasks(request.connector)
          .filter((one) => concerned(one.status.state))
          .map((one) => one.id)
      : [],
  }
}
