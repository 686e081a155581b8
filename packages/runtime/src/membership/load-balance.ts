// Balance: what members with more than their share give up, and how new work is dealt to those with least.
import type { MemberLoad } from './incremental-state.ts'
import { AXES, type Axis, emptyWorkSet, isEmptySet, type MutableWorkSet, type WorkSet } from './work.ts'

const SUCCESSIVE_FACTOR = 40

/**
 * What each member must give up so that none has more than its share. Connectors and tasks are balanced apart.
 * @param configured all work there is
 * @param loads without what is revoked for other reasons
 */
export function balancingRevocations(
  configured: WorkSet,
  loads: readonly MemberLoad[],
): ReadonlyMap<string, MutableWorkSet> {
  const result = new Map<string, MutableWorkSet>()
  if (loads.every(({ work }) => isEmptySet(work)) || isEmptySet(configured)) return result
  for (const axis of AXES) {
    for (const [member, surplus] of surplusOf(axis, configured[axis].size, loads)) {
      const known = result.get(member) ?? emptyWorkSet()
      known[axis] = new Set(surplus)
      result.set(member, known)
    }
  }
  return result
}

function surplusOf(axis: Axis, total: number, loads: readonly MemberLoad[]): ReadonlyMap<string, readonly string[]> {
  const least = Math.floor(total / loads.length)
  const extras = total % loads.length
  const surplus = new Map<string, readonly string[]>()
  const withLeast = loads.filter(({ work }) => work[axis].size === least).length
  const withExtra = loads.filter(({ work }) => work[axis].size === least + 1).length
  if (withExtra === extras && withLeast + withExtra === loads.length) return surplus
  let extrasLeft = extras
  for (const { member, work } of loads) {
    const size = work[axis].size
    if (size <= least) continue
    let allowed = least
    if (extrasLeft > 0) {
      extrasLeft--
      allowed = least + 1
      if (size === allowed) continue
    }
    surplus.set(member, [...work[axis]].slice(0, size - allowed))
  }
  return surplus
}

/** Deals work one by one, always to the members with least; among equals by member id. Changes the loads. */
export function deal(axis: Axis, work: Iterable<string>, loads: readonly MemberLoad[]): void {
  const inTurn = [...loads].sort(
    (a, b) => a.work[axis].size - b.work[axis].size || (a.member < b.member ? -1 : a.member > b.member ? 1 : 0),
  )
  const rest = [...work]
  for (let dealt = 0; dealt < rest.length; ) {
    const first = inTurn[0]!.work[axis].size
    const ahead = inTurn.findIndex((load) => load.work[axis].size > first)
    for (const load of ahead < 0 ? inTurn : inTurn.slice(0, ahead)) {
      if (dealt === rest.length) break
      load.work[axis].add(rest[dealt++]!)
    }
  }
}

/** Milliseconds before the next revocation for balance, after `successive` rebalances in a row that wanted one. */
export function revocationBackoffMs(successive: number, maxDelayMs: number): number {
  if (maxDelayMs <= 1) return maxDelayMs
  const steps = Math.min(successive, Math.log(maxDelayMs) / Math.log(SUCCESSIVE_FACTOR))
  return Math.min(Math.trunc(SUCCESSIVE_FACTOR ** steps), maxDelayMs)
}
