// How connections of a client are secured: TLS or not, SASL or not.
import type { ConnectionOptions } from 'node:tls'
import type { SaslMechanism } from './sasl.ts'

/** Security of connections. */
export interface Security {
  /** Options of the TLS socket, or null for plain connections. */
  readonly tls: ConnectionOptions | null
  /** How to authenticate, or null for not at all. */
  readonly sasl: SaslMechanism | null
}

/** Plain connections without authentication. */
export const PLAINTEXT: Security = Object.freeze({ tls: null, sasl: null })
