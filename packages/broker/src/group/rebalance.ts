// How a classic group gets from one generation to the next: joins, the leader's assignment, members that leave or fall silent.
// Rules: Kafka's group protocol (KIP-62, KIP-134, KIP-345 static members, KIP-394 member ids, KIP-814 returning static leader).

import { randomUUID } from 'node:crypto'
import { ErrorCode } from '@millrace/kafka/protocol'
import type { Group } from './group.ts'
import { checkMember, type JoinRequest, joinError, type SyncRequest, syncError } from './join-sync.ts'
import { type JoinResult, Member, NO_BYTES, type SyncResult } from './member.ts'

/** What the flows need from the coordinator. */
export interface RebalanceContext {
  readonly now: () => number
  readonly initialDelayMs: () => number
  readonly maxSize: () => number
  /** Makes the group's generation and assignments durable; returns an error code. */
  readonly persist: (group: Group) => number
  readonly debug: (message: string) => void
  readonly error: (message: string) => void
}

/** How long a member that was admitted may stay without its first sign of life while it waits in a join (ms). */
const NEW_MEMBER_SESSION_MS = 300_000

/** The rebalance flows of all groups. */
export class Rebalancer {
  readonly #context: RebalanceContext

  constructor(context: RebalanceContext) {
    this.#context = context
  }

