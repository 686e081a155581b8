// Configuration keys of source connectors, and the groups of topics they may create (KIP-158, KIP-618).
import {
  ConfigException,
  type ConnectorProps,
  defineConfig,
  type InferConfig,
  nonEmptyString,
  oneOfIgnoringCase,
  parseConfigValue,
  satisfies,
} from '@millrace/api'
import { CONNECTOR_CONFIG, uniqueAliases } from './connector-config.ts'

const EXACTLY_ONCE = 'Exactly Once Support'

/** Keys of source connectors beside the common ones. */
export const SOURCE_ONLY_CONFIG = defineConfig({
  'topic.creation.groups': {
    type: 'list',
    default: '',
    importance: 'low',
    doc: 'Groups of topics to create, tried in this order; each is set up by topic.creation.<group>.*. The rest is "default".',
    validator: uniqueAliases('topic creation group'),
    group: 'Topic Creation',
    orderInGroup: 1,
    width: 'long',
    displayName: 'Topic Creation Groups',
  },
  'exactly.once.support': {
    type: 'string',
    default: 'requested',
    importance: 'medium',
    doc: 'With "required" the connector is refused unless it and the worker can deliver exactly once; "requested" does not check.',
    validator: oneOfIgnoringCase('required', 'requested'),
    group: EXACTLY_ONCE,
    orderInGroup: 2,
    width: 'short',
    displayName: 'Exactly once support',
  },
  'transaction.boundary': {
    type: 'string',
    default: 'poll',
    importance: 'medium',
    doc: 'Where transactions end: after each batch ("poll"), by time ("interval"), or where the connector says ("connector").',
    validator: oneOfIgnoringCase('interval', 'poll', 'connector'),
    group: EXACTLY_ONCE,
    orderInGroup: 3,
    width: 'short',
    displayName: 'Transaction Boundary',
  },
  'transaction.boundary.interval.ms': {
    type: 'long',
    default: null,
    importance: 'low',
    doc: 'Time in milliseconds between commits with the boundary "interval"; without it offset.flush.interval.ms of the worker.',
    validator: satisfies('[0,...]', (value) =>
      value !== null && (value as number) < 0 ? 'Value must be at least 0' : undefined,
    ),
    group: EXACTLY_ONCE,
    orderInGroup: 4,
    width: 'short',
    displayName: 'Transaction boundary interval',
  },
  'offsets.storage.topic': {
    type: 'string',
    default: null,
    importance: 'low',
    doc: "Topic for this connector's offsets, instead of the worker's. For distributed workers only.",
    validator: nonEmptyString,
    group: 'offsets.topic',
    orderInGroup: 1,
    width: 'long',
    displayName: 'Offsets topic',
  },
})

/** All framework keys of a source connector. */
export const SOURCE_CONNECTOR_CONFIG = CONNECTOR_CONFIG.merge(SOURCE_ONLY_CONFIG)
export type SourceConnectorConfig = InferConfig<typeof SOURCE_CONNECTOR_CONFIG>

/** How topics of a group are created. */
export interface TopicCreationGroup {
  readonly name: string
  /** Java regular expressions of topic names, matched whole; empty for the default group, which takes the rest. */
  readonly include: readonly string[]
  /** Wins over {@link include}. */
  readonly exclude: readonly string[]
  /** -1 is the broker's default. */
  readonly partitions: number
  readonly replicationFactor: number
  /** Further topic configs. */
  readonly configs: Readonly<Record<string, string>>
}

const PREFIX = 'topic.creation.'
const DEFAULT_GROUP = 'default'
const OWN_KEYS = new Set(['include', 'exclude', 'partitions', 'replication.factor'])

/**
 * Topic creation groups in the order to try them, the default group last; empty when the connector asks for none.
 * @throws ConfigException for a bad or missing setting
 */
export function topicCreationGroups(props: ConnectorProps): readonly TopicCreationGroup[] {
  if (!Object.keys(props).some((key) => key.startsWith(PREFIX))) return []
  const fallback = group(DEFAULT_GROUP, props, null)
  const names = parseConfigValue(`${PREFIX}groups`, 'list', props[`${PREFIX}groups`] ?? '') ?? []
  const others = names.filter((name) => name !== DEFAULT_GROUP).map((name) => group(name, props, fallback))
  return [...others, { ...fallback, include: [], exclude: [] }]
}

function group(name: string, props: ConnectorProps, fallback: TopicCreationGroup | null): TopicCreationGroup {
  const prefix = `${PREFIX}${name}.`
  const configs: Record<string, string> = {}
  for (const [key, value] of Object.entries(props)) {
    if (!key.startsWith(prefix)) continue
    const rest = key.slice(prefix.length)
    if (!OWN_KEYS.has(rest)) configs[rest] = value
  }
  return Object.freeze({
    name,
    include: patterns(`${prefix}include`, props),
    exclude: patterns(`${prefix}exclude`, props),
    partitions: count(`${prefix}partitions`, props, 'int', fallback?.partitions),
    replicationFactor: count(`${prefix}replication.factor`, props, 'short', fallback?.replicationFactor),
    configs,
  })
}

function patterns(key: string, props: ConnectorProps): readonly string[] {
  return parseConfigValue(key, 'list', props[key] ?? '') ?? []
}

function count(key: string, props: ConnectorProps, type: 'int' | 'short', fallback: number | undefined): number {
  const value = parseConfigValue(key, type, props[key]) ?? fallback
  if (value === undefined) {
    throw new ConfigException(`Missing required configuration "${key}" which has no default value.`, { configKey: key })
  }
  if (value === -1 || value > 0) return value
  throw ConfigException.invalidValue(key, value, 'Value must be greater than zero, or -1 for the default of the broker')
}
