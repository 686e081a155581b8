// What an assignor is: the rule by which a group's leader divides topic partitions among the members.
import type { TopicPartition } from '@millrace/api'

/**
 * How a member treats what it owns while the group rebalances (KIP-429): `eager` gives up everything before it joins,
 * `cooperative` keeps all and gives up only what the new assignment takes away, then joins again.
 */
export type RebalanceProtocol = 'eager' | 'cooperative'

/** One member as the leader sees it: its decoded subscription. */
export interface MemberSubscription {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly topics: readonly string[]
  readonly userData: Buffer | null
  /** Partitions the member says it still owns; empty under the eager protocol. */
  readonly owned: readonly TopicPartition[]
  /** Generation in which it came to own them; null where the subscription's version does not carry it. */
  readonly generation: number | null
  readonly rackId: string | null
}

/** Partitions by member id. Every member has an entry. */
export type GroupAssignment = Map<string, TopicPartition[]>

/**
 * One assignment strategy. An instance belongs to one group member: sticky ones remember the member's last assignment.
 * The name and the user data are the Java consumer's, so that both kinds of client can share a group.
 */
export interface Assignor {
  /** Name in the group protocol: all members of a group must share at least one. */
  readonly name: string
  readonly protocols: readonly RebalanceProtocol[]
  /** What this member tells the leader beside its topics. */
  userData(): Buffer | null
  /**
   * Divides the partitions.
   * @param partitions number of partitions of every topic that exists; a subscribed topic that is absent gets no owner
   */
  assign(partitions: ReadonlyMap<string, number>, members: readonly MemberSubscription[]): GroupAssignment
  /** Called when the member got its assignment of `generation`. */
  onAssignment(partitions: readonly TopicPartition[], generation: number): void
}

/** Generation of a member that has none. */
export const NO_GENERATION = -1

/** Order of strings by UTF-16 code units: the same on every machine and in the Java client. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Members in the order both deterministic assignors lay them out: static ones first by instance id, then by member id. */
export function sortedMembers(members: readonly MemberSubscription[]): MemberSubscription[] {
  return members.toSorted((a, b) => {
    if (a.groupInstanceId !== null && b.groupInstanceId !== null) {
      return compareText(a.groupInstanceId, b.groupInstanceId)
    }
    if (a.groupInstanceId !== null) return -1
    if (b.groupInstanceId !== null) return 1
    return compareText(a.memberId, b.memberId)
  })
}

/** An assignment in which every member has nothing yet. */
export function emptyAssignment(members: readonly MemberSubscription[]): GroupAssignment {
  return new Map(members.map((member) => [member.memberId, []]))
}

/** Topics that exist and that at least one member wants, in order of name. */
export function wantedTopics(
  partitions: ReadonlyMap<string, number>,
  members: readonly MemberSubscription[],
): readonly string[] {
  const wanted = new Set<string>()
  for (const member of members) {
    for (const topic of member.topics) if ((partitions.get(topic) ?? 0) > 0) wanted.add(topic)
  }
  return [...wanted].sort(compareText)
}
