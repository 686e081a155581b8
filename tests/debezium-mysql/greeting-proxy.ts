// MySQL 5.5.9 leaves out the zero at the end of its greeting, and the JVM's reader of binlogs insists on it: a proxy that adds it.

import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'

/** A proxy in front of a server; `port` is where it listens. */
export interface GreetingProxy extends AsyncDisposable {
  readonly port: number
}

/** Starts it on a free port. */
export async function startGreetingProxy(port: number): Promise<GreetingProxy> {
  const proxy = createServer((client) => {
    const server = connect(port, '127.0.0.1')
    const end = () => {
      client.destroy()
      server.destroy()
    }
    for (const one of [client, server]) one.on('error', end).on('close', end)
    client.pipe(server)
    server.once('data', (greeting) => {
      const length = greeting.readUIntLE(0, 3)
      const longer = Buffer.concat([greeting.subarray(0, length + 4), Buffer.alloc(1), greeting.subarray(length + 4)])
      longer.writeUIntLE(length + 1, 0, 3)
      client.write(longer)
      server.pipe(client)
    })
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  return {
    port: (proxy.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      proxy.close()
    },
  }
}
