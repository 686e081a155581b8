// The admin client: one call a method, retries inside, an outcome for each thing that was asked for.
import { type Logger, silentLogger, type TopicPartition } from '@millrace/api'
import type { ClusterClient } from '../cluster/index.ts'
import { ADMIN_KEYS } from '../config/admin.ts'
import { type ClientProps, parseClientConfig } from '../config/client-config.ts'
import { COMMON_KEYS } from '../config/common.ts'
import type { FoundOffset, OffsetQuery } from '../consumer/list-offsets.ts'
import { OffsetCalls } from '../consumer/offset-calls.ts'
import * as calls from './cluster-calls.ts'
import * as configs from './configs.ts'
import * as groups from './groups.ts'
import { type CallOptions, type Outcome, only, type RetryOptions, settle, type Try } from './retry.ts'
import * as topics from './topics.ts'

/** What an admin client takes beside its properties. */
export interface AdminOptions {
  readonly log?: Logger
  /** A cluster client to share; it is not closed with the admin client. */
  readonly cluster?: ClusterClient
}

/** Options of calls that can be tried without effect. */
export interface ChangeOptions extends CallOptions {
  /** The brokers only say whether they would do it. */
  readonly validateOnly?: boolean
}

/** Options of {@link Admin.listOffsets}. */
export interface ListOffsetsOptions extends CallOptions {
  /** `read_committed`: the end is before the first open transaction. */
  readonly isolation?: 'read_uncommitted' | 'read_committed'
}

/** Which offset of a partition: its first, its end, that of the newest timestamp, or the first not older than a time in ms. */
export type OffsetSpec = 'earliest' | 'latest' | 'max-timestamp' | number

const SPECS = { latest: -1, earliest: -2, 'max-timestamp': -3 } as const
const keyOf = ({ topic, partition }: TopicPartition): string => `${topic}-${partition}`

/**
 * Changes and describes a cluster. Calls may overlap. Calls about several things return an outcome for each, in the order
 * asked, and throw only when the brokers cannot be asked at all; calls about one thing throw its error.
 */
export class Admin implements AsyncDisposable {
  readonly #cluster: ClusterClient
  readonly #ownsCluster: boolean
  readonly #retry: RetryOptions

  /** @throws ConfigException naming every key at fault */
  static create(props: ClientProps, options: AdminOptions = {}): Admin {
    return new Admin(props, options)
  }

