// Topics that a source connector creates itself, before the first record to each (`topic.creation.*`, KIP-158).
import {
  ConfigException,
  ConnectException,
  type ConnectorProps,
  compileJavaRegex,
  errorMessage,
  type Logger,
} from '@millrace/api'
import { Admin } from '@millrace/kafka'
import { type TopicCreationGroup, topicCreationGroups } from '../config/source-config.ts'

/** Creates topics as the connector's groups say. */
export interface TopicCreation {
  /** Makes sure that a topic exists. @throws ConnectException */
  ensure(topic: string): Promise<void>
  close(): Promise<void>
}

const NOT_THERE = 'UnknownTopicOrPartitionException'
const EXISTS = 'TopicExistsException'

interface Matcher {
  readonly group: TopicCreationGroup
  readonly matches: (topic: string) => boolean
}

/** The topic creation of a connector, or null when it asks for none or the worker does not allow it. @throws ConfigException */
export function createTopicCreation(
  connectorProps: ConnectorProps,
  adminProps: Record<string, string>,
  enabled: boolean,
  log: Logger,
): TopicCreation | null {
  const groups = enabled ? topicCreationGroups(connectorProps) : []
  if (groups.length === 0) return null
  const matchers = groups.map((group) => ({ group, matches: matcherOf(group) }))
  const admin = Admin.create(adminProps, { log })
  return { ensure: (topic) => ensure(admin, topic, matchers, log), close: () => admin.close() }
}

async function ensure(admin: Admin, topic: string, matchers: readonly Matcher[], log: Logger): Promise<void> {
  const [known] = await admin.describeTopics([topic])
  if (known !== undefined && known.error === null) return
  if (known?.error != null && known.error.name !== NOT_THERE) throw refused(topic, known.error)
  const group = matchers.find((one) => one.matches(topic))?.group
  if (group === undefined) return
  const { partitions, replicationFactor, configs } = group
  const [created] = await admin.createTopics([{ name: topic, numPartitions: partitions, replicationFactor, configs }])
  if (created?.error != null && created.error.name !== EXISTS) throw refused(topic, created.error)
  log.info(`Created topic ${topic} with the settings of topic creation group ${group.name}`)
}

function refused(topic: string, cause: unknown): ConnectException {
  return new ConnectException(
    `Task failed to create new topic ${topic}. Ensure that the task is authorized to create topics or that the topic exists and restart the task: ${errorMessage(cause)}`,
    { cause },
  )
}

/** A group takes a topic that its include list matches whole and its exclude list does not; the default group takes the rest. */
function matcherOf(group: TopicCreationGroup): (topic: string) => boolean {
  if (group.include.length === 0) return () => true
  const include = whole(group.include, `topic.creation.${group.name}.include`)
  const exclude = group.exclude.length === 0 ? null : whole(group.exclude, `topic.creation.${group.name}.exclude`)
  return (topic) => include.test(topic) && exclude?.test(topic) !== true
}

function whole(patterns: readonly string[], key: string): RegExp {
  const compiled = compileJavaRegex(patterns.join('|'))
  if (typeof compiled === 'string')
    throw ConfigException.invalidValue(key, patterns.join(','), `Invalid regex: ${compiled}`)
  return compiled
}
