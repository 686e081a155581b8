// Configuration keys that every worker has, whatever its mode.
import { atLeast, type ConfigDef, defineConfig, nonEmptyList, oneOf, oneOfIgnoringCase, satisfies } from '@millrace/api'
import { AUTO_RESTART_CONFIG } from './auto-restart-config.ts'
import { PROGRESS_CHECK_CONFIG, PROGRESS_CONFIG } from './progress-config.ts'

const listenerList = satisfies('list of listeners, each protocol://host:port', (value) => {
  const listeners = value as readonly string[]
  if (listeners.length === 0) return 'At least one listener is expected.'
  return listeners.some((one) => one === '') ? 'Listeners must not be empty.' : undefined
})

/** Keys that belong to the REST server. */
const REST_SPEC = {
  listeners: {
    type: 'list',
    default: 'http://:8083',
    importance: 'low',
    doc: 'Where the REST API listens: http://host:port or https://host:port, separated by commas. No host is all interfaces.',
    validator: listenerList,
  },
  'rest.advertised.host.name': {
    type: 'string',
    default: null,
    importance: 'low',
    doc: 'Host under which other workers and users reach this one.',
  },
  'rest.advertised.port': {
    type: 'int',
    default: null,
    importance: 'low',
    doc: 'Port under which other workers and users reach this one.',
  },
  'rest.advertised.listener': {
    type: 'string',
    default: null,
    importance: 'low',
    doc: 'Which listener others use: http or https.',
  },
  'access.control.allow.origin': {
    type: 'string',
    default: '',
    importance: 'low',
    doc: 'Origin that browsers may call the REST API from; * for any, empty for none.',
  },
  'access.control.allow.methods': {
    type: 'string',
    default: '',
    importance: 'low',
    doc: 'Methods that such browsers may use, separated by commas. Empty is GET, POST and HEAD.',
  },
  'admin.listeners': {
    type: 'list',
    default: null,
    importance: 'low',
    doc: 'Where /admin is served. Unset: on the listeners. Empty: nowhere.',
  },
  'rest.extension.classes': {
    type: 'list',
    default: '',
    importance: 'low',
    doc: 'REST extensions to load, in this order.',
  },
  'java.security.auth.login.config': {
    type: 'string',
    default: null,
    importance: 'low',
    doc: 'Login configuration file (JAAS) for basic authentication. Of our own: Java takes it as a system property.',
  },
  'response.http.headers.config': {
    type: 'string',
    default: '',
    importance: 'low',
    doc: 'Headers for every answer: rules "[set|add|setDate|addDate] name: value", separated by commas.',
  },
  'ssl.client.auth': {
    type: 'string',
    default: 'none',
    importance: 'low',
    doc: 'Whether https clients of the REST API must show a certificate: required, requested or none.',
    validator: oneOf('required', 'requested', 'none'),
  },
} as const

const PLUGIN_VERSION = {
  type: 'string',
  default: null,
  importance: 'low',
  doc: 'Version of that converter to use. By default the newest that is installed.',
} as const

