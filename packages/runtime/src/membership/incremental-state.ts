// What the incremental assignor remembers from one rebalance to the next: all of its state, as a value.
import { emptyWorkSet, type MutableWorkSet, type WorkSet } from './work.ts'

/** The leader's memory. A new leader begins with {@link INITIAL_STATE}. */
export interface IncrementalState {
  /** What was owned after the last rebalance, and what is lost and not yet given anew. */
  readonly previousAssignment: WorkSet
  /** What was to be given up in the last rebalance. Should it still be held, that did not happen. */
  readonly previousRevocation: WorkSet
  /** Generation of {@link previousAssignment}; -1 before the first. */
  readonly previousGeneration: number
  readonly previousMembers: readonly string[]
  /** Members that came with empty hands while lost work waited: it may be theirs. */
  readonly candidates: readonly string[]
  /** When waiting ends, in the clock's milliseconds; 0 when nothing waits. */
  readonly scheduledAt: number
  /** Milliseconds that were left then, as the last rebalance told all members. */
  readonly delayMs: number
  /** The last rebalance took work away for balance. */
  readonly revokedInPrevious: boolean
  /** How many rebalances in a row wanted to. */
  readonly successiveRevocations: number
}

export const INITIAL_STATE: IncrementalState = Object.freeze({
  previousAssignment: emptyWorkSet(),
  previousRevocation: emptyWorkSet(),
  previousGeneration: -1,
  previousMembers: Object.freeze([]),
  candidates: Object.freeze([]),
  scheduledAt: 0,
  delayMs: 0,
  revokedInPrevious: false,
  successiveRevocations: 0,
})

/** A copy in the making. */
export type StateDraft = { -readonly [Key in keyof IncrementalState]: IncrementalState[Key] }

/** Settings and the clock of one rebalance. */
export interface RoundClock {
  /** Milliseconds; any epoch, but one and the same from round to round. */
  readonly now: number
  /** `scheduled.rebalance.max.delay.ms` */
  readonly maxDelayMs: number
}

/** A member and what it will own, in the making. */
export interface MemberLoad {
  readonly member: string
  readonly work: MutableWorkSet
}
