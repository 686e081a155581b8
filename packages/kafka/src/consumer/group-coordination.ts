// The consumer's side of a group by the classic protocol: gives up and takes over partitions, tells the listener, and divides
// them when it leads.
import { type Logger, silentLogger } from '@millrace/api'
import { KafkaException } from '../errors.ts'
import {
  type Assignor,
  type MemberSubscription,
  NO_GENERATION,
  type RebalanceProtocol,
} from '../group/assignors/index.ts'
import type { GroupProtocol, JoinedMember, MemberIdentity } from '../group/channel.ts'
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from '../group/consumer-protocol.ts'
import { GroupMember, type GroupMemberOptions, type Joined } from '../group/group-member.ts'
import { commitFailed, rebalanceInProgress } from './errors.ts'
import { Holdings, type Membership } from './membership.ts'
import type { SubscribedTopics } from './subscribed-topics.ts'
import { keyOf, type Subscription } from './subscription.ts'

export interface GroupCoordinationOptions {
  readonly member: Omit<GroupMemberOptions, 'protocolType'>
  readonly assignors: readonly Assignor[]
  readonly rackId: string | null
  readonly subscription: Subscription
  readonly topics: SubscribedTopics
  /** Before partitions are given up in an orderly way: the last chance for the automatic commit. Must not reject. */
  beforeRevoke(): Promise<void>
  wake(): void
  /** Ends waits for metadata when the consumer closes. */
  readonly signal: AbortSignal
  readonly log?: Logger
}

type Outcome = { readonly joined: Joined | undefined } | { readonly error: unknown }

export class GroupCoordination implements Membership {
  readonly member: GroupMember
  readonly #options: GroupCoordinationOptions
  readonly #log: Logger
  readonly #protocol: RebalanceProtocol
  readonly #holdings: Holdings
  #prepared = false
  #joining = false
  #outcome: Outcome | undefined
  #ownedGeneration = NO_GENERATION
  /** Partition counts the leader divided by; a change is a reason to rebalance. */
  #divided: ReadonlyMap<string, number> | undefined
  rebalances = 0

  constructor(options: GroupCoordinationOptions) {
    this.#options = options
    this.#log = options.log ?? silentLogger
    this.#protocol = options.assignors.every((one) => one.protocols.includes('cooperative')) ? 'cooperative' : 'eager'
    this.#holdings = new Holdings(options.subscription, () => options.beforeRevoke())
    this.member = new GroupMember(
      { ...options.member, protocolType: 'consumer' },
      {
        protocols: () => this.#protocols(),
        assign: (protocol, members, skipped) => this.#assign(protocol, members, skipped),
        wake: options.wake,
      },
    )
  }

  /** How this member rebalances: cooperative when every configured assignor can. */
  get rebalanceProtocol(): RebalanceProtocol {
    return this.#protocol
  }

  get due(): boolean {
    return this.#outcome !== undefined || this.member.needsJoin || this.member.failed
  }

  get identity(): MemberIdentity {
    const { memberId, generationId, groupInstanceId } = this.member
    return { memberId, generationId, groupInstanceId }
  }

  polled(): void {
    this.member.polled()
  }

  committer(): MemberIdentity {
    const { groupId } = this.#options.member
    const { state } = this.member
    if (state === 'joining' || state === 'syncing') throw rebalanceInProgress(groupId)
    if (state !== 'stable' && state !== 'rebalancing')
      throw commitFailed(groupId, 'this consumer is not a member of the group at the moment')
    return this.identity
  }

  committerAgain(): undefined {
    // A generation that is over stays over: what was assigned in it may be others' now.
  }

  reader(): undefined {
    // Whoever may read the group may read its offsets.
  }

  async step(): Promise<void> {
    this.member.polled()
    const failure = this.member.takeFailure()
    if (failure !== undefined) {
      await this.#loseAll()
      throw failure
    }
    await this.#finish()
    if (!this.#options.topics.ready) return
    while (this.member.needsJoin && !this.#joining) {
      await this.#prepare()
      this.#begin()
    }
  }

  topicsChanged(): void {
    this.member.requestRejoin('the subscribed topics changed')
  }

  /** The leader looks for other numbers of partitions than it divided. */
  metadataChanged(): void {
    const { topics } = this.#options
    const divided = this.#divided
    if (divided === undefined || !this.member.isLeader) return
    for (const [topic, count] of divided) {
      const now = topics.partitionCount(topic)
      if (now === count) continue
      this.member.requestRejoin(`the number of partitions of ${topic} changed from ${count} to ${now}`)
      return
    }
  }

  async leave(reason: string, options: { timeoutMs: number; stay?: boolean }): Promise<void> {
    const { subscription } = this.#options
    let error: unknown
    if (subscription.size > 0) {
      try {
        if (this.member.takeLost() !== undefined) await this.#loseAll()
        else await this.#holdings.giveUp(subscription.assignment())
      } catch (thrown) {
        error = thrown
      }
    }
    this.#prepared = false
    this.#outcome = undefined
    this.#divided = undefined
    this.#ownedGeneration = NO_GENERATION
    if (options.stay === true) this.member.destroy()
    else await this.member.leave(reason, options)
    if (error !== undefined) throw error
  }

  destroy(): void {
    this.member.destroy()
  }

  #begin(): void {
    this.#joining = true
    const settle = (outcome: Outcome) => {
      this.#outcome = outcome
      this.#joining = false
      this.#options.wake()
    }
    this.member.join().then(
      (joined) => settle({ joined }),
      (error: unknown) => settle({ error }),
    )
  }

