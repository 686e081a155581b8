// Configuration keys of sink connectors, and which topics they read.
import {
  ConfigException,
  type ConnectorProps,
  compileJavaRegex,
  defineConfig,
  type InferConfig,
  type RawConfig,
} from '@millrace/api'
import { CONNECTOR_CONFIG } from './connector-config.ts'

const ERRORS = 'Error Handling'

/** Keys of sink connectors beside the common ones. */
export const SINK_ONLY_CONFIG = defineConfig({
  topics: {
    type: 'list',
    default: '',
    importance: 'high',
    doc: 'Topics to read, separated by commas. Either this or topics.regex.',
    group: 'Common',
    orderInGroup: 4,
    width: 'long',
    displayName: 'Topics',
  },
  'topics.regex': {
    type: 'string',
    default: '',
    importance: 'high',
    doc: 'Regular expression, in Java syntax, that the whole name of a topic to read must match. Either this or topics.',
    group: 'Common',
    orderInGroup: 4,
    width: 'long',
    displayName: 'Topics regex',
  },
  'errors.deadletterqueue.topic.name': {
    type: 'string',
    default: '',
    importance: 'medium',
    doc: 'Topic that gets the records which this sink or its transformations and converters could not process. Empty for none.',
    group: ERRORS,
    orderInGroup: 6,
    width: 'medium',
    displayName: 'Dead Letter Queue Topic Name',
  },
  'errors.deadletterqueue.topic.replication.factor': {
    type: 'short',
    default: 3,
    importance: 'medium',
    doc: 'Replication factor of the dead letter queue topic when it has to be created.',
    group: ERRORS,
    orderInGroup: 7,
    width: 'medium',
    displayName: 'Dead Letter Queue Topic Replication Factor',
  },
  'errors.deadletterqueue.context.headers.enable': {
    type: 'boolean',
    default: false,
    importance: 'medium',
    doc: 'Whether such records get headers that tell where they came from and what went wrong (__connect.errors.*).',
    group: ERRORS,
    orderInGroup: 8,
    width: 'medium',
    displayName: 'Enable Error Context Headers',
  },
})

/** All framework keys of a sink connector. */
export const SINK_CONNECTOR_CONFIG = CONNECTOR_CONFIG.merge(SINK_ONLY_CONFIG)
export type SinkConnectorConfig = InferConfig<typeof SINK_CONNECTOR_CONFIG>

/** What a sink reads: named topics, or all that match. */
export type SinkTopics = { readonly topics: readonly string[] } | { readonly regex: RegExp; readonly source: string }

/** Topics of a sink connector or task. Names are trimmed; empty and repeated ones dropped. @throws ConfigException */
export function sinkTopics(props: ConnectorProps): SinkTopics {
  const regex = props['topics.regex']?.trim()
  if (regex !== undefined && regex !== '') {
    const compiled = compileJavaRegex(regex)
    if (typeof compiled === 'string')
      throw ConfigException.invalidValue('topics.regex', regex, `Invalid regex: ${compiled}`)
    return { regex: compiled, source: regex }
  }
  return { topics: topicList(props.topics) }
}

/** Cross checks of the keys that name topics: messages by key (a key may have several). */
export function sinkTopicProblems(props: RawConfig): readonly { readonly key: string; readonly message: string }[] {
  const topics = props.topics ?? ''
  const regex = props['topics.regex'] ?? ''
  const dlq = (props['errors.deadletterqueue.topic.name'] ?? '').trim()
  const problems: { key: string; message: string }[] = []
  const both = (message: string) => problems.push({ key: 'topics', message }, { key: 'topics.regex', message })
  const hasTopics = topics.trim() !== ''
  const hasRegex = regex.trim() !== ''
  if (topicList(topics).length < named(topics).length) {
    problems.push({ key: 'topics', message: "Configuration 'topics' values must not be duplicated." })
  }
  const compiled = hasRegex ? compileJavaRegex(regex.trim()) : undefined
  if (typeof compiled === 'string') {
    const { message } = ConfigException.invalidValue('topics.regex', regex, `Invalid regex: ${compiled}`)
    problems.push({ key: 'topics.regex', message })
  }
  if (hasTopics && hasRegex) both('topics and topics.regex are mutually exclusive options, but both are set.')
  if (!hasTopics && !hasRegex) both('Must configure one of topics or topics.regex')
  if (dlq === '') return problems
  if (hasTopics && topicList(topics).includes(dlq)) {
    problems.push({
      key: 'topics',
      message: `The DLQ topic '${dlq}' may not be included in the list of topics ('topics=[${topicList(topics).join(', ')}]') consumed by the connector`,
    })
  }
  if (compiled instanceof RegExp && compiled.test(dlq)) {
    problems.push({
      key: 'topics.regex',
      message: `The DLQ topic '${dlq}' may not be matched by the regex for the topics ('topics.regex=${regex}') consumed by the connector`,
    })
  }
  return problems
}

function topicList(text: string | null | undefined): string[] {
  return [...new Set(named(text))]
}

function named(text: string | null | undefined): string[] {
  const names = (text ?? '').split(',').map((name) => name.trim())
  return names.filter((name) => name !== '')
}