  private constructor(props: ClientProps, options: AdminOptions) {
    const config = parseClientConfig('admin', COMMON_KEYS.merge(ADMIN_KEYS), props, options.log ?? silentLogger)
    const values = config.own
    this.#ownsCluster = options.cluster === undefined
    this.#cluster = options.cluster ?? config.openCluster()
    this.#retry = {
      backoff: { initialMs: values['retry.backoff.ms'], maxMs: values['retry.backoff.max.ms'] },
      apiTimeoutMs: values['default.api.timeout.ms'],
      requestTimeoutMs: values['request.timeout.ms'],
      retries: values.retries,
    }
  }

  /** Nodes, controller and id of the cluster. */
  describeCluster(call: CallOptions = {}): Promise<calls.ClusterDescription> {
    return this.#one('Describing the cluster', call, (one) => calls.describeCluster(this.#cluster, one))
  }

  /** All topics that this client may see. */
  listTopics(call: CallOptions = {}): Promise<readonly topics.TopicListing[]> {
    return this.#one('Listing topics', call, (one) => topics.listTopics(this.#cluster, one))
  }

  /** Topics with their partitions. One that does not exist has `UnknownTopicOrPartitionException` as its outcome. */
  describeTopics(names: readonly string[], call: CallOptions = {}): Promise<topics.TopicDescription[]> {
    return this.#each('Describing topics', call, names, (some, one) => topics.describeTopics(this.#cluster, some, one))
  }

  /** Creates topics. One that exists has `TopicExistsException` as its outcome. */
  createTopics(wanted: readonly topics.NewTopic[], call: ChangeOptions = {}): Promise<topics.CreatedTopic[]> {
    const names = wanted.map((topic) => topic.name)
    return this.#each('Creating topics', call, names, (some, one) => {
      const left = wanted.filter((topic) => some.includes(topic.name))
      return topics.createTopics(this.#cluster, left, call.validateOnly ?? false, one)
    })
  }

  /** Deletes topics. Brokers carry it out after they answered: a topic may be seen for a moment longer. */
  deleteTopics(names: readonly string[], call: CallOptions = {}): Promise<topics.TopicOutcome[]> {
    return this.#each('Deleting topics', call, names, (some, one) => topics.deleteTopics(this.#cluster, some, one))
  }

  /** Raises the number of partitions of topics to these counts. */
  createPartitions(counts: Readonly<Record<string, number>>, call: ChangeOptions = {}): Promise<topics.TopicOutcome[]> {
    return this.#each('Adding partitions', call, Object.keys(counts), (some, one) => {
      const left = new Map(some.map((name) => [name, counts[name] as number]))
      return topics.createPartitions(this.#cluster, left, call.validateOnly ?? false, one)
    })
  }

  /** Deletes the records before an offset of each partition; -1 is the end. */
  deleteRecords(
    offsets: readonly (TopicPartition & { readonly beforeOffset: number })[],
    call: CallOptions = {},
  ): Promise<topics.DeletedRecords[]> {
    return this.#each('Deleting records', call, offsets.map(keyOf), (some, one) => {
      const left = offsets.filter((offset) => some.includes(keyOf(offset)))
      return topics.deleteRecords(this.#cluster, left, keyOf, one)
    })
  }

  /** Configurations of topics, brokers and groups; all keys, or these. */
  describeConfigs(
    resources: readonly configs.ConfigResource[],
    call: CallOptions & { readonly keys?: readonly string[] } = {},
  ): Promise<configs.ConfigDescription[]> {
    return this.#each('Describing configurations', call, resources.map(configs.resourceKey), (some, one) => {
      const left = resources.filter((resource) => some.includes(configs.resourceKey(resource)))
      return configs.describeConfigs(this.#cluster, left, call.keys ?? null, one)
    })
  }

  /** Changes single keys of configurations; the other keys stay. */
  alterConfigs(
    changes: readonly {
      readonly resource: configs.ConfigResource
      readonly changes: readonly configs.ConfigChange[]
    }[],
    call: ChangeOptions = {},
  ): Promise<configs.ConfigOutcome[]> {
    const keys = changes.map((one) => configs.resourceKey(one.resource))
    return this.#each('Changing configurations', call, keys, (some, one) => {
      const left = changes.filter((change) => some.includes(configs.resourceKey(change.resource)))
      return configs.alterConfigs(this.#cluster, left, call.validateOnly ?? false, one)
    })
  }

  /** Groups of all brokers, of any protocol type. `states` empty: in any state. */
  async listGroups(
    call: CallOptions & { readonly states?: readonly string[] } = {},
  ): Promise<readonly groups.GroupListing[]> {
    return this.#one('Listing groups', call, async (one) => {
      const { nodes } = await calls.describeCluster(this.#cluster, one)
      const lists = await Promise.all(
        nodes.map(({ id }) => groups.listGroupsOf(this.#cluster, id, call.states ?? [], one)),
      )
      return lists.flat()
    })
  }

  /** Groups with their members. */
  describeGroups(groupIds: readonly string[], call: CallOptions = {}): Promise<groups.GroupDescription[]> {
    return this.#each('Describing groups', call, groupIds, (some, one) =>
      groups.describeGroups(this.#cluster, some, one),
    )
  }

  /**
   * Groups of the consumer group protocol (KIP-848) with their members, topics by name. A group of another kind, or none, has
   * `GroupIdNotFoundException` as its outcome.
   */
  describeConsumerGroups(
    groupIds: readonly string[],
    call: CallOptions = {},
  ): Promise<groups.ConsumerGroupDescription[]> {
    return this.#each('Describing groups', call, groupIds, (some, one) =>
      groups.describeConsumerGroups(this.#cluster, some, one),
    )
  }

  /** Deletes groups without members, and their offsets. */
  deleteGroups(groupIds: readonly string[], call: CallOptions = {}): Promise<groups.GroupOutcome[]> {
    return this.#each('Deleting groups', call, groupIds, (some, one) => groups.deleteGroups(this.#cluster, some, one))
  }

  /**
   * Committed offsets of a group: all, or those of some partitions. Partitions without one are left out.
   * @throws KafkaException, `GroupAuthorizationException` among others
   */
  async groupOffsets(
    groupId: string,
    call: CallOptions & { readonly partitions?: readonly TopicPartition[]; readonly requireStable?: boolean } = {},
  ): Promise<readonly groups.GroupOffset[]> {
    const outcomes = await this.#each(
      `Reading the offsets of group ${groupId}`,
      call,
      [groupId],
      async (_some, one) => {
        const stable = call.requireStable ?? false
        return new Map([
          [groupId, await groups.groupOffsets(this.#cluster, groupId, call.partitions ?? null, stable, one)],
        ])
      },
    )
    return only(outcomes).offsets
  }

  /** Sets offsets of a group that has no members; with members, the outcomes are `UnknownMemberIdException`. */
  alterGroupOffsets(
    groupId: string,
    offsets: readonly groups.NewGroupOffset[],
    call: CallOptions = {},
  ): Promise<groups.PartitionOutcome[]> {
    return this.#each(`Setting offsets of group ${groupId}`, call, offsets.map(keyOf), (some, one) => {
      const left = offsets.filter((offset) => some.includes(keyOf(offset)))
      return groups.alterOffsets(this.#cluster, groupId, left, keyOf, one)
    })
  }

  /** Deletes offsets of a group; those of topics its members are subscribed to stay, with `GroupSubscribedToTopicException`. */
  deleteGroupOffsets(
    groupId: string,
    partitions: readonly TopicPartition[],
    call: CallOptions = {},
  ): Promise<groups.PartitionOutcome[]> {
    return this.#each(`Deleting offsets of group ${groupId}`, call, partitions.map(keyOf), (some, one) => {
      const left = partitions.filter((partition) => some.includes(keyOf(partition)))
      return groups.deleteOffsets(this.#cluster, groupId, left, keyOf, one)
    })
  }

  /** Offsets of partitions, in the order asked; -1 where no record is that young. @throws KafkaException naming the partition */
  listOffsets(
    wanted: readonly (TopicPartition & { readonly at: OffsetSpec })[],
    call: ListOffsetsOptions = {},
  ): Promise<readonly FoundOffset[]> {
    const queries = wanted.map(({ topic, partition, at }): OffsetQuery => {
      return { topic, partition, timestamp: typeof at === 'number' ? at : SPECS[at] }
    })
    const offsets = new OffsetCalls({
      cluster: this.#cluster,
      backoff: this.#retry.backoff,
      requestTimeoutMs: this.#retry.requestTimeoutMs,
      readCommitted: call.isolation === 'read_committed',
    })
    return offsets.list(queries, call.timeoutMs ?? this.#retry.apiTimeoutMs)
  }

  /** Fences the producers of transactional ids: what they have open is aborted, and they cannot go on. */
  fenceProducers(transactionalIds: readonly string[], call: CallOptions = {}): Promise<calls.FencedProducer[]> {
    return this.#each('Fencing producers', call, transactionalIds, (some, one) =>
      calls.fenceProducers(this.#cluster, some, one),
    )
  }

  /** Closes the connections; calls under way are rejected. Safe to call again. */
  async close(): Promise<void> {
    if (this.#ownsCluster) await this.#cluster.close()
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #each<R extends Outcome>(
    what: string,
    call: CallOptions,
    keys: readonly string[],
    once: (pending: readonly string[], one: Try) => Promise<ReadonlyMap<string, R>>,
  ): Promise<R[]> {
    return settle(this.#retry, what, call, keys, once)
  }

  async #one<T>(what: string, call: CallOptions, once: (one: Try) => Promise<T>): Promise<T> {
    const outcomes = await settle(this.#retry, what, call, [what], async (_pending, one) => {
      return new Map([[what, { value: await once(one), error: null }]])
    })
    return only(outcomes).value
  }
}
