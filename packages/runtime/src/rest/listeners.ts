// Listeners of the REST server: parsing `listeners`, and the address that the worker tells others.
import { ConfigException } from '@millrace/api'

/** One address to listen on. */
export interface Listener {
  readonly protocol: 'http' | 'https'
  /** Empty for all interfaces. */
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
}

const PATTERN = /^(.*):\/\/\[?([0-9a-zA-Z\-._%:]*)\]?:(-?[0-9]+)$/

/** Parses one entry of `listeners` or `admin.listeners`. @throws ConfigException in the reference's words */
export function parseListener(text: string, key = 'listeners'): Listener {
  const match = PATTERN.exec(text.trim())
  if (match === null)
    throw new ConfigException("Listener doesn't have the right format (protocol://hostname:port).", { configKey: key })
  const [, protocol = '', host = '', port = ''] = match
  const lower = protocol.toLowerCase()
  if (lower !== 'http' && lower !== 'https') {
    throw new ConfigException('Listener protocol must be either "http" or "https".', { configKey: key })
  }
  return { protocol: lower, host, port: Number(port) }
}

/** What `rest.advertised.*` say; null where unset. */
export interface AdvertisedConfig {
  readonly listener: string | null
  readonly host: string | null
  readonly port: number | null
}

/** Where others reach this worker, given the listeners as they were bound. `ownHost` is this machine's address. */
export function advertised(config: AdvertisedConfig, bound: readonly Listener[], ownHost: string) {
  const wanted = config.listener?.toLowerCase()
  if (wanted !== undefined && wanted !== 'http' && wanted !== 'https') {
    throw ConfigException.invalidValue(
      'rest.advertised.listener',
      config.listener,
      'String must be one of: http, https',
    )
  }
  const protocol = wanted ?? (bound.some((one) => one.protocol === 'http') ? 'http' : 'https')
  const listener = bound.find((one) => one.protocol === protocol) ?? bound[0]
  const host = config.host ?? (listener === undefined || listener.host === '' ? ownHost : listener.host)
  const port = config.port ?? listener?.port ?? 0
  const shown = host.includes(':') ? `[${host}]` : host
  return { url: `${protocol}://${shown}:${port}/`, workerId: `${host}:${port}` }
}
