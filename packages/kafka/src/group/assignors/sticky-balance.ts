// The balance behind both sticky assignors: as even as the subscriptions allow, and with as few moves as that permits.
import type { TopicPartition } from '@millrace/api'
import {
  compareText,
  emptyAssignment,
  type GroupAssignment,
  type MemberSubscription,
  wantedTopics,
} from './assignor.ts'
import { partitionKey } from './claims.ts'
import { type Layout, rebalance } from './uneven-balance.ts'

/**
 * Divides partitions among members.
 * - Balance: no member could take a partition from one that has two or more partitions more than itself.
 * - Stickiness: within that balance a partition stays with its owner; no two members hold each other's former partitions.
 * @param owners the settled former owner (member id) by {@link partitionKey}
 */
export function stickyBalance(
  partitions: ReadonlyMap<string, number>,
  members: readonly MemberSubscription[],
  owners: ReadonlyMap<string, string>,
): GroupAssignment {
  if (members.length === 0) return new Map()
  return sameSubscriptions(members) ? evenly(partitions, members, owners) : unevenly(partitions, members, owners)
}

function sameSubscriptions(members: readonly MemberSubscription[]): boolean {
  const first = new Set(members[0]!.topics)
  return members.every((member) => {
    const own = new Set(member.topics)
    return own.size === first.size && member.topics.every((topic) => first.has(topic))
  })
}

/** Everybody wants everything: quotas are known beforehand, one pass over the partitions is enough. */
function evenly(
  partitions: ReadonlyMap<string, number>,
  members: readonly MemberSubscription[],
  owners: ReadonlyMap<string, string>,
): GroupAssignment {
  const topics = wantedTopics(partitions, members)
  const assignment = emptyAssignment(members.toSorted((a, b) => compareText(a.memberId, b.memberId)))
  const owned = new Map([...assignment.keys()].map((id): [string, TopicPartition[]] => [id, []]))
  const free: TopicPartition[] = []
  let total = 0
  for (const topic of topics) {
    const count = partitions.get(topic)!
    total += count
    for (let partition = 0; partition < count; partition++) {
      const owner = owners.get(partitionKey(topic, partition))
      ;(owner === undefined ? free : owned.get(owner)!).push({ topic, partition })
    }
  }
  const floor = Math.floor(total / members.length)
  let extras = total % members.length
  // Those who own most get the extra places first, so that least is taken away.
  const byOwned = [...owned].sort((a, b) => b[1].length - a[1].length || compareText(a[0], b[0]))
  for (const [id, list] of byOwned) {
    let quota = floor
    if (list.length > floor && extras > 0) {
      quota++
      extras--
    }
    assignment.get(id)!.push(...list.slice(0, quota))
    free.push(...list.slice(quota))
  }
  deal(free, [...assignment.values()], floor)
  return assignment
}

/** Deals out `free` in turn, so that each topic spreads: all lists up to `floor` first, then one more to each until none is left. */
function deal(free: readonly TopicPartition[], lists: readonly TopicPartition[][], floor: number): void {
  let next = 0
  for (let limit = floor; next < free.length; limit++) {
    let open = lists.filter((list) => list.length < limit)
    while (open.length > 0 && next < free.length) {
      for (const list of open) if (next < free.length) list.push(free[next++]!)
      open = open.filter((list) => list.length < limit)
    }
  }
}

/** Subscriptions differ: hand over to the balance by moves, on indexes instead of names. */
function unevenly(
  partitions: ReadonlyMap<string, number>,
  members: readonly MemberSubscription[],
  owners: ReadonlyMap<string, string>,
): GroupAssignment {
  const topics = wantedTopics(partitions, members)
  const ids = members.map((member) => member.memberId).sort(compareText)
  const indexOf = new Map(ids.map((id, index) => [id, index]))
  const takers = new Map(topics.map((topic): [string, number[]] => [topic, []]))
  for (const member of members) {
    for (const topic of new Set(member.topics)) takers.get(topic)?.push(indexOf.get(member.memberId)!)
  }
  const names: TopicPartition[] = []
  const topicOf: number[] = []
  const home: number[] = []
  topics.forEach((topic, topicIndex) => {
    for (let partition = 0; partition < partitions.get(topic)!; partition++) {
      names.push({ topic, partition })
      topicOf.push(topicIndex)
      home.push(indexOf.get(owners.get(partitionKey(topic, partition)) ?? '') ?? -1)
    }
  })
  const layout: Layout = {
    memberCount: ids.length,
    topicOf,
    home,
    takers: topics.map((topic) => takers.get(topic)!.sort((a, b) => a - b)),
  }
  const assignment = emptyAssignment(members)
  rebalance(layout).forEach((member, index) => {
    assignment.get(ids[member]!)!.push(names[index]!)
  })
  return assignment
}
