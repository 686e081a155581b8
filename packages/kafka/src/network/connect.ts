// From an address to a connection that is ready for use: socket, versions, authentication.

import { brokerError } from '../errors.ts'
import { ErrorCode } from '../protocol/error-codes.ts'
import { ApiVersions } from '../protocol/messages/api-versions.ts'
import { ByteWriter } from '../protocol/writer.ts'
import { authenticate, type SaslMechanism } from '../security/sasl.ts'
import type { Security } from '../security/security.ts'
import { type ApiRanges, Connection } from './connection.ts'
import { openSocket } from './socket.ts'
import type { TrafficListener } from './traffic.ts'

/** Settings of all connections of a client. */
export interface ConnectOptions {
  readonly clientId: string
  readonly requestTimeoutMs: number
  readonly connectTimeoutMs: number
  /** See {@link Connection.expiring}. */
  readonly maxIdleMs?: number
  readonly security: Security
  readonly traffic?: TrafficListener | undefined
}

/** How this client names itself to brokers (KIP-511). */
export const SOFTWARE = { clientSoftwareName: 'millrace', clientSoftwareVersion: '0.1.0' } as const

/** All that a listener with authentication says to a request without. */
const WANTS_LOGIN =
  'a listener that wants authentication does so at the first request; if it does, set security.protocol to SASL_PLAINTEXT or SASL_SSL'

/**
 * Connects to a broker.
 * @throws KafkaException `DisconnectException` or `TimeoutException` (may be tried again), `SslAuthenticationException`,
 *   `SaslAuthenticationException`, `UnsupportedVersionException`
 */
export async function connect(host: string, port: number, options: ConnectOptions): Promise<Connection> {
  const connection = new Connection(`${host}:${port}`, options)
  const socket = await openSocket({
    host,
    port,
    tls: options.security.tls,
    timeoutMs: options.connectTimeoutMs,
    onData: (chunk, length) => connection.receive(chunk, length),
  })
  connection.attach(socket)
  try {
    connection.learn(await apiRanges(connection))
    if (options.security.sasl === null) connection.hintOnClose(WANTS_LOGIN)
    else await login(connection, options.security.sasl, options.traffic)
    return connection
  } catch (error) {
    connection.close()
    throw error
  }
}

async function login(connection: Connection, sasl: SaslMechanism, traffic: TrafficListener | undefined): Promise<void> {
  try {
    connection.limitSession(await authenticate(connection, sasl))
  } catch (error) {
    traffic?.authenticated(connection.address, false)
    throw error
  }
  traffic?.authenticated(connection.address, true)
}

/** Asks which versions the broker speaks. One that does not know our version of the question answers in version 0. */
async function apiRanges(connection: Connection): Promise<ApiRanges> {
  let answer = await ask(connection, ApiVersions.maxVersion)
  if (answer.errorCode === ErrorCode.UNSUPPORTED_VERSION) answer = await ask(connection, 0)
  if (answer.errorCode !== ErrorCode.NONE)
    throw brokerError(answer.errorCode, `Asking broker ${connection.address} for its versions`)
  return new Map(answer.apiKeys.map((one) => [one.apiKey, { min: one.minVersion, max: one.maxVersion }]))
}

async function ask(connection: Connection, version: number) {
  const out = new ByteWriter()
  ApiVersions.request(version).write(out, version >= 3 ? SOFTWARE : {})
  const from = await connection.sendRaw(ApiVersions, version, [out.bytes()])
  // An answer of version 0 is recognized by its error code, which is the first field in all versions.
  const unsupported = from.buffer.readInt16BE(from.at) === ErrorCode.UNSUPPORTED_VERSION
  return ApiVersions.response(unsupported ? 0 : version).read(from)
}
