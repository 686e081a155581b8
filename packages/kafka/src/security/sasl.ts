// SASL over Kafka's own requests (KIP-43, KIP-152): handshake, then as many exchanges as the mechanism wants.
import { authenticationFailed } from '../errors.ts'
import type { Connection } from '../network/connection.ts'
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

/** Authenticates a fresh connection. @throws KafkaException `SaslAuthenticationException` with the broker's reason */
export async function authenticate(connection: Connection, mechanism: SaslMechanism): Promise<void> {
  const handshake = await connection.send(SaslHandshake, { mechanism: mechanism.name })
  if (handshake.errorCode !== ErrorCode.NONE) {
    throw authenticationFailed(
      `Broker ${connection.address} does not accept sasl.mechanism ${mechanism.name}; it offers ${handshake.mechanisms.join(', ') || 'none'}`,
    )
  }
  const exchange = mechanism.start()
  for (let message: Buffer | null = await exchange.first(); message !== null; ) {
    const answer = await connection.send(SaslAuthenticate, { authBytes: message })
    if (answer.errorCode !== ErrorCode.NONE) {
      const reason = answer.errorMessage ?? errorCodeInfo(answer.errorCode).name
      throw authenticationFailed(`Broker ${connection.address} refused the ${mechanism.name} credentials: ${reason}`)
    }
    message = await exchange.next(answer.authBytes)
  }
}
