// Free TCP ports on the loopback interface.
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'

/**
 * `count` different ports that nothing listens on now. Another process may take one before it is used: whoever starts
 * something on them tries again with others when that happens.
 */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer())
  try {
    await Promise.all(servers.map((server) => once(server.listen(0, '127.0.0.1'), 'listening')))
    return servers.map((server) => (server.address() as AddressInfo).port)
  } finally {
    for (const server of servers) server.close()
  }
}
