// A way to https servers through an HTTP proxy: a tunnel that the proxy opens (RFC 9110 section 9.3.6), and TLS inside it.
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { ConnectionOptions, TLSSocket } from 'node:tls'

/** Where a tunnel goes and through what. */
export interface TunnelOptions {
  readonly proxy: { readonly host: string; readonly port: number }
  readonly host: string
  readonly port: number
  readonly tls: ConnectionOptions
}

/** Opens a tunnel; fails when the proxy refuses it or the server's certificate is not trusted. */
export function openTunnel({ proxy, host, port, tls }: TunnelOptions): Promise<TLSSocket> {
  const place = `${host}:${port}`
  return new Promise((resolve, reject) => {
    const asked = process
      .getBuiltinModule('node:http')
      .request({ ...proxy, method: 'CONNECT', path: place, headers: { host: place }, agent: false })
    asked.once('error', reject)
    asked.once('connect', (answer: IncomingMessage, socket: Socket) => {
      if (answer.statusCode !== 200) {
        socket.destroy()
        reject(
          new Error(`the proxy ${proxy.host}:${proxy.port} opens no tunnel to ${place}: status ${answer.statusCode}`),
        )
        return
      }
      const secured = process.getBuiltinModule('node:tls').connect({ ...tls, socket, servername: host })
      secured.once('error', reject)
      secured.once('secureConnect', () => {
        secured.off('error', reject)
        resolve(secured)
      })
    })
    asked.end()
  })
}
