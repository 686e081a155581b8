// The states of a membership by the consumer group protocol, and the moves between them.

/**
 * - `unjoined`: no part in the group, and nothing is sent; the owner gives up what it had, then joins.
 * - `joining`: heartbeats with epoch 0 are sent until the coordinator answers with an epoch.
 * - `member`: heartbeats run; the coordinator moves partitions as it likes.
 * - `leaving`: the last heartbeat is under way.
 * - `closed`: the end.
 */
export type ConsumerMemberState = 'unjoined' | 'joining' | 'member' | 'leaving' | 'closed'

const moves: Readonly<Record<ConsumerMemberState, readonly ConsumerMemberState[]>> = {
  unjoined: ['joining', 'leaving', 'closed'],
  joining: ['unjoined', 'member', 'leaving', 'closed'],
  member: ['unjoined', 'leaving', 'closed'],
  leaving: ['unjoined', 'closed'],
  closed: [],
}

/** @throws Error when the move is not in the table; it names the allowed ones */
export function checkConsumerMove(
  group: string,
  from: ConsumerMemberState,
  to: ConsumerMemberState,
): ConsumerMemberState {
  if (moves[from].includes(to)) return to
  const allowed = moves[from].join(', ') || 'none'
  throw new Error(`Membership in group "${group}" cannot go from ${from} to ${to}. Allowed from ${from}: ${allowed}.`)
}
