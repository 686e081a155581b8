// The consumer's side of a group whose coordinator divides the partitions (KIP-848): brings what is held in line with what
// the coordinator wants, in the order give up, commit, take over, acknowledge.
import { type Logger, silentLogger, type TopicPartition } from '@millrace/api'
import type { ClusterClient } from '../cluster/index.ts'
import type { MemberIdentity } from '../group/channel.ts'
import { ConsumerMember, type ConsumerMemberOptions, type TopicIdPartitions } from '../group/consumer/index.ts'
import { commitFailed } from './errors.ts'
import { Holdings, type Membership } from './membership.ts'
import type { SubscribedTopics } from './subscribed-topics.ts'
import { keyOf, type Subscription } from './subscription.ts'
import { TopicNames } from './topic-names.ts'

export interface CoordinatorAssignedOptions {
  readonly member: ConsumerMemberOptions
  readonly cluster: ClusterClient
  readonly subscription: Subscription
  readonly topics: SubscribedTopics
  /** Before partitions are given up in an orderly way: the last chance for the automatic commit. Must not reject. */
  beforeRevoke(): Promise<void>
  wake(): void
  /** Ends look-ups when the consumer closes. */
  readonly signal: AbortSignal
  readonly log?: Logger
}

/** What a target means by name; `complete` is false while some of its topics have none. */
interface Resolved {
  readonly held: readonly TopicIdPartitions[]
  readonly partitions: readonly TopicPartition[]
  readonly complete: boolean
}

export class CoordinatorAssigned implements Membership {
  readonly #options: CoordinatorAssignedOptions
  readonly #log: Logger
  readonly #member: ConsumerMember
  readonly #holdings: Holdings
  readonly #names: TopicNames
  /** The target that was brought about, and how much of it. */
  #done: { readonly target: readonly TopicIdPartitions[]; readonly resolved: Resolved } | undefined
  rebalances = 0

  constructor(options: CoordinatorAssignedOptions) {
    this.#options = options
    this.#log = options.log ?? silentLogger
    this.#holdings = new Holdings(options.subscription, () => options.beforeRevoke())
    this.#member = new ConsumerMember(options.member, {
      wanted: () => ({ names: options.topics.known, regex: options.topics.regex }),
      wake: () => options.wake(),
    })
    const { cluster, signal } = options
    this.#names = new TopicNames({
      cluster,
      signal,
      backoff: options.member.backoff,
      wake: options.wake,
      log: this.#log,
    })
  }

  get due(): boolean {
    return this.#member.troubled || this.#mayJoin || this.#news() !== undefined
  }

  get identity(): MemberIdentity {
    const { memberId, epoch, groupInstanceId } = this.#member
    return { memberId, generationId: epoch, groupInstanceId }
  }

  polled(): void {
    this.#member.polled()
  }

  async step(): Promise<void> {
    this.#member.polled()
    await this.#faceTrouble()
    if (this.#mayJoin) {
      this.#done = undefined
      this.#member.join()
    }
    const news = this.#news()
    if (news !== undefined) await this.#reconcile(news.target, news.resolved)
  }

  topicsChanged(): void {
    this.#member.subscriptionChanged()
  }

  metadataChanged(): void {
    // The coordinator watches the metadata. Here it only tells whether a name that was missing is known now.
  }

  committer(): MemberIdentity {
    const { groupId } = this.#options.member
    if (this.#member.epoch < 0) throw commitFailed(groupId, 'this consumer is not a member of the group at the moment')
    return this.identity
  }

  committerAgain(partitions: readonly TopicPartition[]): MemberIdentity | undefined {
    const { subscription } = this.#options
    const held = partitions.every(({ topic, partition }) => subscription.find(topic, partition) !== undefined)
    return held && this.#member.epoch >= 0 ? this.identity : undefined
  }

  reader(): MemberIdentity | undefined {
    return this.#member.epoch < 0 ? undefined : this.identity
  }

  async leave(_reason: string, options: { timeoutMs: number; stay?: boolean }): Promise<void> {
    let error: unknown
    try {
      if (this.#member.takeLost() !== undefined) await this.#holdings.loseAll()
      else if (this.#holdings.all().length > 0) await this.#holdings.giveUp(this.#holdings.all())
    } catch (thrown) {
      error = thrown
    }
    this.#done = undefined
    if (options.stay === true) this.#member.destroy()
    else await this.#member.leave(options)
    if (error !== undefined) throw error
  }

  destroy(): void {
    this.#member.destroy()
  }

  /** Nothing to read yet is no reason to join: coordinators refuse a member that wants nothing. */
  get #mayJoin(): boolean {
    const { topics } = this.#options
    return this.#member.state === 'unjoined' && topics.ready && (topics.known.length > 0 || topics.regex !== '')
  }

  async #faceTrouble(): Promise<void> {
    const failure = this.#member.takeFailure()
    const lost = this.#member.takeLost()
    if (lost !== undefined) {
      this.#log.info('partitions are lost', { why: lost, partitions: this.#holdings.all().length })
      await this.#holdings.loseAll().catch((error: unknown) => {
        // The cause is more to the point than what the listener made of it.
        if (failure === undefined) throw error
      })
    }
    if (failure !== undefined) throw failure
  }

  /** What the coordinator wants and has not been brought about. */
  #news(): { readonly target: readonly TopicIdPartitions[]; readonly resolved: Resolved } | undefined {
    const { target } = this.#member
    const done = this.#done
    if (target === undefined || (done?.target === target && done.resolved.complete)) return undefined
    const resolved = this.#resolve(target)
    if (resolved === undefined) return undefined
    const same = done?.target === target && done.resolved.held.length === resolved.held.length
    return same ? undefined : { target, resolved }
  }

  #resolve(target: readonly TopicIdPartitions[]): Resolved | undefined {
    const names = this.#names.find(target.map((one) => one.topicId))
    if (names === undefined) return undefined
    const held = target.filter((one) => names.has(one.topicId))
    const partitions = held.flatMap(({ topicId, partitions }) =>
      partitions.map((partition) => ({ topic: names.get(topicId)!, partition })),
    )
    return { held, partitions, complete: held.length === target.length }
  }

  async #reconcile(target: readonly TopicIdPartitions[], resolved: Resolved): Promise<void> {
    const { subscription } = this.#options
    const { turn } = this.#member
    const first = this.#done === undefined
    this.#done = { target, resolved }
    const owned = new Set(this.#holdings.all().map(keyOf))
    const wanted = new Set(resolved.partitions.map(keyOf))
    const added = resolved.partitions.filter((one) => !owned.has(keyOf(one)))
    const revoked = this.#holdings.all().filter((one) => !wanted.has(keyOf(one)))
    const errors: unknown[] = []
    if (first || added.length > 0 || revoked.length > 0) {
      this.rebalances++
      this.#log.info('assigned by the group coordinator', {
        epoch: this.#member.epoch,
        partitions: resolved.partitions.length,
        added: added.length,
        revoked: revoked.length,
      })
      if (revoked.length > 0) await this.#holdings.giveUp(revoked).catch((error: unknown) => errors.push(error))
      // Fenced meanwhile: what the old membership was given is not this member's to take.
      if (this.#member.turn === turn) {
        subscription.setAssigned(resolved.partitions)
        try {
          await subscription.listener.onAssigned?.(added)
        } catch (error) {
          errors.push(error)
        }
      }
    }
    if (this.#member.turn === turn) this.#member.acknowledge(resolved.held)
    if (errors.length > 0) throw errors[0]
  }
}
