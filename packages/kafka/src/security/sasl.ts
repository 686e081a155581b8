// SASL over Kafka's own requests (KIP-43, KIP-152): handshake, then as many exchanges as the mechanism wants.
import { authenticationFailed, type KafkaException } from '../errors.ts'
import type { Connection } from '../network/connection.ts'
import type { ResponseOf } from '../protocol/api.ts'
import { ErrorCode, errorCodeInfo } from '../protocol/error-codes.ts'
import { SaslAuthenticate } from '../protocol/messages/sasl-authenticate.ts'
import { SaslHandshake } from '../protocol/messages/sasl-handshake.ts'

/** One authentication, from first message to verdict. */
export interface SaslExchange {
  /** The client's first message. */
  first(): Promise<Buffer> | Buffer
  /** The next message for a challenge, or null when the exchange is over. @throws when the server proves false */
  next(challenge: Buffer): Promise<Buffer | null> | Buffer | null
}

/** A mechanism with its credentials. */
export interface SaslMechanism {
  /** Name on the wire: `PLAIN`, `SCRAM-SHA-256`, `SCRAM-SHA-512`, `OAUTHBEARER`. */
  readonly name: string
  start(): SaslExchange
}

/**
 * Authenticates a fresh connection.
 * @returns the lifetime of the session in milliseconds, 0 without a limit
 * @throws KafkaException `SaslAuthenticationException` with the broker's reason
 */
export async function authenticate(connection: Connection, mechanism: SaslMechanism): Promise<number> {
  const handshake = await connection.send(SaslHandshake, { mechanism: mechanism.name })
  if (handshake.errorCode !== ErrorCode.NONE) throw handshakeRefused(connection, mechanism, handshake)
  const exchange = mechanism.start()
  let lifetimeMs = 0
  for (let message: Buffer | null = await exchange.first(); message !== null; ) {
    const answer = await connection.send(SaslAuthenticate, { authBytes: message })
    if (answer.errorCode !== ErrorCode.NONE) {
      const reason = answer.errorMessage ?? errorCodeInfo(answer.errorCode).name
      throw authenticationFailed(
        `Broker ${connection.address} refused the ${mechanism.name} credentials of sasl.jaas.config: ${reason}`,
      )
    }
    lifetimeMs = answer.sessionLifetimeMs
    message = await exchange.next(answer.authBytes)
  }
  return lifetimeMs
}

function handshakeRefused(
  connection: Connection,
  mechanism: SaslMechanism,
  answer: ResponseOf<typeof SaslHandshake>,
): KafkaException {
  if (answer.errorCode === ErrorCode.UNSUPPORTED_SASL_MECHANISM) {
    const offered = answer.mechanisms.join(', ')
    return authenticationFailed(
      `Broker ${connection.address} does not accept sasl.mechanism ${mechanism.name}; it offers ${offered || 'none'}`,
    )
  }
  return authenticationFailed(
    `Broker ${connection.address} does not authenticate on this listener (${errorCodeInfo(answer.errorCode).name}). ` +
      'Set security.protocol to PLAINTEXT or SSL, or connect to a listener with SASL',
  )
}
