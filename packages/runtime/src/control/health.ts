// What is wrong with a worker, for those who ask whether it is alive and whether it is ready.

/** Something that is wrong. */
export interface HealthProblem {
  /** `herder`, `group`, or a topic. */
  readonly what: string
  /** One sentence, secrets masked. */
  readonly reason: string
}

/** What a worker finds of itself; empty lists are good news. */
export interface HealthReport {
  /** Faults that last: only a new start may help. */
  readonly dead: readonly HealthProblem[]
  /** Why requests may not be served as they should, now. */
  readonly unready: readonly HealthProblem[]
}

/** A step that takes longer keeps requests waiting: the time that /health waits for an answer. */
export const SLOW_STEP_MS = 10_000
/** A step that takes longer does not come to an end any more. */
export const STUCK_STEP_MS = 300_000

/** Problems of a herder that does one thing after another. @param stuckMs how long one thing may take at most */
export function busyHerder(doing: string, sinceMs: number, stuckMs = STUCK_STEP_MS): HealthReport {
  const seconds = Math.round(sinceMs / 1000)
  const problem = { what: 'herder', reason: `It has been ${doing} for ${seconds} s, and serves no requests meanwhile` }
  return { dead: sinceMs >= stuckMs ? [problem] : [], unready: sinceMs >= SLOW_STEP_MS ? [problem] : [] }
}

/** All problems of several reports. */
export function together(...reports: readonly HealthReport[]): HealthReport {
  return { dead: reports.flatMap(({ dead }) => dead), unready: reports.flatMap(({ unready }) => unready) }
}
