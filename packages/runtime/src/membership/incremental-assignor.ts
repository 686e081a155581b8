// The incremental cooperative assignor (protocols `compatible` and `sessioned`, KIP-415): members keep what they run; only what
// is new, lost or too much moves. A pure function of the leader's memory, the members' reports, the configuration and the clock.
import { copiedOrder, copiedTaskOrder, hashOrder } from './hash-order.ts'
import type { IncrementalState, MemberLoad, RoundClock, StateDraft } from './incremental-state.ts'
import { balancingRevocations, deal, revocationBackoffMs } from './load-balance.ts'
import { handleLostWork } from './lost-work.ts'
import {
  AXES,
  type Axis,
  addAll,
  emptyWorkSet,
  type MutableWorkSet,
  removeAll,
  sortedDifference,
  toWork,
  toWorkSet,
  type Work,
  type WorkSet,
} from './work.ts'

/** One rebalance, as the leader sees it. */
export interface Round extends RoundClock {
  /** Generation that this rebalance makes. */
  readonly generation: number
  /** The last generation whose assignment this leader got; -1 for none. Not the one it remembers: its memory is stale. */
  readonly lastCompletedGeneration: number
  /** All connectors and tasks there are. */
  readonly configured: Work
  /** What each member says it runs, by member id, in the coordinator's order. */
  readonly members: ReadonlyMap<string, Work>
}

/** What one member is told, and what it will run then. */
export interface Share {
  readonly assigned: Work
  readonly revoked: Work
  /** All it owns after this rebalance: what it keeps and what is new. */
  readonly owned: Work
}

export interface IncrementalResult {
  readonly state: IncrementalState
  /** Every member. */
  readonly shares: ReadonlyMap<string, Share>
  /** Milliseconds after which all shall join again; 0 for none. */
  readonly delayMs: number
}

/** Divides what is to be divided now. `state` is left as it is; the next round takes the result's. */
export function assignIncrementally(state: IncrementalState, round: Round): IncrementalResult {
  const draft: StateDraft = { ...state }
  const configured = toWorkSet(round.configured)
  const current = new Map(hashOrder(round.members.keys()).map((id) => [id, toWorkSet(round.members.get(id)!)]))
  const active = emptyWorkSet()
  for (const work of current.values()) addAll(active, work)
  const previous = recall(draft, round, active)

  const deleted = sortedDifference(previous, configured)
  const lost = sortedDifference(previous, active, deleted)
  const created = sortedDifference(configured, previous, active)
  const revoked = new Map([...current].map(([id, work]) => [id, commonWork(work, deleted)]))
  const duplicated = duplicates(current.values())
  for (const [id, work] of current) addAll(revoked.get(id)!, commonWork(work, duplicated))

  const loads = [...current].map(([member, work]) => ({ member, work: toWorkSet(toWork(work)) }))
  for (const { member, work } of loads) removeAll(work, revoked.get(member)!)
  const divide = emptyWorkSet()
  addAll(divide, created)
  addAll(divide, handleLostWork(draft, lost, loads, round))
  if (draft.delayMs === 0) revokeForBalance(draft, configured, loads, revoked, round)
  else draft.revokedInPrevious = false
  for (const axis of AXES) deal(axis, divide[axis], loads)

  remember(draft, round, loads, revoked, lost)
  const shares = new Map(loads.map((load) => [load.member, share(load, current, revoked)]))
  return { state: Object.freeze(draft), shares, delayMs: draft.delayMs }
}

/** What was owned before, as far as the memory can be trusted. */
function recall(draft: StateDraft, round: Round, active: WorkSet): WorkSet {
  if (draft.previousGeneration !== round.lastCompletedGeneration) draft.previousAssignment = emptyWorkSet()
  const { previousRevocation } = draft
  const stillHeld = AXES.some((axis) => [...previousRevocation[axis]].some((one) => active[axis].has(one)))
  if (stillHeld) draft.previousAssignment = active
  draft.previousRevocation = emptyWorkSet()
  return draft.previousAssignment
}

function revokeForBalance(
  draft: StateDraft,
  configured: WorkSet,
  loads: readonly MemberLoad[],
  revoked: ReadonlyMap<string, MutableWorkSet>,
  { now, maxDelayMs }: RoundClock,
): void {
  const surplus = balancingRevocations(configured, loads)
  if (surplus.size === 0) {
    if (draft.revokedInPrevious) draft.successiveRevocations = 0
    draft.revokedInPrevious = false
    return
  }
  if (draft.revokedInPrevious) {
    draft.successiveRevocations++
    draft.delayMs = revocationBackoffMs(draft.successiveRevocations, maxDelayMs)
    if (draft.delayMs !== 0) {
      draft.scheduledAt = now + draft.delayMs
      return
    }
  }
  draft.revokedInPrevious = true
  for (const { member, work } of loads) {
    const less = surplus.get(member)
    if (less === undefined) continue
    addAll(revoked.get(member)!, less)
    removeAll(work, less)
  }
}

function remember(
  draft: StateDraft,
  round: Round,
  loads: readonly MemberLoad[],
  revoked: ReadonlyMap<string, MutableWorkSet>,
  lost: WorkSet,
): void {
  const owned = emptyWorkSet()
  for (const { work } of loads) addAll(owned, work)
  const revocation = emptyWorkSet()
  for (const work of revoked.values()) addAll(revocation, work)
  removeAll(owned, revocation)
  addAll(owned, lost)
  draft.previousAssignment = owned
  draft.previousRevocation = revocation
  draft.previousGeneration = round.generation
  draft.previousMembers = [...round.members.keys()]
}

function share(
  { member, work }: MemberLoad,
  current: ReadonlyMap<string, WorkSet>,
  revoked: ReadonlyMap<string, WorkSet>,
): Share {
  const assigned = emptyWorkSet()
  addAll(assigned, work)
  removeAll(assigned, current.get(member)!)
  const owned = emptyWorkSet()
  addAll(owned, work)
  removeAll(owned, revoked.get(member)!)
  return { assigned: toWork(assigned), revoked: toWork(revoked.get(member)!), owned: toWork(owned) }
}

function commonWork(work: WorkSet, other: WorkSet): MutableWorkSet {
  const { connectors, tasks } = work
  const inBoth = (axis: Axis, order: readonly string[]) => new Set(order.filter((one) => other[axis].has(one)))
  return {
    connectors: inBoth('connectors', copiedOrder(connectors, connectors.size)),
    tasks: inBoth('tasks', copiedTaskOrder(tasks, tasks.size)),
  }
}

/** What more than one member says it runs: a member that was taken for gone came back with its work. All give it up. */
function duplicates(members: Iterable<WorkSet>): WorkSet {
  const seen = emptyWorkSet()
  const twice = emptyWorkSet()
  for (const work of members) {
    for (const axis of AXES) {
      for (const one of work[axis]) (seen[axis].has(one) ? twice : seen)[axis].add(one)
    }
  }
  return twice
}
