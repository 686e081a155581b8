// Configuration that all Kafka clients share, under the Java client's keys and defaults.
import { atLeast, defineConfig, type InferConfig, nonEmptyList, oneOf } from '@millrace/api'

/** Keys of connections, metadata and retries. */
export const COMMON_KEYS = defineConfig({
  'bootstrap.servers': {
    type: 'list',
    importance: 'high',
    validator: nonEmptyList,
    doc: 'Brokers to ask first, as host:port separated by commas; the others are learnt from them.',
  },
  'client.id': {
    type: 'string',
    default: '',
    importance: 'medium',
    doc: 'Name of this client in the logs and quotas of the brokers.',
  },
  'client.dns.lookup': {
    type: 'string',
    default: 'use_all_dns_ips',
    importance: 'medium',
    validator: oneOf('use_all_dns_ips', 'resolve_canonical_bootstrap_servers_only'),
    doc: 'How host names are resolved. All addresses of a name are tried in both cases.',
  },
  'request.timeout.ms': {
    type: 'int',
    default: '30000',
    importance: 'medium',
    validator: atLeast(0),
    doc: 'Milliseconds to wait for the answer to a request before its connection is given up.',
  },
  'retry.backoff.ms': {
    type: 'long',
    default: '100',
    importance: 'low',
    validator: atLeast(0),
    doc: 'First wait, in milliseconds, before a failed request is tried again. Doubles up to retry.backoff.max.ms.',
  },
  'retry.backoff.max.ms': {
    type: 'long',
    default: '1000',
    importance: 'low',
    validator: atLeast(0),
    doc: 'Longest wait, in milliseconds, between tries.',
  },
  'reconnect.backoff.ms': {
    type: 'long',
    default: '50',
    importance: 'low',
    validator: atLeast(0),
    doc: 'First wait, in milliseconds, before connecting again to a broker. Doubles up to reconnect.backoff.max.ms.',
  },
  'reconnect.backoff.max.ms': {
    type: 'long',
    default: '1000',
    importance: 'low',
    validator: atLeast(0),
    doc: 'Longest wait, in milliseconds, between attempts to connect to a broker.',
  },
  'socket.connection.setup.timeout.ms': {
    type: 'long',
    default: '10000',
    importance: 'medium',
    doc: 'Milliseconds in which a connection must be open, TLS handshake included.',
  },
  'connections.max.idle.ms': {
    type: 'long',
    default: '540000',
    importance: 'medium',
    doc: 'Milliseconds without a request after which a connection is made anew for the next one; negative for never.',
  },
  'metadata.max.age.ms': {
    type: 'long',
    default: '300000',
    importance: 'low',
    validator: atLeast(0),
    doc: 'Milliseconds after which metadata is refreshed even when nothing seems to have changed.',
  },
})

/** Keys of the Java clients that have no meaning here and are accepted in silence. */
export const KEYS_WITHOUT_EFFECT: ReadonlySet<string> = new Set([
  'key.serializer',
  'value.serializer',
  'key.deserializer',
  'value.deserializer',
  'send.buffer.bytes',
  'receive.buffer.bytes',
  'socket.connection.setup.timeout.max.ms',
  'metadata.max.idle.ms',
  'metadata.recovery.strategy',
  'metadata.recovery.rebootstrap.trigger.ms',
  'metric.reporters',
  'metrics.num.samples',
  'metrics.recording.level',
  'metrics.sample.window.ms',
  'interceptor.classes',
  'enable.metrics.push',
  'client.rack',
  'bootstrap.controllers',
  'config.providers',
  'group.remote.assignor',
  'internal.throw.on.fetch.stable.offset.unsupported',
  'share.acknowledgement.mode',
  'share.acquire.mode',
  'transaction.two.phase.commit.enable',
  'auto.include.jmx.reporter',
  'security.providers',
])

export type CommonValues = InferConfig<typeof COMMON_KEYS>
