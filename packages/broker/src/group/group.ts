// One group as the coordinator holds it: its state, members, generation and offsets. This file keeps the facts consistent;
// rebalance.ts decides when they change.

import { ErrorCode } from '@millrace/kafka/protocol'
import type { JoinedMember, JoinResult, Member, OfferedProtocol } from './member.ts'
import { NO_BYTES } from './member.ts'
import { OffsetBook } from './offset-book.ts'

/** Kafka's names of the states of a classic group. */
export type GroupState = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable' | 'Dead'

/** Which states may follow which. */
const MOVES: Readonly<Record<GroupState, readonly GroupState[]>> = {
  Empty: ['PreparingRebalance', 'Dead', 'Empty'],
  PreparingRebalance: ['CompletingRebalance', 'Empty', 'Dead'],
  CompletingRebalance: ['Stable', 'PreparingRebalance', 'Dead'],
  Stable: ['PreparingRebalance', 'Dead'],
  Dead: [],
}

/** See the head of this file. */
export class Group {
  readonly groupId: string
  readonly offsets = new OffsetBook()
  readonly members = new Map<string, Member>()
  /** Member id of each static member, by group.instance.id. */
  readonly staticMembers = new Map<string, string>()
  /** Ids handed out with MEMBER_ID_REQUIRED whose owners have not come back yet, with the timer of their patience. */
  readonly pendingJoins = new Map<string, NodeJS.Timeout>()
  generationId = 0
  protocolType: string | null = null
  protocolName: string | null = null
  leaderId: string | null = null
  /** When the state changed last (ms). */
  stateSince: number
  /** Ends the rebalance that is going on when its time is up. */
  rebalanceTimer: NodeJS.Timeout | undefined
  /** Set while a group that was empty waits for more members before its first rebalance. */
  initialDelay: { until: number; extended: boolean } | undefined
  /** Ends the wait for members that joined and did not sync. */
  syncTimer: NodeJS.Timeout | undefined
  #state: GroupState = 'Empty'

  constructor(groupId: string, now: number) {
    this.groupId = groupId
    this.stateSince = now
  }

  get state(): GroupState {
    return this.#state
  }

  get size(): number {
    return this.members.size
  }

  /** Moves to `next`; an illegal move is a fault in this program and throws. */
  moveTo(next: GroupState, now: number): void {
    if (!MOVES[this.#state].includes(next)) {
      throw new Error(
        `group ${this.groupId} cannot go from ${this.#state} to ${next}; allowed: ${MOVES[this.#state].join(', ')}`,
      )
    }
    this.#state = next
    this.stateSince = now
  }

  /** Takes over a state read back from disk. */
  restoreState(state: 'Empty' | 'Stable', since: number): void {
    this.#state = state
    this.stateSince = since
  }

  add(member: Member, protocolType: string): void {
    if (this.members.size === 0) this.protocolType = protocolType
    this.members.set(member.memberId, member)
    if (member.groupInstanceId !== null) this.staticMembers.set(member.groupInstanceId, member.memberId)
    this.leaderId ??= member.memberId
  }

  remove(memberId: string): Member | undefined {
    const member = this.members.get(memberId)
    if (member === undefined) return undefined
    this.members.delete(memberId)
    member.endSession()
    if (member.groupInstanceId !== null && this.staticMembers.get(member.groupInstanceId) === memberId) {
      this.staticMembers.delete(member.groupInstanceId)
    }
    if (this.leaderId === memberId) this.leaderId = this.members.keys().next().value ?? null
    return member
  }

  /** Gives a static member a new id; its old holder is fenced off. */
  replaceStatic(member: Member, memberId: string): void {
    const old = member.memberId
    this.members.delete(old)
    member.memberId = memberId
    this.members.set(memberId, member)
    this.staticMembers.set(member.groupInstanceId!, memberId)
    if (this.leaderId === old) this.leaderId = memberId
  }

  get allJoined(): boolean {
    if (this.pendingJoins.size > 0) return false
    for (const member of this.members.values()) if (member.joinWaiter === undefined) return false
    return true
  }

  /** True when every member offers one of `protocols` under the group's protocol type. */
  supports(protocolType: string, protocols: readonly OfferedProtocol[]): boolean {
    if (protocolType === '' || protocols.length === 0) return false
    if (this.members.size === 0) return true
    if (protocolType !== this.protocolType) return false
    const common = this.#commonProtocols()
    return protocols.some((p) => common.has(p.name))
  }

  /** The protocol most members prefer among those all offer. */
  selectProtocol(): string {
    const common = this.#commonProtocols()
    const votes = new Map<string, number>()
    for (const member of this.members.values()) {
      const choice = member.protocols.find((p) => common.has(p.name))
      if (choice !== undefined) votes.set(choice.name, (votes.get(choice.name) ?? 0) + 1)
    }
    let best = ''
    let most = 0
    for (const [name, count] of votes) {
      if (count > most) {
        best = name
        most = count
      }
    }
    return best
  }

  /** The longest of the members' rebalance timeouts (ms). */
  get rebalanceTimeoutMs(): number {
    let timeout = 0
    for (const member of this.members.values()) timeout = Math.max(timeout, member.rebalanceTimeoutMs)
    return timeout
  }

  joinedMembers(): JoinedMember[] {
    return [...this.members.values()].map((m) => ({
      memberId: m.memberId,
      groupInstanceId: m.groupInstanceId,
      metadata: m.metadataOf(this.protocolName),
    }))
  }

  /** The answer a member gets for the current generation. */
  joinResult(memberId: string, skipAssignment = false): JoinResult {
    return {
      errorCode: ErrorCode.NONE,
      generationId: this.generationId,
      protocolType: this.protocolType,
      protocolName: this.protocolName,
      leader: this.leaderId ?? '',
      memberId,
      skipAssignment,
      members: memberId === this.leaderId ? this.joinedMembers() : [],
    }
  }

  clearAssignments(): void {
    for (const member of this.members.values()) member.assignment = NO_BYTES
  }

  stopTimers(): void {
    clearTimeout(this.rebalanceTimer)
    clearTimeout(this.syncTimer)
    for (const timer of this.pendingJoins.values()) clearTimeout(timer)
    for (const member of this.members.values()) member.endSession()
  }

  #commonProtocols(): Set<string> {
    let common: Set<string> | undefined
    for (const member of this.members.values()) {
      const names: string[] = member.protocols.map((p) => p.name)
      common = new Set(names.filter((name) => common?.has(name) ?? true))
    }
    return common ?? new Set()
  }
}
