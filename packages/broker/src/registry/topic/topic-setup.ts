// Makes the topic, or checks that the one there is can keep schemas.
import { ConnectException, type Logger } from '@millrace/api'
import { Admin, type ClusterClient } from '@millrace/kafka'

/** What the topic is to be. */
export interface TopicSettings {
  readonly topic: string
  readonly replicationFactor: number
  /** More configuration of a topic that is made here. */
  readonly configs: Readonly<Record<string, string>>
}

/**
 * Creates the topic with one partition and compaction, or checks these of one that exists.
 * @returns the cluster's id
 * @throws ConnectException when it has several partitions, or throws records away
 */
export async function prepareTopic(
  props: Readonly<Record<string, string>>,
  cluster: ClusterClient,
  { topic, replicationFactor, configs }: TopicSettings,
  log: Logger,
): Promise<string | null> {
  const admin = Admin.create(props, { cluster, log })
  const { clusterId, nodes } = await admin.describeCluster()
  if (nodes.length < replicationFactor) {
    log.warn(`The topic ${topic} is to have ${replicationFactor} replicas, and there are brokers for ${nodes.length}`)
  }
  const [found] = await admin.describeTopics([topic])
  if (found?.error?.name === 'UnknownTopicOrPartitionException') {
    const [created] = await admin.createTopics([
      {
        name: topic,
        numPartitions: 1,
        replicationFactor: Math.min(nodes.length, replicationFactor),
        configs: { ...configs, 'cleanup.policy': 'compact' },
      },
    ])
    if (created?.error == null) return clusterId
    // Another instance may have made it at the same moment: then it is to be checked.
    if (created.error.name !== 'TopicExistsException') throw created.error
  }
  await check(admin, topic)
  return clusterId
}

async function check(admin: Admin, topic: string): Promise<void> {
  const [found] = await admin.describeTopics([topic])
  if (found?.error != null) throw found.error
  if (found?.partitions.length !== 1) {
    throw new ConnectException(`The topic ${topic} has ${found?.partitions.length} partitions and must have one.`, {
      action: 'Name another topic in kafkastore.topic.',
    })
  }
  const [described] = await admin.describeConfigs([{ type: 'topic', name: topic }], { keys: ['cleanup.policy'] })
  if (described?.error != null) throw described.error
  const policy = described?.entries.find((one) => one.name === 'cleanup.policy')?.value
  if (policy !== 'compact') {
    throw new ConnectException(`The topic ${topic} has cleanup.policy=${policy}, and would lose schemas in time.`, {
      action: `Set its cleanup.policy to compact, or name another topic in kafkastore.topic.`,
    })
  }
}
