// What an exactly-once source task asks before it begins (KIP-618): that older generations are fenced, and that it is still the one to run.
import { setTimeout as sleep } from 'node:timers/promises'
import { ConnectException, errorMessage, type Logger } from '@millrace/api'
import { NotLeaderException, RestException } from '../control/errors.ts'
import { taskKey } from '../control/worker.ts'
import type { TaskId } from '../plane/messages.ts'
import type { ClusterConfigState } from '../topics/config-topic/cluster-config-state.ts'
import type { RequestQueue } from './request-queue.ts'

/** What preflight needs. */
export interface PreflightParts {
  readonly requests: RequestQueue
  /** The config topic as far as it was read. */
  readonly state: () => ClusterConfigState
  /** Reads the config topic to its end, from within the loop. @throws ConnectException */
  readonly refresh: (when: string) => Promise<void>
  /** Whether a task is assigned to this worker. */
  readonly owns: (id: TaskId) => boolean
  /** Fences older generations of a connector's tasks: by this worker if it leads, else by the leader. */
  readonly fence: (connector: string) => Promise<void>
  readonly log: Logger
}

/** Between tries to reach a leader. */
const RETRY_MS = 250
/** How long a leader may be missing: a group needs a session timeout to notice that its leader is gone, and a rebalance to get another. */
const LEADERLESS_MS = 120_000

/** The control plane's answers to tasks that begin. */
export class TaskPreflight {
  readonly #parts: PreflightParts

  constructor(parts: PreflightParts) {
    this.#parts = parts
  }

  /**
   * Resolves when no producer of an older generation can write any more. The reference fails the task when the leader
   * cannot be asked; here the task waits for the next leader, as long as it is this worker's.
   * @throws ConnectException
   */
  async fence(id: TaskId): Promise<void> {
    const { fence, log } = this.#parts
    const until = performance.now() + LEADERLESS_MS
    for (let told = false; ; told = true) {
      this.#requireOwned(id)
      try {
        await fence(id.connector)
        return
      } catch (error) {
        if (!isPassing(error) || performance.now() > until) throw error
        if (!told) {
          log.info(`Fencing for task ${taskKey(id)} waits for the group: ${errorMessage(error)}`)
        }
      }
      await sleep(RETRY_MS)
    }
  }

  /** @throws ConnectException when the task was planned anew or given to another worker meanwhile */
  verify(id: TaskId, generation: number): Promise<void> {
    const { requests, refresh, state } = this.#parts
    return requests.run(async () => {
      await refresh(`to ensure that task ${taskKey(id)} may still be started`)
      if (state().taskConfigGeneration(id.connector) !== generation) {
        throw new ConnectException(
          `Cannot start source task ${taskKey(id)} with exactly-once support as the connector has already generated a new set of task configs`,
        )
      }
      this.#requireOwned(id)
    })
  }

  #requireOwned(id: TaskId): void {
    if (this.#parts.owns(id)) return
    throw new ConnectException(
      `Cannot start source task ${taskKey(id)} as it has already been revoked from this worker`,
    )
  }
}

/** The group has no leader, or changes it, or the leader cannot be reached or is not done with reading. */
function isPassing(error: unknown): boolean {
  if (error instanceof NotLeaderException) return true
  return error instanceof RestException && (error.status === 409 || error.status >= 500)
}
