// The whole definition of each client, for those who check or document configurations without making a client.
import type { ConfigDef } from '@millrace/api'
import { ADMIN_KEYS } from './admin.ts'
import { COMMON_KEYS } from './common.ts'
import { CONSUMER_KEYS } from './consumer.ts'
import { PRODUCER_KEYS } from './producer.ts'
import { SECURITY_KEYS } from './security.ts'

const OWN: Readonly<Record<'producer' | 'consumer' | 'admin', ConfigDef>> = {
  producer: PRODUCER_KEYS,
  consumer: CONSUMER_KEYS,
  admin: ADMIN_KEYS,
}

/** All keys of a client: the common ones, security, and its own, which replace common ones of the same name. */
export function clientDefinition(client: keyof typeof OWN): ConfigDef {
  return (COMMON_KEYS.merge(SECURITY_KEYS) as ConfigDef).merge(OWN[client])
}
