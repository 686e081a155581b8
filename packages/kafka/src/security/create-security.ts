// From the security keys of a client to how its connections are secured.
import type { Logger } from '@millrace/api'
import type { SecurityValues } from '../config/security.ts'
import { createMechanism } from './mechanisms.ts'
import { PLAINTEXT, type Security } from './security.ts'
import { tlsOptions } from './tls.ts'

/**
 * Makes the security of a client's connections. Files are read and the form of credentials is checked; nothing is connected.
 * @throws ConfigException naming the key at fault, never a secret
 */
export function createSecurity(values: SecurityValues, log?: Logger): Security {
  const protocol = values['security.protocol'].toUpperCase()
  if (protocol === 'PLAINTEXT') return PLAINTEXT
  return Object.freeze({
    tls: protocol.endsWith('SSL') ? tlsOptions(values) : null,
    sasl: protocol.startsWith('SASL_') ? createMechanism(values, log) : null,
  })
}