/** Keys of standalone and distributed workers alike. */
export const WORKER_CONFIG = defineConfig({
  ...AUTO_RESTART_CONFIG.spec,
  ...PROGRESS_CONFIG.spec,
  ...PROGRESS_CHECK_CONFIG.spec,
  'bootstrap.servers': {
    type: 'list',
    default: 'localhost:9092',
    importance: 'high',
    doc: 'Brokers to begin with, host:port, separated by commas.',
    validator: nonEmptyList,
  },
  'client.dns.lookup': {
    type: 'string',
    default: 'use_all_dns_ips',
    importance: 'medium',
    doc: 'Whether all addresses of a host name are tried, or bootstrap names are first resolved to canonical names.',
    validator: oneOf('use_all_dns_ips', 'resolve_canonical_bootstrap_servers_only'),
  },
  'key.converter': { type: 'class', importance: 'high', doc: 'Converter of record keys where a connector sets none.' },
  'key.converter.plugin.version': PLUGIN_VERSION,
  'value.converter': {
    type: 'class',
    importance: 'high',
    doc: 'Converter of record values where a connector sets none.',
  },
  'value.converter.plugin.version': PLUGIN_VERSION,
  'header.converter': {
    type: 'class',
    default: 'org.apache.kafka.connect.storage.SimpleHeaderConverter',
    importance: 'low',
    doc: 'Converter of record headers where a connector sets none.',
  },
  'header.converter.plugin.version': PLUGIN_VERSION,
  'task.shutdown.graceful.timeout.ms': {
    type: 'long',
    default: 5000,
    importance: 'low',
    doc: 'Time in milliseconds for all tasks together to stop; what has not stopped by then is abandoned.',
  },
  'offset.flush.interval.ms': {
    type: 'long',
    default: 60_000,
    importance: 'low',
    doc: 'Milliseconds between commits of offsets, for sources and sinks.',
  },
  'offset.flush.timeout.ms': {
    type: 'long',
    default: 5000,
    importance: 'low',
    doc: 'Milliseconds that a commit may take before it is given up and tried again later.',
  },
  'plugin.path': {
    type: 'list',
    default: null,
    importance: 'low',
    doc: 'Folders with plugins. A file or folder that Node.js can import is loaded; Java archives are not.',
  },
  'plugin.discovery': {
    type: 'string',
    default: 'hybrid_warn',
    importance: 'low',
    doc: 'Kept for configuration files of the reference; without effect.',
    validator: oneOfIgnoringCase('only_scan', 'hybrid_warn', 'hybrid_fail', 'service_load'),
  },
  'config.providers': {
    type: 'list',
    default: '',
    importance: 'low',
    doc: 'Names of config providers, each set up by config.providers.<name>.class and .param.*.',
  },
  'connector.client.config.override.policy': {
    type: 'string',
    default: 'All',
    importance: 'low',
    doc: 'Which Kafka client settings connectors may override: All, None, Principal, Allowlist, or a class.',
  },
  'connector.client.config.override.allowlist': {
    type: 'list',
    default: '',
    importance: 'medium',
    doc: 'Client settings that connectors may override with the policy Allowlist.',
  },
  'metrics.sample.window.ms': {
    type: 'long',
    default: 30_000,
    importance: 'low',
    doc: 'Milliseconds of one sample of rates and averages.',
    validator: atLeast(0),
  },
  'metrics.num.samples': {
    type: 'int',
    default: 2,
    importance: 'low',
    doc: 'Number of samples that rates and averages are computed from.',
    validator: atLeast(1),
  },
  'metrics.recording.level': {
    type: 'string',
    default: 'INFO',
    importance: 'low',
    doc: 'Kept for configuration files of the reference: all metrics are always recorded.',
    validator: oneOf('INFO', 'DEBUG', 'TRACE'),
  },
  'metric.reporters': {
    type: 'list',
    default: 'org.apache.kafka.common.metrics.JmxReporter',
    importance: 'low',
    doc: 'Kept for configuration files of the reference; metrics are at /metrics.',
  },
  'topic.creation.enable': {
    type: 'boolean',
    default: true,
    importance: 'low',
    doc: 'Whether source connectors with topic.creation.* settings may create topics.',
  },
  'topic.tracking.enable': {
    type: 'boolean',
    default: true,
    importance: 'low',
    doc: 'Whether the topics that connectors use are recorded.',
  },
  'topic.tracking.allow.reset': {
    type: 'boolean',
    default: true,
    importance: 'low',
    doc: 'Whether users may reset that record.',
  },
  'security.protocol': {
    type: 'string',
    default: 'PLAINTEXT',
    importance: 'medium',
    doc: 'How brokers are spoken to: PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL.',
    validator: oneOfIgnoringCase('PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'),
  },
  'script.transformations.enable': {
    type: 'boolean',
    default: true,
    importance: 'medium',
    doc: 'Whether connectors may bring code of their own in their configuration (millrace.Script, and the Filter and ContentBasedRouter of Debezium). Such code runs with all the rights of the worker. A key of this project.',
  },
  'worker.threads': {
    type: 'int',
    default: 0,
    importance: 'low',
    doc: 'Threads of the data plane; 0 is one per core. A key of this project.',
    validator: atLeast(0),
  },
  ...REST_SPEC,
})

/** Prefixes whose keys are passed on to something else, which checks them. */
export const WORKER_PREFIXES = [
  'producer.',
  'consumer.',
  'admin.',
  'key.converter.',
  'value.converter.',
  'header.converter.',
  'config.providers.',
  'metrics.context.',
  'listeners.https.',
  'admin.listeners.https.',
  'ssl.',
  'sasl.',
] as const

/** Settings of Kafka clients that may stand in a worker's file without a prefix: for its own clients. */
const CLIENT_KEYS = [
  'client.id',
  'connections.max.idle.ms',
  'default.api.timeout.ms',
  'metadata.max.age.ms',
  'metadata.recovery.rebootstrap.trigger.ms',
  'metadata.recovery.strategy',
  'receive.buffer.bytes',
  'reconnect.backoff.max.ms',
  'reconnect.backoff.ms',
  'request.timeout.ms',
  'retries',
  'retry.backoff.max.ms',
  'retry.backoff.ms',
  'security.providers',
  'send.buffer.bytes',
  'socket.connection.setup.timeout.max.ms',
  'socket.connection.setup.timeout.ms',
] as const

/** Removed from the reference long ago, but still found in files: ignored with a warning of their own. */
export const OBSOLETE_PREFIXES = ['internal.key.converter', 'internal.value.converter'] as const

/** Names known to a worker of the given definition, for finding unknown keys and what was meant. */
export function knownWorkerKeys(definition: ConfigDef): ReadonlySet<string> {
  return new Set([...definition.keys.keys(), ...CLIENT_KEYS])
}

const CLIENT_SETTINGS: ReadonlySet<string> = new Set([
  'bootstrap.servers',
  'client.dns.lookup',
  'security.protocol',
  ...CLIENT_KEYS,
])

/** True for a key that, without a prefix, is a setting of the worker's own Kafka clients too. */
export function isClientSetting(key: string): boolean {
  if (key === 'ssl.client.auth') return false
  return CLIENT_SETTINGS.has(key) || key.startsWith('ssl.') || key.startsWith('sasl.')
}
