// The states of a group membership and the moves between them. An illegal move is a fault of this program and throws.

/**
 * - `unjoined`: no part in the group; the next step is to join.
 * - `joining`: JoinGroup is under way; the coordinator waits for the others.
 * - `syncing`: a generation is known, the leader's assignment is awaited.
 * - `stable`: the assignment is here; heartbeats run.
 * - `rebalancing`: still a member, but the group rebalances or the owner asked to rejoin; heartbeats run until it does.
 * - `leaving`: LeaveGroup is under way.
 * - `closed`: the end.
 */
export type MemberState = 'unjoined' | 'joining' | 'syncing' | 'stable' | 'rebalancing' | 'leaving' | 'closed'

const moves: Readonly<Record<MemberState, readonly MemberState[]>> = {
  unjoined: ['joining', 'leaving', 'closed'],
  joining: ['unjoined', 'syncing', 'leaving', 'closed'],
  syncing: ['unjoined', 'stable', 'leaving', 'closed'],
  stable: ['unjoined', 'rebalancing', 'leaving', 'closed'],
  rebalancing: ['unjoined', 'joining', 'leaving', 'closed'],
  leaving: ['unjoined', 'closed'],
  closed: [],
}

/** @throws Error when the move is not in the table; it names the allowed ones */
export function checkMove(group: string, from: MemberState, to: MemberState): MemberState {
  if (moves[from].includes(to)) return to
  const allowed = moves[from].join(', ') || 'none'
  throw new Error(`Membership in group "${group}" cannot go from ${from} to ${to}. Allowed from ${from}: ${allowed}.`)
}

/** States in which the coordinator expects heartbeats. */
export function heartbeats(state: MemberState): boolean {
  return state === 'syncing' || state === 'stable' || state === 'rebalancing'
}
