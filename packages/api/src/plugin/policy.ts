// Which Kafka client settings a connector may override (KIP-458).
import type { RawConfig } from '../config/config-def.ts'

/** One overridden client key, prefix removed, and for which client. */
export interface ClientOverride {
  readonly client: 'producer' | 'consumer' | 'admin'
  readonly key: string
  readonly value: string | null
}

/** Decides about `producer.override.*`, `consumer.override.*` and `admin.override.*` of connectors. */
export interface ClientConfigOverridePolicy {
  configure(configs: RawConfig): void
  /** Undefined when allowed, else the reason. */
  check(override: ClientOverride): string | undefined
}
