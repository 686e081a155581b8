// TLS options of Node.js from the Java client's `ssl.*` keys.
import type { ConnectionOptions, SecureContext, SecureContextOptions, SecureVersion } from 'node:tls'
import { ConfigException, errorMessage } from '@millrace/api'
import { builtins } from '../builtins.ts'
import type { SslValues } from '../config/security.ts'
import { loadIdentity, loadTrust } from './stores.ts'

const VERSIONS: readonly SecureVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']

/**
 * Options for TLS sockets. Files are read and checked now: what is wrong is said at the start, not at a connection.
 * @throws ConfigException naming the key at fault
 */
export function tlsOptions(values: SslValues): ConnectionOptions {
  if (values['ssl.engine.factory.class'] !== null) {
    throw ConfigException.invalidValue(
      'ssl.engine.factory.class',
      values['ssl.engine.factory.class'],
      'a JVM class cannot be loaded here; use the ssl.truststore and ssl.keystore keys',
    )
  }
  const trust = loadTrust(values)
  const identity = loadIdentity(values)
  const ciphers = cipherList(values['ssl.cipher.suites'])
  const settings = {
    ...versionRange(values['ssl.enabled.protocols'], values['ssl.protocol']),
    ...(trust !== undefined && { ca: [...trust] }),
    ...(identity !== undefined && { key: identity.key, cert: identity.chain }),
    ...(ciphers !== undefined && { ciphers }),
  }
  return Object.freeze({
    // Built once and shared by all connections: reading certificates anew for each costs milliseconds and memory.
    secureContext: secureContext(settings),
    rejectUnauthorized: true,
    ...(identifiesByName(values['ssl.endpoint.identification.algorithm'])
      ? {}
      : { checkServerIdentity: () => undefined }),
  })
}

function secureContext(settings: SecureContextOptions): SecureContext {
  try {
    return builtins.tls.createSecureContext(settings)
  } catch (error) {
    throw new ConfigException(`The ssl.* settings cannot be used together: ${errorMessage(error)}`, {
      configKey: 'ssl.keystore.location',
      cause: error,
    })
  }
}

function versionRange(
  enabled: readonly string[],
  newest: string,
): { minVersion: SecureVersion; maxVersion: SecureVersion } {
  const cap = VERSIONS.indexOf(newest as SecureVersion)
  const places = enabled.map((name) => {
    const place = VERSIONS.indexOf(name as SecureVersion)
    if (place < 0)
      throw ConfigException.invalidValue('ssl.enabled.protocols', name, `Expected some of ${VERSIONS.join(', ')}`)
    return place
  })
  // `ssl.protocol` may be a plain "TLS", which bounds nothing.
  const allowed = places.filter((place) => cap < 0 || place <= cap)
  if (allowed.length === 0) {
    throw ConfigException.invalidValue(
      'ssl.enabled.protocols',
      enabled.join(','),
      `none of them is within ssl.protocol ${newest}`,
    )
  }
  return {
    minVersion: VERSIONS[Math.min(...allowed)] as SecureVersion,
    maxVersion: VERSIONS[Math.max(...allowed)] as SecureVersion,
  }
}

function identifiesByName(algorithm: string): boolean {
  const name = algorithm.trim().toLowerCase()
  if (name === '' || name === 'https') return name === 'https'
  throw ConfigException.invalidValue(
    'ssl.endpoint.identification.algorithm',
    algorithm,
    'Expected https, or nothing for no check',
  )
}

function cipherList(suites: readonly string[] | null): string | undefined {
  if (suites === null || suites.length === 0) return undefined
  const known = new Set(builtins.tls.getCiphers())
  return suites
    .map((suite) => {
      const name = known.has(suite.toLowerCase()) ? suite : openSslName(suite)
      if (!known.has(name.toLowerCase())) {
        throw ConfigException.invalidValue('ssl.cipher.suites', suite, 'there is no such cipher suite in this Node.js')
      }
      return name
    })
    .join(':')
}

/** `TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256` is `ECDHE-RSA-AES128-GCM-SHA256` there; the suites of TLS 1.3 have one name. */
export function openSslName(suite: string): string {
  const match = /^(?:TLS|SSL)_(\w+)_WITH_(\w+)$/.exec(suite)
  if (match === null) return suite
  const exchange = match[1] === 'RSA' ? '' : `${(match[1] as string).replaceAll('_', '-')}-`
  const cipher = (match[2] as string)
    .replace(/^AES_(\d+)_CBC/, 'AES$1')
    .replace(/^AES_(\d+)_/, 'AES$1_')
    .replace(/^CHACHA20_POLY1305_SHA256$/, 'CHACHA20_POLY1305')
  return exchange + cipher.replaceAll('_', '-')
}
