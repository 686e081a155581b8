// The group coordinator: finds groups, keeps their offsets, and hands joins and syncs to the rebalance flows.
import { ErrorCode } from '@millrace/kafka/protocol'
import type { BrokerConfig } from '../config/broker-config.ts'
import { BrokerError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import type { TransactionalWrite } from '../topics/internal-topic.ts'
import { Group } from './group.ts'
import type { GroupStore, OffsetChange } from './group-store.ts'
import { checkMember, type JoinRequest, joinError, type SyncRequest } from './join-sync.ts'
import { type JoinResult, NO_BYTES, type SyncResult } from './member.ts'
import type { CommittedOffset } from './offset-book.ts'
import { Rebalancer } from './rebalance.ts'
import { subscribedTopics } from './subscription.ts'

/** What the coordinator needs from outside. */
export interface GroupContext {
  readonly config: BrokerConfig
  readonly log: Logger
  readonly now: () => number
  readonly store: GroupStore
}

/** Who commits, and as what. */
export interface Committer {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly generationId: number
}

/** One offset a client commits. */
export interface OffsetToCommit {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly leaderEpoch: number
  readonly metadata: string | null
}

/** See the head of this file. */
export class GroupCoordinator {
  readonly #context: GroupContext
  readonly #groups: Map<string, Group>
  readonly #rebalancer: Rebalancer

  /** Reads every group back; members of groups that were stable keep their place if they are heard of in time. */
  constructor(context: GroupContext) {
    this.#context = context
    this.#groups = context.store.load()
    this.#rebalancer = new Rebalancer({
      now: context.now,
      initialDelayMs: () => context.config.number('group.initial.rebalance.delay.ms'),
      maxSize: () => context.config.number('group.max.size'),
      persist: (group) => this.#persist(group),
      debug: (message) => context.log.debug(message),
      error: (message) => context.log.error(message),
    })
    for (const group of this.#groups.values()) {
      for (const member of group.members.values()) this.#rebalancer.keepAlive(group, member)
    }
  }

  get(groupId: string): Group | undefined {
    return this.#groups.get(groupId)
  }

  /** Partition of the offsets topic a group's state lies in. @throws BrokerError when the topic cannot be made */
  offsetsPartition(groupId: string): number {
    return this.#context.store.partitionOf(groupId)
  }

  list(): Group[] {
    return [...this.#groups.values()]
  }

  join(groupId: string, request: JoinRequest): Promise<JoinResult> {
    const { config, now } = this.#context
    const refuse = (code: number) => Promise.resolve(joinError(code, request.memberId))
    if (groupId === '') return refuse(ErrorCode.INVALID_GROUP_ID)
    const timeout = request.sessionTimeoutMs
    const shortest = config.number('group.min.session.timeout.ms')
    const longest = config.number('group.max.session.timeout.ms')
    if (timeout < shortest || timeout > longest) return refuse(ErrorCode.INVALID_SESSION_TIMEOUT)
    let group = this.#groups.get(groupId)
    if (group === undefined) {
      if (request.memberId !== '') return refuse(ErrorCode.UNKNOWN_MEMBER_ID)
      group = new Group(groupId, now())
      this.#groups.set(groupId, group)
    }
    const target = group
    return new Promise((resolve) => this.#rebalancer.join(target, request, resolve))
  }

  sync(groupId: string, request: SyncRequest): Promise<SyncResult> {
    const group = this.#groups.get(groupId)
    const refuse = (errorCode: number) =>
      Promise.resolve({ errorCode, protocolType: null, protocolName: null, assignment: NO_BYTES })
    if (groupId === '') return refuse(ErrorCode.INVALID_GROUP_ID)
    if (group === undefined) return refuse(ErrorCode.UNKNOWN_MEMBER_ID)
    return new Promise((resolve) => this.#rebalancer.sync(group, request, resolve))
  }

  heartbeat(groupId: string, who: Committer): number {
    if (groupId === '') return ErrorCode.INVALID_GROUP_ID
    const group = this.#groups.get(groupId)
    if (group === undefined) return ErrorCode.UNKNOWN_MEMBER_ID
    return this.#rebalancer.heartbeat(group, who.memberId, who.groupInstanceId, who.generationId)
  }

  leave(groupId: string, memberId: string, groupInstanceId: string | null, reason: string): number {
    if (groupId === '') return ErrorCode.INVALID_GROUP_ID
    const group = this.#groups.get(groupId)
    if (group === undefined) return ErrorCode.UNKNOWN_MEMBER_ID
    return this.#rebalancer.leave(group, memberId, groupInstanceId, reason)
  }

  /**
   * Commits offsets; returns one error code an offset, in their order. With `transaction` they count when it commits.
   */
  commit(
    groupId: string,
    who: Committer,
    offsets: readonly OffsetToCommit[],
    transaction?: TransactionalWrite,
  ): number[] {
    const refuse = (code: number) => offsets.map(() => code)
    if (groupId === '') return refuse(ErrorCode.INVALID_GROUP_ID)
    let group = this.#groups.get(groupId)
    if (group === undefined) {
      if (who.generationId >= 0) return refuse(ErrorCode.ILLEGAL_GENERATION)
      group = new Group(groupId, this.#context.now())
    }
    const code = this.#mayCommit(group, who, transaction !== undefined)
    if (code !== ErrorCode.NONE) return refuse(code)
    const limit = this.#context.config.number('offset.metadata.max.bytes')
    const codes = offsets.map((o) =>
      Buffer.byteLength(o.metadata ?? '') > limit ? ErrorCode.OFFSET_METADATA_TOO_LARGE : ErrorCode.NONE,
    )
    const commitTimestamp = this.#context.now()
    const changes: (OffsetChange & { offset: CommittedOffset })[] = []
    for (const [i, o] of offsets.entries()) {
      if (codes[i] !== ErrorCode.NONE) continue
      const { topic, partition, offset, leaderEpoch } = o
      changes.push({ topic, partition, offset: { offset, leaderEpoch, metadata: o.metadata ?? '', commitTimestamp } })
    }
    try {
      this.#context.store.saveOffsets(groupId, changes, transaction)
    } catch (error) {
      const failed = this.#storeFailed(error)
      return codes.map((c) => (c === ErrorCode.NONE ? failed : c))
    }
    this.#groups.set(groupId, group)
    for (const { topic, partition, offset } of changes) {
      if (transaction === undefined) group.offsets.set(topic, partition, offset)
      else group.offsets.setPending(transaction.producerId, topic, partition, offset)
    }
    return codes
  }

  /** A transaction that wrote offsets into `partition` of the offsets topic was decided. */
  decide(partition: number, producerId: number, commit: boolean): void {
    for (const group of this.#groups.values()) {
      if (group.offsets.hasPending && this.#context.store.partitionOf(group.groupId) === partition) {
        group.offsets.decide(producerId, commit)
      }
    }
  }

  /** Deletes a group with its offsets; returns an error code. */
  delete(groupId: string): number {
    if (groupId === '') return ErrorCode.INVALID_GROUP_ID
    const group = this.#groups.get(groupId)
    if (group === undefined) return ErrorCode.GROUP_ID_NOT_FOUND
    if (group.state !== 'Empty') return ErrorCode.NON_EMPTY_GROUP
    try {
      this.#erase(group)
      return ErrorCode.NONE
    } catch (error) {
      return this.#storeFailed(error)
    }
  }

  /** Deletes single offsets; returns a code for the whole, and one a partition when that is 0. */
  deleteOffsets(groupId: string, wanted: readonly { topic: string; partition: number }[]) {
    const group = this.#groups.get(groupId)
    if (groupId === '') return { errorCode: ErrorCode.INVALID_GROUP_ID, codes: [] }
    if (group === undefined) return { errorCode: ErrorCode.GROUP_ID_NOT_FOUND, codes: [] }
    const subscribed = subscribedTopics(group)
    if (group.state !== 'Empty' && subscribed === undefined) return { errorCode: ErrorCode.NON_EMPTY_GROUP, codes: [] }
    const allowed = wanted.filter((w) => subscribed?.has(w.topic) !== true)
    const changes = allowed.filter((w) => group.offsets.get(w.topic, w.partition) !== undefined)
    try {
      this.#context.store.saveOffsets(
        groupId,
        changes.map((w) => ({ ...w, offset: null })),
      )
    } catch (error) {
      return { errorCode: this.#storeFailed(error), codes: [] }
    }
    for (const { topic, partition } of changes) group.offsets.delete(topic, partition)
    const codes = wanted.map((w) => (allowed.includes(w) ? ErrorCode.NONE : ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC))
    return { errorCode: ErrorCode.NONE, codes }
  }

  /** Forgets the offsets of a topic that was deleted. */
  topicDeleted(topic: string): void {
    for (const group of this.#groups.values()) {
      const partitions = [...(group.offsets.committed.get(topic)?.keys() ?? [])]
      this.#forget(
        group,
        partitions.map((partition) => ({ topic, partition })),
      )
    }
  }

  /** Forgets offsets and groups that were not used for `offsets.retention.minutes` (KIP-211). */
  tick(): void {
    const horizon = this.#context.now() - this.#context.config.number('offsets.retention.minutes') * 60_000
    for (const group of [...this.#groups.values()]) {
      if (group.state !== 'Empty') continue
      const unused = group.protocolType !== null && group.stateSince < horizon
      const simple = group.protocolType === null
      const old = []
      for (const [topic, partition, offset] of group.offsets.entries()) {
        const expired = offset.commitTimestamp < horizon && (unused || simple)
        if (expired && !group.offsets.isPending(topic, partition)) old.push({ topic, partition })
      }
      this.#forget(group, old)
      if (group.offsets.isEmpty && group.pendingJoins.size === 0 && group.stateSince < horizon) {
        try {
          this.#erase(group)
        } catch (error) {
          this.#storeFailed(error)
        }
      }
    }
  }

  close(): void {
    for (const group of this.#groups.values()) group.stopTimers()
  }

  #mayCommit(group: Group, who: Committer, transactional: boolean): number {
    if (group.state === 'Dead') return ErrorCode.COORDINATOR_NOT_AVAILABLE
    const anonymous = who.generationId < 0 && who.memberId === '' && who.groupInstanceId === null
    if (anonymous) {
      // Consumers that assign partitions themselves commit without a generation, but not into a group that has members.
      return group.state === 'Empty' || transactional ? ErrorCode.NONE : ErrorCode.UNKNOWN_MEMBER_ID
    }
    if (who.generationId < 0 && group.state === 'Empty') return ErrorCode.NONE
    const code = checkMember(group, who.memberId, who.groupInstanceId)
    if (code !== ErrorCode.NONE) return code
    if (who.generationId !== group.generationId) return ErrorCode.ILLEGAL_GENERATION
    if (!transactional && group.state === 'CompletingRebalance') return ErrorCode.REBALANCE_IN_PROGRESS
    this.#rebalancer.keepAlive(group, group.members.get(who.memberId)!)
    return ErrorCode.NONE
  }

  #forget(group: Group, old: readonly { topic: string; partition: number }[]): void {
    if (old.length === 0) return
    try {
      this.#context.store.saveOffsets(
        group.groupId,
        old.map((o) => ({ ...o, offset: null })),
      )
    } catch (error) {
      this.#storeFailed(error)
      return
    }
    for (const { topic, partition } of old) group.offsets.delete(topic, partition)
  }

  #erase(group: Group): void {
    const { store, now } = this.#context
    store.saveOffsets(
      group.groupId,
      [...group.offsets.entries()].map(([topic, partition]) => ({ topic, partition, offset: null })),
    )
    store.eraseGroup(group.groupId)
    group.stopTimers()
    group.moveTo('Dead', now())
    this.#groups.delete(group.groupId)
  }

  #persist(group: Group): number {
    try {
      this.#context.store.saveGroup(group)
      return ErrorCode.NONE
    } catch (error) {
      return this.#storeFailed(error)
    }
  }

  /** A disk that refuses makes the coordinator unavailable: clients try again. */
  #storeFailed(error: unknown): number {
    if (!(error instanceof BrokerError)) throw error
    this.#context.log.warn(`group state cannot be stored: ${error.message}`)
    return ErrorCode.COORDINATOR_NOT_AVAILABLE
  }
}
