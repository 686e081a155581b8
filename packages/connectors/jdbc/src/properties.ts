// Settings that go on to the driver: every `connection.` key that is not the connector's own.
import type { ConnectorProps } from '@millrace/api'

const PREFIX = 'connection.'
const OWN = new Set([
  'connection.url',
  'connection.user',
  'connection.password',
  'connection.attempts',
  'connection.backoff.ms',
  'connection.username',
])

/** Properties of the driver among the keys of a connector: `connection.ssl=true` is `ssl=true`. */
export function connectionProperties(props: ConnectorProps): [string, string][] {
  return Object.entries(props)
    .filter(([key]) => key.startsWith(PREFIX) && !OWN.has(key) && !/^connection\.(pool|provider|restart)\./.test(key))
    .map(([key, value]) => [key.slice(PREFIX.length), value])
}
