// The two sticky assignors: one eager, whose members tell what they had in user data, one cooperative (KIP-429).
import type { TopicPartition } from '@millrace/api'
import {
  type Assignor,
  type GroupAssignment,
  type MemberSubscription,
  NO_GENERATION,
  type RebalanceProtocol,
} from './assignor.ts'
import { type Claim, partitionKey, settleClaims } from './claims.ts'
import { stickyBalance } from './sticky-balance.ts'
import {
  decodeCooperativeUserData,
  decodeStickyUserData,
  encodeCooperativeUserData,
  encodeStickyUserData,
} from './sticky-user-data.ts'

/** `sticky` of the Java consumer: balanced, moves as little as possible, yet everything is given up before each rebalance. */
export class StickyAssignor implements Assignor {
  readonly name = 'sticky'
  readonly protocols: readonly RebalanceProtocol[] = ['eager']
  #last: { partitions: readonly TopicPartition[]; generation: number } | undefined

  userData(): Buffer | null {
    return this.#last === undefined ? null : encodeStickyUserData(this.#last.partitions, this.#last.generation)
  }

  assign(partitions: ReadonlyMap<string, number>, members: readonly MemberSubscription[]): GroupAssignment {
    const claims = members.map((member): Claim => ({ member, ...decodeStickyUserData(member.userData) }))
    return stickyBalance(partitions, members, settleClaims(claims, partitions))
  }

  onAssignment(partitions: readonly TopicPartition[], generation: number): void {
    this.#last = { partitions, generation }
  }
}

/**
 * `cooperative-sticky` of the Java consumer. A partition that changes its owner is given to nobody in the rebalance that
 * finds it; its owner gives it up and joins again, and that second rebalance hands it over. So nobody stops what it keeps,
 * and two members never hold one partition.
 */
export class CooperativeStickyAssignor implements Assignor {
  readonly name = 'cooperative-sticky'
  readonly protocols: readonly RebalanceProtocol[] = ['cooperative', 'eager']
  #generation = NO_GENERATION

  userData(): Buffer | null {
    return encodeCooperativeUserData(this.#generation)
  }

  assign(partitions: ReadonlyMap<string, number>, members: readonly MemberSubscription[]): GroupAssignment {
    const claims = members.map(
      (member): Claim => ({
        member,
        partitions: member.owned,
        generation: member.generation ?? decodeCooperativeUserData(member.userData),
      }),
    )
    const assignment = stickyBalance(partitions, members, settleClaims(claims, partitions))
    withhold(assignment, claims)
    return assignment
  }

  onAssignment(_partitions: readonly TopicPartition[], generation: number): void {
    this.#generation = generation
  }
}

/** Takes out of the assignment what another member still owns, unless the new owner's own claim is the newer one. */
function withhold(assignment: GroupAssignment, claims: readonly Claim[]): void {
  const claimants = new Map<string, { memberId: string; generation: number }[]>()
  for (const { member, partitions, generation } of claims) {
    for (const { topic, partition } of partitions) {
      const key = partitionKey(topic, partition)
      const list = claimants.get(key)
      if (list === undefined) claimants.set(key, [{ memberId: member.memberId, generation }])
      else list.push({ memberId: member.memberId, generation })
    }
  }
  for (const [memberId, list] of assignment) {
    const kept = list.filter(({ topic, partition }) => {
      const all = claimants.get(partitionKey(topic, partition)) ?? []
      const own = all.find((claim) => claim.memberId === memberId)?.generation ?? Number.NEGATIVE_INFINITY
      return all.every((claim) => claim.memberId === memberId || claim.generation < own)
    })
    assignment.set(memberId, kept)
  }
}
