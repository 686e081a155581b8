// Opens the socket to a broker, plain or TLS, and says clearly why it could not.
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import { errorMessage } from '@millrace/api'
import { builtins } from '../builtins.ts'
import { disconnected } from '../errors.ts'
import { handshakeFailure } from './tls-errors.ts'

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
          : handshakeFailure(address, cause),
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
  const socket = builtins.tls.connect({ host, port, ...(servername !== undefined && { servername }), ...tls })
  socket.on('data', (chunk: Buffer) => onData(chunk, chunk.length))
  return socket
}