  /** Admits a member, or a member again; answers when the next generation begins. */
  join(group: Group, request: JoinRequest, answer: (result: JoinResult) => void): void {
    const refuse = (code: number, id = request.memberId) => answer(joinError(code, id))
    if (group.state === 'Dead') {
      refuse(ErrorCode.COORDINATOR_NOT_AVAILABLE)
      return
    }
    if (!group.supports(request.protocolType, request.protocols)) {
      refuse(ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
      return
    }
    if (request.memberId === '') {
      this.#joinNew(group, request, answer, refuse)
      return
    }
    if (group.pendingJoins.has(request.memberId)) {
      this.#forgetPending(group, request.memberId)
      this.#admit(group, request, request.memberId, answer)
      return
    }
    const code = checkMember(group, request.memberId, request.groupInstanceId)
    if (code !== ErrorCode.NONE) {
      refuse(code)
      return
    }
    const member = group.members.get(request.memberId)!
    const same = member.offers(request.protocols)
    switch (group.state) {
      case 'PreparingRebalance':
        this.#rejoin(group, member, request, answer)
        return
      case 'CompletingRebalance':
        if (same) {
          answer(group.joinResult(member.memberId))
          return
        }
        this.#rejoin(group, member, request, answer)
        return
      case 'Stable':
        if (same && member.memberId !== group.leaderId) {
          answer(group.joinResult(member.memberId))
          return
        }
        this.#rejoin(group, member, request, answer)
        return
      default:
        refuse(ErrorCode.UNKNOWN_MEMBER_ID)
        return
    }
  }

  /** Takes the leader's assignment, or waits for it; answers with the member's part. */
  sync(group: Group, request: SyncRequest, answer: (result: SyncResult) => void): void {
    const code = this.#checkSync(group, request)
    if (code !== ErrorCode.NONE) {
      answer(syncError(code))
      return
    }
    const member = group.members.get(request.memberId)!
    switch (group.state) {
      case 'PreparingRebalance':
        answer(syncError(ErrorCode.REBALANCE_IN_PROGRESS))
        return
      case 'Stable':
        this.keepAlive(group, member)
        answer(this.#syncResult(group, member))
        return
      case 'CompletingRebalance':
        break
      default:
        answer(syncError(ErrorCode.UNKNOWN_MEMBER_ID))
        return
    }
    member.syncWaiter = answer
    this.keepAlive(group, member)
    if (member.memberId !== group.leaderId) return
    for (const m of group.members.values()) m.assignment = Buffer.from(request.assignments.get(m.memberId) ?? NO_BYTES)
    const stored = this.#context.persist(group)
    if (stored !== ErrorCode.NONE) {
      group.clearAssignments()
      for (const m of group.members.values()) m.answerSync(syncError(stored))
      this.prepare(group, 'the assignment could not be stored')
      return
    }
    group.moveTo('Stable', this.#context.now())
    for (const m of group.members.values()) if (m.syncWaiter !== undefined) m.answerSync(this.#syncResult(group, m))
  }

  /** A sign of life; returns the error code that tells the member what to do. */
  heartbeat(group: Group, memberId: string, groupInstanceId: string | null, generationId: number): number {
    if (group.state === 'Dead') return ErrorCode.COORDINATOR_NOT_AVAILABLE
    const code = checkMember(group, memberId, groupInstanceId)
    if (code !== ErrorCode.NONE) return code
    if (generationId !== group.generationId) return ErrorCode.ILLEGAL_GENERATION
    if (group.state === 'Empty') return ErrorCode.UNKNOWN_MEMBER_ID
    this.keepAlive(group, group.members.get(memberId)!)
    return group.state === 'PreparingRebalance' ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE
  }

  /** A member leaves, or an admin removes it; returns an error code. */
  leave(group: Group, memberId: string, groupInstanceId: string | null, reason: string): number {
    if (group.state === 'Dead') return ErrorCode.COORDINATOR_NOT_AVAILABLE
    if (groupInstanceId === null && group.pendingJoins.has(memberId)) {
      this.#forgetPending(group, memberId)
      this.#completeIfAllJoined(group)
      return ErrorCode.NONE
    }
    // An admin removes a static member by its instance id alone.
    const id = groupInstanceId !== null && memberId === '' ? group.staticMembers.get(groupInstanceId) : memberId
    if (id === undefined) return ErrorCode.UNKNOWN_MEMBER_ID
    const code = checkMember(group, id, groupInstanceId)
    if (code !== ErrorCode.NONE) return code
    this.#removeMember(group, id, reason)
    return ErrorCode.NONE
  }

  /** Starts the member's session anew. */
  keepAlive(group: Group, member: Member, ms = member.sessionTimeoutMs): void {
    member.startSession(
      ms,
      this.#guarded(group, () => this.#sessionExpired(group, member)),
    )
  }

  /** Calls all members to join a new generation. */
  prepare(group: Group, reason: string): void {
    const { now } = this.#context
    if (group.state === 'PreparingRebalance' || group.state === 'Dead') return
    const wasEmpty = group.state === 'Empty'
    if (group.state === 'CompletingRebalance') {
      group.clearAssignments()
      for (const m of group.members.values()) m.answerSync(syncError(ErrorCode.REBALANCE_IN_PROGRESS))
    }
    clearTimeout(group.syncTimer)
    this.#context.debug(`group ${group.groupId} rebalances after generation ${group.generationId}: ${reason}`)
    group.moveTo('PreparingRebalance', now())
    const delay = this.#context.initialDelayMs()
    if (wasEmpty && delay > 0) {
      group.initialDelay = { until: now() + group.rebalanceTimeoutMs, extended: false }
      this.#startTimer(group, Math.min(delay, group.rebalanceTimeoutMs), () => this.#initialDelayOver(group, delay))
      return
    }
    this.#startTimer(group, group.rebalanceTimeoutMs, () => this.#complete(group))
    this.#completeIfAllJoined(group)
  }

  #joinNew(
    group: Group,
    request: JoinRequest,
    answer: (result: JoinResult) => void,
    refuse: (code: number, id?: string) => void,
  ): void {
    const { groupInstanceId } = request
    const memberId = `${groupInstanceId ?? request.clientId}-${randomUUID()}`
    if (groupInstanceId !== null && group.staticMembers.has(groupInstanceId)) {
      this.#returnStatic(group, groupInstanceId, request, memberId, answer)
      return
    }
    if (group.size + group.pendingJoins.size >= this.#context.maxSize()) {
      refuse(ErrorCode.GROUP_MAX_SIZE_REACHED)
      return
    }
    if (groupInstanceId === null && request.requireKnownMemberId) {
      const giveUp = this.#guarded(group, () => {
        group.pendingJoins.delete(memberId)
        this.#completeIfAllJoined(group)
      })
      const timer = setTimeout(giveUp, request.sessionTimeoutMs)
      timer.unref()
      group.pendingJoins.set(memberId, timer)
      refuse(ErrorCode.MEMBER_ID_REQUIRED, memberId)
      return
    }
    this.#admit(group, request, memberId, answer)
  }

  #admit(group: Group, request: JoinRequest, memberId: string, answer: (result: JoinResult) => void): void {
    const member = new Member({ ...request, memberId })
    group.add(member, request.protocolType)
    member.joinWaiter = answer
    this.keepAlive(group, member, Math.max(NEW_MEMBER_SESSION_MS, member.sessionTimeoutMs))
    if (group.initialDelay !== undefined) group.initialDelay.extended = true
    if (group.state === 'PreparingRebalance') this.#completeIfAllJoined(group)
    else this.prepare(group, `member ${memberId} joined`)
  }

