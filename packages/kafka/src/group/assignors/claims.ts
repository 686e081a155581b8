// Who rightfully owned which partition before the rebalance: the ground a sticky assignment starts from.
import type { TopicPartition } from '@millrace/api'
import type { MemberSubscription } from './assignor.ts'

/** What one member says it owned, and in which generation of the group. */
export interface Claim {
  readonly member: MemberSubscription
  readonly partitions: readonly TopicPartition[]
  readonly generation: number
}

/** Text that stands for a partition in a map. A topic's name cannot hold a space. */
export function partitionKey(topic: string, partition: number): string {
  return `${topic} ${partition}`
}

/**
 * Settles claims: the newer generation wins; of two claims in the same generation neither can be believed (both members
 * may be consuming), so nobody is taken for the owner. Claims on topics that are gone, on partitions beyond the topic's
 * count or on topics no longer subscribed are dropped.
 * @returns member id by {@link partitionKey}
 */
export function settleClaims(claims: readonly Claim[], partitions: ReadonlyMap<string, number>): Map<string, string> {
  const best = new Map<string, { memberId: string | null; generation: number }>()
  for (const { member, partitions: claimed, generation } of claims) {
    const topics = new Set(member.topics)
    for (const { topic, partition } of claimed) {
      if (!topics.has(topic) || partition >= (partitions.get(topic) ?? 0)) continue
      const key = partitionKey(topic, partition)
      const rival = best.get(key)
      if (rival === undefined || generation > rival.generation) {
        best.set(key, { memberId: member.memberId, generation })
      } else if (generation === rival.generation && rival.memberId !== member.memberId) {
        rival.memberId = null
      }
    }
  }
  const owners = new Map<string, string>()
  for (const [key, { memberId }] of best) if (memberId !== null) owners.set(key, memberId)
  return owners
}
