// The registry's configuration: the reference's keys, names and defaults.
// Source: https://docs.confluent.io/platform/current/schema-registry/installation/config.html
import { hostname } from 'node:os'
import {
  atLeast,
  ConfigException,
  type ConfigSpec,
  defineConfig,
  type InferConfig,
  type RawConfig,
} from '@millrace/api'
import { COMPATIBILITY_LEVELS, type CompatibilityLevel } from '@millrace/schemas'

/** Settings of the clients begin with it; those that are not the registry's own go to them without it. */
const CLIENT_PREFIX = 'kafkastore.'
const TOPIC_PREFIX = 'kafkastore.topic.config.'

const KEYS = {
  'kafkastore.bootstrap.servers': {
    type: 'list',
    importance: 'high',
    doc: 'The Kafka brokers that keep the schemas, with commas between them; a security protocol before each is allowed.',
  },
  'kafkastore.topic': {
    type: 'string',
    default: '_schemas',
    importance: 'high',
    doc: 'The topic that keeps the schemas: one partition, compacted. It is created when it is not there.',
  },
  'kafkastore.topic.replication.factor': {
    type: 'int',
    default: 3,
    validator: atLeast(1),
    importance: 'high',
    doc: 'Replicas of the topic when it is created; fewer when there are fewer brokers.',
  },
  'kafkastore.timeout.ms': {
    type: 'int',
    default: 500,
    validator: atLeast(1),
    importance: 'medium',
    doc: 'The longest wait for a write to be acknowledged, and for it to be read back, in milliseconds.',
  },
  'kafkastore.init.timeout.ms': {
    type: 'int',
    default: 60_000,
    validator: atLeast(1),
    importance: 'medium',
    doc: 'The longest wait at the start: for the topic to be read, and for a primary to be elected, in milliseconds.',
  },
  listeners: {
    type: 'list',
    default: 'http://0.0.0.0:8081',
    importance: 'high',
    doc: 'Addresses to listen on, http or https, with commas between them. Port 0 takes any free one.',
  },
  'host.name': {
    type: 'string',
    default: null,
    importance: 'high',
    doc: 'The host under which other instances reach this one. Default: the name of this machine.',
  },
  'host.port': {
    type: 'int',
    default: null,
    importance: 'low',
    doc: 'The port under which other instances reach this one. Default: that of the listener.',
  },
  'inter.instance.protocol': {
    type: 'string',
    default: 'http',
    importance: 'low',
    doc: 'The protocol, http or https, that instances speak with each other; one listener must have it.',
  },
  'schema.compatibility.level': {
    type: 'string',
    default: null,
    importance: 'high',
    doc: 'The compatibility level where none is set. Default: backward.',
  },
  'avro.compatibility.level': {
    type: 'string',
    default: null,
    importance: 'low',
    doc: 'The old name of schema.compatibility.level.',
  },
  'schema.registry.group.id': {
    type: 'string',
    default: 'schema-registry',
    importance: 'medium',
    doc: 'The group in which instances elect the primary. Instances over one topic must have one group.',
  },
  'leader.eligibility': {
    type: 'boolean',
    default: true,
    importance: 'medium',
    doc: 'Whether this instance may be primary. With false it only reads, and sends writes on.',
  },
  'master.eligibility': {
    type: 'boolean',
    default: null,
    importance: 'low',
    doc: 'The old name of leader.eligibility; it goes before it.',
  },
  'leader.election.sticky': {
    type: 'boolean',
    default: false,
    importance: 'low',
    doc: 'Whether the primary stays when an instance joins that would be chosen before it.',
  },
  'leader.read.timeout.ms': {
    type: 'int',
    default: 60_000,
    validator: atLeast(1),
    importance: 'low',
    doc: 'The longest wait for the answer of the primary to a request that was sent on, in milliseconds.',
  },
  'kafkagroup.session.timeout.ms': {
    type: 'int',
    default: 10_000,
    validator: atLeast(1),
    importance: 'low',
    doc: 'After so many milliseconds without a heartbeat another primary is elected.',
  },
  'kafkagroup.heartbeat.interval.ms': {
    type: 'int',
    default: 3_000,
    validator: atLeast(1),
    importance: 'low',
    doc: 'Milliseconds between heartbeats.',
  },
  'kafkagroup.rebalance.timeout.ms': {
    type: 'int',
    default: 300_000,
    validator: atLeast(1),
    importance: 'low',
    doc: 'The longest wait for all instances to take part in an election, in milliseconds.',
  },
  'mode.mutability': {
    type: 'boolean',
    default: true,
    importance: 'low',
    doc: 'Whether modes may be changed.',
  },
} as const satisfies ConfigSpec

/** All keys of the registry itself. */
export const REGISTRY_CONFIG = defineConfig(KEYS)

/** The settings of a registry instance. */
export interface RegistrySettingsRead {
  readonly values: InferConfig<typeof REGISTRY_CONFIG>
  readonly level: CompatibilityLevel
  readonly eligible: boolean
  readonly host: string
  /** Properties of the Kafka clients. */
  readonly clientProps: Readonly<Record<string, string>>
  /** Configuration of the topic when it is created. */
  readonly topicConfigs: Readonly<Record<string, string>>
}

/** @throws ConfigException naming every key at fault */
export function readRegistryConfig(raw: RawConfig): RegistrySettingsRead {
  const values = REGISTRY_CONFIG.parse(raw)
  return {
    values,
    level: levelOf(values['schema.compatibility.level'] ?? values['avro.compatibility.level'] ?? 'backward'),
    eligible: values['master.eligibility'] ?? values['leader.eligibility'],
    host: values['host.name'] ?? hostname(),
    clientProps: {
      ...withoutPrefix(raw, CLIENT_PREFIX, (name) => !(name in KEYS) && !name.startsWith(TOPIC_PREFIX)),
      'bootstrap.servers': values['kafkastore.bootstrap.servers'].map(withoutProtocol).join(','),
    },
    topicConfigs: withoutPrefix(raw, TOPIC_PREFIX, () => true),
  }
}

function levelOf(text: string): CompatibilityLevel {
  const level = COMPATIBILITY_LEVELS.find((one) => one === text.toUpperCase())
  if (level !== undefined) return level
  const allowed = `Must be one of ${COMPATIBILITY_LEVELS.join(', ').toLowerCase()}`
  throw ConfigException.invalidValue('schema.compatibility.level', text, allowed)
}

/** `PLAINTEXT://host:9092` as `host:9092`: the protocol is that of kafkastore.security.protocol. */
function withoutProtocol(server: string): string {
  return server.replace(/^\w+:\/\//, '')
}

function withoutPrefix(raw: RawConfig, prefix: string, wanted: (name: string) => boolean): Record<string, string> {
  return Object.fromEntries(
    Object.entries(raw).flatMap(([name, value]) =>
      name.startsWith(prefix) && value !== null && wanted(name) ? [[name.slice(prefix.length), value]] : [],
    ),
  )
}
