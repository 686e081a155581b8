// What a worker holds over the rebalances: how an assignment changes it, and what must be stopped first. Pure functions.
import type { ConfigView } from './config-view.ts'
import { type Assignment, AssignmentError } from './connect-protocol.ts'
import { isEmptyWork, joinWork, NO_WORK, type Work, withoutWork } from './work.ts'

/** A finished join, as its worker must carry it out: stop `stop`, then hold `held`. */
export interface Completion {
  /** To be stopped before anything else. */
  readonly stop: Work
  /** The assignment with all the worker holds from now on in `assigned`, and in `revoked` what the leader took from it. */
  readonly held: Assignment
}

/**
 * What an assignment means to a worker that holds `before`.
 * @param cooperative whether the group's protocol of this generation is one (version 1 or 2)
 */
export function completeJoin(before: Assignment | null, fresh: Assignment, cooperative: boolean): Completion {
  const holds = before?.assigned ?? NO_WORK
  if (!cooperative) {
    // An eager assignment is whole. What ran on under a cooperative one and is not in it belongs to others now.
    return { stop: withoutWork(holds, fresh.assigned), held: fresh }
  }
  const kept = withoutWork(holds, fresh.revoked)
  return { stop: fresh.revoked, held: { ...fresh, assigned: joinWork(fresh.assigned, kept) } }
}

/**
 * What a worker holds that is no longer configured, as far as its configuration is not older than the assignment. It stops
 * that by itself: a leader that is new does not remember that it was anybody's, and would leave it running.
 */
export function deletedWork(held: Assignment, config: ConfigView): Work {
  if (config.offset < held.configOffset) return NO_WORK
  const connectors = [...config.connectors()]
  return withoutWork(held.assigned, { connectors, tasks: connectors.flatMap((one) => [...config.tasks(one)]) })
}

/** Whether work was taken in this generation: when it has stopped, all must join again so that others get it. */
export function mustHandOver(held: Assignment): boolean {
  return !isEmptyWork(held.revoked)
}

export function failed(assignment: Assignment): boolean {
  return assignment.error !== AssignmentError.NONE
}
