// Opens the socket to a broker, plain or TLS, and says clearly why it could not.
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { errorMessage } from '@millrace/api'
import { disconnected, tlsFailed } from '../errors.ts'

/** Where and how to connect. */
export interface SocketOptions {
  readonly host: string
  readonly port: number
  /** Null for a plain connection. */
  readonly tls: ConnectionOptions | null
  readonly timeoutMs: number
  readonly onData: (chunk: Uint8Array, length: number) => void
}

/** Reads of a plain socket land in one reused buffer of this size: fewer, larger reads and no allocation for each. */
const READ_BUFFER = 1 << 18

/** Opens a socket. @throws KafkaException `DisconnectException` (may be tried again) or `SslAuthenticationException` */
export function openSocket(options: SocketOptions): Promise<Socket> {
  const { host, port, tls, timeoutMs, onData } = options
  const address = `${host}:${port}`
  return new Promise((resolve, reject) => {
    const socket = tls === null ? plainSocket(host, port, onData) : tlsSocket(host, port, tls, onData)
    socket.setNoDelay(true)
    socket.setKeepAlive(true)
    const timer = setTimeout(() => fail(new Error(`no connection within ${timeoutMs} ms`)), timeoutMs)
    const fail = (cause: Error) => {
      clearTimeout(timer)
      socket.destroy()
      reject(
        tls === null
          ? disconnected(`Cannot connect to broker ${address}: ${errorMessage(cause)}`, cause)
          : tlsFailure(address, cause),
      )
    }
    const closed = () => fail(new Error('the connection was closed'))
    socket.once('error', fail)
    socket.once('close', closed)
    socket.once(tls === null ? 'connect' : 'secureConnect', () => {
      clearTimeout(timer)
      socket.off('error', fail)
      socket.off('close', closed)
      resolve(socket)
    })
  })
}

function plainSocket(host: string, port: number, onData: SocketOptions['onData']): Socket {
  const callback = (length: number, buffer: Uint8Array) => {
    onData(buffer, length)
    return true
  }
  return connectTcp({ host, port, onread: { buffer: Buffer.allocUnsafeSlow(READ_BUFFER), callback } })
}

function tlsSocket(host: string, port: number, tls: ConnectionOptions, onData: SocketOptions['onData']): Socket {
  const servername = isIP(host) === 0 ? host : undefined
  const socket = connectTls({ host, port, ...(servername !== undefined && { servername }), ...tls })
  socket.on('data', (chunk: Buffer) => onData(chunk, chunk.length))
  return socket
}

const CONNECTING_CODES = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'EAI_AGAIN'])
const RESET_CODES = new Set(['ECONNRESET', 'EPIPE'])

/** What went wrong in a TLS connection: not reached, not TLS on the other side, or a certificate that is not trusted. */
function tlsFailure(address: string, cause: Error & { code?: string }): Error {
  const code = cause.code ?? ''
  if (CONNECTING_CODES.has(code) || cause.message.startsWith('no connection')) {
    return disconnected(`Cannot connect to broker ${address}: ${cause.message}`, cause)
  }
  if (RESET_CODES.has(code) || /closed|wrong version number|before secure TLS/i.test(cause.message)) {
    return tlsFailed(
      `The TLS handshake with broker ${address} was cut off (${cause.message}): this is how a listener without TLS answers. ` +
        'Set security.protocol to PLAINTEXT or SASL_PLAINTEXT, or connect to the TLS port',
      cause,
    )
  }
  return tlsFailed(
    `The TLS handshake with broker ${address} failed: ${cause.message}${code === '' ? '' : ` (${code})`}`,
    cause,
  )
}
