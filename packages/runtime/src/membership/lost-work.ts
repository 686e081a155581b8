// Lost work: what a member held that is no longer there. It waits for the member to come back before others get it.
import { hashOrder } from './hash-order.ts'
import type { MemberLoad, RoundClock, StateDraft } from './incremental-state.ts'
import { AXES, emptyWorkSet, isEmptySet, type WorkSet } from './work.ts'

/**
 * Decides about lost work: it waits (then `draft.delayMs` and `draft.scheduledAt` say how long), goes to members that came
 * with empty hands meanwhile (added to their loads here), or is returned to be divided like new work.
 */
export function handleLostWork(
  draft: StateDraft,
  lost: WorkSet,
  loads: readonly MemberLoad[],
  clock: RoundClock,
): WorkSet {
  if (isEmptySet(lost) && !draft.revokedInPrevious) {
    resetDelay(draft)
    return lost
  }
  const present = new Set(loads.map(({ member }) => member))
  const nobodyLeft = draft.previousMembers.every((member) => present.has(member))
  // Everybody is here: the last assignment did not reach whom it was for. Nobody need be waited for.
  if (draft.scheduledAt <= 0 && nobodyLeft) return lost
  if (clock.maxDelayMs === 0) return lost
  if (draft.scheduledAt > 0 && clock.now >= draft.scheduledAt) return endOfWait(draft, lost, loads)
  wait(draft, loads, clock)
  return emptyWorkSet()
}

function endOfWait(draft: StateDraft, lost: WorkSet, loads: readonly MemberLoad[]): WorkSet {
  const candidates = draft.candidates.flatMap((member) => loads.find((load) => load.member === member) ?? [])
  resetDelay(draft)
  draft.revokedInPrevious = false
  if (candidates.length === 0) return lost
  for (const axis of AXES) {
    let turn = 0
    for (const one of lost[axis]) candidates[turn++ % candidates.length]!.work[axis].add(one)
  }
  return emptyWorkSet()
}

function wait(draft: StateDraft, loads: readonly MemberLoad[], { now, maxDelayMs }: RoundClock): void {
  const empty = loads.filter(({ work }) => isEmptySet(work)).map(({ member }) => member)
  draft.candidates = [...new Set([...draft.candidates, ...hashOrder(empty)])]
  draft.delayMs = now < draft.scheduledAt ? Math.min(draft.scheduledAt - now, maxDelayMs) : maxDelayMs
  draft.scheduledAt = now + draft.delayMs
}

function resetDelay(draft: StateDraft): void {
  draft.candidates = []
  draft.scheduledAt = 0
  draft.delayMs = 0
}
