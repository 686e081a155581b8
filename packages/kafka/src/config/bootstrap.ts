// The addresses of `bootstrap.servers`.
import { ConfigException } from '@millrace/api'

/** An address to connect to. */
export interface BrokerAddress {
  readonly host: string
  readonly port: number
}

/** `host:port`, with brackets around an IPv6 address, and whatever `SCHEME://` some lists carry in front. */
const ADDRESS = /^(?:[\w%.-]*:\/\/)?(?:\[([\da-fA-F:.%]+)\]|([^\s:/[\]]+)):(\d{1,5})$/
const MAX_PORT = 65_535

/** @throws ConfigException naming the entry that is no address */
export function parseBootstrapServers(entries: readonly string[]): readonly BrokerAddress[] {
  return entries.filter((entry) => entry !== '').map(parseAddress)
}

function parseAddress(entry: string): BrokerAddress {
  const match = ADDRESS.exec(entry)
  const port = Number(match?.[3])
  const host = match?.[1] ?? match?.[2]
  if (host === undefined || port < 1 || port > MAX_PORT) {
    throw ConfigException.invalidValue(
      'bootstrap.servers',
      entry,
      'Expected host:port, as in broker-1:9092 or [::1]:9092',
    )
  }
  return Object.freeze({ host, port })
}
