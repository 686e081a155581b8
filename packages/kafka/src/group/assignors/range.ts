// The range assignor: topic by topic, consecutive partitions to members in order.
import type { TopicPartition } from '@millrace/api'
import {
  type Assignor,
  emptyAssignment,
  type GroupAssignment,
  type MemberSubscription,
  type RebalanceProtocol,
  sortedMembers,
  wantedTopics,
} from './assignor.ts'

/**
 * `range` of the Java consumer. Topics with the same subscribers and the same number of partitions are co-partitioned:
 * partition n of each goes to the same member.
 */
export class RangeAssignor implements Assignor {
  readonly name = 'range'
  readonly protocols: readonly RebalanceProtocol[] = ['eager']

  userData(): Buffer | null {
    return null
  }

  assign(partitions: ReadonlyMap<string, number>, members: readonly MemberSubscription[]): GroupAssignment {
    const assignment = emptyAssignment(members)
    const ordered = sortedMembers(members)
    for (const topic of wantedTopics(partitions, members)) {
      const takers = ordered.filter((member) => member.topics.includes(topic))
      const count = partitions.get(topic)!
      const each = Math.floor(count / takers.length)
      const extra = count % takers.length
      let next = 0
      takers.forEach((member, index) => {
        const end = next + each + (index < extra ? 1 : 0)
        const list = assignment.get(member.memberId)!
        for (; next < end; next++) list.push({ topic, partition: next })
      })
    }
    return assignment
  }

  onAssignment(_partitions: readonly TopicPartition[], _generation: number): void {}
}