  /** Takes over what the finished join brought, unless it has been overtaken. */
  async #finish(): Promise<void> {
    const outcome = this.#outcome
    this.#outcome = undefined
    if (outcome === undefined) return
    if ('error' in outcome) {
      this.#prepared = false
      throw outcome.error
    }
    const { joined } = outcome
    if (joined === undefined || joined.generationId !== this.member.generationId) return
    await this.#takeOver(joined)
  }

  async #prepare(): Promise<void> {
    const { subscription } = this.#options
    const lost = this.member.takeLost()
    if (lost !== undefined) {
      this.#prepared = true
      this.#log.info('partitions are lost', { why: lost, partitions: subscription.size })
      await this.#loseAll()
    }
    if (this.#prepared) return
    this.#prepared = true
    if (this.#protocol === 'eager') {
      if (subscription.size > 0) await this.#holdings.giveUp(subscription.assignment())
    } else {
      const gone = subscription.assignment().filter(({ topic }) => !this.#options.topics.wants(topic))
      if (gone.length > 0) await this.#holdings.giveUp(gone)
    }
  }

  async #takeOver(joined: Joined): Promise<void> {
    const { subscription, assignors, topics } = this.#options
    const assignor = assignors.find((one) => one.name === joined.protocol)
    if (assignor === undefined)
      throw new KafkaException(`The group chose the assignor "${joined.protocol}", which this member did not offer.`)
    const { partitions } = decodeAssignment(joined.assignment)
    const unwanted = partitions.find(({ topic }) => !topics.wants(topic))
    this.#prepared = false
    if (unwanted !== undefined) {
      this.member.requestRejoin(`the leader assigned ${unwanted.topic}, which is no longer subscribed`)
      return
    }
    this.rebalances++
    assignor.onAssignment(partitions, joined.generationId)
    this.#ownedGeneration = joined.generationId
    if (!joined.isLeader) this.#divided = undefined
    const owned = new Set(subscription.assignment().map(keyOf))
    const given = new Set(partitions.map(keyOf))
    const added = partitions.filter((one) => !owned.has(keyOf(one)))
    const revoked = subscription.assignment().filter((one) => !given.has(keyOf(one)))
    this.#log.info('assigned by the group', {
      generation: joined.generationId,
      leader: joined.isLeader,
      assignor: joined.protocol,
      partitions: partitions.length,
      added: added.length,
      revoked: revoked.length,
    })
    const errors: unknown[] = []
    if (revoked.length > 0) {
      await this.#holdings.giveUp(revoked).catch((error: unknown) => errors.push(error))
      this.member.requestRejoin('partitions were given up for other members')
    }
    subscription.setAssigned(partitions)
    try {
      await subscription.listener.onAssigned?.(added)
    } catch (error) {
      errors.push(error)
    }
    if (errors.length > 0) throw errors[0]
  }

  async #loseAll(): Promise<void> {
    this.#ownedGeneration = NO_GENERATION
    await this.#holdings.loseAll()
  }

  #protocols(): readonly GroupProtocol[] {
    const { assignors, subscription, topics, rackId } = this.#options
    return assignors.map((assignor) => ({
      name: assignor.name,
      metadata: encodeSubscription({
        topics: topics.known,
        userData: assignor.userData(),
        owned: this.#protocol === 'cooperative' ? subscription.assignment() : [],
        generation: this.#ownedGeneration,
        rackId,
      }),
    }))
  }

  async #assign(
    protocol: string,
    joined: readonly JoinedMember[],
    skipped: boolean,
  ): Promise<ReadonlyMap<string, Buffer>> {
    const members = joined.map(toSubscription)
    const wanted = [...new Set(members.flatMap((member) => member.topics))]
    const counts = await this.#options.topics.partitionCounts(wanted, this.#options.signal)
    this.#divided = counts
    // KIP-814: a static leader that came back keeps the group's assignment; it only watches the metadata again.
    if (skipped) return new Map()
    const assignor = this.#options.assignors.find((one) => one.name === protocol)
    if (assignor === undefined)
      throw new KafkaException(`The group chose the assignor "${protocol}", which this member did not offer.`)
    const existing = new Map([...counts].filter(([, count]) => count > 0))
    const assignment = assignor.assign(existing, members)
    return new Map([...assignment].map(([id, partitions]) => [id, encodeAssignment({ partitions, userData: null })]))
  }
}

function toSubscription({ memberId, groupInstanceId, metadata }: JoinedMember): MemberSubscription {
  try {
    return { memberId, groupInstanceId, ...decodeSubscription(metadata) }
  } catch (cause) {
    throw new KafkaException(
      `The subscription of group member ${memberId} cannot be read, so the group cannot be divided. Is every member of this group a consumer?`,
      { cause },
    )
  }
}
