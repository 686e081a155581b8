// The round-robin assignor: all partitions of all topics dealt out in turn.
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

/** `roundrobin` of the Java consumer. Members that do not want a topic are passed over; their turn is lost. */
export class RoundRobinAssignor implements Assignor {
  readonly name = 'roundrobin'
  readonly protocols: readonly RebalanceProtocol[] = ['eager']

  userData(): Buffer | null {
    return null
  }

  assign(partitions: ReadonlyMap<string, number>, members: readonly MemberSubscription[]): GroupAssignment {
    const assignment = emptyAssignment(members)
    const ordered = sortedMembers(members).map((member) => ({
      topics: new Set(member.topics),
      list: assignment.get(member.memberId)!,
    }))
    let turn = 0
    for (const topic of wantedTopics(partitions, members)) {
      for (let partition = 0; partition < partitions.get(topic)!; partition++) {
        while (!ordered[turn]!.topics.has(topic)) turn = (turn + 1) % ordered.length
        ordered[turn]!.list.push({ topic, partition })
        turn = (turn + 1) % ordered.length
      }
    }
    return assignment
  }

  onAssignment(_partitions: readonly TopicPartition[], _generation: number): void {}
}
