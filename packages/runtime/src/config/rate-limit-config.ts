// Keys of this project by which a connector is held to a rate. They can be changed while its tasks run.
import { atLeast, type ConnectorProps, defineConfig, type InferConfig } from '@millrace/api'
import type { RateLimit } from '../plane/messages.ts'

const PREFIX = 'rate.limit.'
const GROUP = 'Rate Limit'

/** The keys of a connector. */
export const RATE_LIMIT_CONFIG = defineConfig({
  'rate.limit.records.per.second': {
    type: 'double',
    default: 0,
    importance: 'low',
    validator: atLeast(0),
    group: GROUP,
    doc: 'Most records a second of the connector, shared equally by its tasks; 0 for no limit. May be changed while it runs.',
  },
  'rate.limit.bytes.per.second': {
    type: 'double',
    default: 0,
    importance: 'low',
    validator: atLeast(0),
    group: GROUP,
    doc: 'Most bytes a second of the connector, records as they are in Kafka before compression, shared equally by its tasks; 0 for no limit. May be changed while it runs.',
  },
})

/** The share of one of so many tasks; null when there is no limit. @throws ConfigException */
export function rateLimit(props: ConnectorProps, tasks: number): RateLimit | null {
  if (!hasRateLimitKeys(props)) return null
  const own = Object.fromEntries(Object.entries(props).filter(([key]) => key.startsWith(PREFIX)))
  const config: InferConfig<typeof RATE_LIMIT_CONFIG> = RATE_LIMIT_CONFIG.parse(own)
  const share = (limit: number) => (limit > 0 && limit < Number.POSITIVE_INFINITY ? limit / Math.max(1, tasks) : null)
  const limit = {
    recordsPerSecond: share(config['rate.limit.records.per.second']),
    bytesPerSecond: share(config['rate.limit.bytes.per.second']),
  }
  return limit.recordsPerSecond === null && limit.bytesPerSecond === null ? null : limit
}

/** True when a configuration has keys of limits: then they are shown among the framework's. */
export function hasRateLimitKeys(props: Readonly<Record<string, unknown>>): boolean {
  for (const key in props) if (key.startsWith(PREFIX)) return true
  return false
}

/** A configuration without its limits: what connectors and tasks are started and compared by. */
export function withoutRateLimit<T extends Readonly<Record<string, unknown>>>(props: T): T {
  if (!hasRateLimitKeys(props)) return props
  return Object.fromEntries(Object.entries(props).filter(([key]) => !key.startsWith(PREFIX))) as T
}