  #rejoin(group: Group, member: Member, request: JoinRequest, answer: (result: JoinResult) => void): void {
    update(member, request)
    member.answerJoin(joinError(ErrorCode.REBALANCE_IN_PROGRESS, member.memberId))
    member.joinWaiter = answer
    if (group.state === 'PreparingRebalance') this.#completeIfAllJoined(group)
    else this.prepare(group, `member ${member.memberId} joined again`)
  }

  /** A static member came back without its member id: it takes its old place under a new id. */
  #returnStatic(
    group: Group,
    instanceId: string,
    request: JoinRequest,
    memberId: string,
    answer: (result: JoinResult) => void,
  ): void {
    const member = group.members.get(group.staticMembers.get(instanceId)!)!
    const wasLeader = member.memberId === group.leaderId
    const same = member.offers(request.protocols)
    const selectedBefore = group.protocolName
    member.answerJoin(joinError(ErrorCode.FENCED_INSTANCE_ID, member.memberId))
    member.answerSync(syncError(ErrorCode.FENCED_INSTANCE_ID))
    group.replaceStatic(member, memberId)
    update(member, request)
    this.keepAlive(group, member)
    if (group.state === 'Stable' && group.selectProtocol() === selectedBefore && same) {
      const stored = this.#context.persist(group)
      if (stored !== ErrorCode.NONE) {
        answer(joinError(stored, memberId))
        return
      }
      if (!wasLeader) {
        answer(group.joinResult(memberId))
        return
      }
      if (request.knowsSkipAssignment) {
        answer(group.joinResult(memberId, true))
        return
      }
      // An older client that is told it leads would assign anew for nothing: it is told that somebody else leads.
      answer({ ...group.joinResult(memberId), leader: request.memberId, members: [] })
      return
    }
    member.joinWaiter = answer
    if (group.state === 'PreparingRebalance') this.#completeIfAllJoined(group)
    else this.prepare(group, `static member ${instanceId} came back`)
  }

  #checkSync(group: Group, request: SyncRequest): number {
    if (group.state === 'Dead') return ErrorCode.COORDINATOR_NOT_AVAILABLE
    const code = checkMember(group, request.memberId, request.groupInstanceId)
    if (code !== ErrorCode.NONE) return code
    if (request.generationId !== group.generationId) return ErrorCode.ILLEGAL_GENERATION
    const typeDiffers = request.protocolType !== null && request.protocolType !== group.protocolType
    const nameDiffers = request.protocolName !== null && request.protocolName !== group.protocolName
    return typeDiffers || nameDiffers ? ErrorCode.INCONSISTENT_GROUP_PROTOCOL : ErrorCode.NONE
  }

  #syncResult(group: Group, member: Member): SyncResult {
    const { protocolType, protocolName } = group
    return { errorCode: ErrorCode.NONE, protocolType, protocolName, assignment: member.assignment }
  }

  #startTimer(group: Group, ms: number, act: () => void): void {
    clearTimeout(group.rebalanceTimer)
    group.rebalanceTimer = setTimeout(this.#guarded(group, act), ms)
    group.rebalanceTimer.unref()
  }

  /** The delay before an empty group's first rebalance is over: it is extended while members keep coming. */
  #initialDelayOver(group: Group, delay: number): void {
    const state = group.initialDelay
    if (state === undefined) return
    const left = state.until - this.#context.now()
    if (state.extended && left > 0) {
      state.extended = false
      this.#startTimer(group, Math.min(delay, left), () => this.#initialDelayOver(group, delay))
      return
    }
    this.#complete(group)
  }

  #completeIfAllJoined(group: Group): void {
    if (group.state === 'PreparingRebalance' && group.initialDelay === undefined && group.allJoined)
      this.#complete(group)
  }

  /** Begins the next generation with those that joined. */
  #complete(group: Group): void {
    if (group.state !== 'PreparingRebalance') return
    clearTimeout(group.rebalanceTimer)
    group.initialDelay = undefined
    for (const member of [...group.members.values()]) {
      if (member.joinWaiter === undefined && !member.isStatic) group.remove(member.memberId)
    }
    const joined = [...group.members.values()].filter((m) => m.joinWaiter !== undefined)
    if (group.size > 0 && joined.length === 0) {
      // Only static members are left and none has come back yet: they may still do so.
      this.#startTimer(group, group.rebalanceTimeoutMs, () => this.#complete(group))
      return
    }
    if (group.members.get(group.leaderId ?? '')?.joinWaiter === undefined && joined.length > 0) {
      group.leaderId = joined[0]!.memberId
    }
    group.generationId++
    if (group.size === 0) {
      group.protocolName = null
      group.leaderId = null
      group.moveTo('Empty', this.#context.now())
      this.#context.persist(group)
      return
    }
    group.protocolName = group.selectProtocol()
    group.clearAssignments()
    group.moveTo('CompletingRebalance', this.#context.now())
    this.#context.debug(`group ${group.groupId} begins generation ${group.generationId} with ${group.size} member(s)`)
    for (const member of joined) {
      this.keepAlive(group, member)
      member.answerJoin(group.joinResult(member.memberId))
    }
    this.#expectSyncs(group)
  }

  /** Members that joined and do not sync within the rebalance timeout are removed. */
  #expectSyncs(group: Group): void {
    const generation = group.generationId
    clearTimeout(group.syncTimer)
    const removeSilent = this.#guarded(group, () => {
      if (group.generationId !== generation || group.state !== 'CompletingRebalance') return
      const silent = [...group.members.values()].filter((m) => m.syncWaiter === undefined)
      for (const member of silent) this.#removeMember(group, member.memberId, 'did not sync in time')
    })
    group.syncTimer = setTimeout(removeSilent, group.rebalanceTimeoutMs)
    group.syncTimer.unref()
  }

  /** Nobody catches what a timer throws: a fault here must not take the process with it. */
  #guarded(group: Group, act: () => void): () => void {
    return () => {
      try {
        act()
      } catch (error) {
        this.#context.error(
          `group ${group.groupId}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        )
      }
    }
  }

  #sessionExpired(group: Group, member: Member): void {
    if (group.members.get(member.memberId) !== member) return
    // Whoever waits in a join or a sync is alive.
    if (member.joinWaiter !== undefined || member.syncWaiter !== undefined) {
      member.endSession()
      this.keepAlive(group, member)
      return
    }
    this.#removeMember(group, member.memberId, `nothing heard for ${member.sessionTimeoutMs} ms`)
  }

  #removeMember(group: Group, memberId: string, reason: string): void {
    const member = group.remove(memberId)
    if (member === undefined) return
    member.answerJoin(joinError(ErrorCode.UNKNOWN_MEMBER_ID, memberId))
    member.answerSync(syncError(ErrorCode.UNKNOWN_MEMBER_ID))
    if (group.state === 'PreparingRebalance') this.#completeIfAllJoined(group)
    else this.prepare(group, `member ${memberId} removed: ${reason}`)
  }

  #forgetPending(group: Group, memberId: string): void {
    clearTimeout(group.pendingJoins.get(memberId))
    group.pendingJoins.delete(memberId)
  }
}

function update(member: Member, request: JoinRequest): void {
  member.protocols = request.protocols
  member.rebalanceTimeoutMs = request.rebalanceTimeoutMs
  member.sessionTimeoutMs = request.sessionTimeoutMs
  member.clientId = request.clientId
  member.clientHost = request.clientHost
}
